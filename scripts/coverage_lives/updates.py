# SPDX-License-Identifier: Apache-2.0
"""Updates, trials, refusals and rescues as devices live through them, and images at the edge of what fits."""

from .device import MAGIC, Device
from .images import hostile

CUTS = (8, 60, 1500, 2760)  # flash operations of an update of the sample, of some 2,800


def updates(device: Device):
    """With the chip as it should be, and with each of its faults; cut, and then without the chip."""
    for permanent in (True, False):
        device.factory_with(device.update, permanent=permanent)
        device.run(starts=4)
    for fault in ("absent", "asleep", "busy", "locked", "stuck", "fails:2", "fails:5"):
        device.factory_with(device.update)
        device.run("--chip-fault", fault)
    for cut in CUTS:
        device.factory_with(device.update)
        device.run("--cut", f"{cut}:bits")
        device.run("--absent")
        device.run("--chip-fault", "fails:2")
        device.run()


def trials(device: Device):
    """Confirmed, half confirmed, with a trailer that says nothing; the same image again; an image that is parked outside."""
    trailer = device.primary + device.size
    for at, data in ((24, b"\1"), (24, b"\x7f"), (16, bytes(16)), (32, b"\5"), (40, b"\2")):
        device.factory_with(device.update)
        device.run()
        device.write("internal", trailer - at, data)
        device.survives()
        device.write("external", device.secondary + device.size - len(MAGIC), MAGIC)
        device.survives()
    for again in (device.update, device.old):
        device.factory_with(again)
        device.run(starts=2)
        device.place(again, permanent=True)
        device.survives()
    device.factory()
    device.write("internal", trailer - 16, MAGIC)  # of nobody
    device.survives()


def many_events(device: Device):
    """More refusals than a bank of the ledger has room for, and an update behind them."""
    device.factory()
    for number in range(24):
        device.place(device.sign(device.payload, key=None, version=f"2.{number}.0"))
        device.run()
    device.place(device.update, permanent=True)
    device.survives()


def large_images(device: Device):
    """The largest that fits, which leaves with one spare unit; one that does not fit; a factory's that cannot come back."""
    payload = device.payload
    for room in (0x2400, 0x1800):
        device.factory_with(device.sign(payload + bytes(device.size - len(payload) - room)), permanent=True)
        device.run("--limit", "200")
        device.place(device.update)
        device.run("--limit", "200")
        device.survives("--limit", "200")
    device.factory()
    device.write("internal", device.primary, device.sign(payload + bytes(device.size - len(payload) - 0x800), slot=2 * device.size))
    device.write("internal", device.primary + device.size - 16, bytes(16))  # where a trailer would be
    device.run()
    device.place(device.update)
    device.survives()
    device.write("internal", device.primary + 0x400, bytes(4))
    device.write("external", device.secondary, b"\xff" * device.size)
    device.run()


def one_sector_up(device: Device):
    """Images where clients of swap-using-offset write them, alone and behind another one, small and large."""
    payload = device.payload
    large = device.sign(payload + bytes(device.size - len(payload) - 0x3000))
    for image in (device.update, large, device.old):
        for first in (b"\xff" * 0x1000, bytes(0x1000), image[:0x1000]):
            device.factory_with(image)
            device.write("external", device.secondary, first + image[:device.size - 0x2000])
            device.run("--limit", "200", starts=2)
            device.survives("--limit", "200")
    for high in (0x1800, 0x2000, 0x8000, 0x10000, 0x11000):
        device.factory_with(bytes(0x1000))
        device.write("external", device.secondary + high, device.update)
        device.run()


def rescues(device: Device):
    """A primary that does not verify, with and without something to start instead."""
    for request in (True, False):
        device.factory_with(device.update, request)
        device.write("internal", device.primary + 0x400, bytes(4))
        device.run(starts=2)
    for where in (0, 0x204):
        for installs in (0, 1, 2):  # nothing behind it; an image on trial; one that is for good
            device.factory()
            if installs:
                device.place(device.update, permanent=installs == 2)
                device.run()
            device.write("internal", device.primary + where, bytes(4))
            device.run()
            device.run("--absent")
    device.factory()
    device.write("internal", device.primary, b"\xff" * device.size)
    device.run()


def requests(device: Device):
    """Each image that is refused, asked for and as what runs; trailers that say something odd."""
    for image in hostile(device):
        device.factory_with(image)
        device.run()
    for image in list(hostile(device))[12:48]:
        device.factory()
        device.write("internal", device.primary, image[:device.size])
        device.write("internal", device.primary + device.size - 16, bytes(16))
        device.place(device.update)
        device.run()
    end = device.secondary + device.size
    for at, data in ((16, b"\x55" * 16), (24, b"\x7f"), (24, b"\x55"), (32, b"\1"), (40, b"\2"), (40, b"\3"), (40, b"\4"), (40, b"\x77")):
        device.factory_with(device.update)
        device.write("external", end - at, data)
        device.run()
