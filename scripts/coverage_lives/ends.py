# SPDX-License-Identifier: Apache-2.0
"""The end of a job, which does not come to its end."""

from .device import IMAGE_OK_FROM_END, Device


def ends_that_fail(device: Device):
    """The end of a job and of a trial: with a controller that stalls, without the chip, and with something else than was brought."""
    last, update = device.operations, device.update
    for before in (30, 26):  # all is copied
        device.factory_with(update)
        device.run("--cut", f"{last - before}:none")
        copied = device.state()
        device.stalls(copied, "internal", range(1, 24, 2))
        for gone in (False, True):
            device.back_to(copied)
            device.write("internal", device.primary + 0x400, bytes(4))
            if gone:
                device.write("external", device.secondary, b"\xff" * device.size)
            changed = device.state()
            device.stalls(changed, "internal", range(9, 36, 2))
            device.stalls(changed, "external", (100, 111))
    device.back_to(copied)  # whole, but what is stated about it is not, and nothing to go back to
    device.write("external", device.secondary, b"\xff" * device.size)
    device.run("--worn", f"internal:{device.primary + device.size - 15:#x}:1")
    for before in (5, 3):  # and stated
        device.factory_with(update)
        device.run("--cut", f"{last - before}:none")
        device.run("--absent")
    device.factory_with(update)
    device.run("--cut", f"{last - 1}:none")
    device.place(device.sign(device.payload, version="3.0.0"))
    device.survives()
    device.factory_with(update)
    device.run("--cut", f"{last - 50}:none")
    device.stalls(device.state(), "external", range(90, 160, 3))
    device.factory_with(update)
    device.run()
    trial = device.state()
    device.stalls(trial, "external", range(100, 130, 2))
    device.back_to(trial)
    device.write("internal", device.primary + device.size - IMAGE_OK_FROM_END, b"\1")
    device.run("--stall", "internal:1:100000")
    device.back_to(trial)  # where the image lay that it replaced lies another one
    device.write("external", device.secondary, b"\xff" * device.size)
    device.write("external", device.secondary + 0x2000, device.sign(device.payload, version="1.0.5"))
    device.survives()
