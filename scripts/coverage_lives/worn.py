# SPDX-License-Identifier: Apache-2.0
"""Cells that do not take what is written, or do not erase."""

from .device import Device


def worn_cells(device: Device):
    """In the ledger, both slots and their trailers."""
    ledger, last, update, old = device.ledger, device.last, device.update, device.old

    def zero(start: int) -> int:
        """Where the update has a zero in its lowest bit: what is worn there is noticed."""
        return next(at for at in range(start, len(update)) if update[at] & 1 == 0)

    both = range(0x200, min(len(old), len(update)))  # a signature is some bytes longer or shorter
    ones = [at for at in both if update[at] & 1 == 0 and old[at] & 1]  # what is worn there takes the old image back
    for cell in (f"internal:{ledger + 8:#x}", f"internal:{ledger + 0x1008:#x}", f"internal:{ledger + 0x340:#x}:1",
                 f"internal:{ledger + 0x1340:#x}:1", f"internal:{ledger + 0x1341:#x}",
                 *(f"internal:{ledger + at:#x}:1" for at in range(0, 0x500, 48)),
                 *(f"internal:{ledger + 0x1000 + at:#x}" for at in range(1, 0x500, 80)),
                 *(f"internal:{device.primary + zero(at):#x}:1" for at in (0x300, 0x3300, 0x6300)),
                 *(f"internal:{device.primary + ones[len(ones) * part // 4]:#x}:1" for part in range(4)),
                 f"internal:{last + 0xFE8:#x}", f"internal:{last + 0xFF0:#x}:1", f"internal:{last + 0xFF1:#x}:1",
                 *(f"external:{device.secondary + zero(at):#x}{kind}" for at in (0, 0x1010, 0x5010) for kind in ("", ":1")),
                 f"external:{device.secondary + device.size - 16:#x}"):
        device.factory_with(update)
        device.run("--worn", cell, starts=2)
    room = next(at for at in range(0x7000, len(old)) if old[at] & 1 == 0)  # what leaves does not fit there: the job is taken back
    for at in range(92, 130, 4):
        device.factory_with(update)
        device.run("--worn", f"external:{device.secondary + 0x2000 + room:#x}:1", "--stall", f"internal:{at}:1")
