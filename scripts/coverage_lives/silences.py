# SPDX-License-Identifier: Apache-2.0
"""A controller, or a chip, that does not do its part."""

from .device import Device


def silences(device: Device):
    """With a controller that does not say that it is done, once or from there on."""
    for at in range(20, 180):  # what a start asks of the external chip
        device.factory_with(device.update)
        device.run("--stall", f"external:{at}:1")
    for at in range(1, 20):  # as it goes back
        device.factory_with(device.update)
        device.run()
        device.run("--stall", f"internal:{at}:1")
    device.factory_with(device.update)
    device.stalls(device.state(), "external", (*range(800, 1400, 100), *range(1400, 1600, 5), *range(1600, 3000, 100)))
    for chip, last in (("external", 5000), ("internal", 9000)):
        at = 1.0
        while at < last:
            for count in (1, 100000):
                device.factory_with(device.update, permanent=count == 1)
                device.run("--stall", f"{chip}:{int(at)}:{count}")
            at = max(at + 1, at * 1.15)
            device.survives()


def refusals_that_fail(device: Device):
    """An image that is refused, in a chip or by a controller that fails at it; a trailer that does not get clean."""
    device.factory_with(device.sign(device.payload, key=None))
    refused = device.state()
    for fault in ("stuck", "fails", "fails:2", "fails:3", "fails:4"):
        device.back_to(refused)
        device.run("--chip-fault", fault, starts=2)
    device.stalls(refused, "external", range(200, 420, 10))
    for cut in range(40, 60):  # what falls short reports success
        device.back_to(refused)
        device.run("--cut", f"{cut}:brownout")
        device.survives()
    device.factory()
    device.write("internal", device.primary + device.size - 16, bytes(16))
    device.run("--worn", f"internal:{device.primary + device.size - 16:#x}")
