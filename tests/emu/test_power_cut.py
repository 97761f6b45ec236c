# SPDX-License-Identifier: Apache-2.0
"""The power goes at any moment of an installation and of the way back: the device always ends up with the right image."""

import os
import random

import pytest
from board import Board
from firmware import NEW, OLD, other_version

MODES = {
    "slide": [],  # which is the default
    "overwrite": ["-Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y"],
    "dual": ["-Dmcuboot_CONFIG_BOOT_UPGRADE_DUAL=y"],
}
BALLAST = 150_000  # an image of several erase blocks: a swap of many steps
CUTS = 10  # in the middle of a swap, for each direction; virtual boards are cut in many more places
CUT_EARLY = 0.2  # chance that the cut comes before the bootloader has said what it does
CUT_AGAIN = 0.5  # chance that the start after a cut is cut as well
SEED = int(os.environ.get("OUTBOARD_SEED", "1"))


@pytest.fixture
def versions(build, old, mode, tmp_path):
    """The old version with a bootloader that installs in this mode, and the new one for it."""
    made = build(f"{OLD}-{mode}", OLD, *MODES[mode]) if MODES[mode] else old
    return made, other_version(made, tmp_path / "new", NEW)


class Cutter:
    """Cuts the power at random moments of a start, and counts how often it hit the middle of a swap."""

    def __init__(self, board: Board, seed: int):
        self.board = board
        self.random = random.Random(seed)
        self.span = 0.05  # seconds that a swap takes; follows what is seen
        self.hits = 0

    def start_and_cut(self):
        said = len(self.board.transcript)
        self.board.power_on()
        early = self.random.random() < CUT_EARLY
        self.board.expect("^I: Starting bootloader\n" if early else "Swap type: \\w+\n")
        self.board.listen(self.random.uniform(0, self.span))
        self.board.cut_power()
        self.judge(self.board.transcript[said:])

    def judge(self, log: str):
        if "Jumping to" in log:
            self.span *= 0.9
            return
        self.span *= 1.1
        if "I: Image index: 0, Swap type" in log:
            self.hits += 1

    def harass(self):
        """Starts that are all cut."""
        self.start_and_cut()
        while self.random.random() < CUT_AGAIN:
            self.start_and_cut()


def sweep(board: Board, folder, version: str):
    """From what the chips hold now: cut, then let the board start; it must run `version` and be able to go on."""
    cutter = Cutter(board, SEED)
    board.save_chips(folder)
    for _ in range(3 * CUTS):
        board.restore_chips(folder)
        cutter.harass()
        board.power_on()
        board.boot(version)
        board.cut_power()
        if cutter.hits >= CUTS:
            return
    raise AssertionError(f"only {cutter.hits} cuts hit a swap; seed {SEED}")


LEFT_TO_PROOF = [pytest.param(mode, marks=pytest.mark.proof) for mode in MODES if mode != "slide"]


@pytest.mark.parametrize("mode", ["slide", *LEFT_TO_PROOF])
def test_power_cuts_never_brick_and_never_lose_the_update(versions, tmp_path):
    old, new = versions
    with Board(tmp_path / "board", old, old.image(BALLAST)) as board:
        board.place_update(new.image(BALLAST), permanent=True)  # on trial, a start too many would rightly go back
        sweep(board, tmp_path / "requested", NEW)

        board.power_on()  # and stays there
        board.boot(NEW)


@pytest.mark.parametrize("mode", ["slide", pytest.param("dual", marks=pytest.mark.proof)])
def test_power_cuts_while_going_back_end_with_the_old_image(versions, tmp_path):
    old, new = versions
    with Board(tmp_path / "board", old, old.image(BALLAST)) as board:
        board.place_update(new.image(BALLAST))
        board.power_on()
        board.boot(NEW)
        board.cut_power()
        sweep(board, tmp_path / "on_trial", OLD)

        board.power_on()  # and stays there
        assert "next start: runs this image\n" in board.boot(OLD)
