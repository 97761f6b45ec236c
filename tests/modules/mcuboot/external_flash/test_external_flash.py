# SPDX-License-Identifier: Apache-2.0
"""A project whose update slot is in an external chip that its overlays describe: built, updated and confirmed.

The same project in the two ways of configuring the bootloader: through child_image/, and through sysbuild/.
"""

import json
import re
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent
REPO = PROJECT.parents[3]
sys.path.insert(0, str(REPO / "tests/emu"))

import firmware  # noqa: E402
from board import Board  # noqa: E402

OLD = "1.0.0"
NEW = "1.1.0"
CHIP = "w25q256"  # QEMU's name, and the label in the overlay
WAYS = {"child_image": [], "sysbuild": ["-DSYSBUILD=ON"]}


class Device:
    """The firmware with the old version, and an update to the new one."""

    def __init__(self, way: str, outboard: Path):
        self.folder = REPO / "build/tests/external_flash" / way
        options = [*WAYS[way], f"-DOUTBOARD_TOOL={outboard}"]
        self.update = firmware.build(self.folder, NEW, *options, source=PROJECT).image()
        self.firmware = firmware.build(self.folder, OLD, *options, source=PROJECT)


@pytest.fixture(scope="module", params=WAYS)
def device(request, outboard: Path) -> Device:
    return Device(request.param, outboard)


def configuration(folder: Path) -> dict[str, str]:
    return dict(re.findall(r"^CONFIG_(\w+)=(.*)$", (folder / ".config").read_text(), re.MULTILINE))


def chosen_chip(folder: Path) -> dict:
    tree = json.loads((folder / "devicetree.json").read_text())
    return next(node for node in tree["nodes"] if node["path"] == tree["chosen"]["nordic,pm-ext-flash"])


def test_fragments_reach_the_bootloader(device):
    bootloader = configuration(device.folder / "mcuboot")
    expected = {
        "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY": "y",  # injected or forced by the build
        "PM_EXTERNAL_FLASH_HAS_DRIVER": "y",
        "MAIN_STACK_SIZE": "10240",  # prj.conf
        "SPI_NOR_SFDP_MINIMAL": "y",  # boards/<board>.conf
        "BOOT_MAX_IMG_SECTORS": "256",  # mcuboot.conf
    }
    assert expected.items() <= bootloader.items()


def test_what_is_meant_for_the_bootloader_stays_away_from_the_application(device):
    application = configuration(device.folder)
    assert application["MAIN_STACK_SIZE"] != "10240"  # prj.conf of the bootloader
    assert application["SPI_NOR_SFDP_MINIMAL"] == "y"  # its own boards/<board>.conf


@pytest.mark.parametrize("image", [".", "mcuboot"])
def test_overlay_reaches_each_image(device, image):
    chip = chosen_chip(device.folder / image)
    assert chip["labels"] == [CHIP]
    assert chip["properties"]["jedec-id"] == [0xEF, 0x40, 0x19]


def test_secondary_slot_is_in_the_external_chip(device):
    partitions = (device.folder / "partitions.yml").read_text()
    assert re.search(r"^mcuboot_secondary:\n(?:  .*\n)*?  region: external_flash\n", partitions, re.MULTILINE)


def test_update_through_the_external_chip_is_installed_and_confirmed(device, tmp_path):
    with Board(tmp_path, device.firmware, external_model=CHIP) as board:
        board.power_on()
        board.boot(OLD)
        assert "Failed" not in board.transcript and "Cannot upgrade" not in board.transcript
        board.install(device.update)
        board.expect("^I: Image index: 0, Swap type: test\n")
        board.boot(NEW)
        board.ask(lambda client: client.confirm())
        board.reboot()
        assert "next start: runs this image\n" in board.boot(NEW)


def test_bootloader_that_the_overlay_does_not_reach_is_refused(outboard, tmp_path):
    """With a configuration of its own the bootloader is not looked up in child_image/: neither is its overlay."""
    with pytest.raises(firmware.BuildFailed) as refused:
        firmware.build(tmp_path, OLD, f"-DOUTBOARD_TOOL={outboard}", "-Dmcuboot_CONF_FILE=prj.conf", source=PROJECT)
    assert "images 'app' and 'mcuboot' have a different jedec-id of /soc/spi@7e630000/flash@0" in str(refused.value)
