# SPDX-License-Identifier: Apache-2.0
"""The nRF52840 DK: its layout, and its binaries on a virtual board."""

import re
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from virtual import run  # noqa: E402

BOARD = "nrf52840dk_nrf52840"

# Starts the watchdog with two reload registers and 500 ms, uses up 300 of them, and resets: the bootloader needs more than is left.
LEAVES_A_WATCHDOG = """
#include <stdint.h>
#include <outboard/log.h>
#include <outboard/soc.h>
#include <outboard/time.h>
#define REG(address) (*(volatile uint32_t *)(address))
int main(void)
{
    uint32_t reason = REG(0x40000400);
    REG(0x40000400) = reason;
    if ((reason & 2u) != 0) {
        OB_LOG_INF("bitten");
    } else if ((reason & 4u) != 0) {
        OB_LOG_INF("started in time");
    } else {
        REG(0x40010504) = 32768 / 2 - 1;
        REG(0x40010508) = 5;
        REG(0x40010000) = 1;
        ob_delay_us(300000);
        ob_soc_reset();
    }
    return 0;
}
"""


@pytest.fixture
def dk(project):
    project.options.append(f"-DBOARD={BOARD}")
    return project


def make(dk, *options) -> Path:
    result = dk.cmake(*options, board=None)
    assert result.returncode == 0, result.stderr
    assert not re.search(r":\d+: warning: ", dk.make())
    return dk.build_dir


def test_application_starts_through_the_bootloader(dk):
    result = run(make(dk))
    assert "I: Bootloader chainload address offset: 0xc000\r\n" in result["said"]
    assert result["said"].endswith("I: Jumping to the first image slot\r\nI: tiny application\r\n")
    assert result["end"] == "rests"


def test_watchdog_of_the_application_is_fed_in_each_register_that_it_waits_for(dk):
    dk.write("main.c", LEAVES_A_WATCHDOG)
    result = run(make(dk), "--until", "started in time", "--limit", "10")
    assert result["resets"] == 1


def test_watchdog_is_started_with_the_time_that_was_asked_for(dk):
    """Nobody feeds it once the application, which does not know of it, rests."""
    options = ["-Dmcuboot_CONFIG_BOOT_WATCHDOG_TIMEOUT_MS=2000", "-Dmcuboot_CONFIG_BOOT_WATCHDOG_START=y"]
    folder = make(dk, *options)
    assert run(folder, "--limit", "2", status=1)["resets"] == 0
    assert run(folder, "--limit", "2.8", status=1)["resets"] == 1


def test_newer_name_of_the_board_is_the_same_folder(project):
    assert project.cmake(board="nrf52840dk/nrf52840").returncode == 0


def test_layout_is_the_documented_one(dk):
    """The worked example of the SDK's documentation: 0xc000 for the bootloader, slots of 0x7a000."""
    result = dk.cmake(board=None)
    assert result.returncode == 0, result.stderr
    parts = yaml.safe_load((dk.build_dir / "partitions.yml").read_text())
    assert {name: (part["address"], part["end_address"]) for name, part in parts.items() if part["region"] == "flash_primary"} == {
        "mcuboot": (0, 0xC000), "mcuboot_pad": (0xC000, 0xC200), "app": (0xC200, 0x86000), "mcuboot_primary_app": (0xC200, 0x86000),
        "mcuboot_primary": (0xC000, 0x86000), "mcuboot_secondary": (0x86000, 0x100000),
    }
