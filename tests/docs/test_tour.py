# SPDX-License-Identifier: Apache-2.0
"""docs/TOUR.md leads somewhere: each file that it names exists, and each function stands in the file named beside it."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PAGE = (REPO / "docs/TOUR.md").read_text()
FILE = re.compile(r"`((?:\w[\w.-]*/)+[\w.*-]*)`")


@pytest.mark.parametrize("path", sorted(set(FILE.findall(PAGE))))
def test_what_the_tour_names_is_there(path):
    assert list(REPO.glob(path.rstrip("/"))), path


@pytest.mark.parametrize("path, name", re.findall(r"`([\w/-]+\.\w+)` \(`(\w+)`", PAGE))
def test_function_stands_in_the_file_beside_it(path, name):
    assert name in (REPO / path).read_text()


def test_functions_of_the_tour_exist():
    sources = "".join(path.read_text() for path in (REPO / "core").glob("*.[ch]")) + (REPO / "drivers/flash/spi_nor.c").read_text()
    assert not {name for name in re.findall(r"`(ob_\w+)(?:\(\))?`", PAGE) if name not in sources}


def test_stop_fits_a_screen():
    for stop in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        assert stop.count("\n") <= 24, stop.splitlines()[0]
