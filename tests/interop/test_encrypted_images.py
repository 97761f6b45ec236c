# SPDX-License-Identifier: Apache-2.0
"""
Encrypted images of every kind that the unmodified imgtool makes: a device with the private key takes them, decrypted they are
what was signed, and any changed byte of what is encrypted is noticed. imgtool makes none with AES-KW: there the TLV is
replaced by one that Python's `cryptography` wrapped.
"""

import random
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

SLOT, HEADER = 0x8000, 0x200
KINDS = {  # signature, encryption key, options
    "P-256": ("ecdsa-p256", "ecdsa-p256", []),
    "P-256, AES-256": ("ecdsa-p256", "ecdsa-p256", ["--encrypt-keylen", "256"]),
    "Ed25519, X25519": ("ed25519", "x25519", []),
    "Ed25519, X25519, AES-256": ("ed25519", "x25519", ["--encrypt-keylen", "256"]),
    "Ed25519, X25519, SHA-512": ("ed25519", "x25519", ["--hmac-sha", "512", "--sha", "512"]),
    "Ed25519, X25519, SHA-512, AES-256": ("ed25519", "x25519", ["--hmac-sha", "512", "--encrypt-keylen", "256"]),
    "Ed25519 pure, X25519": ("ed25519", "x25519", ["--pure"]),
    "Ed25519, P-256": ("ed25519", "ecdsa-p256", []),
    "RSA-2048": ("rsa-2048", "rsa-2048", []),
    "RSA-3072, RSA-2048, AES-256": ("rsa-3072", "rsa-2048", ["--encrypt-keylen", "256"]),
}


class Bench:
    def __init__(self, outboard: Path, imgtool: Path, folder: Path):
        self.outboard, self.imgtool, self.folder = outboard, imgtool, folder
        self.keys = {}

    def key(self, name: str, kind: str) -> Path:
        path = self.folder / f"{name}-{kind}.pem"
        if path not in self.keys:
            subprocess.run([self.imgtool, "keygen", "-k", path, "-t", kind], check=True)
            self.keys[path] = True
        return path

    def public(self, key: Path) -> Path:
        path = key.with_suffix(".pub")
        subprocess.run([self.imgtool, "getpub", "-k", key, "-e", "pem", "-o", path], check=True)
        return path

    def sign(self, kind, *more, size=1001, payload=None) -> tuple[Path, list, Path]:
        """The image, how `outboard image verify` is to be asked about it, and its encryption key."""
        signature, encryption, options = kind
        key, private = self.key("sign", signature), self.key("encrypt", encryption)
        out = self.folder / "image.bin"
        if payload is None:
            payload = self.folder / "payload"
            payload.write_bytes(random.Random(size).randbytes(size))
        subprocess.run([self.imgtool, "sign", "-k", key, "--align", "8", "-v", "1.2.3+4", "-H", hex(HEADER), "--pad-header", "-S",
                        hex(SLOT), "-E", self.public(private), *options, *more, payload, out], check=True, capture_output=True)
        return out, ["--key", key], private

    def image(self, *args) -> subprocess.CompletedProcess:
        return subprocess.run([self.outboard, "image", *map(str, args)], capture_output=True, text=True)

    def accepts(self, image, options, private) -> bool:
        done = self.image("verify", image, *options, "--enc-key", private)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0


@pytest.fixture(scope="module")
def bench(outboard, imgtool, tmp_path_factory) -> Bench:
    return Bench(outboard, imgtool, tmp_path_factory.mktemp("encryption"))


def content(image: bytes) -> slice:
    header, _, payload = struct.unpack_from("<HHI", image, 8)
    return slice(header, header + payload)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_what_imgtool_encrypts_is_taken_and_decrypted(bench, kind):
    image, options, private = bench.sign(kind)
    assert bench.accepts(image, options, private)
    plain = bench.folder / "plain.bin"
    assert bench.image("decrypt", image, "--enc-key", private, "--output", plain).returncode == 0
    decrypted, stored = plain.read_bytes(), image.read_bytes()
    assert decrypted[content(decrypted)][:1001] == (bench.folder / "payload").read_bytes()
    assert stored[content(stored)] != decrypted[content(decrypted)]
    assert "DOES NOT MATCH" not in bench.image("info", image, "--enc-key", private).stdout

    done = bench.image("verify", image, *options)
    assert done.returncode == 1 and "it is an encrypted image" in done.stderr and "--enc-key" in done.stderr
    done = bench.image("verify", image, *options, "--enc-key", bench.key("stranger", kind[1]))
    assert done.returncode == 1 and "its content key is not encrypted for this device" in done.stderr


@pytest.mark.parametrize("kind", [KINDS["P-256"], KINDS["Ed25519, X25519, SHA-512"], KINDS["RSA-2048"]], ids=["EC256", "X25519", "RSA"])
def test_each_changed_byte_of_the_wrapped_key_and_of_the_payload_is_noticed(bench, kind):
    image, options, private = bench.sign(kind, size=40)
    whole = image.read_bytes()
    tlv = max(whole.rfind(struct.pack("<HH", *head)) for head in ((0x32, 113), (0x34, 112), (0x30, 256)))
    changed = bench.folder / "changed.bin"
    for at in [*range(content(whole).start, content(whole).stop, 5), *range(tlv, len(whole), 7)]:
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
        assert not bench.accepts(changed, options, private), at


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_clear_image_is_what_runs(bench, kind):
    """imgtool --clear: for programming. As an update its payload would be taken for encrypted."""
    image, options, private = bench.sign(kind, "--clear", size=1008)
    done = bench.image("verify", image, *options, "--enc-key", private)
    assert done.returncode == 1 and "it is for a programmer and the primary slot only; sign updates without --clear" in done.stderr
    done = bench.image("decrypt", image, "--enc-key", private, "--output", bench.folder / "clear.bin")
    assert done.returncode == 1 and "is not encrypted; use it as it is" in done.stderr and not (bench.folder / "clear.bin").exists()
    info = bench.image("info", image).stdout
    assert "matches the content" in info and "ENCRYPTED_AES" in info


@pytest.mark.parametrize("options, what", [
    (["--compression", "lzma2"], "it is a compressed image"), (["-L", "0x20000000"], "it is an image to be loaded into RAM"),
    (["--non-bootable"], "it is an image that is not bootable"), (["--endian", "big"], "it is a big-endian one"),
], ids=lambda value: value[0] if isinstance(value, list) else "")
def test_an_image_that_no_device_takes_is_not_said_to_have_another_key(bench, options, what):
    payload = bench.folder / "even"
    payload.write_bytes(bytes(4096))  # to be worth a compression
    image, _, private = bench.sign(KINDS["Ed25519, X25519"], *options, payload=payload)
    done = bench.image("decrypt", image, "--enc-key", private, "--output", bench.folder / "x")
    assert done.returncode == 1 and what in done.stderr and "private half" not in done.stderr


def test_wrong_keys_exit_2_and_name_the_cure(bench):
    image, options, private = bench.sign(KINDS["P-256"])
    done = bench.image("verify", image, *options, "--enc-key", bench.public(private))
    assert done.returncode == 2 and "is a public key, and images are decrypted with the private one" in done.stderr
    assert bench.image("decrypt", image, "--enc-key", bench.folder / "lost.pem", "--output", bench.folder / "x").returncode == 2
    done = bench.image("verify", image, *options, "--enc-key", bench.key("encrypt", "x25519"))
    assert done.returncode == 1 and "it is an image encrypted with ECIES-P256" in done.stderr
    done = bench.image("decrypt", image, "--enc-key", bench.key("encrypt", "x25519"), "--output", bench.folder / "x")
    assert done.returncode == 1
    assert "cannot be decrypted with an X25519 key: it is an image encrypted with ECIES-P256; name the private half" in done.stderr
    for kind, text in (("ecdsa-p384", "an ECDSA P-384 key, which signs,"), ("ed25519", "an Ed25519 key, which signs,"),
                       ("rsa-3072", "an RSA key of 3072 bits,")):
        done = bench.image("verify", image, *options, "--enc-key", bench.key("encrypt", kind))
        assert done.returncode == 2 and f"holds {text} where a private ECDSA P-256, X25519 or RSA-2048 key" in done.stderr


def test_private_key_beside_its_public_half_serves(bench):
    image, options, private = bench.sign(KINDS["P-256"])
    pair = bench.folder / "pair.pem"
    pair.write_bytes(private.read_bytes() + bench.public(private).read_bytes())
    assert bench.accepts(image, options, pair)


def test_image_without_a_content_key_is_called_so(bench):
    """imgtool makes it of an image that is signed, and encrypted for a key, with P-384."""
    image, options, _ = bench.sign(("ecdsa-p384", "ecdsa-p384", []))
    device = bench.key("encrypt", "ecdsa-p256")
    assert not bench.accepts(image, options, device)
    done = bench.image("decrypt", image, "--enc-key", device, "--output", bench.folder / "x")
    assert done.returncode == 1 and "cannot be decrypted: its content key is not in it; encrypt it for an ECDSA P-256, " in done.stderr


@pytest.mark.parametrize("options", [["decrypt", "--output", "plain.bin"], ["info"]], ids=["decrypt", "info"])
def test_what_is_no_image_is_said_once(bench, options):
    image, _, private = bench.sign(KINDS["P-256"])
    broken = bench.folder / "broken.bin"
    for data, text in ((b"no image at all", "is not an image: "), (image.read_bytes()[:700], "is cut short: ")):
        broken.write_bytes(data)
        done = bench.image(*options, broken, "--enc-key", private)
        assert done.returncode == 1 and done.stderr.count("error: ") == 1 and text in done.stderr


@pytest.mark.parametrize("size", [16, 32])
def test_aes_key_wrap_is_taken(bench, size):
    image, options, private = bench.sign(KINDS["P-256"], "--encrypt-keylen", str(8 * size))
    plain, wrapper = bench.folder / "plain.bin", bench.folder / "kw.bin"
    bench.image("decrypt", image, "--enc-key", private, "--output", plain)
    decrypted = bytearray(plain.read_bytes())
    wrapper.write_bytes(bytes(range(size)))
    key = random.Random(1).randbytes(size)
    cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    decrypted[content(decrypted)] = cipher.update(bytes(decrypted[content(decrypted)]))
    tlv = decrypted.rfind(struct.pack("<HH", 0x32, 97 + size))
    area = content(decrypted).stop
    changed = decrypted[:tlv] + struct.pack("<HH", 0x31, size + 8) + aes_key_wrap(wrapper.read_bytes(), key)
    struct.pack_into("<H", changed, area + 2, len(changed) - area)
    image.write_bytes(changed)
    assert bench.accepts(image, options, wrapper)
    wrapper.write_bytes(bytes(size))
    assert not bench.accepts(image, options, wrapper)
