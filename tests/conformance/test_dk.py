# SPDX-License-Identifier: Apache-2.0
"""The conformance suite as firmware on the virtual DKs: internal flash, and the external chip on QSPI and on SPI."""

import subprocess

import pytest
from test_conformance import RANGE, assert_untouched, fill, run_description

INTERNAL = (0xFD000, 0x3000)  # pm_static_<board>.yml
CHIP_SIZE = 8 << 20
RANGES = [(0, RANGE), (CHIP_SIZE - RANGE, RANGE)]
ERASES = [0x1000, 0x8000, 0x10000]
BOARDS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]


def run(*command) -> str:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("bus", ["qspi", "spi"])
def test_drivers_keep_every_promise(board, bus, repo, outboard):
    folder = repo / "build" / "conformance" / f"{board}_{bus}"
    overlay = [f"-DEXTRA_DTC_OVERLAY_FILE=chips/mx25r64_spi_{board.split('_')[0]}.overlay"] if bus == "spi" else []
    run("cmake", "-S", repo / "tests/conformance/firmware", "-B", folder, "-G", "Ninja", f"-DBOARD={board}", f"-DOUTBOARD_TOOL={outboard}", *overlay)
    run("cmake", "--build", folder)
    fill(folder / "external_flash.bin", CHIP_SIZE)
    internal = folder / "internal_flash.bin"
    before = internal.read_bytes()[: INTERNAL[0]]

    lines = run(outboard, "board", "run", "--limit", "600", "--until", "bytes of stack used", folder).splitlines()

    assert not [line for line in lines if "BROKEN" in line]
    for off, _ in RANGES:
        assert run_description("external", off, CHIP_SIZE, ERASES) in lines
    assert len([line for line in lines if line.endswith(": 0 promises broken")]) == 3
    kept = [line for line in lines if line.startswith("I: kept ")]
    assert len(kept) == 3 * len(set(kept)) and len(set(kept)) >= 21
    assert_untouched(folder / "external_flash.bin", CHIP_SIZE, RANGES)
    assert internal.read_bytes()[: INTERNAL[0]] == before
