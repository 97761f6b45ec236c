# SPDX-License-Identifier: Apache-2.0
"""
Encrypted updates on an emulated board: sent by a client, installed, and taken back; the external chip is read throughout.
Cuts are the simulator's, and tests/unit/test_encrypted.c's.
"""

from board import Board
from firmware import NEW, OLD, Firmware, stored_blocks

BLOCK = 16
STACK = 4096
OPTIONS = ["-Dmcuboot_CONFIG_BOOT_STACK_REPORT=y", "-Dmcuboot_CONFIG_MCUBOOT_SERIAL=y"]
ENCRYPT = "-Dmcuboot_CONFIG_BOOT_ENCRYPT_IMAGE=y"


def blocks(firmware: Firmware) -> set[bytes]:
    """Of the payload, but for those that many programs have, and for the key's hash, which images show."""
    payload = (firmware.folder / "app.bin").read_bytes()
    image = firmware.image()
    public = image[len(image) - 1024:]
    parts = (payload[at:at + BLOCK] for at in range(0, len(payload) - BLOCK + 1, BLOCK))
    return {part for part in parts if len(set(part)) > 4 and part not in public}


def test_encrypted_update_is_installed_and_taken_back_and_never_lies_outside_in_the_clear(build, tmp_path):
    old = build("encrypted_old", OLD, ENCRYPT, *OPTIONS)
    new = build("encrypted_new", NEW, ENCRYPT, *OPTIONS, target="app_update.bin")
    secret = blocks(old) | blocks(new)
    with Board(tmp_path / "board", old) as board:
        board.power_on()
        board.expect("Built with outboard's public demo key: anybody can read updates of this device")
        board.boot(OLD)
        board.install(new.image())
        assert int(board.expect(r"I: Stack: (\d+) of \d+ bytes used", 60)[1]) <= STACK
        board.boot(NEW)
        assert not stored_blocks(board.external.read_bytes()) & secret
        board.reboot()
        board.boot(OLD)
        assert not stored_blocks(board.external.read_bytes()) & secret
        assert stored_blocks(board.internal.read_bytes()) & secret


def test_recovery_takes_an_encrypted_image_by_way_of_the_update_slot(build, tmp_path):
    firmware = build("encrypted_old", OLD, ENCRYPT, *OPTIONS)
    with Board(tmp_path / "board", firmware, b"\xff" * 4096) as board:
        board.power_on()
        board.expect("^I: Serial recovery: waiting for SMP clients\n")
        board.ask(lambda client: client.upload(firmware.image(), 0))
        board.ask(lambda client: client.reset())
        board.boot(OLD)
