# SPDX-License-Identifier: Apache-2.0
"""Layouts whose bootloader partition has no room for a ledger, as those of Matter devices: it lies in the primary slot."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).resolve().parents[1] / "emu")]
from board import MAGIC  # noqa: E402
from firmware import KEY, Firmware  # noqa: E402

OLD, NEW = "1.0.0", "1.1.0"
LEDGER, TRAILER = 0x2000, 0x1000
QUIET = "CONFIG_LOG=n\n"
BOTH_CORES = """CONFIG_PCD_APP=y
CONFIG_UPDATEABLE_IMAGE_NUMBER=2
CONFIG_BOOT_UPGRADE_ONLY=y
"""
SECOND_IMAGE = """
mcuboot_primary_1: {address: 0x0, size: 0x40000, device: flash_ctrl, region: ram_flash}
mcuboot_secondary_1: {address: 0xef000, size: 0x40000, device: MX25R64, region: external_flash}
pcd_sram: {address: 0x20000000, size: 0x2000, region: sram_primary}
"""


def layout(partition: int, further: str = "") -> str:
    size = 0xF7000 - partition
    return f"""
mcuboot: {{address: 0x0, size: {partition:#x}, region: flash_primary}}
mcuboot_pad: {{address: {partition:#x}, size: 0x200, region: flash_primary}}
app: {{address: {partition + 0x200:#x}, size: {size - 0x200:#x}, region: flash_primary}}
mcuboot_primary: {{address: {partition:#x}, size: {size:#x}, region: flash_primary, span: [mcuboot_pad, app]}}
mcuboot_primary_app: {{address: {partition + 0x200:#x}, size: {size - 0x200:#x}, region: flash_primary, span: [app]}}
settings_storage: {{address: 0xf7000, size: 0x9000, region: flash_primary}}
mcuboot_secondary: {{address: 0x0, size: {size:#x}, device: MX25R64, region: external_flash}}
{further}"""


KINDS = {"nrf52840dk_nrf52840": (0x7000, QUIET, ""), "nrf5340dk_nrf5340_cpuapp": (0x8000, QUIET + BOTH_CORES, SECOND_IMAGE)}


@pytest.fixture(scope="module")
def small(dk):
    """The build of the old version, and an update for it."""
    dk.partition, conf, further = KINDS[dk.board]
    dk.write("pm_static.yml", layout(dk.partition, further))
    dk.write("child_image/mcuboot.conf", conf)
    dk.make(options=[f"-DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION={NEW}"])
    dk.update = (dk.build_dir / "app_update.bin").rename(dk.source / "update.bin")
    dk.told = dk.make(options=[f"-DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION={OLD}"])
    dk.limit = 0xF7000 - TRAILER - LEDGER
    return dk


class Device:
    """Its chips, programmed with the build, with an update asked for."""

    def __init__(self, folder: Path, dk):
        self.folder, self.tool = folder, dk.tool
        for name in ("devicetree.json", "internal_flash.bin", "external_flash.bin"):
            shutil.copy(dk.build_dir / name, folder)
        self.internal, self.external = folder / "internal_flash.bin", folder / "external_flash.bin"
        with self.external.open("r+b") as chip:
            chip.write(dk.update.read_bytes())
            chip.seek(0xF7000 - dk.partition - len(MAGIC))
            chip.write(MAGIC)

    def start(self):
        command = [self.tool, "board", "run", "--until", "tiny application", "--limit", "60", self.folder]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert result.returncode == 0, result.stderr


def outboard(dk, *arguments) -> dict:
    result = subprocess.run([dk.tool, *arguments, "--json"], capture_output=True, text=True, timeout=600, check=False)
    return json.loads(result.stdout)


def test_build_says_where_the_ledger_lies(small):
    assert f"its ledger lies in 'mcuboot_primary', from {small.limit:#x} to {small.limit + LEDGER:#x}" in small.told


def test_old_or_new_runs_whole_whatever_is_cut(small):
    permanent = ["--permanent"] if "nrf5340" in small.board else []
    result = outboard(small, "board", "cuts", small.build_dir, "--update", small.update, *permanent, "--every", "150")
    assert result["failures"] == 0 and result["new" if permanent else "old"] == result["cuts"] >= 50


def test_dump_shows_the_ledger(small, tmp_path):
    device = Device(tmp_path, small)
    device.start()
    found = outboard(small, "flash", "inspect", "--build", small.build_dir, "--internal", device.internal, "--external", device.external)
    assert found["ledger"]["valid"] and found["ledger"]["at"] == small.limit, found


def test_image_that_reaches_into_the_ledger_is_started_and_left_as_it_is(small, tmp_path):
    """No build makes one: signed by hand. There is no place to state what is to be done, so nothing is."""
    old = Firmware(small.build_dir, OLD)
    ballast = small.limit - small.partition - len(old.image()) + LEDGER // 2
    image = old.sign("--key", KEY, "--overwrite-only", ballast=ballast)
    device = Device(tmp_path, small)
    with device.internal.open("r+b") as chip:
        chip.seek(small.partition)
        chip.write(image)
    before = device.internal.read_bytes()
    device.start()
    assert device.internal.read_bytes() == before
    found = outboard(small, "flash", "inspect", "--build", small.build_dir, "--internal", device.internal, "--external", device.external)
    assert [finding["id"] for finding in found["findings"] if finding["severity"] == "problem"] == ["ledger-taken"], found["findings"]
