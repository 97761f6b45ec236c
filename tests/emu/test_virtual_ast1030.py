# SPDX-License-Identifier: Apache-2.0
"""The same binary on QEMU's board, whose models nobody here wrote, and on the virtual one: it says the same and leaves the same.

The time that flash takes is not compared: QEMU's chips take none.
"""

from pathlib import Path

import pytest
from board import Board
from firmware import NEW, OLD, other_version
from virtual_board import VirtualBoard

MODES = {"slide": [], "overwrite": ["-Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y"], "dual": ["-Dmcuboot_CONFIG_BOOT_UPGRADE_DUAL=y"]}
BALLAST = 70_000  # several erase units


class BoardWithFaults(VirtualBoard):
    OPTIONS = ["--faults"]


def live(board: Board, update: bytes, runs: list[str], permanent: bool) -> list[tuple[str, bytes, bytes]]:
    """Place the update; what the board says in each start and what its chips hold afterwards."""
    board.place_update(update, permanent)
    seen = []
    for version in runs:
        said = len(board.transcript)
        board.power_on()
        board.boot(version)
        board.cut_power()
        seen.append((board.transcript[said:], board.internal.read_bytes(), board.external.read_bytes()))
    return seen


LIVES = [("slide", False), ("dual", False), ("overwrite", True), *(pytest.param(mode, True, marks=pytest.mark.proof) for mode in ("slide", "dual"))]


@pytest.mark.parametrize("mode,permanent", LIVES)
def test_both_boards_say_and_hold_the_same_through_a_whole_update(build, old, tmp_path, mode, permanent):
    firmware = build(f"{OLD}-{mode}", OLD, *MODES[mode]) if MODES[mode] else old
    runs_now = firmware.image(BALLAST)
    update = other_version(firmware, tmp_path / "new", NEW).image(BALLAST)
    runs = [NEW, NEW if permanent else OLD]  # whom nobody confirms goes back
    qemu, virtual = (live(kind(tmp_path / kind.__name__, firmware, runs_now), update, runs, permanent)
                     for kind in (Board, VirtualBoard))
    for (said, internal, external), (said_too, internal_too, external_too) in zip(qemu, virtual):
        assert said == said_too
        assert internal == internal_too and external == external_too


def test_both_boards_fault_alike_where_the_mpu_forbids_to_execute(build, tmp_path):
    firmware = build("mpu", OLD, source=Path(__file__).with_name("programs") / "mpu")
    seen = []
    for kind in (Board, BoardWithFaults):
        with kind(tmp_path / kind.__name__, firmware) as board:
            board.power_on()
            board.expect("executed\r?\n.*closed")
            seen.append(board.expect("fault: exception 3, cfsr 0x00000001, hfsr 0x40000000, .*bfar.*\n.*pc 0x[0-9a-f]+")[0].split("bfar")[0])
        assert board.transcript.count("executed") == 1
    assert seen[0] == seen[1]
