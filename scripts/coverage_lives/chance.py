# SPDX-License-Identifier: Apache-2.0
"""What nobody thought of."""

import random

from .device import MAGIC, Device

TEARS = ("none", "prefix", "bits", "metastable", "brownout")
SEEDS = (3, 14, 18, 22, 26, 29, 60, 73, 94, 117, 120, 169, 194, 212, 253, 256)  # of the first 400: lives that come where no other does


def by_chance(device: Device):
    """In each start something goes wrong, by chance, and between two of them somebody changes something."""
    for seed in SEEDS:
        chance(device, random.Random(seed))


def chance(device: Device, dice: random.Random):
    ledger, last, end = device.ledger, device.last, device.secondary + device.size
    update, old = device.update, device.old

    def operation(most: int) -> int:
        """An early one, or any."""
        return int(most ** dice.random()) if dice.random() < 0.6 else dice.randrange(1, most)

    def cell() -> str:
        half = ledger + dice.choice((0, 0x1000))
        return dice.choice((
            lambda: f"internal:{half + dice.randrange(0x500):#x}",
            lambda: f"internal:{half + dice.randrange(0xff0, 0x1000) - dice.choice((0, 0x100, 0x200)):#x}",
            lambda: f"internal:{last + dice.randrange(0xF80, 0x1000):#x}",
            lambda: f"internal:{device.primary + dice.randrange(len(update)):#x}",
            lambda: f"external:{device.secondary + dice.randrange(len(update) + 0x2000):#x}",
            lambda: f"external:{end - dice.randrange(1, 0x40):#x}"))() + dice.choice(("", ":1"))

    def trouble() -> list[str]:
        return dice.choice((
            lambda: [], lambda: [],
            lambda: ["--cut", f"{operation(2800)}:{dice.choice(TEARS)}"],
            lambda: ["--cut", f"{operation(2800)}:{dice.choice(TEARS)}"],
            lambda: ["--cut", f"{operation(60)}:{dice.choice(TEARS)}"],
            lambda: ["--stall", f"internal:{operation(9000)}:{dice.choice((1, 1, 2, 3, 100000))}"],
            lambda: ["--stall", f"external:{operation(6000)}:{dice.choice((1, 1, 2, 3, 100000))}"],
            lambda: ["--absent"],
            lambda: ["--chip-fault", dice.choice(("asleep", "busy", "locked", "stuck", f"fails:{operation(400)}"))]))()

    def change():
        dice.choice((
            lambda: device.write("external", device.secondary + dice.randrange(len(update)), bytes(4)),
            lambda: device.write("internal", device.primary + dice.randrange(len(update)), bytes(4)),
            lambda: device.write("internal", ledger + dice.choice((0, 0x1000)) + dice.randrange(0x500), bytes(dice.choice((1, 4, 64)))),
            lambda: device.write("internal", ledger + dice.choice((0, 0x1000)), b"\xff" * 0x1000),
            lambda: device.place(dice.choice((update, old)), permanent=dice.random() < 0.5),
            lambda: device.write("external", device.secondary, b"\xff" * dice.choice((0x1000, device.size))),
            lambda: device.write("external", end - dice.choice((16, 24, 32, 40)), dice.choice((b"\1", b"\2", b"\x7f", bytes(16)))),
            lambda: device.write("internal", last + 0x1000 - dice.choice((16, 24, 32, 40)),
                               dice.choice((b"\1", b"\2", b"\x7f", MAGIC))),
            lambda: device.write("internal", last, b"\xff" * 0x1000)))()

    device.factory_with(update, request=dice.random() < 0.9, permanent=dice.random() < 0.5)
    cells = [cell() for _ in range(dice.choice((0, 0, 0, 1, 2, 6)))]
    worn = ["--worn", cells[-1]] if cells else []  # one cell wears
    for _ in range(dice.choice((2, 3, 4))):
        device.run(*trouble(), *worn)
        if dice.random() < 0.3:
            change()
    device.run(*worn)
