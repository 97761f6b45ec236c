# SPDX-License-Identifier: Apache-2.0
"""Partitions that libraries ask for: the SDK's symbols, and files of the user's own."""

import pytest
import yaml

PRJ = "CONFIG_BOOTLOADER_MCUBOOT=y\n"
SETTINGS = "CONFIG_SETTINGS=y\nCONFIG_SETTINGS_NVS=y\n"
NVS = "CONFIG_NVS=y\n"
ZMS = "CONFIG_ZMS=y\n"
LITTLEFS = "CONFIG_FILE_SYSTEM=y\nCONFIG_FILE_SYSTEM_LITTLEFS=y\n"
EXTERNAL = "CONFIG_PM_PARTITION_REGION_{}_EXTERNAL=y\n"
FLASH_END = 0x80100000
SLOT = 0xF0000  # of the bootloader's defaults, with all of the internal flash
KCONFIG_NRF5340 = """config SOC_NRF5340_CPUAPP
	def_bool y

source "$(OUTBOARD_BASE)/Kconfig"
"""


def partitions(project) -> dict:
    return yaml.safe_load((project.build_dir / "partitions.yml").read_text())


def layout(project, prj: str) -> dict:
    project.write("prj.conf", prj)
    project.configure()
    return partitions(project)


def place(parts, name) -> tuple[str, int, int]:
    return parts[name]["region"], parts[name]["address"], parts[name]["size"]


def test_settings_are_at_the_end_of_internal_flash(project):
    parts = layout(project, PRJ + SETTINGS)
    assert place(parts, "settings_storage") == ("flash_primary", FLASH_END - 0x2000, 0x2000)
    assert parts["app"]["end_address"] == FLASH_END - 0x2000
    assert parts["mcuboot_secondary"]["size"] == SLOT - 0x2000


def test_settings_in_external_flash_follow_the_update_slot(project):
    parts = layout(project, PRJ + SETTINGS + EXTERNAL.format("SETTINGS_STORAGE"))
    assert place(parts, "mcuboot_secondary") == ("external_flash", 0, SLOT)
    assert place(parts, "settings_storage") == ("external_flash", SLOT, 0x2000)
    assert parts["app"]["end_address"] == FLASH_END


def test_with_sysbuild_they_come_before_the_update_slot(project):
    project.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n")
    parts = layout(project, SETTINGS + EXTERNAL.format("SETTINGS_STORAGE"))
    assert place(parts, "settings_storage") == ("external_flash", 0, 0x2000)
    assert place(parts, "mcuboot_secondary") == ("external_flash", 0x2000, SLOT)


@pytest.mark.parametrize("conf, name, symbol", [
    (LITTLEFS, "littlefs_storage", "LITTLEFS"),
    (NVS, "nvs_storage", "NVS_STORAGE"),
    (ZMS, "zms_storage", "ZMS_STORAGE"),
])
def test_storage_has_the_sdk_sizes_and_symbols(project, conf, name, symbol):
    parts = layout(project, PRJ + conf)
    assert place(parts, name) == ("flash_primary", FLASH_END - 0x6000, 0x6000)
    parts = layout(project, PRJ + conf + EXTERNAL.format(symbol) + f"CONFIG_PM_PARTITION_SIZE_{symbol}=0x9000\n")
    assert place(parts, name) == ("external_flash", SLOT, 0x9000)


@pytest.mark.parametrize("library, backend", [(NVS, "NVS"), (ZMS, "ZMS"), ("CONFIG_FCB=y\n", "FCB")])
def test_settings_use_the_library_that_is_there(project, library, backend):
    parts = layout(project, PRJ + "CONFIG_SETTINGS=y\n" + library)
    assert project.config(f"SETTINGS_{backend}") == "y"
    assert [name for name in parts if name.endswith("_storage")] == ["settings_storage"]


def test_fragment_of_the_sdk_for_settings_is_accepted_unchanged(project):
    conf = "CONFIG_FLASH=y\nCONFIG_FLASH_MAP=y\nCONFIG_FLASH_PAGE_LAYOUT=y\nCONFIG_NVS=y\nCONFIG_MPU_ALLOW_FLASH_WRITE=y\n" \
           "CONFIG_SETTINGS=y\nCONFIG_SETTINGS_RUNTIME=y\n"
    assert place(layout(project, PRJ + conf), "settings_storage") == ("flash_primary", FLASH_END - 0x2000, 0x2000)


def test_settings_elsewhere_have_no_partition(project):
    parts = layout(project, PRJ + "CONFIG_SETTINGS=y\nCONFIG_SETTINGS_CUSTOM=y\n")
    assert not [name for name in parts if name.endswith("_storage")]


def test_several_in_external_flash_have_the_sdk_order(project):
    symbols = "".join(EXTERNAL.format(name) for name in ("SETTINGS_STORAGE", "LITTLEFS", "ZMS_STORAGE"))
    parts = layout(project, PRJ + ZMS + LITTLEFS + SETTINGS + symbols)
    outside = sorted((part["address"], name) for name, part in parts.items() if part["region"] == "external_flash")
    assert [name for _, name in outside] == [
        "mcuboot_secondary", "settings_storage", "littlefs_storage", "zms_storage", "external_flash",
    ]


def test_release_needs_their_order_written_down(project):
    """A first build needs nothing; what may reach devices does."""
    conf = PRJ + SETTINGS + EXTERNAL.format("SETTINGS_STORAGE")
    before = layout(project, conf)
    version = 'CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="1.0.0"\n'
    project.write("prj.conf", conf + version)
    assert "the order of mcuboot_secondary, settings_storage in region 'external_flash'" in project.refuse()
    assert layout(project, conf + version + "CONFIG_PM_EXTERNAL_ORDER_FROM_FILES=y\n") == before
    project.write("pm_static.yml", (project.build_dir / "partitions.yml").read_text())
    assert place(layout(project, conf + version), "settings_storage") == place(before, "settings_storage")


def test_one_image_alone_has_them_too(project):
    assert layout(project, SETTINGS)["app"]["end_address"] == FLASH_END - 0x2000


def test_nrf5340_shares_ram_with_the_network_core(project):
    project.write("Kconfig", KCONFIG_NRF5340)
    parts = layout(project, PRJ + "CONFIG_PCD_APP=y\nCONFIG_RPMSG_NRF53_SRAM_SIZE=0x10000\n" + SETTINGS)
    ram = parts["sram_primary"]
    assert place(parts, "pcd_sram") == ("sram_primary", ram["address"] - 0x2000, 0x2000)
    assert place(parts, "rpmsg_nrf53_sram") == ("sram_primary", ram["end_address"], 0x10000)
    assert parts["settings_storage"]["address"] % 0x4000 == 0
    assert place(parts, "otp") == ("otp", 0xFF8100, 764)


# Files of the user's own

OWN = """
#include <zephyr/autoconf.h>
log_storage:
#ifdef CONFIG_LOG
  size: CONFIG_MAIN_STACK_SIZE
#endif
  region: external_flash
"""
LIBRARY = "ncs_add_partition_manager_config(pm.yml.log)\n"


def add_to_cmake(project, text: str):
    project.write("CMakeLists.txt", (project.source / "CMakeLists.txt").read_text() + text)


def test_library_adds_a_file_of_its_own(project):
    add_to_cmake(project, "add_subdirectory(lib)\n")
    project.write("lib/CMakeLists.txt", LIBRARY)
    path = project.write("lib/pm.yml.log", OWN)
    parts = layout(project, PRJ + "CONFIG_MAIN_STACK_SIZE=4096\n")
    assert place(parts, "log_storage") == ("external_flash", SLOT, 0x1000)
    path.write_text(OWN.replace("CONFIG_MAIN_STACK_SIZE", "0x3000"))
    assert project.make()
    assert place(partitions(project), "log_storage") == ("external_flash", SLOT, 0x3000)


KCONFIG_OWN = """source "$(OUTBOARD_BASE)/Kconfig"

partition=LOG
partition-size=0x3000
source "$(OUTBOARD_BASE)/cmake/partitions/Kconfig.template.partition_config"
source "$(OUTBOARD_BASE)/cmake/partitions/Kconfig.template.partition_region"
"""
OWN_WITH_SYMBOLS = """
#include <zephyr/autoconf.h>
log:
  size: CONFIG_PM_PARTITION_SIZE_LOG
#ifdef CONFIG_PM_PARTITION_REGION_LOG_EXTERNAL
  region: external_flash
#else
  placement: {before: [end]}
#endif
"""


def test_library_has_symbols_like_the_sdks(project):
    add_to_cmake(project, LIBRARY)
    project.write("Kconfig", KCONFIG_OWN)
    project.write("pm.yml.log", OWN_WITH_SYMBOLS)
    assert place(layout(project, PRJ), "log") == ("flash_primary", FLASH_END - 0x3000, 0x3000)
    parts = layout(project, PRJ + "CONFIG_PM_PARTITION_SIZE_LOG=0x8000\n" + EXTERNAL.format("LOG"))
    assert place(parts, "log") == ("external_flash", SLOT, 0x8000)


def test_mistake_in_such_a_file_is_refused_at_its_line(project):
    add_to_cmake(project, LIBRARY)
    project.write("pm.yml.log", "log_storage:\n  size: CONFIG_NO_SUCH_SYMBOL\n")
    assert f"{project.source}/pm.yml.log:2:9: error: size has to be a decimal or 0x number" in project.refuse()


def test_missing_file_is_refused(project):
    add_to_cmake(project, LIBRARY)
    assert f"error: {project.source}/pm.yml.log: does not exist; correct ncs_add_partition_manager_config()" in project.refuse()


def test_two_files_of_one_name_in_a_folder_are_refused(project):
    add_to_cmake(project, LIBRARY + "ncs_add_partition_manager_config(more/pm.yml.log)\n")
    for name in ("pm.yml.log", "more/pm.yml.log"):
        project.write(name, OWN)
    assert "more/pm.yml.log: a file of this name was added by the same folder; rename one of them" in project.refuse()
