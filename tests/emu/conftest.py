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
    """Build the sample in a folder of its own that is kept from run to run: build(name, version, options for cmake, board=, target=)."""
    options = [f"-DOUTBOARD_TOOL={os.environ['OUTBOARD_TOOL']}"] if "OUTBOARD_TOOL" in os.environ else []

    def run(name: str, version: str, *more: str, **how: str) -> firmware.Firmware:
        return firmware.build(repo / "build/tests/emu" / name, version, *options, *more, **how)

    return run


@pytest.fixture(scope="session")
def old(build) -> firmware.Firmware:
    return build(OLD, OLD)


@pytest.fixture(scope="session")
def new(repo: Path, old: firmware.Firmware) -> firmware.Firmware:
    return firmware.other_version(old, repo / "build/tests/emu" / NEW, NEW)


@pytest.fixture(scope="session")
def with_bootloader(build, old: firmware.Firmware) -> Callable[..., firmware.Firmware]:
    """with_bootloader(name, options for cmake): the old version with another bootloader, of which nothing else is built.
    With application=... that build's instead."""

    def make(name: str, *options: str, application: firmware.Firmware = old) -> firmware.Firmware:
        made = firmware.Firmware(application.folder, OLD)
        made.bootloader = build(name, OLD, *options, target="mcuboot").bootloader
        return made

    return make


@pytest.fixture
def board(old: firmware.Firmware, tmp_path: Path):
    """A board that runs the old version and waits for a command."""
    with Board(tmp_path, old) as board:
        board.power_on()
        board.boot(OLD)
        yield board
