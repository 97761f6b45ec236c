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
from .second import (larger_than_what_leaves, ledger_full_of_events, left_behind, odd_ledgers, smaller_than_the_spare_room,
                     source_that_falls_silent)
from .silences import refusals_that_fail, silences
from .tables import tables, tables_that_fail, updates_with_tables
from .updates import large_images, many_events, one_sector_up, requests, rescues, trials, updates
from .worn import worn_cells

__all__ = ["LIVES", "Device"]

# The long ones first: they run beside each other.
LIVES = (silences, cuts_at_the_ledger, changes, requests, tables, ends_that_fail, worn_cells, refusals_that_fail, by_chance, one_sector_up,
         updates, many_events, trials, rescues, large_images, tables_that_fail, updates_with_tables, left_behind, odd_ledgers,
         larger_than_what_leaves, smaller_than_the_spare_room, source_that_falls_silent, ledger_full_of_events, faults)
