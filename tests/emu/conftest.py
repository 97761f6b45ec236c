# SPDX-License-Identifier: Apache-2.0
"""Firmware and boards for the tests on an emulated board."""

import os
from collections.abc import Callable
from pathlib import Path

import firmware
import pytest
from board import Board
from firmware import NEW, OLD

@pytest.fixture(scope="session")
def build(repo: Path) -> Callable[..., firmware.Firmware]:
    """Build the sample in a folder of its own that is kept from run to run: build(name, version, options for cmake)."""
    options = [f"-DOUTBOARD_TOOL={os.environ['OUTBOARD_TOOL']}"] if "OUTBOARD_TOOL" in os.environ else []

    def run(name: str, version: str, *more: str) -> firmware.Firmware:
        return firmware.build(repo / "build/tests/emu" / name, version, *options, *more)

    return run


@pytest.fixture(scope="session")
def old(build) -> firmware.Firmware:
    return build(OLD, OLD)


@pytest.fixture(scope="session")
def new(build) -> firmware.Firmware:
    return build(NEW, NEW)


@pytest.fixture
def board(old: firmware.Firmware, tmp_path: Path):
    """A board that runs the old version and waits for a command."""
    with Board(tmp_path, old) as board:
        board.power_on()
        board.boot(OLD)
        yield board
