# SPDX-License-Identifier: Apache-2.0
"""What an update slot may hold."""

import struct

from .device import KEYS, Device


def hostile(device: Device):
    """What an update slot may hold, and is refused for one reason or another. Some are accepted."""
    payload = device.payload
    good = device.sign(payload)
    yield good
    yield device.old  # it runs
    yield device.sign(payload, "--dependencies", "(0, 9.0.0)")
    yield device.sign(payload, "--dependencies", "(1, 1.0.0)")
    yield device.sign(payload, "--dependencies", "(0, 1.0.0)(0, 1.1.0)(0, 1.1.7)(0, 1.1.3)(0, 1.0.9)(0, 0.9.0)")
    yield device.sign(payload, "--security-counter", "3", "--custom-tlv", "0x00a0", "0x11223344")
    yield device.sign(payload, "--vid", "example.com", "--cid", "thing")
    yield device.sign(payload, "--load-addr", "0x20000000")
    yield device.sign(payload, "--rom-fixed", "0x10000")
    yield device.sign(payload, "--rom-fixed", hex(device.primary))
    yield device.sign(payload, key=None)
    yield device.sign(payload, header=0x400)
    yield device.sign(payload, "--encrypt", KEYS / "demo-encrypt-p256.pem")
    yield device.sign(payload + bytes(device.size - len(payload) - 0x1000), slot=2 * device.size)
    yield device.sign(bytes(64))
    yield device.sign(bytes(4))
    for vectors in ((0x20010001, 0x101), (0x10000000, 0x101), (0x30000000, 0x101), (0x20010000, 0x100), (0x20010000, 0x101),
                    (0x20010000, 0xF0000001)):
        yield device.sign(struct.pack("<II", *vectors) + payload[8:])
    for key in sorted(path.name for path in KEYS.glob("demo-[!e]*.pem")):
        yield device.sign(payload, key=key)
    start, size = struct.unpack_from("<H", good, 8)[0], struct.unpack_from("<I", good, 12)[0]
    tlvs = start + size
    for at, value in ((0, 0), (8, 0x10), (8, 0xFFFF), (10, 0x40), (14, 0xFF), (16, 0x10), (16, 0x4), (20, 0xFF),
                      (tlvs, 0), (tlvs + 2, 3), (tlvs + 2, 0xFFFF), (tlvs + 4, 0x1), (tlvs + 6, 0), (tlvs + 6, 0xFFFF),
                      (tlvs + 8, 0x1234), (tlvs + 40, 0x10), (tlvs + 44, 0x99), (tlvs + 76, 0x23), (tlvs + 80, 0x31), (tlvs + 82, 0)):
        yield good[:at] + struct.pack("<H", value) + good[at + 2:]
    yield good[:tlvs] + struct.pack("<HHHH", 0x6908, 8, 0x60, 0) + good[tlvs:]  # a protected area that the header does not tell
    for area in ((0x6908, 8, 0x40, 12), (0x6908, 6, 0x40)):  # one that ends in the middle of an entry
        yield good[:10] + struct.pack("<H", 2 * len(area)) + good[12:tlvs] + struct.pack(f"<{len(area)}H", *area) + good[tlvs:]
    yield good[3::-1] + good[4:]  # for a CPU of the other byte order
    for protected, less in ((0xFFFF, 0x8000), (0, 0x200), (0, 0x202), (0, 0x400), (0x10, 0x208), (0, 0x1202)):
        yield good[:8] + struct.pack("<HHI", 0x200, protected, device.size - less) + good[16:]
    for flag in (0x200, 0x400):
        yield good[:16] + struct.pack("<I", flag) + good[20:]
    guarded = device.sign(payload, "--dependencies", "(0, 1.0.0)", "--vid", "example.com")
    kinds = (0x01, 0x02, 0x03, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x30, 0x33, 0x35, 0x40, 0x50,
             0x60, 0x61, 0x70, 0x80, 0xA0, 0xFF)
    for at, value in ((0, 0x6907), (2, 0xFF), (2, 5), (2, 3), *((4, kind) for kind in kinds), (6, 3), (6, 0xFF), (8, 7), (20, 0x50),
                      (20, 0x75), (22, 0x11)):
        at += tlvs
        yield guarded[:at] + struct.pack("<H", value) + guarded[at + 2:]
    yield from claims(good[:tlvs], entries(good[tlvs:]))


def entries(area: bytes) -> list[tuple[int, bytes]]:
    """What the TLVs claim that nothing protects."""
    entries, at = [], 4
    while at < struct.unpack_from("<H", area, 2)[0]:
        kind, size = struct.unpack_from("<HH", area, at)
        entries.append((kind, area[at + 4:at + 4 + size]))
        at += 4 + size
    return entries


def claims(image: bytes, entries: list[tuple[int, bytes]]):
    """The same image with other claims: digest, key and signature are those of imgtool, in its order."""
    digest, key, (kind, signature) = entries
    first = 4 + signature[3]  # of its two numbers, the place behind the first one
    numbers = [signature[2:first], signature[first:]]
    zero, huge, bare = b"\x02\x01\x00", b"\x02\x21\x00" + b"\xff" * 32, b"\x02\x01"
    pairs = [(zero, numbers[1]), (numbers[0], zero), (huge, numbers[1]), (numbers[0], huge), (numbers[0], b""), (numbers[0], bare),
             (numbers[0], numbers[1] + zero), (b"\x03" + numbers[0][1:], numbers[1]),
             *((first, numbers[1]) for first in (b"\x02\x01\x80", b"\x02\x02\x00\x01", b"\x02\x22\x01" + bytes(33), b"\x02\x00"))]
    odd = [b"", b"\x30", b"\x31" + signature[1:], b"\x30\x81" + signature[1:], b"\x30\x7f" + signature[2:], signature + bytes(3),
           signature + b"\1", signature + bytes(200), b"\x30\x02\x02\x00",
           *(b"\x30" + bytes([len(a + b)]) + a + b for a, b in pairs)]
    more = [[digest, key, (kind, data)] for data in odd]
    more += [[digest, digest, key, (kind, signature)], [digest, (0x10, bytes(32)), key, (kind, signature)], [key, (kind, signature)],
             [digest, (kind, signature)], [digest, key], [], [digest, key, (kind, signature), (kind, signature)]]
    more += [[digest, (0x10, bytes(32)), digest, key, (kind, signature)], [(0x02, bytes(91)), *entries, (0x02, bytes(91))],
             [digest, (key[0], bytes(32)), (kind, b"")], [digest, (key[0], bytes(32)), (0x25, b""), (kind, signature)],
             [digest, (0x24, bytes(64)), key, (0x20, bytes(256))], [digest, (0x24, bytes(64)), (0x23, bytes(384)), key]]
    more += [[*entries, extra] for extra in (
        (0x25, b"\1"), (0x25, b"\0"), (0x25, b"\1\0"), (0x02, bytes(91)), (0x7777, b""), (0, b""), (0x13, b""), (0x30, bytes(8)),
        (0x31, bytes(9)), (0x32, bytes(113)), (0x33, bytes(8)), (0x60, b""), (0xA0, b"\1"), (0x11, bytes(48)))]
    more += [[(0x11, bytes(48)), key, (kind, signature)], [(0x12, bytes(64)), key, (0x24, bytes(64))],
             [(0x25, b"\1"), key, (0x24, bytes(64))], [digest, key, (0x24, bytes(64))], [digest, key, (0x20, bytes(256))],
             [digest, (0x02, bytes(91)), (kind, signature)]]
    more += [[(0x10, bytes(31)), key], [digest, (0x01, bytes(31))]]
    for those in more:
        area = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in those)
        yield image + struct.pack("<HH", 0x6907, len(area) + 4) + area
    for last in ((0x25, b""), (0x02, b"xx")):  # one that the area's end cuts short
        area = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in (*entries, last))
        area = area[:-len(last[1]) - 2] + struct.pack("<H", len(last[1]) + 1) + last[1]
        yield image + struct.pack("<HH", 0x6907, len(area) + 4) + area
