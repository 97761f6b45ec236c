# SPDX-License-Identifier: Apache-2.0
"""`outboard board count`: instructions by function, stack and flash operations of each start. What the figures are is no test's
business: `make bench` has their limits."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from virtual import board  # noqa: E402

DKS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
CHIPS = ("internal", "external")


def count(*arguments) -> list[dict]:
    return json.loads(board("count", *arguments, "--json").stdout)["starts"]


def operations(start: dict) -> int:
    return sum(start[chip]["erases"] + start[chip]["programs"] for chip in CHIPS)


@pytest.mark.parametrize("board_name", [DKS[0], pytest.param(DKS[1], marks=pytest.mark.proof)])
def test_functions_of_a_start_add_up_to_its_instructions(builds, board_name):
    build_folder, _ = builds(board_name)
    last = count(build_folder)[-1]
    assert sum(function["instructions"] for function in last["functions"]) == last["instructions"] > 1_000_000
    assert last["functions"] == sorted(last["functions"], key=lambda function: (-function["instructions"], function["name"]))
    assert "scalar_mult" in [function["name"] for function in last["functions"]]
    assert operations(last) == 0, "it is counted until a start changes nothing"
    assert 512 < last["stack"] <= 2048


def test_update_does_the_operations_that_are_cut(builds):
    build_folder, update = builds(DKS[0])
    before = (build_folder / "internal_flash.bin").read_bytes()
    starts = count(build_folder, "--update", update, "--permanent")
    few = ["--every", "1000000", "--instructions", "0"]
    cut = json.loads(board("cuts", build_folder, "--update", update, "--permanent", *few, "--json").stdout)
    assert sum(map(operations, starts)) == cut["operations"] > 0
    first, last = starts[0], starts[-1]
    assert first["instructions"] > last["instructions"] and first["seconds"] > last["seconds"]
    assert all(first[chip][what] > 0 for chip in CHIPS for what in ("erased_bytes", "programmed_bytes"))
    assert before == (build_folder / "internal_flash.bin").read_bytes()


def test_text_names_what_takes_most(builds):
    build_folder, _ = builds(DKS[0])
    lines = board("count", build_folder, "--top", "3").stdout.splitlines()
    assert lines[0].startswith("start 1: ") and "bytes of stack" in lines[0]
    assert any(line.startswith("  and ") and line.endswith(" functions more") for line in lines)


def test_what_cannot_be_counted_is_told(builds, tmp_path):
    build_folder, _ = builds(DKS[0])
    assert str(tmp_path) in board("count", tmp_path, status=2).stderr
    assert "no-such-file" in board("count", build_folder, "--update", tmp_path / "no-such-file", status=2).stderr
