# SPDX-License-Identifier: Apache-2.0
"""`outboard pm check --build`: a build of Zephyr or the SDK as it lies there, whose bootloader is MCUboot.

The folders are made here, with the files, names and texts of such builds; no build of Zephyr runs.
"""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

DTS = """
/dts-v1/;
/ {
    #address-cells = <1>;
    #size-cells = <1>;
    chosen { zephyr,flash = &flash0; CHOSEN };
    soc {
        #address-cells = <1>;
        #size-cells = <1>;
        compatible = "simple-bus";
        ranges;
        flash_controller: flash-controller@4001e000 {
            compatible = "nordic,nrf52-flash-controller";
            reg = <0x4001e000 0x1000>;
            #address-cells = <1>;
            #size-cells = <1>;
            flash0: flash@0 {
                compatible = "soc-nv-flash";
                reg = <0x0 0x100000>;
                erase-block-size = <0x1000>;
                write-block-size = <0x4>;
                INSIDE
            };
        };
        qspi: qspi@40029000 {
            compatible = "nordic,nrf-qspi";
            reg = <0x40029000 0x1000>;
            #address-cells = <1>;
            #size-cells = <0>;
            status = "okay";
            mx25r64: mx25r6435f@0 {
                compatible = "nordic,qspi-nor";
                reg = <0>;
                size = <0x4000000>;
                jedec-id = [c2 28 17];
                OUTSIDE
            };
        };
    };
};
"""
CHOSEN = "nordic,pm-ext-flash = &mx25r64;"
DRIVER = """CONFIG_SOC_FLASH_NRF=y
CONFIG_NORDIC_QSPI_NOR=y
CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER=y
CONFIG_NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE=16
"""
BOOTLOADER = DRIVER + """CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096
CONFIG_BOOT_SWAP_USING_MOVE=y
CONFIG_BOOT_MAX_IMG_SECTORS=256
"""
PARTITIONS = {
    "mcuboot": {"address": 0, "size": 0xC000, "region": "flash_primary"},
    "mcuboot_primary": {"address": 0xC000, "size": 0xF4000, "region": "flash_primary"},
    "mcuboot_secondary": {"address": 0, "size": 0xF4000, "region": "external_flash"},
}
REGIONS = {
    "flash_primary": {"base_address": 0, "size": 0x100000, "placement_strategy": "complex", "dynamic_partition": "app",
                      "device": "flash_controller", "default_driver_kconfig": "CONFIG_SOC_FLASH_NRF"},
    "external_flash": {"base_address": 0, "size": 0x800000, "placement_strategy": "start_to_end", "dynamic_partition": None,
                       "device": "DT_CHOSEN(nordic_pm_ext_flash)", "default_driver_kconfig": "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER"},
}


def dts(chosen=CHOSEN, inside="", outside="") -> str:
    return DTS.replace("CHOSEN", chosen).replace("INSIDE", inside).replace("OUTSIDE", outside)


class Build:
    def __init__(self, folder: Path, outboard: Path):
        self.folder = folder
        self.outboard = outboard
        self.application = "app"

    def image(self, folder: str, config: str, devicetree: str) -> Path:
        zephyr = self.folder / folder / "zephyr"
        zephyr.mkdir(parents=True, exist_ok=True)
        (zephyr / ".config").write_text(config)
        (zephyr / "zephyr.dts").write_text(devicetree)
        return zephyr / ".config"

    def sysbuild(self, application=DRIVER, bootloader=BOOTLOADER, app_dts=None, boot_dts=None) -> Path:
        """An application named dfu_sample. The .config of the bootloader."""
        (self.folder / "domains.yaml").write_text("default: dfu_sample\ndomains:\n  - name: dfu_sample\n  - name: mcuboot\n")
        self.image("dfu_sample", application, app_dts or dts())
        return self.image("mcuboot", bootloader, boot_dts or dts())

    def layout(self, partitions=None):
        (self.folder / "partitions.yml").write_text(yaml.safe_dump(partitions or PARTITIONS))
        (self.folder / "regions.yml").write_text(yaml.safe_dump(REGIONS))

    def check(self, *options) -> subprocess.CompletedProcess:
        return subprocess.run([str(self.outboard), "pm", "check", "--build", str(self.folder), *options], capture_output=True,
                              text=True, timeout=60, check=False)

    def findings(self) -> list[str]:
        result = self.check("--json")
        assert result.returncode in (0, 1), result.stderr
        return json.loads(result.stdout)["findings"]


@pytest.fixture
def build(tmp_path: Path, outboard: Path) -> Build:
    build = Build(tmp_path / "build", outboard)
    build.folder.mkdir()
    build.layout()
    return build


def test_sound_build_with_sysbuild(build):
    build.sysbuild()
    result = build.check()
    assert result.returncode == 0, result.stderr
    assert result.stdout == ("mcuboot_secondary: MCUboot, swap using move: 244 sectors of 4096 bytes in region external_flash, "
                             "for 244 of 4096 in mcuboot_primary\n")


def test_sound_build_with_child_images(build):
    build.image(".", DRIVER, dts())
    build.image("mcuboot", BOOTLOADER, dts())
    assert build.check().returncode == 0


def test_pages_of_the_driver_that_are_no_sectors_of_the_slot_inside(build):
    config = build.sysbuild(bootloader=BOOTLOADER.replace("PAGE_SIZE=4096", "PAGE_SIZE=65536"))
    result = build.check()
    assert result.returncode == 1
    assert f"{config}:5:1: error: MCUboot (swap using move) finds sectors of 4096 bytes in 'mcuboot_primary' and of 65536" in result.stderr
    assert "set CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096 in sysbuild/mcuboot.conf" in result.stderr


def test_page_size_that_nobody_set_is_64_kib(build):
    build.sysbuild(bootloader=BOOTLOADER.replace("CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096\n", ""))
    assert any("of 65536 in 'mcuboot_secondary'" in finding for finding in build.findings())


def test_overwrite_takes_pages_that_are_multiples(build):
    build.sysbuild(bootloader=BOOTLOADER.replace("PAGE_SIZE=4096", "PAGE_SIZE=65536").replace("SWAP_USING_MOVE", "UPGRADE_ONLY"))
    assert build.findings() == []


@pytest.mark.parametrize("line", ["CONFIG_BOOT_MAX_IMG_SECTORS=128", ""])
def test_too_few_sectors_are_told_with_the_number(build, line):
    build.sysbuild(bootloader=BOOTLOADER.replace("CONFIG_BOOT_MAX_IMG_SECTORS=256", line))
    finding, = build.findings()
    assert finding.startswith("MCUboot has room for 128 sectors, and 'mcuboot_primary' has 244")
    assert "set CONFIG_BOOT_MAX_IMG_SECTORS=244" in finding


def test_slots_of_different_sizes_are_told(build):
    build.layout({**PARTITIONS, "mcuboot_secondary": {"address": 0, "size": 0xE0000, "region": "external_flash"}})
    build.sysbuild()
    finding, = build.findings()
    assert "'mcuboot_primary' has 244, 'mcuboot_secondary' 224" in finding and "not a compatible amount of sectors" in finding


def test_bootloader_without_the_chosen_chip_is_told(build):
    build.sysbuild(boot_dts=dts(chosen=""))
    finding, = build.findings()
    assert "image 'mcuboot' cannot open 'mcuboot_secondary': its devicetree has no DT_CHOSEN(nordic_pm_ext_flash)" in finding


def test_bootloader_without_the_driver_is_told(build):
    build.sysbuild(bootloader=BOOTLOADER.replace("CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER=y\n", "").replace("CONFIG_NORDIC_QSPI_NOR=y\n", ""))
    findings = "\n".join(build.findings())
    assert "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER is not set" in findings and "CONFIG_NORDIC_QSPI_NOR is not set" in findings


def test_writes_from_flash_are_warned_of(build):
    build.sysbuild(application=DRIVER.replace("BUFFER_SIZE=16", "BUFFER_SIZE=0"))
    result = build.check()
    assert result.returncode == 0
    assert "warning: image 'app': CONFIG_NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE is 0" in result.stderr


def test_partitions_of_the_devicetree_count_without_a_partition_manager(build):
    (build.folder / "partitions.yml").unlink()
    inside = """partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
        boot_partition: partition@0 { label = "mcuboot"; reg = <0x0 0xc000>; };
        slot0_partition: partition@c000 { label = "image-0"; reg = <0xc000 0xf4000>; }; };"""
    outside = """partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
        slot1_partition: partition@0 { label = "image-1"; reg = <0x0 SIZE>; }; };"""
    tree = dts("", inside, outside.replace("SIZE", "0xf4000"))
    build.sysbuild(app_dts=tree, boot_dts=tree)
    assert build.findings() == []
    tree = dts("", inside, outside.replace("SIZE", "0x80000"))
    build.sysbuild(app_dts=tree, boot_dts=tree)
    assert "'mcuboot_secondary' 128" in build.findings()[0]


def test_images_whose_devicetrees_disagree_about_a_slot_are_told(build):
    """The application would write its requests where the bootloader does not look."""
    (build.folder / "partitions.yml").unlink()
    inside = """partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
        boot_partition: partition@0 { reg = <0x0 0xc000>; };
        slot0_partition: partition@c000 { reg = <0xc000 0xf0000>; };
        storage_partition: partition@STORAGE { reg = <0xSTORAGE 0x2000>; }; };"""
    outside = """partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
        slot1_partition: partition@0 { reg = <0x0 SIZE>; }; };"""
    tree = dts("", inside.replace("STORAGE", "fc000"), outside.replace("SIZE", "0xf0000"))
    build.sysbuild(app_dts=tree, boot_dts=dts("", inside.replace("STORAGE", "fe000"), outside.replace("SIZE", "0xf0000")))
    assert build.findings() == [], "where the application keeps its data is its own"
    build.sysbuild(app_dts=dts("", inside.replace("STORAGE", "fc000"), outside.replace("SIZE", "0xe0000")), boot_dts=tree)
    assert "'mcuboot_secondary' is 0xe0000 bytes at 0x0 for the application and 0xf0000 at 0x0 for the bootloader" in build.findings()[0]


def test_folder_that_is_no_build_is_refused(build, tmp_path):
    result = build.check()
    assert result.returncode == 2 and "is no build folder" in result.stderr
    build.image("app", DRIVER, dts())
    result = build.check()
    assert result.returncode == 2 and "has no image mcuboot" in result.stderr


def test_part_of_a_build_is_told_where_the_build_is(build):
    build.sysbuild()
    for part in ("dfu_sample", "mcuboot", "mcuboot/zephyr"):
        result = build.check("--build", str(build.folder / part))
        assert result.returncode == 2 and f"{build.folder / part}: error: is a part of a build; give the folder above it" in result.stderr


def test_build_whose_main_image_is_not_there_is_refused(build):
    build.sysbuild()
    for text in ("default: other\n", "default: [dfu_sample]\n", "domains: []\n"):
        (build.folder / "domains.yaml").write_text(text)
        result = build.check()
        assert result.returncode == 2 and "domains.yaml: error: has no 'default' whose image was built" in result.stderr


@pytest.mark.parametrize("name", ["partitions.yml", "regions.yml"])
def test_layout_of_a_partition_manager_is_not_guessed(build, name):
    """The devicetree's partitions are there too, and say something else."""
    build.sysbuild(application=DRIVER + "CONFIG_PARTITION_MANAGER_ENABLED=y\n")
    (build.folder / name).unlink()
    result = build.check()
    assert result.returncode == 2 and f"{build.folder / name}: error: cannot be opened" in result.stderr


def test_region_without_a_device_is_told_once(build):
    regions = {**REGIONS, "external_flash": {**REGIONS["external_flash"], "device": None}}
    (build.folder / "regions.yml").write_text(yaml.safe_dump(regions))
    build.sysbuild()
    assert build.findings() == [f"image '{image}' cannot open 'mcuboot_secondary': region 'external_flash' has no device; complete regions.yml"
                                for image in ("app", "mcuboot")]


def test_driver_that_is_off_is_told_once(build):
    build.sysbuild(application=DRIVER.replace("CONFIG_SOC_FLASH_NRF=y\n", ""))
    finding, = build.findings()
    assert finding.startswith("image 'app' cannot open 'mcuboot_primary': CONFIG_SOC_FLASH_NRF is not set")


def test_old_names_of_devices_are_understood(build):
    """SDK 2.1: the internal controller by a macro, the chip by its path, seen from the other side of TrustZone."""
    regions = {"flash_primary": {**REGIONS["flash_primary"], "device": "NRF_FLASH_DRV_NAME"},
               "external_flash": {**REGIONS["external_flash"], "device": "/soc/qspi@40029000/mx25r6435f@0"}}
    (build.folder / "regions.yml").write_text(yaml.safe_dump(regions))
    build.sysbuild()
    assert build.findings() == []


def test_lines_that_a_person_wrote_are_named(build):
    """Zephyr lists the fragments, and since 4.2 writes into zephyr.dts what came from where. What sysbuild made is no such line."""
    own, forced = build.folder / "app/sysbuild/my mcuboot.conf", build.folder / "mcuboot/zephyr/.config.sysbuild"
    pages = "CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=65536\n"
    tree = dts().replace("chosen {", "/* node '/chosen' defined in ../app/app.overlay:7 */\nchosen {").replace(
        'status = "okay";', 'status =\n"disabled"; /* in ../app/boards/x.overlay:5 */')
    build.sysbuild(bootloader=BOOTLOADER.replace("CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096\n", pages), boot_dts=tree)
    own.parent.mkdir(parents=True)
    own.write_text("CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096\r\n\r\n" + pages.strip() + "\r\nCONFIG_BOOT_MAX_IMG_SECTORS=12\r\n")
    forced.write_text(pages)
    (build.folder / "mcuboot/build_info.yml").write_text(yaml.safe_dump(
        {"cmake": {"kconfig": {"files": ["/gone/prj.conf", str(own), str(forced)]}}, "version": "0.1.0"}))
    errors = build.check().stderr
    assert f"{own}:3:1: error: MCUboot (swap using move) finds sectors of 4096" in errors
    assert "../app/boards/x.overlay:5:1: error: image 'mcuboot' cannot open 'mcuboot_secondary': node /soc/qspi@40029000 is not okay" in errors
    (build.folder / "mcuboot/build_info.yml").unlink()
    (build.folder / "mcuboot/CMakeCache.txt").write_text(f"CACHED_CONF_FILE:STRING=/gone/prj.conf;{own}\nX:STRING=\n")
    assert f"{own}:3:1: error: MCUboot (swap using move)" in build.check().stderr
    (build.folder / "mcuboot/CMakeCache.txt").unlink()
    assert f"{build.folder}/mcuboot/zephyr/.config:5:1: error: MCUboot (swap using move)" in build.check().stderr
