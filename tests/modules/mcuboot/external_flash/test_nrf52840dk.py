# SPDX-License-Identifier: Apache-2.0
"""The same project for the nRF52840 DK, whose chip is on its QSPI controller.

What is built is checked here, and that the bootloader starts with the slot inside; the virtual board runs the rest.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent
REPO = PROJECT.parents[3]
sys.path[:0] = [str(REPO / "tests"), str(PROJECT)]

from test_external_flash import WAYS, chosen_chip, configuration  # noqa: E402
from virtual import run  # noqa: E402

CHIP = "/soc/qspi@40029000/mx25r6435f@0"
INSIDE = {
    "child_image": ["-DCONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n"],
    "sysbuild": ["-DSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n"],
}
OVERRIDE = {
    "child_image": ["-DCONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y", "-Dmcuboot_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y"],
    "sysbuild": ["-DSB_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y"],
}


class Build:
    def __init__(self, folder: Path, outboard: Path):
        self.folder = folder
        self.tool = outboard

    def cmake(self, *options: str) -> subprocess.CompletedProcess:
        return self.run("-S", PROJECT, "-B", self.folder, "-G", "Ninja", "-DBOARD=nrf52840dk_nrf52840",
                        f"-DOUTBOARD_TOOL={self.tool}", *options)

    def run(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def build(tmp_path, outboard):
    return Build(tmp_path, outboard)


NO_DRIVER = ["-DCONFIG_NORDIC_QSPI_NOR=n", "-Dmcuboot_CONFIG_NORDIC_QSPI_NOR=n"]


@pytest.mark.parametrize("way", WAYS)
def test_overlay_and_fragments_reach_the_bootloader(build, way):
    result = build.cmake(*WAYS[way])
    assert result.returncode == 0, result.stderr
    for image in (".", "mcuboot"):
        chip = chosen_chip(build.folder / image)
        assert chip["labels"] == ["mx25r64"] and chip["properties"]["jedec-id"] == [0xC2, 0x28, 0x17]
    bootloader = configuration(build.folder / "mcuboot")
    expected = {"BOOT_STACK_REPORT": "y", "MAIN_STACK_SIZE": "10240", "BOOT_MAX_IMG_SECTORS": "256", "NORDIC_QSPI_NOR": "y",
                "PM_EXTERNAL_FLASH_HAS_DRIVER": "y"}
    assert expected.items() <= bootloader.items()


@pytest.mark.parametrize("way", WAYS)
def test_external_slot_without_a_driver_is_refused_in_both_images(build, way):
    result = build.cmake(*WAYS[way], *NO_DRIVER)
    assert result.returncode != 0
    for image in ("app", "mcuboot"):
        missing = f"image '{image}' cannot open 'mcuboot_secondary': CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER is not set"
        assert missing in result.stderr
        assert f"image '{image}' has no driver for {CHIP}: CONFIG_NORDIC_QSPI_NOR is not set" in result.stderr


@pytest.mark.parametrize("way", WAYS)
def test_override_fails_when_linking_with_the_node_that_has_no_driver(build, way):
    result = build.cmake(*WAYS[way], *NO_DRIVER, *OVERRIDE[way])
    assert result.returncode == 0, result.stderr
    for target, image in (("mcuboot", "mcuboot"), ("app.elf", "app")):
        linked = build.run("--build", build.folder, "--target", target)
        assert linked.returncode != 0
        assert re.search(r"flash_map.c.*: undefined reference to `__device_dts_ord_\d+'", linked.stdout), linked.stdout
        assert f'{image}: error: devicetree node {CHIP} (mx25r64, "nordic,qspi-nor") has no driver in this image' in linked.stdout
        assert "set CONFIG_NORDIC_QSPI_NOR=y" in linked.stdout
        assert "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK" in linked.stdout


@pytest.mark.parametrize("way", WAYS)
def test_bootloader_runs_with_the_slot_inside(build, way):
    result = build.cmake(*WAYS[way], *INSIDE[way])
    assert result.returncode == 0, result.stderr
    built = build.run("--build", build.folder)
    assert built.returncode == 0, built.stdout
    text = run(build.folder, "--until", "is running")["said"]
    assert re.search(r"I: Stack: \d+ of 10240 bytes used", text), text
    assert text.endswith("dfu 1.0.0+0 is running")
