# SPDX-License-Identifier: Apache-2.0
"""Content that changes between two starts of a job."""

from .device import Device


def changes(device: Device):
    """What was promised is not there any more, in the middle of a job or at its end."""
    moved = [("external", device.secondary + 0x400, bytes(4)), ("external", device.secondary, b"\xff" * device.size)]
    arrived = [("internal", device.primary + 0x400, bytes(4)), ("internal", device.last, bytes(0x1000))]
    last = device.operations
    for permanent in (True, False):
        first_touch = () if permanent else range(100, 125)
        for cuts, changes in (((*range(10, 120, 15), *first_touch), [moved[:1], moved[1:]]),
                              (range(last - 30, last, 6), [moved, arrived, moved + arrived])):
            for cut in cuts:
                for change in changes:
                    device.factory_with(device.update, permanent=permanent)
                    device.run("--cut", f"{cut}:none")
                    for chip, at, data in change:
                        device.write(chip, at, data)
                    device.run(starts=2)
    device.factory_with(device.update)
    device.run()  # on trial; what it replaced is gone
    device.write(*moved[1])
    device.survives()
