# SPDX-License-Identifier: Apache-2.0
"""Selections of the SDK's partitions are laid out as the SDK's own script did it: sdk_layouts.txt has the digests of its results,
those that were the same under eight hash seeds. differential.py made it, and says how; the script itself is not needed here."""

import hashlib
from pathlib import Path

import pytest

from layout_case import resolve
from sdk_forms import canonical, layout_inputs

GOLDEN = [line.split() for line in (Path(__file__).parent / "sdk_layouts.txt").read_text().splitlines() if not line.startswith("#")]


def test_there_is_something_to_compare():
    assert len(GOLDEN) > 100


@pytest.mark.parametrize("seed, digest", GOLDEN)
def test_layout_is_the_sdks(outboard, tmp_path, seed, digest):
    regions, texts = layout_inputs(int(seed))
    result = resolve(outboard, tmp_path, regions, texts)
    assert result.status == 0, result.stderr
    assert hashlib.sha256(canonical(result.partitions).encode()).hexdigest()[:16] == digest, canonical(result.partitions)
