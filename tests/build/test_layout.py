# SPDX-License-Identifier: Apache-2.0
"""The bootloader alone, for an application that is built elsewhere: -DLAYOUT=<file>."""

import subprocess
from pathlib import Path

import pytest
import yaml

STATIC = """
mcuboot: {address: 0x0, size: 0xc000}
mcuboot_pad: {address: 0xc000, size: 0x200}
app: {address: 0xc200, size: 0xf3e00}
mcuboot_primary: {address: 0xc000, size: 0xf4000, span: [mcuboot_pad, app]}
mcuboot_secondary: {address: 0x0, size: 0xf4000, region: external_flash}
external_flash: {address: 0xf4000, size: 0x70c000, region: external_flash}
"""


class Bootloader:
    def __init__(self, folder: Path, repo: Path, outboard: Path):
        self.folder = folder
        self.repo = repo
        self.outboard = outboard
        self.build_dir = folder / "bl"

    def run(self, *command) -> subprocess.CompletedProcess:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False, cwd=self.folder)

    def cmake(self, board: str, layout, *options) -> subprocess.CompletedProcess:
        return self.run("cmake", "-S", self.repo / "bootloader", "-B", self.build_dir, "-G", "Ninja", f"-DBOARD={board}",
                        f"-DLAYOUT={layout}", f"-DOUTBOARD_TOOL={self.outboard}", *options)

    def build(self):
        result = self.run("cmake", "--build", self.build_dir)
        assert result.returncode == 0, result.stdout + result.stderr

    def handover(self, name: str) -> str:
        return (self.build_dir / "handover" / name).read_text()


@pytest.fixture
def bootloader(tmp_path, repo, outboard) -> Bootloader:
    return Bootloader(tmp_path, repo, outboard)


def places(partitions: dict) -> dict:
    return {name: (part["region"], part["address"], part["size"]) for name, part in partitions.items()
            if not name.startswith("EMPTY") and not name.endswith("_sram") and part["region"].endswith(("flash", "primary"))}


def test_bootloader_for_a_layout_is_that_of_the_whole_build(project, bootloader):
    project.configure()
    project.make()
    result = bootloader.cmake("qemu_ast1030", project.build_dir / "partitions.yml")
    assert result.returncode == 0, result.stderr
    bootloader.build()
    assert (bootloader.build_dir / "mcuboot.bin").read_bytes() == (project.build_dir / "mcuboot/mcuboot.bin").read_bytes()
    assert bootloader.handover("mcuboot.hex") == (project.build_dir / "mcuboot/mcuboot.hex").read_text()


def test_what_is_handed_over_fits_the_layout(bootloader):
    (bootloader.folder / "pm_static.yml").write_text(STATIC)
    result = bootloader.cmake("nrf52840dk_nrf52840", "pm_static.yml")
    assert result.returncode == 0, result.stderr
    assert "Chosen as nordic,pm-ext-flash: /soc/qspi@40029000/mx25r6435f@0, the only chip" in result.stdout
    assert "#define PM_MCUBOOT_SECONDARY_SIZE 0xf4000" in bootloader.handover("pm_config.h")
    assert "#define PM_ADDRESS 0xc200" in bootloader.handover("pm_config.h"), "of the application"
    sign = bootloader.handover("sign.sh")
    assert "--header-size 0x200" in sign and "--slot-size 0xf4000" in sign and "--align 4" in sign
    assert "CONFIG_ROM_START_OFFSET=0x200" in bootloader.handover("app.conf")
    assert "slot1_partition: partition@0" in bootloader.handover("partitions.overlay")


def test_overlay_that_is_handed_over_is_a_layout_again(bootloader):
    (bootloader.folder / "pm_static.yml").write_text(STATIC)
    assert bootloader.cmake("nrf52840dk_nrf52840", "pm_static.yml").returncode == 0
    first = places(yaml.safe_load((bootloader.build_dir / "partitions.yml").read_text()))
    overlay = bootloader.folder / "partitions.overlay"
    overlay.write_text(bootloader.handover("partitions.overlay"))
    bootloader.build_dir = bootloader.folder / "again"
    result = bootloader.cmake("nrf52840dk_nrf52840", overlay)
    assert result.returncode == 0, result.stderr
    second = places(yaml.safe_load((bootloader.build_dir / "partitions.yml").read_text()))
    assert {name: second[name] for name in ("mcuboot", "mcuboot_primary", "mcuboot_secondary")} == {
        name: first[name] for name in ("mcuboot", "mcuboot_primary", "mcuboot_secondary")}


def test_devicetree_of_a_build_is_a_layout(project, bootloader):
    (bootloader.folder / "pm_static.yml").write_text(STATIC)
    assert bootloader.cmake("nrf52840dk_nrf52840", "pm_static.yml").returncode == 0
    overlay = bootloader.folder / "partitions.overlay"
    overlay.write_text(bootloader.handover("partitions.overlay"))
    bootloader.build_dir = bootloader.folder / "dts"
    assert bootloader.cmake("nrf52840dk_nrf52840", overlay).returncode == 0
    dts = bootloader.build_dir / "devicetree.dts"
    bootloader.build_dir = bootloader.folder / "again"
    result = bootloader.cmake("nrf52840dk_nrf52840", dts)
    assert result.returncode == 0, result.stderr
    assert places(yaml.safe_load((bootloader.build_dir / "partitions.yml").read_text()))["mcuboot_secondary"] == ("external_flash", 0, 0xF4000)


def test_layout_that_cannot_work_is_refused(bootloader):
    (bootloader.folder / "pm_static.yml").write_text(STATIC.replace("mcuboot_secondary: {address: 0x0, size: 0xf4000", "mcuboot_secondary: {address: 0x0, size: 0xf4200")
                                                     .replace("external_flash: {address: 0xf4000, size: 0x70c000", "external_flash: {address: 0xf4200, size: 0x70be00"))
    result = bootloader.cmake("nrf52840dk_nrf52840", "pm_static.yml")
    assert result.returncode != 0
    assert "'mcuboot_secondary' at offset 0x0 with 0xf4200 bytes is not made of whole erase units" in result.stderr


@pytest.mark.parametrize("name, text", [("nothing.yml", "does not exist"), ("layout.txt", "is no layout")])
def test_layout_that_is_none_is_refused(bootloader, name, text):
    (bootloader.folder / "layout.txt").write_text("")
    result = bootloader.cmake("nrf52840dk_nrf52840", bootloader.folder / name)
    assert result.returncode != 0 and f"error: {bootloader.folder / name}: {text}" in result.stderr
