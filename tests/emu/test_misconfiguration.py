# SPDX-License-Identifier: Apache-2.0
"""Mistakes that only show on the board: what is valid runs, and the log names the cause.

Where the build would refuse them its checks are left out: the bootloader never trusts the build that made it.
"""

import re
import subprocess
from pathlib import Path

import pytest
from board import Board
from firmware import BOARD, IMGTOOL, OLD, REPO, Firmware

NO_CHOSEN = "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n"
NOT_IN_MAP = r"W: Failed to open flash area ID \d+ \(image 0 slot {}\): the partition is not in this image's flash map"
SECTORS = r"W: Failed reading sectors; BOOT_MAX_IMG_SECTORS={} - too small\?"
LEFT_TO_THE_LAYOUT = 240  # units of 4 KiB in the primary slot: the setting itself is 0
CANNOT_UPGRADE = r"W: Cannot upgrade: not a compatible amount of sectors"
JUMP = r"I: Jumping to the first image slot"


FOLDER = REPO / "build/tests/emu/misbuilt"


@pytest.fixture
def misbuilt(outboard: Path, tmp_path: Path):
    """misbuilt(target, options) builds that part of the sample, unchecked."""
    unchecked = FOLDER.parent / "unchecked"
    unchecked.parent.mkdir(parents=True, exist_ok=True)
    unchecked.write_text(f'#!/bin/sh\n[ "$1 $2" = "pm check" ] || exec "{outboard}" "$@"\n')
    unchecked.chmod(0o755)

    def build(target: str, *options: str) -> subprocess.CompletedProcess:
        forget = ["-U", "mcuboot_*", "-U", "CONFIG_*"]  # what the test before asked for
        configure = ["cmake", "-S", REPO / "samples/dfu", "-B", FOLDER, "-G", "Ninja", f"-DBOARD={BOARD}", f"-DOUTBOARD_TOOL={unchecked}"]
        subprocess.run([*configure, *forget, *options], check=True, capture_output=True)
        return subprocess.run(["cmake", "--build", FOLDER, "--target", target], capture_output=True, text=True)

    return build


@pytest.fixture
def board_with(old: Firmware, misbuilt, tmp_path: Path):
    """board_with(options) is a board with that bootloader and the sound application."""

    def make(*options: str, overlay: str = "") -> Board:
        (tmp_path / "extra.overlay").write_text(overlay)
        result = misbuilt("mcuboot", f"-Dmcuboot_EXTRA_DTC_OVERLAY_FILE={tmp_path}/extra.overlay", *options)
        assert result.returncode == 0, result.stdout
        firmware = Firmware(old.folder, OLD)
        firmware.bootloader = FOLDER / "mcuboot/mcuboot.bin"
        return Board(tmp_path / "board", firmware)

    return make


def lines(*patterns: str) -> str:
    return r"\n(?:.*\n)*?".join(patterns)


@pytest.mark.parametrize(
    "options, overlay", [(["-Dmcuboot_CONFIG_SPI_NOR=n"], ""), ([], NO_CHOSEN)], ids=["no_driver", "no_chosen"]
)
def test_bootloader_without_the_update_slot_says_so_and_boots(board_with, options, overlay):
    with board_with(*options, overlay=overlay) as board:
        board.power_on()
        board.boot(OLD)
        assert re.search(lines(NOT_IN_MAP.format(1), SECTORS.format(LEFT_TO_THE_LAYOUT), CANNOT_UPGRADE, JUMP), board.transcript), board.transcript


def test_bootloader_without_the_primary_slot_says_so_and_stops(board_with):
    with board_with("-Dmcuboot_CONFIG_SOC_FLASH_ASPEED=n") as board:
        board.power_on()
        board.expect(lines(NOT_IN_MAP.format(0), "E: Failed to open flash areas, cannot continue\n"))


def test_too_small_number_of_sectors_is_named_and_the_image_boots(board_with):
    with board_with("-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS=100") as board:
        board.power_on()
        board.boot(OLD)
        assert re.search(lines(SECTORS.format(100), JUMP), board.transcript), board.transcript


@pytest.mark.parametrize(
    "overlay, cause",
    [
        ("&mx25l256 { size = <0x8000000>; };\n", "chip has 33554432 bytes, devicetree says 16777216"),
        ("&mx25l256 { /delete-property/ enter-4byte-addr; };\n", "no way to 4-byte addresses: set enter-4byte-addr"),
        ("&mx25l256 { jedec-id = [ef 40 19]; };\n", "Device id c2 20 19 does not match config ef 40 19"),
    ],
    ids=["size", "way_to_4_byte_addresses", "jedec_id"],
)
def test_devicetree_that_does_not_fit_the_chip_is_named_and_the_image_boots(board_with, overlay, cause):
    with board_with(overlay=overlay) as board:
        board.power_on()
        board.boot(OLD)
        not_ready = r"W: Failed to open flash area ID \d+ \(image 0 slot 1\): the device is absent or of another type"
        assert re.search(lines(f"E: .*{cause}", not_ready, JUMP), board.transcript), board.transcript


def test_application_without_the_update_slot_says_so_and_lives_on(old, misbuilt, tmp_path):
    result = misbuilt("app_update.bin", "-DCONFIG_SPI_NOR=n", f"-DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION={OLD}")
    assert result.returncode == 0, result.stdout
    with Board(tmp_path / "board", old, (FOLDER / "app_update.bin").read_bytes()) as board:
        board.power_on()
        assert "no update slot: the partition is not in this image's flash map; everything else works\n" in board.boot(OLD)
        assert re.search(lines(JUMP, NOT_IN_MAP.format(1)), board.transcript), board.transcript
        with pytest.raises(Exception, match="there is no update slot"):
            board.ask(lambda client: client.upload(old.image()))


def test_nor_driver_without_its_bus_is_explained_when_linking(misbuilt):
    """What pm check would have said, as the linker says it."""
    result = misbuilt("mcuboot", "-Dmcuboot_CONFIG_SPI=n")
    assert result.returncode != 0
    assert re.search(r"spi_nor_dt.c.*: undefined reference to `__device_dts_ord_\d+'", result.stdout), result.stdout
    assert 'mcuboot: error: devicetree node /soc/spi@7e630000 (spi1, "aspeed,ast1030-spi") has no driver in this image' in result.stdout
    assert "a driver of this image needs it; set CONFIG_SPI_ASPEED=y" in result.stdout


def signed_with_another_key(old: Firmware, folder: Path) -> bytes:
    key = folder / "another.pem"
    subprocess.run([IMGTOOL, "keygen", "-t", "ecdsa-p256", "-k", key], check=True, capture_output=True)
    return old.sign("--key", key)


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda *_: b"\xff" * 4096, "there is no image"),
        (signed_with_another_key, "not signed by a known key"),
    ],
    ids=["bootloader_alone", "another_key"],
)
def test_device_without_an_image_that_may_run_says_why(old, tmp_path, make, reason):
    with Board(tmp_path / "board", old, make(old, tmp_path)) as board:
        board.power_on()
        board.expect(lines("E: Image in the primary slot is not valid!", f"E: Image index: 0: {reason}", "E: Unable to find bootable image\n"))
