# SPDX-License-Identifier: Apache-2.0
"""`make proof` plants faults in the engine: each must still find its place in the source."""

import pytest

from mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fault_can_be_planted(mutant):
    assert len(mutant.sites()) == 1, f"{mutant.file}: say in tests/sim/mutants.py what {mutant.old!r} is now"
