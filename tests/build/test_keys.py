# SPDX-License-Identifier: Apache-2.0
"""Keys of a bootloader: of one type, the first able to sign; what is wrong with one is said before anything compiles."""

import subprocess

import pytest

KEY_FILE = "-Dmcuboot_CONFIG_BOOT_SIGNATURE_KEY_FILE="
TYPE = "-Dmcuboot_CONFIG_BOOT_SIGNATURE_TYPE_"

TYPES = {
    "ECDSA_P256=y": "ob_signature_p256",
    "ECDSA_P384=y": "ob_signature_p384",
    "RSA=y": "ob_signature_rsa2048",
    "RSA=y RSA_LEN=3072": "ob_signature_rsa3072",
    "ED25519=y": "ob_signature_ed25519",
    "ED25519=y PURE=y": "ob_signature_ed25519_pure",
}


def keys_c(project) -> str:
    return (project.build_dir / "mcuboot/keys.c").read_text()


@pytest.mark.parametrize("options, symbol", TYPES.items(), ids=TYPES.keys())
def test_each_type_has_a_demo_key_and_says_so(project, options, symbol):
    output = project.configure(*(TYPE + option for option in options.split()))
    assert f".type = &{symbol}," in keys_c(project)
    assert "default of CONFIG_BOOT_SIGNATURE_KEY_FILE: warning: " in output
    assert "public demo key: anybody can sign for this device" in output


def test_key_of_another_type_is_refused_with_both(project, repo):
    errors = project.refuse(f'{KEY_FILE}"{repo}/keys/demo-rsa-2048.pem"')
    assert "is an RSA-2048 key, but this bootloader takes ECDSA P-256 with SHA-256" in errors


def test_public_key_cannot_sign_but_may_be_a_further_one(project, repo, imgtool):
    public = project.source / "public.pem"
    subprocess.run([imgtool, "getpub", "-k", repo / "keys/demo-p256.pem", "-e", "pem", "-o", public], check=True)
    place = project.write("child_image/mcuboot.conf", '\nCONFIG_BOOT_SIGNATURE_KEY_FILE="public.pem"\n')
    errors = project.refuse()
    assert f"{public}: error: is a public key, and images are signed with it" in errors
    assert f"{place}:2: correct the keys of image mcuboot" in errors
    place.unlink()
    subprocess.run([imgtool, "keygen", "-k", project.source / "mine.pem", "-t", "ecdsa-p256"], check=True)
    project.configure(f'{KEY_FILE}"mine.pem"', '-Dmcuboot_CONFIG_BOOT_SIGNATURE_EXTRA_KEY_FILES="public.pem"')
    assert ".count = 2," in keys_c(project)


def test_further_key_that_is_not_there_is_named(project):
    errors = project.refuse('-Dmcuboot_CONFIG_BOOT_SIGNATURE_EXTRA_KEY_FILES="a.pem"')
    assert "a.pem: no such key file" in errors and "CONFIG_BOOT_SIGNATURE_EXTRA_KEY_FILES of image mcuboot" in errors


@pytest.mark.parametrize("name", ["${APP_DIR}/keys/mine.pem", "\\${APPLICATION_CONFIG_DIR}/keys/mine.pem", "keys/mine.pem"])
def test_key_is_found_as_the_sdk_finds_it(project, repo, name):
    key = project.write("keys/mine.pem", (repo / "keys/demo-p256.pem").read_text())
    project.write("sysbuild.conf", f'SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_BOOT_SIGNATURE_KEY_FILE="{name}"\n')
    project.configure()
    assert str(key).replace(" ", "$ ") in (project.build_dir / "build.ninja").read_text()
