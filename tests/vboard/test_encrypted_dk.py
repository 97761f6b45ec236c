# SPDX-License-Identifier: Apache-2.0
"""An encrypted update on a virtual nRF5340 DK: installed, taken back, and no content key left in RAM for the image that starts."""

import json
import re
import shutil
import struct
import subprocess

import pytest
from conftest import Dk
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from firmware import stored_blocks

BOARD = "nrf5340dk_nrf5340_cpuapp"
MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
ENCRYPT = ("-Dmcuboot_CONFIG_BOOT_ENCRYPT_IMAGE=y", "-Dmcuboot_CONFIG_LOG=y")
MAIN = """
#include <outboard/log.h>
int main(void) { OB_LOG_INF("version %s runs"); return 0; }
"""


def content_key(image: bytes, private) -> bytes:
    """As imgtool wrapped it, undone with other code."""
    at = image.rfind(struct.pack("<HH", 0x32, 113)) + 4
    point, wrapped = image[at:at + 65], image[at + 97:at + 113]
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    keys = HKDF(hashes.SHA256(), 48, None, b"MCUBoot_ECIES_v1").derive(shared)
    return Cipher(algorithms.AES(keys[:16]), modes.CTR(bytes(16))).decryptor().update(wrapped)


def blocks(image: bytes) -> set[bytes]:
    header, _, size = struct.unpack_from("<HHI", image, 8)
    return {image[at:at + 16] for at in range(header, header + size - 15, 16) if len(set(image[at:at + 16])) > 4}


def lay_outside(device: Dk, update: bytes):
    """As an updater leaves it: at the beginning of the slot, and the magic that asks for a trial at its end."""
    text = (device.build_dir / "partitions.yml").read_text()
    slot = re.search(r"^mcuboot_secondary:\n(?:  .*\n)*?  address: (\w+)\n(?:  .*\n)*?  end_address: (\w+)", text, re.MULTILINE)
    begin, end = int(slot[1], 0), int(slot[2], 0)
    path = device.build_dir / "external_flash.bin"
    chip = bytearray(path.read_bytes())
    chip[begin:begin + len(update)] = update
    chip[end - len(MAGIC):end] = MAGIC
    path.write_bytes(chip)


@pytest.fixture(scope="module")
def device(tmp_path_factory, repo, outboard) -> Dk:
    return Dk(tmp_path_factory.mktemp("encrypted"), repo, outboard, BOARD)


def build(device: Dk, version: str) -> str:
    device.make(MAIN % version, options=(*ENCRYPT, f"-DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION={version}"))
    return (device.build_dir / "app.bin").read_bytes()


def test_encrypted_update_comes_and_goes_and_leaves_no_key_in_ram(device, tmp_path, repo):
    build(device, "1.1.0")
    update, ram = tmp_path / "update.bin", tmp_path / "ram.bin"
    shutil.copy(device.build_dir / "app_update.bin", update)
    new = (device.build_dir / "app_programmed.bin").read_bytes()
    build(device, "1.0.0")
    old = (device.build_dir / "app_programmed.bin").read_bytes()
    private = serialization.load_pem_private_key((repo / "keys/demo-encrypt-p256.pem").read_bytes(), None)
    scalar = private.private_numbers().private_value.to_bytes(32, "big")

    lay_outside(device, update.read_bytes())
    run = device.run_board("--ram", ram, "--until", "version 1.1.0 runs")
    assert run.status == 0, run.errors + run.text
    held = ram.read_bytes()
    for secret in (content_key(update.read_bytes(), private), content_key(old, private), scalar, scalar[::-1]):
        assert secret not in held and secret[:8] not in held

    outside = (device.build_dir / "external_flash.bin").read_bytes()
    assert not stored_blocks(outside) & (blocks(old) | blocks(new)), "a block in the clear"
    back = device.run_board("--until", "version 1.0.0 runs")
    assert back.status == 0, back.errors + back.text


def test_power_cuts_of_an_encrypted_update_are_judged_by_what_runs(device, outboard, tmp_path, repo):
    build(device, "1.1.0")
    update, decrypted = tmp_path / "update.bin", tmp_path / "decrypted.bin"
    shutil.copy(device.build_dir / "app_update.bin", update)
    build(device, "1.0.0")
    subprocess.run([outboard, "image", "decrypt", update, "--enc-key", repo / "keys/demo-encrypt-p256.pem", "--output", decrypted],
                   check=True)

    def cuts(*options):
        command = [outboard, "board", "cuts", device.build_dir, "--update", update, "--tear", "bits", "--every", "499", *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = cuts("--decrypted", decrypted, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["failures"] == 0 and json.loads(done.stdout)["cuts"] > 5
    assert "'outboard image decrypt'" in cuts().stderr
    refused = cuts("--decrypted", repo / "keys/demo-p256.pem")
    assert refused.returncode == 2 and "demo-p256.pem: error: is text" in refused.stderr
