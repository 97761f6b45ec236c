# SPDX-License-Identifier: Apache-2.0
"""A chip that tells lies about itself."""

import re
import struct

from .device import REPO, Device

# Of sectors, in an SFDP table: a map, two regions that share nothing, one that is cut short, a command before a map, dwords behind the
# last map, none.
MAPS = ((0x3, 0xFFFFFF01), (0x10003, 1, 2), (0x2,), (0, 0, 0x3, 0xF), (0x3,), (0x2, 1, 0x3, 1), (0x3, 0xC, 0, 0), ())
# The same, of erases, each a logarithm of bytes and an opcode: one opcode for two sizes, two for one, too large, not in order.
ERASES = ((0x0C, 0x20, 0x0F, 0x20, 0x10, 0xD8), (0x0C, 0x20, 0x0C, 0x21, 0x10, 0xD8), (0x18, 0xD8), (0x20, 0xD8), (0x1F, 0xD8, 0x0C, 0x20),
          (0x10, 0xD8, 0x0F, 0x52, 0x0C, 0x20, 0x0E, 0x53), (0x0C, 0x20, 0x12, 0xD8))


def sfdp(*tables: tuple[int, int, int, bytes]) -> bytes:
    """Of tables with their id, minor and major number."""
    heads, data, at = b"SFDP\6\1" + bytes([len(tables) - 1, 0xFF]), b"", 8 + 8 * len(tables)
    for number, minor, major, table in tables:
        heads += struct.pack("<BBBB", number & 0xFF, minor, major, len(table) // 4)
        heads += struct.pack("<I", at + len(data))[:3] + bytes([number >> 8])
        data += table
    return heads + data


def sector_map(words: tuple[int, ...], major: int = 1) -> tuple[int, int, int, bytes]:
    return 0xFF81, 0, major, struct.pack(f"<{len(words)}I", *words)


def own_tables() -> tuple[bytes, list[bytes]]:
    """Of the kits' chip, and of all others that there is a model of."""
    text = (REPO / "vboard/chip/sfdp_tables.h").read_text()
    parts = dict(re.findall(r"const uint8_t (\w+)_sfdp\[\] = \{(.*?)\};", text, re.DOTALL))
    basic = re.search(r"define MX25R6435F_BFP(.*?)\n\n", text, re.DOTALL)[1]
    others = [bytes(int(number, 16) for number in re.findall(r"0x[0-9a-f]{2}", re.sub(r"/\*.*?\*/", "", body)))
              for name, body in parts.items() if name != "mx25r6435f"]
    heads = bytes.fromhex("53464450060100ff00060110100000ff")
    return heads + bytes(int(number, 16) for number in re.findall(r"0x[0-9a-f]{2}", basic)), others


def four_address_bytes(own: bytes) -> bytes:
    return own[:16] + struct.pack("<I", struct.unpack_from("<I", own, 16)[0] | 0x40000) + own[20:]


def tables(device: Device):
    """A chip that says of itself what other chips do, and what no chip does."""
    own, others = own_tables()
    tables = [*others, b"\xff", own[:20], b"\xffSFDP\6\1\0\xff" + bytes(16)]  # the last one is found with four address bytes
    for dword in range(len(own) // 4):
        for value in (0, 0x00FF00FF, 0xFFFFFFFF):
            tables.append(own[:4 * dword] + struct.pack("<I", value) + own[4 * dword + 4:])
    for bits in (0x20000, 0x40000):  # three or four address bytes; four
        tables.append(own[:16] + struct.pack("<I", struct.unpack_from("<I", own, 16)[0] | bits) + own[20:])
    for density in (0x80000016, 0x8000001A, 0x80000020, 0x80000022, 0x80000045, 0x03FFFFFE):
        tables.append(own[:20] + struct.pack("<I", density) + own[24:])
    for types in ERASES:
        tables.append(own[:44] + bytes(types) + bytes(8 - len(types)) + own[52:])
    bfp, not_4k = (0xFF00, 6, 1, own[16:]), (0xFF00, 6, 1, bytes([own[16] | 3]) + own[17:])
    tables += [sfdp(not_4k, sector_map(words)) for words in MAPS]
    for more in ((0xFF00, 5, 1, own[16:52]), (0xFF00, 6, 1, own[16:48]), (0xFF00, 8, 1, own[16:]), (0xFF00, 6, 2, own[16:]),
                 (0xFF84, 0, 1, bytes(8)), (0xFF84, 0, 1, b"\xff" * 4 + b"\x21" * 4),
                 *(sector_map(words, major) for major in (1, 2) for words in MAPS)):
        tables.append(sfdp(bfp, more))
        tables.append(sfdp(more, (0xFF00, 6, 1, own[16:17] + b"\x22" + own[18:])))
    for opcode, clocks in ((0x6B, 4), (0xBB, 6), (0x03, 0), (0xEB, 6), (0x0B, 8)):  # of reads with two lanes
        tables.append(own[:28] + struct.pack("<HH", opcode << 8 | clocks, opcode << 8 | clocks) + own[32:])
    tables.append(sfdp(bfp)[:12] + b"\xfc\xff\xff\xff" + own[16:])  # a table that leaves the chip
    file = device.folder / "sfdp.bin"
    for table in tables:
        file.write_bytes(table)
        device.factory_with(device.update, request=False)
        device.run("--sfdp", file)


def updates_with_tables(device: Device):
    """An update in a chip whose table asks for other addresses, erases otherwise, or more at once than a slot has."""
    own, _ = own_tables()
    file = device.folder / "sfdp.bin"

    def erases(*types: int):
        file.write_bytes(own[:44] + bytes(types) + bytes(8 - len(types)) + own[52:])

    file.write_bytes(four_address_bytes(own))
    device.factory()  # blank where it is looked whether that is so
    device.write("external", device.secondary, b"\xff" * 0x1000 + device.update)
    device.run("--sfdp", file)
    for types in ERASES:
        erases(*types)
        device.factory_with(device.update)
        device.run("--sfdp", file)
    erases(0x0A, 0x20, 0x0C, 0x21)
    device.factory_with(b"\xff" * 0x400 + device.update)  # where no unit of the primary begins
    device.run("--sfdp", file)
    erases(0x14, 0xD8)  # more than a slot
    device.factory_with(device.update)
    device.run("--sfdp", file)
    for cut in ("100", "1500", None):  # in the middle of a job, and on trial
        device.factory_with(device.update)
        device.run(*(("--cut", f"{cut}:none") if cut else ()))
        device.run("--sfdp", file, "--limit", "100")


def tables_that_fail(device: Device):
    """A sector map, and the look whether addresses have as many bytes as a table says, where the controller stalls."""
    own, _ = own_tables()
    file = device.folder / "sfdp.bin"
    device.factory_with(device.update)
    asked = device.state()
    for table, places in ((sfdp((0xFF00, 6, 1, own[16:]), sector_map(MAPS[0])), range(31, 35)), (four_address_bytes(own), range(46, 50))):
        file.write_bytes(table)
        for at in places:
            device.back_to(asked)
            device.run("--sfdp", file, "--stall", f"external:{at}:1", "--cut", "5:none")
