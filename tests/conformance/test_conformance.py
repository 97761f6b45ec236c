# SPDX-License-Identifier: Apache-2.0
"""The conformance suite as firmware on the emulated board, against chips of several kinds."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "emu"))
from board import Board  # noqa: E402

MIB = 0x100000
RANGE = 3 * 0x10000  # what one run of the suite overwrites
INTERNAL = (0xD0000, RANGE)  # pm_static_qemu_ast1030.yml
UNTOUCHED = b"\x5a"


@dataclass
class Chip:
    """What QEMU's model of a chip is, and what the driver should find out about it."""

    model: str
    size: int
    erases: list[int]
    overlay: str | None = None  # None: the board's own chip

    @property
    def ranges(self) -> list[tuple[int, int]]:
        around_16_mib = [(16 * MIB - RANGE // 3, RANGE)] if self.size > 16 * MIB else []
        return [(0, RANGE), (self.size - RANGE, RANGE), *around_16_mib]


CHIPS = [
    # SFDP of nine dwords, 4-byte mode by 0xB7
    Chip("mx25l25635e", 32 * MIB, [0x1000, 0x8000, 0x10000]),
    # no SFDP
    Chip("w25q64", 8 * MIB, [0x1000, 0x10000], "w25q64.overlay"),
    # SFDP with opcodes that take 4 address bytes
    Chip("mx66l1g45g", 128 * MIB, [0x1000, 0x8000, 0x10000], "mx66l1g45g.overlay"),
    # 4-byte mode after write enable, flag status register
    Chip("n25q256a", 32 * MIB, [0x1000, 0x10000], "n25q256a.overlay"),
]


class Image:
    """A build of the conformance firmware: what the emulated board is started with."""

    def __init__(self, folder: Path):
        self.bootloader = folder / "app.bin"  # there is none: the image starts the board itself
        self.internal_flash = folder / "internal_flash.bin"
        self.external_flash = folder / "external_flash.bin"


@pytest.fixture(scope="session")
def build(repo, outboard):
    """Build for a chip; quick when nothing changed."""

    def run(chip: Chip) -> Image:
        folder = repo / "build" / "conformance" / chip.model
        source = repo / "tests" / "conformance" / "firmware"
        overlay = [f"-DEXTRA_DTC_OVERLAY_FILE=chips/{chip.overlay}"] if chip.overlay else []
        configure = ["cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DBOARD=qemu_ast1030"]
        for command in ([*configure, f"-DOUTBOARD_TOOL={outboard}", *overlay], ["cmake", "--build", folder]):
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert result.returncode == 0, result.stdout
        return Image(folder)

    return run


def fill(path: Path, size: int):
    path.write_bytes(UNTOUCHED * size)


def assert_untouched(path: Path, size: int, ranges: list[tuple[int, int]]):
    content = path.read_bytes()
    assert len(content) == size
    at = 0
    for start, length in sorted(ranges):
        assert content[at:start] == UNTOUCHED * (start - at), f"changed between {at:#x} and {start:#x}"
        at = start + length
    assert content[at:] == UNTOUCHED * (size - at), f"changed after {at:#x}"


def run_description(where: str, off: int, size: int, erases: list[int]) -> str:
    sizes = " ".join(f"0x{erase:x}" for erase in [*erases, 0, 0, 0, 0][:4])
    return f"I: {where}: 0x{RANGE:x} bytes at 0x{off:x} of 0x{size:x}, erases {sizes}"


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.model)
def test_drivers_keep_every_promise(chip, build, tmp_path):
    with Board(tmp_path, build(chip), external_model=chip.model) as board:
        fill(board.external, chip.size)
        before = board.internal.read_bytes()
        board.power_on()
        board.expect("conformance: end", 120)
        board.cut_power()
        lines = board.transcript.splitlines()

    assert not [line for line in lines if "BROKEN" in line]
    assert run_description("internal", INTERNAL[0], 8 * MIB, [0x1000, 0x10000]) in lines
    for off, _ in chip.ranges:
        assert run_description("external", off, chip.size, chip.erases) in lines
    runs = 1 + len(chip.ranges)
    assert len([line for line in lines if line.endswith(": 0 promises broken")]) == runs
    kept = [line for line in lines if line.startswith("I: kept ")]
    assert len(kept) == runs * len(set(kept))

    assert_untouched(board.external, chip.size, chip.ranges)
    after = board.internal.read_bytes()
    start, length = INTERNAL
    assert after[:start] == before[:start]
    assert after[start + length :] == before[start + length :]


def test_wrong_chip_is_named_and_internal_flash_works(build, tmp_path):
    with Board(tmp_path, build(CHIPS[0]), external_model="w25q64") as board:
        board.power_on()
        board.expect("E: Device id ef 40 17 does not match config c2 20 19", 60)
        board.expect("I: internal: 0 promises broken", 60)
        board.expect("E: BROKEN not run: .*: the device is absent or of another type", 60)
