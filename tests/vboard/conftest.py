# SPDX-License-Identifier: Apache-2.0
"""Binaries on the virtual boards."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "build"), str(HERE.parent / "emu")]
import firmware  # noqa: E402
from build_project import MAIN, Project  # noqa: E402

DKS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
SPI_OVERLAY = {board: f"mx25r64_spi_{board.split('_')[0]}.overlay" for board in DKS}
QSPI_OVERLAY = "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n"


@dataclass
class Run:
    """What `outboard board run --json` said."""

    status: int
    facts: dict
    errors: str

    @property
    def text(self) -> str:
        return self.facts.get("said", "").replace("\r", "")


class Dk(Project):
    """A small application for a DK, with its update slot in the external chip. Tests share it: each writes what it needs."""

    def __init__(self, folder: Path, repo: Path, outboard: Path, board: str):
        super().__init__(folder, repo, outboard)
        self.board = board
        self.tool = outboard
        self.options.append(f"-DBOARD={board}")

    def make(self, main: str = MAIN, bus: str = "qspi", fprotect: str = "y", options=(), more_overlay: str = "") -> str:
        """Configure and build. What the configuration printed."""
        chips = self.repo / "tests/conformance/firmware/chips"
        overlay = QSPI_OVERLAY if bus == "qspi" else f'#include "{chips / SPI_OVERLAY[self.board]}"\n'
        for name in ("app.overlay", "child_image/mcuboot.overlay"):
            self.write(name, overlay + more_overlay)
        self.write("main.c", main)
        result = self.cmake("-Umcuboot_CONFIG_*", "-UCONFIG_*", f"-Dmcuboot_CONFIG_FPROTECT={fprotect}", *options, board=None)
        assert result.returncode == 0, result.stderr
        super().make()
        return result.stdout + result.stderr

    def run_board(self, *options) -> Run:
        command = [self.tool, "board", "run", "--json", "--limit", "60", *options, self.build_dir]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return Run(result.returncode, json.loads(result.stdout or "{}"), result.stderr)


@pytest.fixture(scope="session")
def builds(tmp_path_factory, outboard):
    """builds(board): the folder of the sample with its slot in the chip on QSPI, and an update for it."""
    made = {}

    def get(board_name: str):
        if board_name not in made:
            folder = tmp_path_factory.mktemp(board_name)
            options = (f"-DOUTBOARD_TOOL={outboard}", "-Dmcuboot_CONFIG_LOG=n")
            old = firmware.build(folder / firmware.OLD, firmware.OLD, *options, board=board_name)
            new = firmware.other_version(old, folder / firmware.NEW, firmware.NEW)
            made[board_name] = (old.folder, new.folder / "app_update.bin")
        return made[board_name]

    return get


@pytest.fixture(scope="module", params=DKS)
def dk(request, tmp_path_factory, repo, outboard) -> Dk:
    return Dk(tmp_path_factory.mktemp(request.param), repo, outboard, request.param)
