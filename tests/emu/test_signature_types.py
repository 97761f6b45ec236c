# SPDX-License-Identifier: Apache-2.0
"""Bootloaders of every type of signature, built and run: what the build signs starts, one wrong bit does not."""

import pytest
from board import Board
from firmware import OLD

TYPES = {
    "rsa-3072": ["RSA=y", "RSA_LEN=3072"],
    "ecdsa-p384": ["ECDSA_P384=y"],
    "ed25519-pure": ["ED25519=y", "PURE=y"],
}
STACK = 4096  # bytes that every type gets along with; P-256 takes half of that


@pytest.mark.parametrize("options", TYPES.values(), ids=TYPES.keys())
def test_what_the_build_signs_starts_and_one_wrong_bit_does_not(build, tmp_path, options):
    symbols = [f"-Dmcuboot_CONFIG_BOOT_SIGNATURE_TYPE_{option}" for option in options]
    firmware = build("-".join(["type", *options]).replace("=", ""), OLD, *symbols,
                     "-Dmcuboot_CONFIG_BOOT_STACK_REPORT=y")
    (tmp_path / "good").mkdir()
    with Board(tmp_path / "good", firmware) as board:
        board.power_on()
        assert int(board.expect(r"I: Stack: (\d+) of \d+ bytes used", 60)[1]) <= STACK
        board.boot(OLD)
    flash = bytearray(firmware.internal_flash.read_bytes())
    flash[firmware.primary_offset + 0x1000] ^= 1  # of the program
    (tmp_path / "bad").mkdir()
    with Board(tmp_path / "bad", firmware) as board:
        board.internal.write_bytes(flash)
        board.power_on()
        board.expect("E: Image index: 0: the content does not match its digest|"
                     "E: Image index: 0: the signature does not match", 60)
        board.expect("E: Unable to find bootable image", 60)
