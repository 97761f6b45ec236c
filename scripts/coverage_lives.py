# SPDX-License-Identifier: Apache-2.0
"""The lives of a virtual board that scripts/coverage_binary.py looks at: what was executed in any of them counts.

Each is a few starts of one build. A board that does what its part forbids counts as a failure, and so does one that, once what was
wrong is over, starts nothing although it holds an image.
"""

import json
import os
import random
import re
import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
IMGTOOL = REPO / "build/deps/venv/bin/imgtool"
KEYS = REPO / "keys"
MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")  # of a trailer: a request
IMAGE_OK_FROM_END = 24  # of a trailer: for good
CUTS = (8, 60, 1500, 2760)  # flash operations of an update of the sample, of some 2,800
TEARS = ("none", "prefix", "bits", "metastable", "brownout")
SEEDS = (3, 14, 18, 22, 26, 29, 60, 73, 94, 117, 120, 169, 194, 212, 253, 256)  # of the first 400: lives that come where no other does
# Of sectors, in an SFDP table: a map, two regions that share nothing, one that is cut short, a command before a map, none.
MAPS = ((0x3, 0xFFFFFF01), (0x10003, 1, 2), (0x2,), (0, 0, 0x3, 0xF), (0x3,), (0x2, 1, 0x3, 1), ())
# The same, of erases, each a logarithm of bytes and an opcode: one opcode for two sizes, two for one, too large, not in order.
ERASES = ((0x0C, 0x20, 0x0F, 0x20, 0x10, 0xD8), (0x0C, 0x20, 0x0C, 0x21, 0x10, 0xD8), (0x18, 0xD8), (0x20, 0xD8), (0x1F, 0xD8, 0x0C, 0x20),
          (0x10, 0xD8, 0x0F, 0x52, 0x0C, 0x20, 0x0E, 0x53), (0x0C, 0x20, 0x12, 0xD8))
UDF = b"\x00\xde"  # an undefined instruction

# Which starts the watchdog, as an application does, and resets by software.
WATCHDOG = """
    .syntax unified
    .thumb
    .word 0x20010000, start + 1
    .skip 56
start:
    ldr r0, =WDT
    ldr r1, =0x20000
    ldr r2, =0x504
    str r1, [r0, r2]
    movs r1, #1
    str r1, [r0]
    ldr r0, =0xe000ed0c
    ldr r1, =0x05fa0004
    str r1, [r0]
    b .
"""


class Lives:
    """
    build   folder of a build; its chips are copied
    update  signed image that it is updated to
    out     where the runs leave what they executed
    """

    def __init__(self, outboard: Path, build: Path, update: Path, out: Path):
        self.outboard, self.build, self.update, self.out = outboard, build, update, out
        self.folder = out.parent / "device"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name in ("devicetree.json", "pm.config", "partitions.yml"):
            shutil.copy(build / name, self.folder)
        config = (build / "pm.config").read_text()
        self.numbers = {name: int(value, 0) for name, value in re.findall(r"^PM_(\w+)=(0x[0-9a-f]+|\d+)$", config, re.MULTILINE)}
        self.primary, self.size = self.numbers["MCUBOOT_PRIMARY_ADDRESS"], self.numbers["MCUBOOT_PRIMARY_SIZE"]
        self.secondary = self.numbers["MCUBOOT_SECONDARY_ADDRESS"]
        self.nrf53 = "nrf5340" in (build / "CMakeCache.txt").read_text()
        self.count = 0

    # ---- a device ----

    def factory(self):
        for name in ("internal_flash.bin", "external_flash.bin"):
            shutil.copy(self.build / name, self.folder)

    def write(self, chip: str, at: int, data: bytes):
        with (self.folder / f"{chip}_flash.bin").open("r+b") as file:
            file.seek(at)
            file.write(data)

    def state(self) -> dict[str, bytes]:
        return {name: (self.folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")}

    def back_to(self, state: dict[str, bytes]):
        for name, cells in state.items():
            (self.folder / name).write_bytes(cells)

    def place(self, image: bytes, request: bool = True, permanent: bool = False):
        end = self.secondary + self.size
        self.write("external", self.secondary, image)
        if request:
            self.write("external", end - len(MAGIC), MAGIC)
        if permanent:
            self.write("external", end - IMAGE_OK_FROM_END, b"\1")

    def run(self, *options, starts: int = 1):
        for _ in range(starts):
            command = [self.outboard, "board", "run", "--until", "is running", "--limit", "20", *options, self.folder]
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                  env=os.environ | {"OUTBOARD_COVERAGE": str(self.out)}, check=False)
            self.count += 1
            self.last = f"{' '.join(map(str, command))}: {done.stderr}\n{done.stdout}"
            if done.returncode == 2:
                raise SystemExit(self.last)
        return done.stdout

    def survives(self, *options):
        """Nothing is wrong any more: something starts."""
        if "is running" not in self.run(*options):
            raise SystemExit(f"nothing starts any more: {self.last}")

    def stalls(self, state: dict[str, bytes], chip: str, places):
        """From this state on, with a controller that does not say at one of these operations that it is done."""
        for at in places:
            self.back_to(state)
            self.run("--stall", f"{chip}:{at}:1")

    @cache
    def operations(self) -> int:
        """Flash operations of an update."""
        self.factory()
        self.place(self.update.read_bytes())
        return json.loads(self.run("--json"))["operations"]

    # ---- images ----

    def sign(self, payload: bytes, *options, version: str = "1.2.0", key: str | None = "demo-p256.pem", header: int | None = None,
             slot: int | None = None) -> bytes:
        source, signed = self.folder / "payload.bin", self.folder / "signed.bin"
        source.write_bytes(payload)
        command = [IMGTOOL, "sign", "--version", version, "--align", "4", "--pad-header", "--header-size",
                   hex(header or self.numbers["MCUBOOT_PAD_SIZE"]), "--slot-size", hex(slot or self.size),
                   *(("--key", KEYS / key) if key else ()), *options, source, signed]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        return signed.read_bytes()

    def images(self):
        """What an update slot may hold, and is refused for one reason or another. Some are accepted."""
        payload = (self.build / "app.bin").read_bytes()
        good = self.sign(payload)
        yield good
        yield (self.build / "app_update.bin").read_bytes()  # it runs
        yield self.sign(payload, "--dependencies", "(0, 9.0.0)")
        yield self.sign(payload, "--dependencies", "(1, 1.0.0)")
        yield self.sign(payload, "--dependencies", "(0, 1.0.0)(0, 1.1.0)(0, 1.1.7)(0, 1.1.3)(0, 1.0.9)(0, 0.9.0)")
        yield self.sign(payload, "--security-counter", "3", "--custom-tlv", "0x00a0", "0x11223344")
        yield self.sign(payload, "--vid", "example.com", "--cid", "thing")
        yield self.sign(payload, "--load-addr", "0x20000000")
        yield self.sign(payload, "--rom-fixed", "0x10000")
        yield self.sign(payload, "--rom-fixed", hex(self.primary))
        yield self.sign(payload, key=None)
        yield self.sign(payload, header=0x400)
        yield self.sign(payload, "--encrypt", KEYS / "demo-encrypt-p256.pem")
        yield self.sign(payload + bytes(self.size - len(payload) - 0x1000), slot=2 * self.size)
        yield self.sign(bytes(64))
        yield self.sign(bytes(4))
        for vectors in ((0x20010001, 0x101), (0x10000000, 0x101), (0x30000000, 0x101), (0x20010000, 0x100), (0x20010000, 0x101),
                        (0x20010000, 0xF0000001)):
            yield self.sign(struct.pack("<II", *vectors) + payload[8:])
        for key in sorted(path.name for path in KEYS.glob("demo-[!e]*.pem")):
            yield self.sign(payload, key=key)
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
        for header, protected, size in ((0x200, 0xFFFF, self.size - 0x8000), (0x200, 0, self.size - 0x200), (0x200, 0, self.size - 0x202),
                                        (0x200, 0, self.size - 0x400), (0x200, 0x10, self.size - 0x208)):
            yield good[:8] + struct.pack("<HHI", header, protected, size) + good[16:]
        for flag in (0x200, 0x400):
            yield good[:16] + struct.pack("<I", flag) + good[20:]
        guarded = self.sign(payload, "--dependencies", "(0, 1.0.0)", "--vid", "example.com")
        kinds = (0x01, 0x02, 0x03, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x30, 0x33, 0x35, 0x40, 0x50,
                 0x60, 0x61, 0x70, 0x80, 0xA0, 0xFF)
        for at, value in ((0, 0x6907), (2, 0xFF), (2, 5), (2, 3), *((4, kind) for kind in kinds), (6, 3), (6, 0xFF), (8, 7), (20, 0x50),
                          (20, 0x75), (22, 0x11)):
            at += tlvs
            yield guarded[:at] + struct.pack("<H", value) + guarded[at + 2:]
        yield from self.claims(good[:tlvs], self.entries(good[tlvs:]))

    @staticmethod
    def entries(area: bytes) -> list[tuple[int, bytes]]:
        """What the TLVs claim that nothing protects."""
        entries, at = [], 4
        while at < struct.unpack_from("<H", area, 2)[0]:
            kind, size = struct.unpack_from("<HH", area, at)
            entries.append((kind, area[at + 4:at + 4 + size]))
            at += 4 + size
        return entries

    @staticmethod
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
            (0x25, b"\1"), (0x25, b"\0"), (0x25, b"\1\0"), (0x02, bytes(91)), (0x7777, b""), (0x30, bytes(8)), (0x31, bytes(9)),
            (0x32, bytes(113)), (0x33, bytes(8)), (0x60, b""), (0xA0, b"\1"), (0x11, bytes(48)))]
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

    # ---- lives ----

    def updates(self):
        """With the chip as it should be, and with each of its faults; cut, and then without the chip."""
        update = self.update.read_bytes()
        for permanent in (True, False):
            self.factory()
            self.place(update, permanent=permanent)
            self.run(starts=4)
        for fault in ("absent", "asleep", "busy", "locked", "stuck", "fails:2", "fails:5"):
            self.factory()
            self.place(update)
            self.run("--chip-fault", fault)
        for cut in CUTS:
            self.factory()
            self.place(update)
            self.run("--cut", f"{cut}:bits")
            self.run("--absent")
            self.run("--chip-fault", "fails:2")
            self.run()

    def worn_cells(self):
        """In the ledger, both slots and their trailers."""
        update = self.update.read_bytes()
        ledger, last = self.primary - 0x2000, self.primary + self.size - 0x1000

        def zero(start: int) -> int:
            """Where the update has a zero in its lowest bit: what is worn there is noticed."""
            return next(at for at in range(start, len(update)) if update[at] & 1 == 0)

        old = (self.build / "app_update.bin").read_bytes()
        both = range(0x200, min(len(old), len(update)))  # a signature is some bytes longer or shorter
        ones = [at for at in both if update[at] & 1 == 0 and old[at] & 1]  # what is worn there takes the old image back
        for cell in (f"internal:{ledger + 8:#x}", f"internal:{ledger + 0x1008:#x}", f"internal:{ledger + 0x340:#x}:1",
                     f"internal:{ledger + 0x1340:#x}:1", f"internal:{ledger + 0x1341:#x}",
                     *(f"internal:{ledger + at:#x}:1" for at in range(0, 0x500, 48)),
                     *(f"internal:{ledger + 0x1000 + at:#x}" for at in range(1, 0x500, 80)),
                     *(f"internal:{self.primary + zero(at):#x}:1" for at in (0x300, 0x3300, 0x6300)),
                     *(f"internal:{self.primary + ones[len(ones) * part // 4]:#x}:1" for part in range(4)),
                     f"internal:{last + 0xFE8:#x}", f"internal:{last + 0xFF0:#x}:1", f"internal:{last + 0xFF1:#x}:1",
                     *(f"external:{self.secondary + zero(at):#x}{kind}" for at in (0, 0x1010, 0x5010) for kind in ("", ":1")),
                     f"external:{self.secondary + self.size - 16:#x}"):
            self.factory()
            self.place(update)
            self.run("--worn", cell, starts=2)
        room = next(at for at in range(0x7000, len(old)) if old[at] & 1 == 0)  # what leaves does not fit there: the job is taken back
        for at in range(92, 130, 4):
            self.factory()
            self.place(update)
            self.run("--worn", f"external:{self.secondary + 0x2000 + room:#x}:1", "--stall", f"internal:{at}:1")

    def silences(self):
        """With a controller that does not say that it is done, once or from there on."""
        update = self.update.read_bytes()
        for at in range(20, 180):  # what a start asks of the external chip
            self.factory()
            self.place(update)
            self.run("--stall", f"external:{at}:1")
        for at in range(1, 20):  # as it goes back
            self.factory()
            self.place(update)
            self.run()
            self.run("--stall", f"internal:{at}:1")
        self.factory()
        self.place(update)
        self.stalls(self.state(), "external", (*range(800, 1400, 100), *range(1400, 1600, 5), *range(1600, 3000, 100)))
        for chip, last in (("external", 5000), ("internal", 9000)):
            at = 1.0
            while at < last:
                for count in (1, 100000):
                    self.factory()
                    self.place(update, permanent=count == 1)
                    self.run("--stall", f"{chip}:{int(at)}:{count}")
                at = max(at + 1, at * 1.15)
                self.survives()

    def refusals_that_fail(self):
        """An image that is refused, in a chip or by a controller that fails at it; a trailer that does not get clean."""
        self.factory()
        self.place(self.sign((self.build / "app.bin").read_bytes(), key=None))
        refused = self.state()
        for fault in ("stuck", "fails", "fails:2", "fails:3", "fails:4"):
            self.back_to(refused)
            self.run("--chip-fault", fault, starts=2)
        self.stalls(refused, "external", range(200, 420, 10))
        for cut in range(40, 60):  # what falls short reports success
            self.back_to(refused)
            self.run("--cut", f"{cut}:brownout")
            self.survives()
        self.factory()
        self.write("internal", self.primary + self.size - 16, bytes(16))
        self.run("--worn", f"internal:{self.primary + self.size - 16:#x}")

    def ends_that_fail(self):
        """The end of a job and of a trial: with a controller that stalls, without the chip, and with something else than was brought."""
        last, update = self.operations(), self.update.read_bytes()
        for before in (30, 26):  # all is copied
            self.factory()
            self.place(update)
            self.run("--cut", f"{last - before}:none")
            copied = self.state()
            self.stalls(copied, "internal", range(1, 24, 2))
            for gone in (False, True):
                self.back_to(copied)
                self.write("internal", self.primary + 0x400, bytes(4))
                if gone:
                    self.write("external", self.secondary, b"\xff" * self.size)
                changed = self.state()
                self.stalls(changed, "internal", range(9, 36, 2))
                self.stalls(changed, "external", (100, 111))
        self.back_to(copied)  # whole, but what is stated about it is not, and nothing to go back to
        self.write("external", self.secondary, b"\xff" * self.size)
        self.run("--worn", f"internal:{self.primary + self.size - 16:#x}:1")
        for before in (5, 3):  # and stated
            self.factory()
            self.place(update)
            self.run("--cut", f"{last - before}:none")
            self.run("--absent")
        self.factory()
        self.place(update)
        self.run("--cut", f"{last - 1}:none")
        self.place(self.sign((self.build / "app.bin").read_bytes(), version="3.0.0"))
        self.survives()
        self.factory()
        self.place(update)
        self.run("--cut", f"{last - 50}:none")
        self.stalls(self.state(), "external", range(90, 160, 3))
        self.factory()
        self.place(update)
        self.run()
        trial = self.state()
        self.stalls(trial, "external", range(100, 130, 2))
        self.back_to(trial)
        self.write("internal", self.primary + self.size - IMAGE_OK_FROM_END, b"\1")
        self.run("--stall", "internal:1:100000")
        self.back_to(trial)  # where the image lay that it replaced lies another one
        self.write("external", self.secondary, b"\xff" * self.size)
        self.write("external", self.secondary + 0x2000, self.sign((self.build / "app.bin").read_bytes(), version="1.0.5"))
        self.survives()

    def cuts_at_the_ledger(self):
        """Torn in ways that read differently at each look, before anything is moved and behind all of it."""
        update = self.update.read_bytes()
        for cut in (*range(1, 110), *range(self.operations() - 8, self.operations() + 1)):
            self.factory()
            self.place(update)
            self.run("--cut", f"{cut}:none")
            self.survives()
        for tear in ("metastable", "brownout", "prefix"):
            for cut in (*range(1, 60, 6), *range(self.operations() - 60, self.operations() + 1, 8)):
                self.factory()
                self.place(update)
                self.run("--cut", f"{cut}:{tear}")
                self.run("--cut", f"{2 + cut % 5}:{tear}")
                self.survives()

    def changes(self):
        """What was promised is not there any more, in the middle of a job or at its end."""
        update = self.update.read_bytes()
        moved = [("external", self.secondary + 0x400, bytes(4)), ("external", self.secondary, b"\xff" * self.size)]
        arrived = [("internal", self.primary + 0x400, bytes(4)), ("internal", self.primary + self.size - 0x1000, bytes(0x1000))]
        last = self.operations()
        for permanent in (True, False):
            first_touch = () if permanent else range(100, 125)
            for cuts, changes in (((*range(10, 120, 15), *first_touch), [moved[:1], moved[1:]]),
                                  (range(last - 30, last, 6), [moved, arrived, moved + arrived])):
                for cut in cuts:
                    for change in changes:
                        self.factory()
                        self.place(update, permanent=permanent)
                        self.run("--cut", f"{cut}:none")
                        for chip, at, data in change:
                            self.write(chip, at, data)
                        self.run(starts=2)
        self.factory()
        self.place(update)
        self.run()  # on trial; what it replaced is gone
        self.write(*moved[1])
        self.survives()

    def trials(self):
        """Confirmed, half confirmed, with a trailer that says nothing; the same image again; an image that is parked outside."""
        update = self.update.read_bytes()
        trailer = self.primary + self.size
        for at, data in ((24, b"\1"), (24, b"\x7f"), (16, bytes(16)), (32, b"\5"), (40, b"\2")):
            self.factory()
            self.place(update)
            self.run()
            self.write("internal", trailer - at, data)
            self.survives()
            self.write("external", self.secondary + self.size - len(MAGIC), MAGIC)
            self.survives()
        for again in (update, (self.build / "app_update.bin").read_bytes()):
            self.factory()
            self.place(again)
            self.run(starts=2)
            self.place(again, permanent=True)
            self.survives()
        self.factory()
        self.write("internal", trailer - 16, MAGIC)  # of nobody
        self.survives()

    def many_events(self):
        """More refusals than a bank of the ledger has room for, and an update behind them."""
        self.factory()
        for number in range(24):
            self.place(self.sign((self.build / "app.bin").read_bytes(), key=None, version=f"2.{number}.0"))
            self.run()
        self.place(self.update.read_bytes(), permanent=True)
        self.survives()

    def large_images(self):
        """The largest that fits, which leaves with one spare unit; one that does not fit; a factory's that cannot come back."""
        payload = (self.build / "app.bin").read_bytes()
        for room in (0x2400, 0x1800):
            self.factory()
            self.place(self.sign(payload + bytes(self.size - len(payload) - room)), permanent=True)
            self.run("--limit", "200")
            self.place(self.update.read_bytes())
            self.run("--limit", "200")
            self.survives("--limit", "200")
        self.factory()
        self.write("internal", self.primary, self.sign(payload + bytes(self.size - len(payload) - 0x800), slot=2 * self.size))
        self.write("internal", self.primary + self.size - 16, bytes(16))  # where a trailer would be
        self.run()
        self.place(self.update.read_bytes())
        self.survives()
        self.write("internal", self.primary + 0x400, bytes(4))
        self.write("external", self.secondary, b"\xff" * self.size)
        self.run()

    def one_sector_up(self):
        """Images where clients of swap-using-offset write them, alone and behind another one, small and large."""
        update, payload = self.update.read_bytes(), (self.build / "app.bin").read_bytes()
        large = self.sign(payload + bytes(self.size - len(payload) - 0x3000))
        for image in (update, large, (self.build / "app_update.bin").read_bytes()):
            for first in (b"\xff" * 0x1000, bytes(0x1000), image[:0x1000]):
                self.factory()
                self.place(image)
                self.write("external", self.secondary, first + image[:self.size - 0x2000])
                self.run("--limit", "200", starts=2)
                self.survives("--limit", "200")
        for high in (0x1800, 0x2000, 0x8000, 0x10000, 0x11000):
            self.factory()
            self.place(bytes(0x1000))
            self.write("external", self.secondary + high, update)
            self.run()

    def rescues(self):
        """A primary that does not verify, with and without something to start instead."""
        update = self.update.read_bytes()
        for request in (True, False):
            self.factory()
            self.place(update, request)
            self.write("internal", self.primary + 0x400, bytes(4))
            self.run(starts=2)
        for where in (0, 0x204):
            for installs in (0, 1, 2):  # nothing behind it; an image on trial; one that is for good
                self.factory()
                if installs:
                    self.place(update, permanent=installs == 2)
                    self.run()
                self.write("internal", self.primary + where, bytes(4))
                self.run()
                self.run("--absent")
        self.factory()
        self.write("internal", self.primary, b"\xff" * self.size)
        self.run()

    def requests(self):
        """Each image that is refused, asked for and as what runs; trailers that say something odd."""
        for image in self.images():
            self.factory()
            self.place(image)
            self.run()
        for image in list(self.images())[12:48]:
            self.factory()
            self.write("internal", self.primary, image[:self.size])
            self.write("internal", self.primary + self.size - 16, bytes(16))
            self.place(self.update.read_bytes())
            self.run()
        end = self.secondary + self.size
        for at, data in ((16, b"\x55" * 16), (24, b"\x7f"), (32, b"\1"), (40, b"\2"), (40, b"\3"), (40, b"\4"), (40, b"\x77")):
            self.factory()
            self.place(self.update.read_bytes())
            self.write("external", end - at, data)
            self.run()

    @staticmethod
    def sfdp(*tables: tuple[int, int, int, bytes]) -> bytes:
        """Of tables with their id, minor and major number."""
        heads, data, at = b"SFDP\6\1" + bytes([len(tables) - 1, 0xFF]), b"", 8 + 8 * len(tables)
        for number, minor, major, table in tables:
            heads += struct.pack("<BBBB", number & 0xFF, minor, major, len(table) // 4)
            heads += struct.pack("<I", at + len(data))[:3] + bytes([number >> 8])
            data += table
        return heads + data

    def tables(self):
        """A chip that says of itself what other chips do, and what no chip does."""
        text = (REPO / "vboard/chip/sfdp_tables.h").read_text()
        parts = dict(re.findall(r"const uint8_t (\w+)_sfdp\[\] = \{(.*?)\};", text, re.DOTALL))
        basic = re.search(r"define MX25R6435F_BFP(.*?)\n\n", text, re.DOTALL)[1]
        read = {name: bytes(int(number, 16) for number in re.findall(r"0x[0-9a-f]{2}", re.sub(r"/\*.*?\*/", "", body)))
                for name, body in parts.items() if name != "mx25r6435f"}
        own = bytes.fromhex("53464450060100ff00060110100000ff") + bytes(int(number, 16) for number in re.findall(r"0x[0-9a-f]{2}", basic))
        tables = [*read.values(), b"\xff", own[:20]]
        for dword in range(len(own) // 4):
            for value in (0, 0x00FF00FF, 0xFFFFFFFF):
                tables.append(own[:4 * dword] + struct.pack("<I", value) + own[4 * dword + 4:])
        for bits in (0x20000, 0x40000):  # three or four address bytes; four
            tables.append(own[:16] + struct.pack("<I", struct.unpack_from("<I", own, 16)[0] | bits) + own[20:])
        for density in (0x80000016, 0x8000001A, 0x80000020, 0x80000022, 0x80000045, 0x03FFFFFE):
            tables.append(own[:20] + struct.pack("<I", density) + own[24:])
        for erases in ERASES:
            tables.append(own[:44] + bytes(erases) + bytes(8 - len(erases)) + own[52:])
        bfp = (0xFF00, 6, 1, own[16:])
        for more in ((0xFF00, 5, 1, own[16:52]), (0xFF00, 6, 1, own[16:48]), (0xFF00, 8, 1, own[16:]), (0xFF00, 6, 2, own[16:]),
                     (0xFF84, 0, 1, bytes(8)), (0xFF84, 0, 1, b"\xff" * 4 + b"\x21" * 4),
                     *((0xFF81, 0, major, struct.pack(f"<{len(words)}I", *words)) for major in (1, 2) for words in MAPS)):
            tables.append(self.sfdp(bfp, more))
            tables.append(self.sfdp(more, (0xFF00, 6, 1, own[16:17] + b"\x22" + own[18:])))
        for opcode, clocks in ((0x6B, 4), (0xBB, 6), (0x03, 0), (0xEB, 6), (0x0B, 8)):  # of reads with two lanes
            tables.append(own[:28] + struct.pack("<HH", opcode << 8 | clocks, opcode << 8 | clocks) + own[32:])
        tables.append(self.sfdp(bfp)[:12] + b"\xfc\xff\xff\xff" + own[16:])  # a table that leaves the chip
        file = self.folder / "sfdp.bin"
        for table in tables:
            file.write_bytes(table)
            self.factory()
            self.place(self.update.read_bytes(), request=False)
            self.run("--sfdp", file)
        file.write_bytes(own[:16] + struct.pack("<I", struct.unpack_from("<I", own, 16)[0] | 0x40000) + own[20:])
        self.factory()  # four address bytes, and blank where it is looked whether that is so
        self.write("external", self.secondary, b"\xff" * 0x1000 + self.update.read_bytes())
        self.run("--sfdp", file)
        for erases in ERASES:
            file.write_bytes(own[:44] + bytes(erases) + bytes(8 - len(erases)) + own[52:])
            self.factory()
            self.place(self.update.read_bytes())
            self.run("--sfdp", file)
        file.write_bytes(own[:44] + bytes((0x14, 0xD8)) + bytes(6) + own[52:])  # larger than a slot, in the middle of a job and on trial
        for cut in (100, 1500, None):
            self.factory()
            self.place(self.update.read_bytes())
            self.run(*(("--cut", f"{cut}:none") if cut else ()))
            self.run("--sfdp", file, "--limit", "100")

    def faults(self):
        """An undefined instruction in the bootloader; a watchdog that already runs; somebody pulls the reset pin."""
        self.factory()
        self.survives("--pin-reset")
        names = ["arm-none-eabi-nm", self.build / "mcuboot/mcuboot.elf"]
        symbols = subprocess.run(names, capture_output=True, text=True, check=True).stdout
        for name in ("ob_image_parse", "ob_ledger_read", "ob_area_read"):
            if match := re.search(rf"^(\w+) [tT] {name}$", symbols, re.MULTILINE):
                self.factory()
                self.write("internal", int(match[1], 16), UDF)
                self.run("--faults", "--limit", "2")
        for base in ("0x50018000", "0x50019000") if self.nrf53 else ("0x40010000",):
            source, elf, raw = (self.folder / f"watchdog.{kind}" for kind in ("s", "elf", "bin"))
            source.write_text(WATCHDOG.replace("WDT", base))
            app = self.primary + self.numbers["MCUBOOT_PAD_SIZE"]
            options = ["-mcpu=cortex-m4", "-nostdlib", f"-Wl,-Ttext={app:#x},-e,0"]
            subprocess.run(["arm-none-eabi-gcc", *options, source, "-o", elf], check=True)
            subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, raw], check=True)
            self.factory()
            self.write("internal", self.primary, self.sign(raw.read_bytes()))
            self.run("--limit", "3")

    def by_chance(self):
        """In each start something goes wrong, by chance, and between two of them somebody changes something."""
        for seed in SEEDS:
            self.chance(random.Random(seed))

    def chance(self, dice: random.Random):
        ledger, last = self.primary - 0x2000, self.primary + self.size - 0x1000
        end = self.secondary + self.size
        update, old = self.update.read_bytes(), (self.build / "app_update.bin").read_bytes()

        def operation(most: int) -> int:
            """An early one, or any."""
            return int(most ** dice.random()) if dice.random() < 0.6 else dice.randrange(1, most)

        def cell() -> str:
            half = ledger + dice.choice((0, 0x1000))
            return dice.choice((
                lambda: f"internal:{half + dice.randrange(0x500):#x}",
                lambda: f"internal:{half + dice.randrange(0xff0, 0x1000) - dice.choice((0, 0x100, 0x200)):#x}",
                lambda: f"internal:{last + dice.randrange(0xF80, 0x1000):#x}",
                lambda: f"internal:{self.primary + dice.randrange(len(update)):#x}",
                lambda: f"external:{self.secondary + dice.randrange(len(update) + 0x2000):#x}",
                lambda: f"external:{end - dice.randrange(1, 0x40):#x}"))() + dice.choice(("", ":1"))

        def trouble() -> list[str]:
            return dice.choice((
                lambda: [], lambda: [],
                lambda: ["--cut", f"{operation(2800)}:{dice.choice(TEARS)}"],
                lambda: ["--cut", f"{operation(2800)}:{dice.choice(TEARS)}"],
                lambda: ["--cut", f"{operation(60)}:{dice.choice(TEARS)}"],
                lambda: ["--stall", f"internal:{operation(9000)}:{dice.choice((1, 1, 2, 3, 100000))}"],
                lambda: ["--stall", f"external:{operation(6000)}:{dice.choice((1, 1, 2, 3, 100000))}"],
                lambda: ["--absent"],
                lambda: ["--chip-fault", dice.choice(("asleep", "busy", "locked", "stuck", f"fails:{operation(400)}"))]))()

        def change():
            dice.choice((
                lambda: self.write("external", self.secondary + dice.randrange(len(update)), bytes(4)),
                lambda: self.write("internal", self.primary + dice.randrange(len(update)), bytes(4)),
                lambda: self.write("internal", ledger + dice.choice((0, 0x1000)) + dice.randrange(0x500), bytes(dice.choice((1, 4, 64)))),
                lambda: self.write("internal", ledger + dice.choice((0, 0x1000)), b"\xff" * 0x1000),
                lambda: self.place(dice.choice((update, old)), permanent=dice.random() < 0.5),
                lambda: self.write("external", self.secondary, b"\xff" * dice.choice((0x1000, self.size))),
                lambda: self.write("external", end - dice.choice((16, 24, 32, 40)), dice.choice((b"\1", b"\2", b"\x7f", bytes(16)))),
                lambda: self.write("internal", last + 0x1000 - dice.choice((16, 24, 32, 40)),
                                   dice.choice((b"\1", b"\2", b"\x7f", MAGIC))),
                lambda: self.write("internal", last, b"\xff" * 0x1000)))()

        self.factory()
        self.place(update, request=dice.random() < 0.9, permanent=dice.random() < 0.5)
        cells = [cell() for _ in range(dice.choice((0, 0, 0, 1, 2, 6)))]
        worn = ["--worn", cells[-1]] if cells else []  # one cell wears
        for _ in range(dice.choice((2, 3, 4))):
            self.run(*trouble(), *worn)
            if dice.random() < 0.3:
                change()
        self.run(*worn)

    def all(self):
        for life in (self.updates, self.rescues, self.requests, self.trials, self.changes, self.worn_cells, self.cuts_at_the_ledger,
                     self.refusals_that_fail, self.ends_that_fail, self.silences, self.many_events, self.large_images, self.faults,
                     self.tables, self.one_sector_up, self.by_chance):
            before = self.count
            life()
            print(f"  {life.__doc__.strip().splitlines()[0]} {self.count - before} starts", flush=True)
