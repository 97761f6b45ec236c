# SPDX-License-Identifier: Apache-2.0
"""Images made by the unmodified public imgtool: the device takes what it signs, and nothing that was changed since."""

import itertools
import json
import random
import struct
import subprocess
import uuid
from pathlib import Path

import pytest
from intelhex import IntelHex

SLOT = 0x8000
SHA256, KEYHASH, ECDSA = 0x10, 0x01, 0x22


class Bench:
    """Signs with imgtool and asks `outboard image`."""

    def __init__(self, outboard: Path, imgtool: Path, folder: Path):
        self.outboard, self.imgtool, self.folder = outboard, imgtool, folder
        self.key = self.new_key("key.pem")
        self.stranger = self.new_key("stranger.pem")
        self.count = 0

    def new_key(self, name: str, kind: str = "ecdsa-p256") -> Path:
        path = self.folder / name
        self.run_imgtool("keygen", "-k", path, "-t", kind)
        return path

    def run_imgtool(self, *args, check=True):
        return subprocess.run([self.imgtool, *map(str, args)], check=check, capture_output=True, text=True)

    def new_path(self, suffix=".bin") -> Path:
        self.count += 1
        return self.folder / f"{self.count}{suffix}"

    def payload(self, size: int) -> Path:
        path = self.new_path()
        path.write_bytes(random.Random(size).randbytes(size))
        return path

    def sign(self, *options, size=1000, key=None, header=0x200) -> Path:
        out = self.new_path()
        key_options = [] if key is False else ["-k", key or self.key]
        self.run_imgtool("sign", *key_options, "--align", 8, "-v", "1.2.3+4", "-H", header, "--pad-header",
                         "-S", SLOT, *options, self.payload(size), out)
        return out

    def image(self, *args):
        return subprocess.run([self.outboard, "image", *map(str, args)], capture_output=True, text=True)

    def verify(self, image, *options, key=None) -> tuple[int, str]:
        """The exit status, and the reason of a refusal."""
        if isinstance(image, (bytes, bytearray)):
            path = self.folder / "changed.bin"
            path.write_bytes(image)
            image = path
        done = self.image("verify", image, "--key", key or self.key, "--json", *options)
        return done.returncode, json.loads(done.stdout).get("reason", done.stderr)

    def accepts(self, image, *options, key=None) -> bool:
        status, reason = self.verify(image, *options, key=key)
        assert status in (0, 1), reason
        return status == 0

    def info(self, image: Path) -> dict:
        done = self.image("info", image, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def imgtool_accepts(self, image: Path, key=None) -> bool:
        return self.run_imgtool("verify", "-k", key or self.key, image, check=False).returncode == 0


@pytest.fixture(scope="module")
def bench(outboard, imgtool, tmp_path_factory) -> Bench:
    return Bench(outboard, imgtool, tmp_path_factory.mktemp("interop"))


def tlv_area(image: bytes) -> int:
    """Offset of the unprotected TLV area."""
    header_size, protected_size, payload_size = struct.unpack_from("<HHI", image, 8)
    return header_size + payload_size + protected_size


def entries(image: bytes):
    """Offset, type and length of each unprotected TLV."""
    area = tlv_area(image)
    off, end = area + 4, area + struct.unpack_from("<H", image, area + 2)[0]
    while off < end:
        kind, length = struct.unpack_from("<HH", image, off)
        yield off, kind, length
        off += 4 + length


# What is signed is accepted.


@pytest.mark.parametrize("header", [0x20, 0x21, 0x80, 0x200, 0x400])
def test_every_header_size_is_accepted(bench, header):
    image = bench.sign(header=header)
    assert bench.accepts(image, "--slot-size", SLOT)
    assert bench.imgtool_accepts(image)


@pytest.mark.parametrize("size", [1, 2, 31, 32, 33, 55, 56, 63, 64, 65, 255, 256, 257, 511, 512, 4095, 4096, 20000])
def test_every_payload_size_is_accepted(bench, size):
    image = bench.sign(size=size)
    assert bench.accepts(image, "--slot-size", SLOT)
    assert bench.imgtool_accepts(image)


OPTIONS = {
    "plain": [],
    "padded signature": ["--pad-sig"],
    "security counter": ["--security-counter", "7"],
    "automatic counter": ["--security-counter", "auto"],
    "dependency": ["-d", "(1, 1.2.3+0)"],
    "two dependencies": ["-d", "(1, 1.2.3+0) (2, 4.5.6+7)"],
    "custom TLVs": ["--custom-tlv", "0x00a0", "0x1234", "--custom-tlv", "0xfffe", "text"],
    "boot record": ["--boot-record", "APP"],
    "vendor and class": ["--vid", "example.com", "--cid", "thermostat"],
    "pad": ["--pad"],
    "confirm": ["--confirm"],
    "test": ["--test"],
    "pad, alignment 16": ["--pad", "--align", "16"],
    "confirm, alignment 32": ["--confirm", "--align", "32"],
    "fixed address": ["-F", "0x80010000"],
    "everything": ["--pad-sig", "-s", "9", "-d", "(1, 1.2.3+0)", "--custom-tlv", "0x00a1", "0xff", "--confirm"],
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_every_way_to_sign_is_accepted(bench, options):
    image = bench.sign(*options)
    assert bench.accepts(image, "--slot-size", SLOT)
    assert bench.imgtool_accepts(image)


def test_every_length_of_a_signature_is_accepted(bench):
    """DER drops leading zeros: ECDSA signatures have 70 to 72 bytes, sometimes fewer."""
    seen = set()
    for size in range(100, 140):
        image = bench.sign(size=size, header=0x20)
        seen |= {length for _, kind, length in entries(image.read_bytes()) if kind == ECDSA}
        assert bench.accepts(image)
        if {70, 71, 72} <= seen:
            break
    assert {70, 71, 72} <= seen


@pytest.mark.parametrize("version", ["0.0.0", "1.2.3+4", "255.255.65535+4294967295", "1.0"])
def test_version_is_the_one_signed(bench, version):
    image = bench.sign("-v", version)
    core, _, build = version.partition("+")
    major, minor, revision = [int(n) for n in (core + ".0").split(".")[:3]]
    assert bench.info(image)["version"] == f"{major}.{minor}.{revision}+{int(build or 0)}"
    assert bench.accepts(image)


def test_vendor_and_class_are_told_as_imgtool_makes_them(bench):
    vendor = uuid.uuid5(uuid.NAMESPACE_DNS, "acme.example")
    image = bench.sign("--vid", "acme.example", "--cid", "door lock")
    assert bench.accepts(image)
    text = bench.image("info", image).stdout
    assert f"({vendor})" in text and f"({uuid.uuid5(vendor, 'door lock')})" in text
    assert f"({vendor})" in bench.image("info", bench.sign("--vid", str(vendor))).stdout


def test_public_key_file_is_enough(bench):
    public = bench.folder / "public.pem"
    bench.run_imgtool("getpub", "-k", bench.key, "-e", "pem", "-o", public)
    assert bench.accepts(bench.sign(), key=public)


def test_key_hash_in_generated_c_is_imgtools(bench):
    out = bench.new_path(".c")
    assert bench.image("key", "--pem", bench.key, "--c", out).returncode == 0
    bare = lambda text: "".join(c for c in text if c in "0123456789abcdefx")
    expected = bench.run_imgtool("getpubhash", "-k", bench.key, "-e", "raw", "-o", bench.folder / "hash.raw")
    assert expected.returncode == 0
    digest = (bench.folder / "hash.raw").read_bytes()
    assert "".join(f"0x{byte:02x}" for byte in digest) in bare(out.read_text())


# Trailers.


@pytest.mark.parametrize("align", [8, 16, 32])
@pytest.mark.parametrize("option, image_ok", [("--pad", "unset"), ("--test", "unset"), ("--confirm", "set")])
def test_trailer_is_recognised(bench, align, option, image_ok):
    info = bench.info(bench.sign(option, "--align", align, "--max-align", align))
    assert info["trailer"] == {"align": align, "image_ok": image_ok, "copy_done": "unset"}


def test_no_trailer_is_said(bench):
    assert bench.info(bench.sign())["trailer"] is None


# What was changed is refused.


@pytest.fixture(scope="module")
def small(bench) -> bytes:
    """All parts in few bytes."""
    return bench.sign("-s", "7", size=40, header=0x20).read_bytes()


def flip(image: bytes, bit: int) -> bytes:
    changed = bytearray(image)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_one_flipped_bit_in_any_byte_is_refused(bench, small):
    assert bench.accepts(small)
    for byte in range(len(small)):
        assert not bench.accepts(flip(small, 8 * byte + byte % 8)), f"byte {byte}"


def test_every_truncation_is_refused_short_or_erased(bench, small):
    area = tlv_area(small)
    cuts = {0, 1, 4, 31, 32, 33, 71, 72, 73, area - 1, area, area + 1, area + 3, area + 4, len(small) - 1}
    cuts |= {off + add for off, _, _ in entries(small) for add in (0, 1, 4, 5)}
    for cut in sorted(cuts):
        assert not bench.accepts(small[:cut]), f"{cut} bytes"
        assert not bench.accepts(small[:cut], "--slot-size", SLOT), f"{cut} bytes, then erased"


def test_wrong_key_is_refused(bench, small):
    status, reason = bench.verify(small, key=bench.stranger)
    assert (status, reason) == (1, bench.verify(bench.sign(key=False))[1])  # like an unsigned one: no known key


def test_several_keys_serve(bench, small):
    done = bench.image("verify", bench.sign(), "--key", bench.stranger, "--key", bench.key)
    assert done.returncode == 0, done.stderr


def test_signature_of_another_image_is_refused(bench, small):
    other = bench.sign("-s", "8", size=40, header=0x20, key=bench.key).read_bytes()
    off = next(off for off, kind, _ in entries(small) if kind == ECDSA)
    other_off = next(off for off, kind, _ in entries(other) if kind == ECDSA)
    mixed = bytearray(small[:off] + other[other_off:])
    area = tlv_area(small)
    struct.pack_into("<H", mixed, area + 2, len(mixed) - area)
    assert not bench.accepts(mixed)


def test_image_longer_than_the_slot_is_refused(bench):
    image = bench.sign(size=3000)
    size = image.stat().st_size
    assert bench.accepts(image, "--slot-size", size)
    assert not bench.accepts(image, "--slot-size", size - 1)
    padded = bench.sign("--pad")
    assert bench.accepts(padded, "--slot-size", SLOT)
    assert not bench.accepts(padded, "--slot-size", SLOT - 1)


def test_lengths_that_lie_are_refused(bench, small):
    area = tlv_area(small)
    fields = [(8, "<H"), (10, "<H"), (12, "<I"), (area + 2, "<H"), (74, "<H")]  # 74: the protected area's total
    fields += [(off + 2, "<H") for off, _, _ in entries(small)]
    for (off, form), delta in itertools.product(fields, (-33, -4, -1, 1, 4, 33, 0x7fff)):
        value, limit = struct.unpack_from(form, small, off)[0], 256 ** struct.calcsize(form)
        changed = bytearray(small)
        struct.pack_into(form, changed, off, (value + delta) % limit)
        assert not bench.accepts(changed, "--slot-size", SLOT), f"{delta:+} at {off}"
    for off, form in fields:
        for value in (0, 256 ** struct.calcsize(form) - 1):
            changed = bytearray(small)
            struct.pack_into(form, changed, off, value)
            assert not bench.accepts(changed, "--slot-size", SLOT), f"{value} at {off}"


def append_tlv(image: bytes, kind: int, data: bytes) -> bytes:
    area = tlv_area(image)
    changed = bytearray(image + struct.pack("<HH", kind, len(data)) + data)
    struct.pack_into("<H", changed, area + 2, len(changed) - area)
    return bytes(changed)


def test_unprotected_tlvs_outside_the_allow_list_are_refused(bench, small):
    assert not bench.accepts(append_tlv(small, 0x50, b"\x09\0\0\0"))  # a counter that nobody signed
    assert not bench.accepts(append_tlv(small, 0xa0, b"data"))
    assert not bench.accepts(append_tlv(small, 0x25, b"\x01"))
    assert bench.accepts(append_tlv(small, 0x02, b"data"))


def test_encrypted_compressed_and_non_bootable_are_refused_and_described(bench):
    encryption_key = bench.new_key("encryption.pem")
    bench.run_imgtool("getpub", "-k", encryption_key, "-e", "pem", "-o", bench.folder / "encryption.pub")
    for options, flag in ((["-E", bench.folder / "encryption.pub"], "ENCRYPTED_AES128"),
                          (["--non-bootable"], "NON_BOOTABLE"), (["-L", "0x20000000"], "RAM_LOAD")):
        image = bench.sign(*options)
        assert not bench.accepts(image)
        assert flag in bench.info(image)["flag_names"]


# Files that are no images.


def test_unreadable_files_and_wrong_usage_exit_2(bench, small):
    assert bench.image("verify", bench.folder / "nothing.bin", "--key", bench.key).returncode == 2
    assert bench.image("info", bench.folder).returncode == 2
    assert bench.image("verify", bench.sign()).returncode == 2  # no key


@pytest.fixture
def hexfile(bench):
    """What imgtool writes for a programmer: a whole slot, with a trailer at its end."""
    path = bench.new_path(".hex")
    bench.run_imgtool("sign", "-k", bench.key, "--align", 8, "-v", "1.0.0", "-H", 0x200, "--pad-header", "-S", SLOT,
                      "--confirm", "-x", 0x1000, bench.payload(500), path)
    return path


def test_intel_hex_is_read_as_the_same_image(bench, hexfile):
    assert bench.accepts(hexfile)
    raw = bench.new_path()
    IntelHex(str(hexfile)).tobinfile(str(raw))
    of_hex, of_raw = bench.info(hexfile), bench.info(raw)
    assert of_hex == of_raw and of_raw["trailer"]["image_ok"] == "set"


def test_hex_that_holds_no_image_is_refused_with_its_line(bench, hexfile):
    lines = hexfile.read_text().splitlines()
    hexfile.write_text("\n".join(lines[:-1]))
    done = bench.image("info", hexfile)
    assert done.returncode == 2 and "cut short" in done.stderr
    lines[3] = lines[3].replace(lines[3][9:11], "00" if lines[3][9:11] != "00" else "01", 1)
    hexfile.write_text("\n".join(lines))
    done = bench.image("info", hexfile)
    assert done.returncode == 2 and f"{hexfile}:4:1: error: " in done.stderr and "checksum" in done.stderr


def test_hex_with_a_bootloader_or_uicr_is_no_image(bench, hexfile):
    content = IntelHex(str(hexfile))
    merged = bench.new_path(".hex")
    IntelHex({**content.todict(), **dict.fromkeys(range(0x100), 0)}).write_hex_file(str(merged))
    assert "something else lies at its lowest address" in bench.image("info", merged).stderr
    content.puts(0x10001208, b"\xff" * 4)
    content.write_hex_file(str(hexfile))
    done = bench.image("verify", hexfile, "--key", bench.key)
    assert done.returncode == 2 and "leave UICR" in done.stderr


def test_key_command_writes_nothing_for_a_key_of_another_kind(bench):
    out = bench.folder / "no.c"
    done = bench.image("key", "--pem", bench.new_key("p384.pem", "ecdsa-p384"), "--type", "ecdsa-p256", "--c", out)
    assert done.returncode == 2 and not out.exists()
    text = bench.folder / "text.pem"
    text.write_text("no key")
    assert bench.image("key", "--pem", text, "--c", out).returncode == 2


def test_demo_key_is_called_by_its_name(bench, repo):
    out = bench.folder / "demo.c"
    done = bench.image("key", "--pem", repo / "keys/demo-p256.pem", "--c", out)
    assert done.returncode == 0
    assert "is outboard's public demo key: anybody can sign for this device" in done.stderr
    assert "ob_keys_demo = true" in out.read_text()
    done = bench.image("key", "--pem", bench.key, "--c", out)
    assert done.returncode == 0 and done.stderr == ""
    assert "ob_keys_demo = false" in out.read_text()


# Images that belong elsewhere.

LAYOUT = """
mcuboot: {address: 0x0, end_address: 0x10000, region: flash_primary, size: 0x10000}
mcuboot_pad: {address: 0x10000, end_address: 0x10200, region: flash_primary, size: 0x200}
mcuboot_primary: {address: 0x10000, end_address: 0x18000, region: flash_primary, size: 0x8000}
app: {address: 0x10200, end_address: 0x18000, region: flash_primary, size: 0x7e00}
sram_primary: {address: 0x20000000, end_address: 0x20008000, region: sram_primary, size: 0x8000}
"""

ELSEWHERE = {
    "linked for this place": (0x20008000, 0x10401, 0x200, [], None),
    "the slot's address stated": (0x20008000, 0x10401, 0x200, ["-F", "0x10000"], None),
    "vector table elsewhere": (0x20008000, 0x10401, 0x400, [], "its header is longer or shorter than the layout's"),
    "stack outside RAM": (0x20008008, 0x10401, 0x200, [], "its stack pointer is outside RAM"),
    "linked for another address": (0x20008000, 0xc401, 0x200, [], "its reset vector is outside the image"),
    "no Thumb address": (0x20008000, 0x10400, 0x200, [], "its reset vector is outside the image"),
    "another address stated": (0x20008000, 0x10401, 0x200, ["-F", "0xc000"], "made for another address"),
}


@pytest.mark.parametrize("stack, entry, header, options, reason", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_image_that_does_not_belong_to_the_layout_is_refused(bench, stack, entry, header, options, reason):
    layout = bench.folder / "partitions.yml"
    layout.write_text(LAYOUT)
    payload, image = bench.payload(1000), bench.new_path()
    payload.write_bytes(struct.pack("<II", stack, entry) + payload.read_bytes()[8:])
    bench.run_imgtool("sign", "-k", bench.key, "--align", 8, "-v", "1.2.3+4", "-H", header, "--pad-header", "-S", SLOT,
                      *options, payload, image)
    assert bench.verify(image) == (0, "no error")
    assert bench.verify(image, "--partitions", layout) == ((0, "no error") if reason is None else (1, reason))


def test_layout_without_a_bootloader_is_refused(bench):
    layout = bench.folder / "partitions.yml"
    layout.write_text("app: {address: 0x0, region: flash_primary, size: 0x8000}\n")
    status, message = bench.verify(bench.sign(), "--partitions", layout)
    assert status == 2 and "mcuboot_primary" in message


# Every reason says what the image is and what the device takes.

KINDS = {
    "RSA-2048": ("rsa-2048", [], "RSA-2048 with SHA-256"),
    "RSA-3072": ("rsa-3072", [], "RSA-3072 with SHA-256"),
    "P-384": ("ecdsa-p384", [], "ECDSA P-384 with SHA-384"),
    "Ed25519": ("ed25519", [], "Ed25519 with SHA-256"),
    "Ed25519, SHA-512": ("ed25519", ["--sha", "512"], "Ed25519 with SHA-512"),
    "Ed25519, pure": ("ed25519", ["--pure"], "pure Ed25519"),
    "full key": ("ecdsa-p256", ["--public-key-format", "full"], "an image with a full public key"),
    "unsigned": (None, [], "an unsigned image"),
    "encrypted": ("ecdsa-p256", ["-E", "ecdsa-p256"], "an encrypted image"),
    "compressed": ("ecdsa-p256", ["--compression", "lzma2"], "a compressed image"),
    "not bootable": ("ecdsa-p256", ["--non-bootable"], "an image that is not bootable"),
    "for RAM": ("ecdsa-p256", ["-L", "0x20000000"], "an image to be loaded into RAM"),
    "big endian": ("ecdsa-p256", ["-e", "big"], "a big-endian image"),
}


@pytest.mark.parametrize("kind, options, text", KINDS.values(), ids=KINDS.keys())
def test_image_of_another_kind_is_refused_with_version_and_both_kinds(bench, kind, options, text):
    key = False if kind is None else bench.new_key(f"kind-{kind}.pem", kind)
    if "-E" in options:
        bench.run_imgtool("getpub", "-k", bench.new_key("enc.pem", options[1]), "-e", "pem", "-o", bench.folder / "enc.pub")
        options = ["-E", bench.folder / "enc.pub"]
    image = bench.sign(*options, key=key, size=1000)
    if "--compression" in options:  # noise does not shrink, and imgtool leaves it as it is
        zeros = bench.new_path()
        zeros.write_bytes(bytes(4000))
        bench.run_imgtool("sign", "-k", key, "--align", 8, "-v", "1.2.3+4", "-H", 0x200, "--pad-header", "-S", SLOT,
                          *options, zeros, image)
    done = bench.image("verify", image, "--key", bench.key)
    assert done.returncode == 1
    assert "version 1.2.3+4: " in done.stderr
    assert f"it is {text}, this device takes ECDSA P-256 with SHA-256" in done.stderr


@pytest.mark.parametrize("command", ["info", "verify"])
@pytest.mark.parametrize("kind, what", [
    ("payload", "it has no signature yet, as 'imgtool sign --vector-to-sign payload' writes it; have it signed"),
    ("digest", "it has the size of a digest; if 'imgtool sign --vector-to-sign digest' wrote it, have it signed"),
    ("big", "big-endian"), ("ELF", "it is an ELF file"), ("archive", "it is text or an archive"), ("key", "it is text or an archive"),
    ("empty", "the file is empty"),
])
def test_what_is_no_image_is_called_by_its_name(bench, repo, command, kind, what):
    """What else lies in a build folder, or imgtool writes, and is given by mistake."""
    file = bench.new_path()
    raw = {"ELF": b"\x7fELF\1\1\1" + bytes(100), "archive": b"PK\3\4" + bytes(100), "key": bench.key.read_bytes(), "empty": b""}
    if kind in raw:
        file.write_bytes(raw[kind])
    elif kind == "big":
        file = bench.sign("--endian", "big")
    else:
        file = bench.sign("--vector-to-sign", kind, "--custom-tlv", "0xa0", "x")
    done = bench.image(command, file, *(["--key", bench.key] if command == "verify" else []))
    assert done.returncode == 1 and what in done.stderr and done.stderr.count("error: ") == 1


@pytest.mark.parametrize("kind", ["ecdsa-p384", "ed25519"])
def test_digests_of_each_length_are_compared(bench, kind):
    key = bench.new_key(f"digest-{kind}.pem", kind)
    image = bench.sign(*(["--sha", "512"] if kind == "ed25519" else []), key=key)
    assert "(matches the content)" in bench.image("info", image).stdout
    changed = bytearray(image.read_bytes())
    changed[0x200] ^= 1
    image.write_bytes(changed)
    assert "(DOES NOT MATCH the content)" in bench.image("info", image).stdout


def test_an_image_with_a_full_key_is_told_how_to_sign(bench):
    image = bench.sign("--public-key-format", "full")
    assert "sign it with --public-key-format hash" in bench.image("verify", image, "--key", bench.key).stderr
