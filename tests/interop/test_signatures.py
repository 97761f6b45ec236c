# SPDX-License-Identifier: Apache-2.0
"""Every type of signature that the unmodified imgtool makes: taken by a device of that type, and by no other."""

import json
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519

from test_imgtool import Bench, entries, tlv_area

TYPES = {  # the tool's name: imgtool's type of key, options, digest TLV, signature TLV, text
    "rsa-2048": ("rsa-2048", [], 0x10, 0x20, "RSA-2048 with SHA-256"),
    "rsa-3072": ("rsa-3072", [], 0x10, 0x23, "RSA-3072 with SHA-256"),
    "ecdsa-p256": ("ecdsa-p256", [], 0x10, 0x22, "ECDSA P-256 with SHA-256"),
    "ecdsa-p384": ("ecdsa-p384", [], 0x11, 0x22, "ECDSA P-384 with SHA-384"),
    "ed25519": ("ed25519", [], 0x10, 0x24, "Ed25519 with SHA-256"),
    "ed25519-sha512": ("ed25519", ["--sha", "512"], 0x12, 0x24, "Ed25519 with SHA-512"),
    "ed25519-pure": ("ed25519", ["--pure"], 0x12, 0x24, "pure Ed25519"),
}
KEYHASH = 0x01


@pytest.fixture(scope="module")
def bench(outboard, imgtool, tmp_path_factory) -> Bench:
    bench = Bench(outboard, imgtool, tmp_path_factory.mktemp("signatures"))
    bench.keys = {kind: bench.new_key(f"{kind}.pem", kind) for kind in {row[0] for row in TYPES.values()}}
    bench.strangers = {kind: bench.new_key(f"stranger-{kind}.pem", kind) for kind in bench.keys}
    repo = Path(__file__).resolve().parents[2]
    bench.includes = (repo / "include", repo / "crypto", repo / "build/deps/mbedtls/include")
    bench.images = {}
    for name, (kind, options, *_) in TYPES.items():
        bench.images[name] = bench.sign("-s", "7", *options, size=40, header=0x20, key=bench.keys[kind])
    return bench


def verify(bench, image, name, *options, key=None):
    """Exit status and JSON of a device of this type."""
    if isinstance(image, (bytes, bytearray)):
        path = bench.folder / "changed.bin"
        path.write_bytes(image)
        image = path
    done = bench.image("verify", image, "--key", key or bench.keys[TYPES[name][0]], "--type", name, "--json", *options)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("name", TYPES)
def test_what_imgtool_signs_is_accepted(bench, name):
    status, verdict = verify(bench, bench.images[name], name)
    assert (status, verdict["kind"], verdict["takes"]) == (0, TYPES[name][4], TYPES[name][4])


@pytest.mark.parametrize("name", TYPES)
def test_type_need_not_be_said(bench, name):
    """The keys say it; of Ed25519's three the image does."""
    done = bench.image("verify", bench.images[name], "--key", bench.keys[TYPES[name][0]])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", TYPES)
def test_public_key_file_is_enough(bench, name):
    public = bench.new_path(".pem")
    bench.run_imgtool("getpub", "-k", bench.keys[TYPES[name][0]], "-e", "pem", "-o", public)
    assert verify(bench, bench.images[name], name, key=public)[0] == 0


@pytest.mark.parametrize("device", TYPES)
def test_image_of_every_other_type_is_refused_by_name(bench, device):
    for name, image in bench.images.items():
        status, verdict = verify(bench, image, device)
        if name != device:
            assert (status, verdict["error"]) == (1, -17), name
        assert verdict["kind"] == TYPES[name][4] and verdict["takes"] == TYPES[device][4]


@pytest.mark.parametrize("name", TYPES)
def test_strangers_signature_is_refused(bench, name):
    kind, options, *_ = TYPES[name]
    image = bench.sign(*options, key=bench.strangers[kind])
    assert verify(bench, image, name)[1]["error"] == -14
    assert verify(bench, image, name, "--key", bench.strangers[kind])[0] == 0  # one of several keys


@pytest.mark.parametrize("name", TYPES)
def test_every_wrong_byte_of_signature_key_hash_and_digest_is_refused(bench, name):
    good = bench.images[name].read_bytes()
    _, _, digest, signature, _ = TYPES[name]
    reasons = {digest: {-13}, KEYHASH: {-14}, signature: {-15}}
    if name == "ed25519-pure":
        reasons[digest] = {0}  # nothing looks at it: the signature is over the image itself
    seen = set()
    for off, kind, length in entries(good):
        for byte in range(length if kind in reasons else 0):
            changed = bytearray(good)
            changed[off + 4 + byte] ^= 1 << byte % 8
            assert verify(bench, changed, name)[1]["error"] in reasons[kind], f"TLV 0x{kind:x}, byte {byte}"
            seen.add(kind)
    assert seen == set(reasons)


@pytest.mark.parametrize("name", TYPES)
def test_every_wrong_byte_of_the_signed_part_is_refused(bench, name):
    good = bench.images[name].read_bytes()
    for byte in range(tlv_area(good)):
        changed = bytearray(good)
        changed[byte] ^= 1 << byte % 8
        assert verify(bench, changed, name)[0] == 1, f"byte {byte}"


@pytest.mark.parametrize("name", TYPES)
def test_signature_of_another_length_is_refused(bench, name):
    good = bench.images[name].read_bytes()
    area = tlv_area(good)
    off, kind, length = list(entries(good))[-1]
    assert kind == TYPES[name][3]
    for other in (0, 1, length - 1, length + 1):
        changed = bytearray(good[:off + 4]) + (good[off + 4:] + b"\1")[:other]
        struct.pack_into("<H", changed, off + 2, other)
        struct.pack_into("<H", changed, area + 2, len(changed) - area)
        assert verify(bench, changed, name)[1]["error"] in (-11, -15), other


@pytest.mark.parametrize("name", TYPES)
def test_key_hash_in_generated_c_is_in_the_image(bench, name):
    out = bench.new_path(".c")
    kind, _, _, _, _ = TYPES[name]
    done = bench.image("key", "--pem", bench.keys[kind], "--type", name, "--c", out)
    assert done.returncode == 0, done.stderr
    text = out.read_text()
    image = bench.images[name].read_bytes()
    off, _, length = next(entry for entry in entries(image) if entry[1] == KEYHASH)
    bare = "".join(c for c in text if c in "0123456789abcdefx")
    assert "".join(f"0x{byte:02x}" for byte in image[off + 4:off + 4 + length]) in bare
    compiled = subprocess.run(["cc", "-fsyntax-only", "-DMBEDTLS_CONFIG_FILE=\"ob_mbedtls_config.h\"",
                               *(f"-I{path}" for path in bench.includes), out], capture_output=True, text=True)
    assert compiled.returncode == 0, compiled.stderr


def test_keys_of_two_types_are_refused_with_both_names(bench):
    done = bench.image("verify", bench.images["rsa-2048"], "--key", bench.keys["rsa-2048"], "--key", bench.keys["ed25519"])
    assert done.returncode == 2
    assert "is an Ed25519 key, but this device takes RSA-2048 with SHA-256" in done.stderr
    done = bench.image("key", "--pem", bench.keys["rsa-2048"], "--type", "ecdsa-p384", "--c", bench.folder / "no.c")
    assert done.returncode == 2 and not (bench.folder / "no.c").exists()
    assert "is an RSA-2048 key, but this bootloader takes ECDSA P-384 with SHA-384" in done.stderr


def pem(key) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def openssh() -> bytes:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())


OTHERS = {  # what a file holds in which no key is found that signs images
    "an RSA key of 1024 bits,": lambda: pem(rsa.generate_private_key(65537, 1024)),
    "an RSA key of 2048 bits whose exponent is not 65537,": lambda: pem(rsa.generate_private_key(3, 2048)),
    "a key of the curve P-521,": lambda: pem(ec.generate_private_key(ec.SECP521R1())),
    "a key of the curve secp256k1,": lambda: pem(ec.generate_private_key(ec.SECP256K1())),
    "a key of a Brainpool curve,": lambda: pem(ec.generate_private_key(ec.BrainpoolP256R1())),
    "an X25519 key, which encrypts,": lambda: pem(x25519.X25519PrivateKey.generate()),
    "an X448 key,": lambda: pem(x448.X448PrivateKey.generate()),
    "an Ed448 key,": lambda: pem(ed448.Ed448PrivateKey.generate()),
    "a key in the form of OpenSSH,": openssh,
    "a certificate,": lambda: b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    "a key that is cut short,": lambda: pem(p256())[:100],
    "something that cannot be read as a key,": lambda: pem(p256()).replace(b"A", b"B"),
    "no text in PEM format,": lambda: bytes(range(200)),
    "nothing,": lambda: b"",
}


@pytest.mark.parametrize("holds", OTHERS)
def test_what_a_file_holds_instead_of_a_key_is_named(bench, holds):
    key = bench.folder / "other.pem"
    key.write_bytes(OTHERS[holds]())
    for done in (bench.image("verify", bench.images["ecdsa-p256"], "--key", key),
                 bench.image("key", "--pem", key, "--c", bench.folder / "no.c")):
        assert done.returncode == 2
        assert f"{key}: error: holds {holds} where an RSA-2048, RSA-3072, " in done.stderr
        assert done.stderr.endswith("make one: imgtool keygen -t ecdsa-p256\n")


def test_file_of_several_keys_is_refused_and_one_of_a_pair_is_not(bench):
    """Which of them is meant nobody knows: imgtool takes the first, and what reads another one by its format another."""
    several, pair = bench.folder / "several.pem", bench.folder / "pair.pem"
    private = bench.keys["ecdsa-p256"].read_bytes()
    public = p256().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for keys in (private + bench.keys["ed25519"].read_bytes(), public + public):
        several.write_bytes(keys)
        done = bench.image("verify", bench.images["ecdsa-p256"], "--key", several)
        assert done.returncode == 2 and f"{several}: error: holds several keys; write each into a file of its own" in done.stderr
    pair.write_bytes(private + public)
    assert verify(bench, bench.images["ecdsa-p256"], "ecdsa-p256", key=pair)[0] == 0


def test_unknown_type_is_refused_with_the_known_ones(bench):
    done = bench.image("verify", bench.images["ed25519"], "--key", bench.keys["ed25519"], "--type", "ed448")
    assert done.returncode == 2
    assert all(name in done.stderr for name in TYPES)
