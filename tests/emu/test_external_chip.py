# SPDX-License-Identifier: Apache-2.0
"""External flash that is dead or another part than configured: what is valid runs, and the log says what is wrong."""

import re

import pytest
from board import EXTERNAL_MODEL, Board
from client import Refused
from firmware import NEW, OLD

BALLAST = 150_000  # makes a swap of several steps
TYPE = "the device is absent or of another type"
MODELS = {  # of the external chip, and what the driver says about it
    "at25128a-nonjedec": "no chip answers",  # it does not know the command that asks for the id: nothing drives the line
    "w25q256": "Device id ef 40 19 does not match config c2 20 19",  # as large, another maker
    "mx25l6405d": "Device id c2 20 17 does not match config c2 20 19",  # same maker, smaller
}


@pytest.mark.parametrize("model", MODELS)
def test_primary_boots_without_its_external_chip_and_the_log_says_why(old, tmp_path, model):
    with Board(tmp_path, old, external_model=model) as board:
        board.power_on()
        board.boot(OLD)
        lines = (
            rf"E: (?:.*: )?{MODELS[model]}",
            r"\*\*\* Booting .+ \*\*\*",
            r"I: Starting bootloader",
            rf"W: Failed to open flash area ID \d+ \(image 0 slot 1\): {TYPE}",
            r"W: Failed reading sectors; BOOT_MAX_IMG_SECTORS=240 - too small\?",
            r"W: Cannot upgrade: not a compatible amount of sectors",
            rf"I: Bootloader chainload address offset: 0x{old.primary_offset:x}",
            rf"I: Image version: v{OLD}",
            r"I: Jumping to the first image slot",
            rf"no update slot: {TYPE}; everything else works",
        )
        assert re.search(r"\n(?:.*\n)*?".join(lines), board.transcript), board.transcript


def test_application_lives_on_without_the_external_chip(old, new, tmp_path):
    with Board(tmp_path, old, external_model="at25128a-nonjedec") as board:
        board.power_on()
        assert board.boot(OLD).endswith(f"no update slot: {TYPE}; everything else works\n")
        with pytest.raises(Exception, match="there is no update slot: its chip does not answer"):
            board.ask(lambda client: client.upload(new.image()))
        with pytest.raises(Refused, match=TYPE):
            board.ask(lambda client: client.confirm())
        assert [(image.slot, image.version) for image in board.ask(lambda client: client.images())] == [(0, OLD)]
        board.reboot()
        board.boot(OLD)


def test_swap_that_is_half_done_waits_for_its_chip_and_then_goes_on(old, new, tmp_path):
    with Board(tmp_path, old, old.image(BALLAST)) as board:
        board.place_update(new.image(BALLAST))
        board.cut_in_a_swap()

        board.external_model = "at25128a-nonjedec"
        board.power_on()
        for _ in range(3):
            board.expect("^E: An installation may be half done: waiting for the external flash\n")
        board.cut_power()
        assert "Jumping" not in board.transcript.split("[power on]")[-1]

        board.external_model = EXTERNAL_MODEL
        board.power_on()
        board.boot(NEW)
