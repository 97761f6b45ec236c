# SPDX-License-Identifier: Apache-2.0
"""The lives of a virtual board that scripts/coverage_binary.py looks at: what was executed in any of them counts.

Each is a few starts of one build, and a function of a Device. A start that faults or does what its part forbids counts as a failure,
and so does one that, once what was wrong is over, starts nothing although the device holds an image.
"""

from .changes import changes
from .chance import by_chance
from .cpu import faults
from .cuts import cuts_at_the_ledger
from .device import Device
from .ends import ends_that_fail
from .silences import refusals_that_fail, silences
from .tables import tables
from .updates import large_images, many_events, one_sector_up, requests, rescues, trials, updates
from .worn import worn_cells

__all__ = ["LIVES", "Device"]

LIVES = (updates, rescues, requests, trials, changes, worn_cells, cuts_at_the_ledger, refusals_that_fail, ends_that_fail, silences,
         many_events, large_images, faults, tables, one_sector_up, by_chance)
