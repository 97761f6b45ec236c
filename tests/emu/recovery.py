# SPDX-License-Identifier: Apache-2.0
"""A device in serial recovery, on whichever board."""

import random

from board import Board

RECOVERS = "-Dmcuboot_CONFIG_MCUBOOT_SERIAL=y"
WAITING = "^I: Serial recovery: waiting for SMP clients\n"
EMPTY = b"\xff" * 4096  # for a primary slot
CUTS = 4


def upload_through_power_cuts(board: Board, image: bytes):
    """To a board that is off and has nothing to start: the power goes in the middle of an upload, some times. Between operations of
    flash: `outboard board cuts` tears them, of updates."""
    chance = random.Random(1)
    for _ in range(CUTS):
        board.power_on()
        board.expect(WAITING)
        cut = chance.randrange(len(image) // 2)  # the part that goes beyond it is not the last one
        board.ask(lambda client: client.upload(image, stop_at=cut))  # noqa: B023, it is called at once
        board.cut_power()
    board.power_on()
    board.expect(WAITING)
    board.upload(image)
    board.reboot()
