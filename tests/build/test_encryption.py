# SPDX-License-Identifier: Apache-2.0
"""Builds for encrypted images: which key, which way, and what is said before anything compiles. tests/emu runs one."""

import subprocess

import pytest

ENCRYPT = "-Dmcuboot_CONFIG_BOOT_ENCRYPT_IMAGE=y"

WAYS = {
    "p256": ([], "ob_wrap_ec256", "--encrypt"),
    "rsa": (["BOOT_SIGNATURE_TYPE_RSA=y"], "ob_wrap_rsa", "--encrypt"),
    "x25519-sha512": (["BOOT_SIGNATURE_TYPE_ED25519=y", "BOOT_HMAC_SHA512=y"], "ob_wrap_x25519_sha512", "--hmac-sha 512"),
}


@pytest.mark.parametrize("options, symbol, sign", WAYS.values(), ids=WAYS.keys())
def test_each_way_has_a_demo_key_and_says_so(project, options, symbol, sign):
    output = project.configure(ENCRYPT, *(f"-Dmcuboot_CONFIG_{option}" for option in options))
    assert f".wrap = &{symbol}," in (project.build_dir / "mcuboot/keys.c").read_text()
    assert "public demo key: anybody can decrypt what is encrypted for this device" in output
    assert sign in (project.build_dir / "build.ninja").read_text()


def test_wrong_keys_are_refused_with_the_line(project, repo, imgtool):
    """Not there; public where a private one is needed; of another kind."""
    public = project.source / "public.pem"
    project.source.mkdir(exist_ok=True)
    subprocess.run([imgtool, "getpub", "-k", repo / "keys/demo-encrypt-p256.pem", "-e", "pem", "-o", public], check=True)
    for name, text in (("lost.pem", "lost.pem: no such key file"),
                       ("public.pem", "public.pem: error: is a public key, and images are decrypted with the private one"),
                       (f"{repo}/keys/demo-encrypt-x25519.pem", "is an X25519 key of 32 bytes, but this bootloader takes")):
        conf = project.write("child_image/mcuboot.conf", f'CONFIG_BOOT_ENCRYPT_IMAGE=y\nCONFIG_BOOT_ENCRYPTION_KEY_FILE="{name}"\n')
        output = project.cmake()
        assert output.returncode != 0 and text in output.stderr, output.stderr
        assert f"{conf}:2" in output.stderr, output.stderr


def test_key_file_without_encryption_is_refused(project):
    project.write("child_image/mcuboot.conf", 'CONFIG_BOOT_ENCRYPTION_KEY_FILE="any.pem"\n')
    assert "mcuboot.conf:1: error: CONFIG_BOOT_ENCRYPTION_KEY_FILE" in project.refuse()


def test_an_application_that_judges_updates_has_no_secret(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUMGR=y\nCONFIG_MCUMGR_GRP_IMG=y\nCONFIG_MCUMGR_GRP_OS=y\n")
    project.configure(ENCRYPT)
    assert ".key = secret," in (project.build_dir / "mcuboot/keys.c").read_text()
    keys = (project.build_dir / "keys.c").read_text()
    assert ".key = NULL," in keys and ".tlv = 0x32" in keys and "secret" not in keys
