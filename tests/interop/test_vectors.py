# SPDX-License-Identifier: Apache-2.0
"""Images that imgtool made once: the verdict on them never changes."""

import json
import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
IMAGES = REPO / "tests/vectors/images"
EXPECTED = json.loads((IMAGES / "expected.json").read_text())


def error_number(name: str) -> int:
    """An error's number, from the header that defines it."""
    return int(re.search(rf"\b{name} = (-?\d+)", (REPO / "include/outboard/err.h").read_text()).group(1))


def test_every_image_has_an_expectation():
    assert {path.name for path in IMAGES.glob("*.bin")} == set(EXPECTED)


@pytest.mark.parametrize("name, expected", EXPECTED.items())
def test_verdict_is_the_known_one(outboard, name, expected):
    done = subprocess.run([outboard, "image", "verify", IMAGES / name, "--key", REPO / "keys/demo-p256.pem", "--json"],
                          capture_output=True, text=True)
    verdict = json.loads(done.stdout)
    if expected == "accepted":
        assert done.returncode == 0 and verdict["accepted"] is True and verdict["error"] == 0
    else:
        assert done.returncode == 1 and verdict["accepted"] is False
        assert verdict["error"] == error_number(expected)
