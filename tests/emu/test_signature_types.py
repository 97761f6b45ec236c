# SPDX-License-Identifier: Apache-2.0
"""Bootloaders of every type of signature, built and run: what the build signs starts, one wrong bit does not."""

import struct

import pytest
from board import Board
from firmware import OLD

TYPES = [
    pytest.param(["SPEED_OPTIMIZATIONS=y"], id="ecdsa-p256, fast", marks=pytest.mark.proof),
    pytest.param(["BOOT_SIGNATURE_TYPE_RSA=y", "BOOT_SIGNATURE_TYPE_RSA_LEN=3072"], id="rsa-3072"),
    pytest.param(["BOOT_SIGNATURE_TYPE_ECDSA_P384=y"], id="ecdsa-p384", marks=pytest.mark.proof),
    pytest.param(["BOOT_SIGNATURE_TYPE_ED25519=y", "BOOT_SIGNATURE_TYPE_PURE=y"], id="ed25519-pure"),
]
STACK = 4096  # bytes that every type gets along with; P-256 takes half of that


def last_byte(flash: bytes, start: int) -> int:
    """Of an image: its signature's."""
    header, protected, payload = struct.unpack_from("<HHI", flash, start + 8)
    area = start + header + protected + payload
    return area + struct.unpack_from("<H", flash, area + 2)[0] - 1


def refuse(folder, firmware, where: int):
    folder.mkdir()
    flash = bytearray(firmware.internal_flash.read_bytes())
    flash[where] ^= 1
    with Board(folder, firmware) as board:
        board.internal.write_bytes(flash)
        board.power_on()
        board.expect("the content does not match its digest|the signature does not match", 60)
        board.expect("E: Unable to find bootable image", 60)


@pytest.mark.parametrize("options", TYPES)
def test_what_the_build_signs_starts_and_one_wrong_bit_does_not(build, tmp_path, options):
    symbols = [f"-Dmcuboot_CONFIG_{option}" for option in options]
    firmware = build("-".join(["type", *options]).replace("=", ""), OLD, *symbols,
                     "-Dmcuboot_CONFIG_BOOT_STACK_REPORT=y")
    (tmp_path / "good").mkdir()
    with Board(tmp_path / "good", firmware) as board:
        board.power_on()
        assert int(board.expect(r"I: Stack: (\d+) of \d+ bytes used", 60)[1]) <= STACK
        board.boot(OLD)
    refuse(tmp_path / "content", firmware, firmware.primary_offset + 0x1000)
    refuse(tmp_path / "signature", firmware, last_byte(firmware.internal_flash.read_bytes(), firmware.primary_offset))
