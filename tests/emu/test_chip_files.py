# SPDX-License-Identifier: Apache-2.0
"""What target `run` says of files that are not this board's chips."""

import shutil
import subprocess

from firmware import Firmware


def run_target(firmware: Firmware) -> subprocess.CompletedProcess:
    command = ["cmake", "--build", firmware.folder, "--target", "run"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_file_that_is_not_the_chip_is_named_with_the_cure(old: Firmware, tmp_path):
    kept = tmp_path / "kept"
    shutil.copyfile(old.external_flash, kept)
    try:
        old.external_flash.write_bytes(b"not a chip")
        result = run_target(old)
    finally:
        shutil.copyfile(kept, old.external_flash)
    assert result.returncode != 0
    assert "error: external_flash.bin: has 10 bytes, the chip has 33554432" in result.stdout + result.stderr
    assert "delete it" in result.stdout + result.stderr
