# SPDX-License-Identifier: Apache-2.0
"""The device that `make coverage-binary` lives with: a start that must not pass does not. What its lives come to is the script's business."""

import re
import struct
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "scripts"), str(REPO / "tests")]

from coverage_lives import Device  # noqa: E402
from virtual import OUTBOARD  # noqa: E402

UNDEFINED = b"\x00\xde"
FORBIDDEN = b"\x00\x20\x00\x60"  # movs r0, #0; str r0, [r0]: a store to flash that is being read
FOR_EVER = b"\xfe\xe7"  # b .


@pytest.fixture
def device(builds, tmp_path):
    build, update = builds("nrf52840dk_nrf52840")
    (tmp_path / "out").mkdir()
    device = Device(OUTBOARD, build, update, tmp_path / "device", tmp_path / "out")
    device.factory()
    return device


def begin_with(device: Device, code: bytes):
    """Instructions where the bootloader begins."""
    _, begin = struct.unpack_from("<II", device.state()["internal_flash.bin"])
    device.write("internal", begin & ~1, code)


def test_start_that_is_fine_passes_and_leaves_what_it_executed(device):
    device.survives()
    assert not device.failures
    assert list(device.out.glob("*.coverage"))


@pytest.mark.parametrize("code, end", [(UNDEFINED, "fault"), (FORBIDDEN, "refused")])
def test_start_that_faults_or_does_what_the_part_forbids_fails(device, code, end):
    begin_with(device, code)
    device.run()
    assert len(device.failures) == 1
    assert re.search(rf'"end":\s*"{end}"', device.failures[0])


def test_start_that_starts_nothing_fails_where_something_has_to_start(device):
    begin_with(device, FOR_EVER)
    device.run("--limit", "1")
    assert not device.failures
    device.survives("--limit", "1")
    assert "nothing starts any more" in device.failures[0]


@pytest.mark.parametrize("last_words", ["kill -SEGV $$", "exit 1", "exit 2", "echo '{'; exit 1"])
def test_host_program_that_crashes_or_says_nothing_fails(device, tmp_path, last_words):
    program = tmp_path / "outboard"
    program.write_text(f"#!/bin/sh\n{last_words}\n")
    program.chmod(0o755)
    device.outboard = program
    device.run()
    assert "exit status" in device.failures[0]
