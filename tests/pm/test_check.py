# SPDX-License-Identifier: Apache-2.0
"""What would fail on a device fails at build time, and the message names the file and the symbol to change."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

INTERNAL, EXTERNAL = "/soc/flash-controller@0/flash@0", "/soc/spi@1/flash@0"
REGIONS = {
    "flash_primary": {"size": 0x100000, "base_address": 0, "placement_strategy": "complex", "device": "flash0",
                      "default_driver_kconfig": "CONFIG_SOC_FLASH", "dynamic_partition": "app"},
    "external_flash": {"size": 0x800000, "base_address": 0, "placement_strategy": "start_to_end",
                       "device": "DT_CHOSEN(nordic_pm_ext_flash)",
                       "default_driver_kconfig": "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER", "dynamic_partition": None},
}
PARTITIONS = {
    "mcuboot": {"address": 0, "size": 0x10000, "region": "flash_primary"},
    "mcuboot_pad": {"address": 0x10000, "size": 0x200, "region": "flash_primary"},
    "app": {"address": 0x10200, "size": 0xede00, "region": "flash_primary"},
    "mcuboot_primary": {"address": 0x10000, "size": 0xee000, "region": "flash_primary", "span": ["mcuboot_pad", "app"]},
    "settings_storage": {"address": 0xfe000, "size": 0x2000, "region": "flash_primary"},
    "mcuboot_secondary": {"address": 0, "size": 0xee000, "region": "external_flash"},
    "external_flash": {"address": 0xee000, "size": 0x712000, "region": "external_flash"},
}
CONFIG = {"CONFIG_SOC_FLASH": "y", "CONFIG_SPI": "y", "CONFIG_SPI_NOR": "y", "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER": "y",
          "CONFIG_BOOT_MAX_IMG_SECTORS": "0", "CONFIG_SOC_FLASH_SOURCE_ANYWHERE": "y", "CONFIG_SPI_SOURCE_ANYWHERE": "y"}


def devicetree() -> dict:
    return {
        "chosen": {"nordic,pm-ext-flash": EXTERNAL},
        "nodes": [
            {"path": "/soc/spi@1", "parent": "/soc", "okay": True, "labels": [], "driver": "CONFIG_SPI", "properties": {}},
            {"path": INTERNAL, "parent": None, "okay": True, "labels": ["flash0"], "driver": "CONFIG_SOC_FLASH",
             "properties": {"erase-block-size": 4096, "write-block-size": 4}},
            {"path": EXTERNAL, "parent": "/soc/spi@1", "okay": True, "labels": ["chip"], "driver": "CONFIG_SPI_NOR",
             "properties": {"size": 0x800000 * 8}},
        ],
    }


class Build:
    """A finished build's folder, to be spoilt by a test."""

    def __init__(self, tool: Path, folder: Path):
        self.tool, self.folder = Path(tool).resolve(), folder
        self.partitions = {name: dict(part) for name, part in PARTITIONS.items()}
        self.regions = {name: dict(region) for name, region in REGIONS.items()}
        self.config = {"app": dict(CONFIG), "mcuboot": dict(CONFIG)}
        self.devicetree = {"app": devicetree(), "mcuboot": devicetree()}

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess:
        (self.folder / "partitions.yml").write_text(yaml.safe_dump(self.partitions))
        (self.folder / "regions.yml").write_text(yaml.safe_dump(self.regions))
        for image in self.config:
            (self.folder / image).mkdir(exist_ok=True)
            lines = ["# a comment", "# CONFIG_NOTHING is not set", *(f"{k}={v}" for k, v in self.config[image].items())]
            (self.folder / image / ".config").write_text("\n".join(lines) + "\n")
            (self.folder / image / "devicetree.json").write_text(json.dumps(self.devicetree[image]))
        words = [self.tool, "pm", command, "--partitions", "partitions.yml", "--regions", "regions.yml",
                 "--image", "app=app", "--image", "mcuboot=mcuboot", *options]
        return subprocess.run([str(word) for word in words], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def refuses(self, *texts: str, options: tuple = ()):
        done = self.run("check", *options)
        assert done.returncode == 1, done.stdout + done.stderr
        for text in texts:
            assert text in done.stderr

    def accepts(self, *options: str) -> str:
        done = self.run("check", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def build(outboard: Path, tmp_path: Path) -> Build:
    return Build(outboard, tmp_path)


def slots(build: Build) -> dict:
    return json.loads(build.accepts("--json"))["slots"][0]


def test_a_sound_build_passes_and_says_how_large_an_update_may_be(build: Build):
    found = slots(build)
    assert (found["primary"], found["secondary"], found["mode"]) == ("mcuboot_primary", "mcuboot_secondary", "slide")
    assert (found["unit"], found["units_needed"], found["max_units"]) == (4096, 238, 238)
    # The secondary also holds its trailer, and one spare unit; all of them in whole units.
    reserved = found["trailer_size"] + found["unit"]
    assert found["capacity"] == 0xee000 - reserved and reserved % 4096 == 0
    assert f"updates of up to {found['capacity']} bytes (slide, 238 units of 4096 bytes" in build.accepts()


@pytest.mark.parametrize("image", ["app", "mcuboot"])
def test_missing_driver_names_image_symbol_and_file(image: str, build: Build):
    build.config[image]["CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER"] = "n"
    build.refuses(f"{image}/.config: error: image '{image}' cannot open 'mcuboot_secondary'",
                  "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER is not set", {"app": "prj.conf", "mcuboot": "child_image/mcuboot.conf"}[image])


@pytest.mark.parametrize("image", ["app", "mcuboot"])
def test_driver_that_cannot_write_from_code_memory_is_refused(image: str, build: Build):
    del build.config[image]["CONFIG_SPI_SOURCE_ANYWHERE"]
    build.refuses(f"image '{image}': no driver of {EXTERNAL} says that it can write data that lies in internal flash",
                  "config SPI_SOURCE_ANYWHERE, def_bool SPI")
    build.config[image]["CONFIG_SPI_NOR_SOURCE_ANYWHERE"] = "y"  # a chip's driver that copies makes up for its bus
    build.accepts()


def test_driver_that_nobody_names_cannot_say_what_it_can_do(build: Build):
    for node in build.devicetree["mcuboot"]["nodes"]:
        if node["path"] in (EXTERNAL, "/soc/spi@1"):
            del node["driver"]
    build.refuses(f"image 'mcuboot': no binding names the driver of {EXTERNAL}")


def test_missing_chosen_in_the_bootloader_is_found(build: Build):
    build.devicetree["mcuboot"]["chosen"] = {}
    build.refuses("image 'mcuboot' cannot open 'mcuboot_secondary'", "child_image/mcuboot.overlay")


def test_disabled_bus_is_found(build: Build):
    build.devicetree["mcuboot"]["nodes"][0]["okay"] = False
    build.refuses("image 'mcuboot' cannot open 'mcuboot_secondary': node /soc/spi@1 is not okay")


def test_internal_chip_chosen_as_external_is_refused(build: Build):
    for image in build.devicetree.values():
        image["chosen"]["nordic,pm-ext-flash"] = INTERNAL
    build.refuses(f"regions 'flash_primary' and 'external_flash' of image 'mcuboot' are the same chip, {INTERNAL}")


def test_disabled_node_is_found(build: Build):
    build.devicetree["mcuboot"]["nodes"][2]["okay"] = False
    build.refuses(f"node {EXTERNAL} is not okay")


def test_region_symbol_without_a_driver_is_found_before_the_linker_does(build: Build):
    del build.config["mcuboot"]["CONFIG_SPI_NOR"]
    build.refuses(f"image 'mcuboot' has no driver for {EXTERNAL}: CONFIG_SPI_NOR is not set")


def test_override_leaves_the_driver_to_the_linker(build: Build):
    del build.config["mcuboot"]["CONFIG_SPI_NOR"]
    build.config["mcuboot"]["CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK"] = "y"
    build.accepts()


def test_driver_without_its_bus_is_found(build: Build):
    del build.config["mcuboot"]["CONFIG_SPI"]
    build.refuses("image 'mcuboot' has no driver for /soc/spi@1: CONFIG_SPI is not set")


def test_images_with_different_chips_are_refused(build: Build):
    build.devicetree["mcuboot"]["nodes"][2]["path"] = "/soc/spi@1/flash@1"
    build.devicetree["mcuboot"]["chosen"]["nordic,pm-ext-flash"] = "/soc/spi@1/flash@1"
    build.refuses("images 'app' and 'mcuboot' have region 'external_flash' on different chips")


def test_chip_that_the_images_describe_differently_is_refused(build: Build):
    build.devicetree["app"]["nodes"][2]["properties"]["jedec-id"] = [0xC2, 0x20, 0x19]
    build.refuses("images 'app' and 'mcuboot' have a different jedec-id of /soc/spi@1/flash@0")
    build.devicetree["mcuboot"]["nodes"][2]["properties"]["jedec-id"] = [0xEF, 0x40, 0x19]
    build.refuses("images 'app' and 'mcuboot' have a different jedec-id of /soc/spi@1/flash@0")
    build.devicetree["mcuboot"]["nodes"][2]["properties"]["jedec-id"] = [0xC2, 0x20, 0x19]
    build.accepts()


def test_chip_smaller_than_its_region_is_refused(build: Build):
    build.devicetree["mcuboot"]["nodes"][2]["properties"]["size"] = 0x800000  # bits: somebody wrote bytes
    build.refuses("region 'external_flash' has 0x800000 bytes", "only 0x100000", "'size' (in bits)")


def test_too_few_sectors_names_the_number_required(build: Build):
    build.config["mcuboot"]["CONFIG_BOOT_MAX_IMG_SECTORS"] = "128"
    build.refuses("mcuboot/.config:7:1: error: CONFIG_BOOT_MAX_IMG_SECTORS is 128, but 'mcuboot_primary' has 238",
                  "set it to 238, or to 0")


def test_enough_sectors_are_accepted(build: Build):
    build.config["mcuboot"]["CONFIG_BOOT_MAX_IMG_SECTORS"] = "256"
    build.accepts()


@pytest.mark.parametrize("slot, key, value", [
    ("mcuboot_secondary", "address", 0x200),
    ("mcuboot_secondary", "size", 0xee200),
    ("mcuboot_primary", "size", 0xee100),
])
def test_slot_that_is_not_whole_erase_units_is_refused(slot: str, key: str, value: int, build: Build):
    build.partitions[slot][key] = value
    build.refuses(f"'{slot}' at offset", "is not made of whole erase units of 0x1000 bytes")


def test_erase_units_of_different_sizes_are_fine(build: Build):
    for image in build.devicetree.values():
        image["nodes"][2]["properties"]["erase-block-size"] = 0x10000
    build.partitions["mcuboot_primary"]["size"] = build.partitions["mcuboot_secondary"]["size"] = 0xe0000
    build.partitions["app"]["size"] = 0xdfe00
    assert "14 units of 65536 bytes" in build.accepts()


def test_slot_without_room_for_trailer_and_spare_unit_is_refused(build: Build):
    build.partitions["mcuboot_secondary"]["size"] = 0x2000
    build.refuses("have no room for an image beside their trailers")


def test_dual_mode_needs_its_second_slot(build: Build):
    build.config["mcuboot"]["CONFIG_BOOT_UPGRADE_DUAL"] = "y"
    build.refuses("CONFIG_BOOT_UPGRADE_DUAL needs a second slot, 'mcuboot_secondary_dual'")


def test_dual_slots_have_one_size(build: Build):
    build.config["mcuboot"]["CONFIG_BOOT_UPGRADE_DUAL"] = "y"
    build.partitions["mcuboot_secondary_dual"] = {"address": 0x100000, "size": 0x80000, "region": "external_flash"}
    build.refuses("'mcuboot_secondary_dual' has to be as large as 'mcuboot_secondary'")


def test_update_is_compared_with_the_capacity(build: Build):
    capacity = slots(build)["capacity"]
    (build.folder / "app_update.bin").write_bytes(bytes(capacity))
    build.accepts("--update", "app_update.bin")
    (build.folder / "app_update.bin").write_bytes(bytes(capacity + 1))
    build.refuses(f"app_update.bin: error: the update has {capacity + 1} bytes, 1 more than",
                  options=("--update", "app_update.bin"))


@pytest.mark.parametrize("content, text", [
    (None, "is not a regular file"), (b"", "is empty"), (b"PK\3\4" + bytes(100), "is an archive; unpack it"), (b"\x7fELF\1\1\1" + bytes(100), "is an ELF, HEX"),
    (b":020000040000FA\n", "is an ELF, HEX or UF2 file; give the image's bytes"), (b"S0030000FC\n", "is text"),
], ids=["folder", "empty", "archive", "ELF", "HEX", "S-records"])
def test_an_update_that_is_none_does_not_fit(build: Build, content: bytes | None, text: str):
    """Its size says nothing about what would be installed."""
    path = build.folder / "app_update.bin"
    path.mkdir() if content is None else path.write_bytes(content)
    done = build.run("check", "--update", "app_update.bin")
    assert done.returncode == 2 and f"app_update.bin: error: {text}" in done.stderr


def test_unaligned_storage_is_a_warning(build: Build):
    build.partitions["settings_storage"]["address"] = 0xfe100
    build.partitions["settings_storage"]["size"] = 0x1f00
    done = build.run("check")
    assert done.returncode == 0 and "warning: 'settings_storage' at offset 0xfe100" in done.stderr


@pytest.fixture
def released(build: Build) -> Build:
    done = build.run("lock", "--output", "pm_lock.yml")
    assert done.returncode == 0, done.stderr
    return build


LOCK = ("--lock", "pm_lock.yml")


def test_released_layout_passes_its_own_lock(released: Build):
    released.accepts(*LOCK)


def test_lock_does_not_care_about_what_an_update_replaces(released: Build):
    released.partitions["external_flash"].update(address=0xf0000, size=0x710000)
    released.partitions["littlefs_storage"] = {"address": 0xee000, "size": 0x2000, "region": "external_flash"}
    released.accepts(*LOCK)


def test_lock_says_that_the_layout_is_another_one(released: Build):
    assert "note" not in released.run("check", *LOCK).stderr
    released.partitions["external_flash"].update(address=0xf0000, size=0x710000)
    assert "is not the released one, but nothing that devices in the field rely on" in released.run("check", *LOCK).stderr


def test_lock_of_an_earlier_version_has_no_hash_and_counts(released: Build):
    path = released.folder / "pm_lock.yml"
    path.write_text(re.sub("layout_hash: .*\n", "", path.read_text()))
    assert "note" not in released.run("check", *LOCK).stderr


@pytest.mark.parametrize("part, change, message", [
    ("mcuboot_secondary", {"address": 0x1000}, "'mcuboot_secondary' moved from 0x0 in 'external_flash' to 0x1000"),
    ("mcuboot_secondary", {"size": 0xed000}, "'mcuboot_secondary' shrank from 0xee000 to 0xed000"),
    ("mcuboot_secondary", {"size": 0xef000}, "'mcuboot_secondary' grew from 0xee000 to 0xef000"),
    ("mcuboot", {"size": 0x8000}, "'mcuboot' shrank from 0x10000 to 0x8000"),
    ("settings_storage", {"size": 0x1000}, "'settings_storage' shrank from 0x2000 to 0x1000"),
    ("settings_storage", {"address": 0xff000, "size": 0x1000}, "'settings_storage' moved from 0xfe000"),
])
def test_lock_finds_what_moved(part: str, change: dict, message: str, released: Build):
    released.partitions[part].update(change)
    released.refuses(message, "restore it in pm_static.yml", options=LOCK)


def test_lock_finds_what_is_gone(released: Build):
    del released.partitions["settings_storage"]
    released.refuses("'settings_storage' was released and is gone", options=LOCK)


def test_lock_finds_another_number_of_units(released: Build):
    released.config["mcuboot"]["CONFIG_BOOT_MAX_IMG_SECTORS"] = "2000"
    released.refuses("BOOT_MAX_IMG_SECTORS of 'mcuboot_secondary' (max_units) changed from 238 to 2000", options=LOCK)


def test_lock_finds_another_trailer_format(released: Build):
    released.devicetree["mcuboot"]["nodes"][1]["properties"]["write-block-size"] = 16
    released.refuses("spacing of the trailer's fields of 'mcuboot_secondary' (align) changed from 8 to 16", options=LOCK)


def test_lock_finds_another_mode(released: Build):
    released.config["mcuboot"]["CONFIG_BOOT_UPGRADE_ONLY"] = "y"
    released.refuses("the bootloader in the field installs by 'slide', this build by 'overwrite'", options=LOCK)


def test_lock_finds_another_size_of_the_ledger(build: Build):
    build.config["mcuboot"]["CONFIG_BOOT_LEDGER_SIZE"] = "0x2000"
    assert build.run("lock", "--output", "pm_lock.yml").returncode == 0
    build.accepts(*LOCK)
    build.config["mcuboot"]["CONFIG_BOOT_LEDGER_SIZE"] = "0x4000"
    build.refuses("CONFIG_BOOT_LEDGER_SIZE changed from 0x2000 to 0x4000 since the release", options=LOCK)


def test_a_bad_layout_is_not_locked(build: Build):
    build.partitions["mcuboot_secondary"]["address"] = 0x200
    assert build.run("lock", "--output", "pm_lock.yml").returncode == 1
    assert not (build.folder / "pm_lock.yml").exists()


@pytest.mark.parametrize("text", ["", "version: 2\npartitions: {}", "version: 1", "- a", "version: 1\npartitions: {a: {}}", "x: ["])
def test_what_is_no_lock_file_is_refused(text: str, build: Build):
    (build.folder / "pm_lock.yml").write_text(text)
    done = build.run("check", *LOCK)
    assert done.returncode == 2 and "pm_lock.yml" in done.stderr


@pytest.mark.parametrize("spoil", [
    lambda folder: (folder / "mcuboot/devicetree.json").write_text("{"),
    lambda folder: (folder / "mcuboot/.config").unlink(),
])
def test_unreadable_facts_are_exit_status_2(spoil, build: Build):
    build.run("check")
    spoil(build.folder)
    words = [build.tool, "pm", "check", "--partitions", "partitions.yml", "--regions", "regions.yml", "--image", "mcuboot=mcuboot"]
    done = subprocess.run([str(word) for word in words], cwd=build.folder, capture_output=True, text=True)
    assert done.returncode == 2


@pytest.mark.parametrize("text", ["[]", "1", "{nodes: 1}", "{nodes: [1, [], {}, {path: []}], chosen: []}",
                                  "{chosen: {'nordic,pm-ext-flash': [1]}, nodes: [{path: a, parent: a, labels: 1}]}"])
def test_devicetrees_of_any_shape_get_an_answer(text: str, build: Build):
    build.run("check")
    (build.folder / "mcuboot/devicetree.json").write_text(text)
    words = [build.tool, "pm", "check", "--partitions", "partitions.yml", "--regions", "regions.yml", "--image", "mcuboot=mcuboot"]
    done = subprocess.run([str(word) for word in words], cwd=build.folder, capture_output=True, text=True)
    assert done.returncode == 1 and "runtime error" not in done.stderr, done.stderr


# Images that were linked with another layout


def link(build: Build, image: str, *options: str):
    """An image of nothing but symbols, by the real linker."""
    folder = build.folder / image
    folder.mkdir(exist_ok=True)
    subprocess.run(["arm-none-eabi-as", "-o", "empty.o", "/dev/null"], cwd=folder, check=True)
    subprocess.run(["arm-none-eabi-ld", "-e", "0", "-o", f"{image}.elf", "empty.o", *options], cwd=folder, check=True)


@pytest.fixture
def linked(build: Build) -> Build:
    value = json.loads(build.accepts("--json"))["layout_hash"]
    for image in ("app", "mcuboot"):
        link(build, image, "--defsym", f"ob_layout_hash={value}")
    return build


def test_images_of_this_layout_pass(linked: Build):
    assert linked.accepts("--linked", "--quiet") == ""


def test_image_of_another_layout_is_refused(linked: Build):
    link(linked, "mcuboot", "--defsym", "ob_layout_hash=0x12345678")
    linked.refuses("mcuboot/mcuboot.elf: error: image 'mcuboot' was linked with another layout (0x12345678) than this build's",
                   options=("--linked",))


@pytest.mark.parametrize("options", [["--defsym", "ob_layout_hash_2=1"], ["--strip-all"]], ids=["other symbol", "stripped"])
def test_image_that_does_not_tell_its_layout_is_refused(options: list[str], linked: Build):
    link(linked, "app", *options)
    linked.refuses("image 'app' does not tell its layout: it has no symbol ob_layout_hash; add", options=("--linked",))


def test_image_that_is_missing_or_no_elf_is_exit_status_2(linked: Build):
    path = linked.folder / "app/app.elf"
    for content in (b"", b"\x7fELF\x02\x01" + bytes(100), b"#!/bin/sh\n" + bytes(100)):
        path.write_bytes(content)
        done = linked.run("check", "--linked")
        assert done.returncode == 2 and "app.elf: error: is no linked image" in done.stderr
    path.unlink()
    assert linked.run("check", "--linked").returncode == 2


def test_damaged_image_gets_an_answer(linked: Build, sanitized_outboard: Path):
    linked.tool = sanitized_outboard
    path = linked.folder / "app/app.elf"
    whole = path.read_bytes()
    tables = int.from_bytes(whole[32:36], "little")
    damaged = [whole[:place] + b"\xff" + whole[place + 1:] for place in [*range(32, 52), *range(tables, len(whole), 3)]]
    for content in damaged + [whole[:size] for size in range(0, len(whole), 37)]:
        path.write_bytes(content)
        done = linked.run("check", "--linked")
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
