# SPDX-License-Identifier: Apache-2.0
"""Where one thing that goes wrong meets another, or what an earlier start left behind."""

import struct

from .device import IMAGE_OK_FROM_END, MAGIC, Device

UNITS = 816  # of a bank of the ledger that take a record: behind two heads and the events
RESTS = b"\xfe\xe7"  # b .


def left_behind(device: Device):
    """A cut as the end is stated, and a confirmation; another image, and a trailer that nobody confirmed."""
    device.factory_with(device.update, permanent=True)
    last = device.start()["operations"]
    installed = device.state()
    for behind in (b"\xff" * 16, MAGIC):  # a magic, and nothing that a job writes with it
        device.back_to(installed)
        device.write("internal", device.last, b"\xff" * (0x1000 - len(behind)) + behind)
        device.survives()
    device.factory_with(device.update, permanent=True)
    device.run("--cut", f"{last - 1}:none")
    device.survives()
    device.factory_with(device.update)
    device.run()
    device.write("internal", device.primary + device.size - IMAGE_OK_FROM_END, b"\1")
    device.run("--cut", "2:none")
    device.survives()
    device.factory_with(device.update)
    device.run("--cut", "1500:none")
    device.write("internal", device.primary, device.sign(device.payload, version="3.0.0"))
    device.run("--absent", "--limit", "10")


def record(value: int) -> bytes:
    return struct.pack("<HH", value, value ^ 0xFFFF)


def odd_ledgers(device: Device):
    """As full as many interrupted starts leave one; garbage where records go; a bank that was discarded, and reads as a job again."""
    device.factory_with(device.update, permanent=True)
    device.run()
    device.place(device.sign(device.payload, version="3.0.0"))
    asked = device.state()
    for last in (0x8000, 0x8001):  # all is stated for good; the last one is not
        device.back_to(asked)
        for bank in (0, 1):
            device.write("internal", records(device, bank), record(0x8000) * (UNITS - 3) + record(last))
        device.survives()
    device.back_to(asked)
    for bank in (0, 1):
        device.write("internal", records(device, bank) + 4 * (used(device, bank) + 9), bytes(4 * 40))  # not right behind them
    device.run("--cut", "5:none")
    device.run()
    device.factory_with(device.update)
    device.run("--cut", "100:none")
    device.write("internal", records(device, 0) + 4 * used(device, 0), 3 * record(0x82FF))
    device.survives()


def records(device: Device, bank: int) -> int:
    return device.ledger + bank * 0x1000 + 0x1000 - 4 * UNITS


def used(device: Device, bank: int) -> int:
    """Units of a bank up to the last one that is not blank."""
    at = records(device, bank)
    return len(device.state()["internal_flash.bin"][at:at + 4 * UNITS].rstrip(b"\xff")) // 4


def larger_than_what_leaves(device: Device):
    """A larger image that the primary does not take, and one that is gone at the first touch."""
    payload = bytearray(device.payload + bytes(0x3000))
    one = next(at for at in range(0x1000, len(payload)) if payload[at] & 1)
    payload[one] &= 0xFE
    larger = device.sign(bytes(payload))
    device.factory_with(larger)
    device.run("--worn", f"internal:{device.primary + device.numbers['MCUBOOT_PAD_SIZE'] + one:#x}:1")
    device.survives()
    for cut in range(104, 120, 4):
        device.factory_with(larger)
        device.run("--cut", f"{cut}:none")
        device.write("external", device.secondary, b"\xff" * device.size)
        device.run()


def smaller_than_the_spare_room(device: Device):
    """An image that still lies there whole behind its job, and did not arrive whole: it is brought once more, or is not."""
    app = device.primary + device.numbers["MCUBOOT_PAD_SIZE"]
    small = device.sign(struct.pack("<II", 0x20010000, app + 0x101) + bytes(0xF8) + RESTS)
    device.factory_with(small)
    last = device.start("--limit", "3")["operations"]
    device.factory_with(small)
    device.run("--cut", f"{last - 20}:none")
    device.write("internal", app + 0x40, b"\1")
    broken = device.state()
    device.run("--limit", "3")
    for at in (0x40, 0x200):
        device.back_to(broken)
        device.run("--worn", f"internal:{app + at:#x}:1", "--limit", "10")


def ledger_full_of_events(device: Device):
    """So many that the page is turned, and that fails; so many in the middle of a job, which cannot turn it; a trailer with a worn cell."""
    device.factory()
    for number in range(16):
        device.place(device.sign(device.payload, key=None, version=f"2.{number}.0"))
        device.run()
    full = device.state()
    device.run("--worn", f"external:{device.secondary + device.size - 16:#x}", starts=2)
    for at in (2, 5, 20, 40):
        device.back_to(full)
        device.place(device.sign(device.payload, key=None, version="3.0.0"))
        device.run("--stall", f"internal:{at}:1")
    device.factory_with(device.update)
    device.run("--cut", "1500:none")
    for _ in range(9):  # what it waits for answers in vain, each time otherwise
        device.run("--absent")
        device.run("--stall", "external:60:100000")
    device.survives()


def source_that_falls_silent(device: Device):
    """A cell does not take what comes in, and the chip is silent as it is read again to see which of them is at fault."""
    zero = next(at for at in range(0x300, 0x1000) if device.update[at] & 1 == 0)
    last = device.operations
    device.factory_with(device.update, permanent=True)
    device.run("--cut", f"{last - 60}:none")  # the lowest unit is still to come
    before = device.state()
    for at in range(112, 122):
        device.back_to(before)
        device.run("--worn", f"internal:{device.primary + zero:#x}:1", "--stall", f"external:{at}:1", "--limit", "8")
