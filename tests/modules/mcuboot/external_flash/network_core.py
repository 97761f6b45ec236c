# SPDX-License-Identifier: Apache-2.0
"""What the SDK's build makes for the network core of an nRF5340: its flash as it leaves the factory, and updates of its application.

The code in them is none: the network core's bootloader (b0n) looks at vectors, fw_info and a hash, and so does the virtual board.
"""

import hashlib
import struct

FLASH_BASE, FLASH_SIZE = 0x01000000, 0x40000
CONTAINER = 0x8800  # b0n and its provision
PROVISION, S0_OFFSET = 0x8580, 0x28
S0 = FLASH_BASE + CONTAINER
INFO_AT, INFO_MAGIC = 0x200, (0x281EE6DE, 0x8FCEBB4C, 0x00003502)
CHECK_MAGIC = (0x281EE6DE, 0x86518483, 0x00013502)
VALID = 0x9102FFFF


def application(version: int, size: int = 0x2900) -> bytes:
    """Code of `size` bytes with its fw_info, and the validation info behind it: what is signed with imgtool."""
    code = bytearray((i * 13 + version) & 0xFF for i in range(size))
    struct.pack_into("<2I", code, 0, 0x21010000, S0 + 0x401)
    struct.pack_into("<16I", code, INFO_AT, *INFO_MAGIC, 64, size, version, S0, S0, VALID, *[0] * 7)
    check = struct.pack("<4I", *CHECK_MAGIC, S0) + hashlib.sha256(code).digest() + bytes(128)
    return bytes(code) + check


def flash(app: bytes) -> bytes:
    """The network core as the SDK's build programs it: b0n (its vectors), provision, application."""
    content = bytearray(b"\xff" * FLASH_SIZE)
    struct.pack_into("<2I", content, 0, 0x21010000, FLASH_BASE + 0x101)
    struct.pack_into("<2I", content, PROVISION + S0_OFFSET, S0, S0)
    content[CONTAINER:CONTAINER + len(app)] = app
    return bytes(content)
