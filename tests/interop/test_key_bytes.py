# SPDX-License-Identifier: Apache-2.0
"""No byte of a private key leaves its file: not on the console, not in what a build or a tool writes."""

import base64
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization


def secrets_of(pem: bytes) -> list[bytes]:
    key = serialization.load_pem_private_key(pem, None)
    numbers = getattr(key, "private_numbers", lambda: None)()
    if numbers is None:
        return [key.private_bytes_raw()]
    values = [numbers.private_value] if hasattr(numbers, "private_value") else [numbers.d, numbers.p, numbers.q, numbers.dmp1]
    return [value.to_bytes((value.bit_length() + 7) // 8, "big") for value in values]


def shapes(secret: bytes) -> list[bytes]:
    """Eight bytes of it are enough to give it away: as they are, either way round, in hexadecimal, as C, in base64."""
    part = secret[-8:]
    text = [part.hex(), part.hex().upper(), ", ".join(f"0x{byte:02x}" for byte in part), base64.b64encode(secret[-9:]).decode()]
    return [part, part[::-1], *(shape.encode() for shape in text)]


@pytest.mark.parametrize("kind", ["ecdsa-p256", "ed25519", "rsa-2048"])
def test_private_key_stays_in_its_file(tmp_path, outboard, imgtool, kind):
    def run(*command) -> bytes:
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False, timeout=60)
        return done.stdout + done.stderr

    pem, image, payload, keys = (tmp_path / name for name in ("key.pem", "image.bin", "payload.bin", "keys.c"))
    run(imgtool, "keygen", "-k", pem, "-t", kind)
    payload.write_bytes(bytes(1000))
    run(imgtool, "sign", "-k", pem, "--align", "4", "-v", "1.0.0", "-H", "0x200", "--pad-header", "-S", "0x8000", payload, image)
    said = run(outboard, "image", "key", "--pem", pem, "--sign", "--c", keys)
    said += run(outboard, "image", "verify", "--key", pem, image)
    said += run(outboard, "image", "info", image) + run(outboard, "image", "info", "--json", image)
    said += run(outboard, "image", "key", "--pem", pem, "--type", "ecdsa-p384", "--c", tmp_path / "refused.c")
    assert keys.exists() and b"1.0.0" in said
    der = base64.b64decode(b"".join(pem.read_bytes().splitlines()[1:-1]))
    for secret in secrets_of(pem.read_bytes()):
        assert shapes(secret)[0] in der  # it would be found
        for shape in shapes(secret):
            assert shape not in said and shape not in keys.read_bytes() and shape not in image.read_bytes()
