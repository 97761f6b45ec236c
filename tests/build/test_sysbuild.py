# SPDX-License-Identifier: Apache-2.0
"""Settings above the images, and the folder sysbuild/."""

import pytest

from build_project import merged

SYSBUILD = "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n"


@pytest.fixture
def sysbuild(project):
    project.write("prj.conf", "")
    project.write("sysbuild.conf", SYSBUILD)
    return project


def units(project) -> str:
    return project.config("BOOT_MAX_IMG_SECTORS", "mcuboot")


def test_sysbuild_conf_brings_the_bootloader(sysbuild):
    sysbuild.configure()
    assert sysbuild.config("BOOTLOADER_MCUBOOT") == "y"
    assert sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") == "y"


def test_command_line_is_enough(project):
    project.write("prj.conf", "")
    project.configure("-DSB_CONFIG_BOOTLOADER_MCUBOOT=y")
    assert project.config("BOOTLOADER_MCUBOOT") == "y"


def test_external_secondary_must_be_asked_for(sysbuild):
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    sysbuild.configure()
    assert sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY") is None
    assert "region: external_flash\n  share_size" not in (sysbuild.build_dir / "partitions.yml").read_text()


def test_forced_symbols_cannot_be_changed_by_the_images(sysbuild):
    conf = sysbuild.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=n\n")
    boot = sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_UPGRADE_ONLY=y\n")
    output = sysbuild.configure()
    assert sysbuild.config("BOOTLOADER_MCUBOOT") == "y"
    assert sysbuild.config("BOOT_SWAP_USING_SLIDE", "mcuboot") == "y"
    assert f"{conf}:1: warning: CONFIG_BOOTLOADER_MCUBOOT=n has no effect: sysbuild forces it to y ({sysbuild.source}/sysbuild.conf:1)" in output
    assert f"{boot}:1: warning: CONFIG_BOOT_UPGRADE_ONLY=y has no effect: sysbuild forces it to n" in output


def test_layout_that_sysbuild_forces_otherwise_is_refused(sysbuild):
    """The SDK drops the setting: slots lie elsewhere than the project's own files say."""
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    conf = sysbuild.write("prj.conf", "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n")
    message = "error: CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y cannot be had: sysbuild forces it to n"
    assert f"{conf}:1: {message}" in sysbuild.refuse()
    conf.write_text("")
    message = "command line: error: CONFIG_PM_PARTITION_SIZE_MCUBOOT_PAD=0x400 cannot be had: sysbuild forces it to 0x200"
    assert message in sysbuild.refuse("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT_PAD=0x400")


def test_mode_is_chosen_above_the_images(sysbuild):
    sysbuild.configure("-DSB_CONFIG_MCUBOOT_MODE_OVERWRITE_ONLY=y")
    assert sysbuild.config("BOOT_UPGRADE_ONLY", "mcuboot") == "y"


def test_folder_is_the_whole_configuration_of_the_image(sysbuild):
    sysbuild.write("sysbuild/mcuboot/prj.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=241\n")
    sysbuild.write("sysbuild/mcuboot/boards/qemu_ast1030.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    sysbuild.write("sysbuild/mcuboot/app.overlay", '/ { model = "from the folder"; };\n')
    output = sysbuild.configure()
    assert "bootloader/prj.conf" not in output
    assert (units(sysbuild), sysbuild.config("MAIN_STACK_SIZE", "mcuboot")) == ("241", "5000")
    assert "from the folder" in (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()


def test_same_named_files_are_appended_unless_variables_are_given(sysbuild):
    sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=242\n")
    sysbuild.write("sysbuild/mcuboot.overlay", '/ { model = "from the file"; };\n')
    assert merged(sysbuild.configure())[-1] == "mcuboot.conf"
    assert units(sysbuild) == "242"
    assert "from the file" in (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()
    extra = sysbuild.write("extra.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=243\n")
    overlay = sysbuild.write("extra.overlay", "")
    output = sysbuild.configure(f"-Dmcuboot_EXTRA_CONF_FILE={extra}", f"-Dmcuboot_EXTRA_DTC_OVERLAY_FILE={overlay}")
    assert "mcuboot.conf" not in merged(output) and units(sysbuild) == "243"
    assert "from the file" not in (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()


@pytest.mark.parametrize("variable", ["EXTRA_CONF_FILE", "OVERLAY_CONFIG"])
def test_fragment_of_the_command_line_takes_the_place_of_the_same_named_file(sysbuild, variable):
    sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=242\n")
    extra = sysbuild.write("extra.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    sysbuild.configure(f"-Dmcuboot_{variable}={extra}")
    assert (units(sysbuild), sysbuild.config("MAIN_STACK_SIZE", "mcuboot")) == ("0", "5000")


@pytest.mark.parametrize("variable", ["EXTRA_DTC_OVERLAY_FILE", "DTC_OVERLAY_FILE"])
def test_overlay_of_the_command_line_takes_the_place_of_the_same_named_file(sysbuild, variable):
    sysbuild.write("sysbuild/mcuboot.overlay", '/ { model = "from the file"; };\n')
    overlay = sysbuild.write("extra.overlay", '/ { compatible = "extra"; };\n')
    sysbuild.configure(f"-Dmcuboot_{variable}={overlay}")
    text = (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()
    assert "from the file" not in text and '"extra"' in text


def test_conf_file_beats_everything_in_the_folder(sysbuild):
    sysbuild.write("sysbuild/mcuboot/prj.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=241\n")
    sysbuild.write("sysbuild/mcuboot/app.overlay", '/ { model = "from the folder"; };\n')
    sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=242\n")
    other = sysbuild.write("other.conf", "CONFIG_MAIN_STACK_SIZE=6000\n")
    sysbuild.configure(f"-Dmcuboot_CONF_FILE={other}")
    assert (units(sysbuild), sysbuild.config("MAIN_STACK_SIZE", "mcuboot")) == ("0", "6000")
    assert "from the folder" not in (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()


@pytest.mark.parametrize("variable", ["FILE_SUFFIX", "mcuboot_FILE_SUFFIX"])
def test_suffix_prefers_suffixed_files_of_the_image(sysbuild, variable):
    """Above the images it is for all of them."""
    sysbuild.write("sysbuild/mcuboot/prj.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=241\n")
    sysbuild.write("sysbuild/mcuboot/prj_lab.conf", "CONFIG_BOOT_MAX_IMG_SECTORS=244\n")
    sysbuild.write("sysbuild/mcuboot/boards/qemu_ast1030.overlay", '/ { model = "plain"; };\n')
    sysbuild.write("sysbuild/mcuboot/boards/qemu_ast1030_lab.overlay", '/ { model = "lab"; };\n')
    sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    sysbuild.write("sysbuild/mcuboot_lab.conf", "CONFIG_MAIN_STACK_SIZE=5100\n")
    sysbuild.configure(f"-D{variable}=lab")
    assert (units(sysbuild), sysbuild.config("MAIN_STACK_SIZE", "mcuboot")) == ("244", "5100")
    assert 'model = "lab"' in (sysbuild.build_dir / "mcuboot/devicetree.dts").read_text()
    sysbuild.configure(f"-D{variable}=other")  # nothing has it: the plain files
    assert (units(sysbuild), sysbuild.config("MAIN_STACK_SIZE", "mcuboot")) == ("241", "5000")


def test_suffix_of_the_image_beats_the_common_one(sysbuild):
    for suffix, value in (("lab", 244), ("field", 245)):
        sysbuild.write(f"sysbuild/mcuboot_{suffix}.conf", f"CONFIG_BOOT_MAX_IMG_SECTORS={value}\n")
    sysbuild.configure("-DFILE_SUFFIX=lab", "-Dmcuboot_FILE_SUFFIX=field")
    assert units(sysbuild) == "245"


def test_settings_above_the_images_come_from_the_file_that_is_named(sysbuild):
    other = sysbuild.write("other.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    sysbuild.configure("-DSB_CONF_FILE=other.conf")
    assert sysbuild.config("BOOTLOADER_MCUBOOT") == "y" and sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY") is None
    other.rename(sysbuild.source / "sysbuild_lab.conf")
    sysbuild.configure("-USB_CONF_FILE", "-DFILE_SUFFIX=lab")
    assert sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY") is None


def test_command_line_beats_sysbuild_conf(sysbuild):
    sysbuild.configure("-DSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n")
    assert sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") is None


@pytest.mark.parametrize("mode", ["SINGLE_APP", "DIRECT_XIP", "DIRECT_XIP_WITH_REVERT", "FIRMWARE_UPDATER"])
def test_mode_that_outboard_does_not_have_is_refused(sysbuild, mode):
    path = sysbuild.write("sysbuild.conf", SYSBUILD + f"SB_CONFIG_MCUBOOT_MODE_{mode}=y\n")
    assert f"{path}:3: error: SB_CONFIG_MCUBOOT_MODE_{mode} is not supported: " in sysbuild.refuse()


def test_defaults_of_kconfig_sysbuild_count(project):
    project.write("prj.conf", "")
    project.write("Kconfig.sysbuild", 'config BOOTLOADER_MCUBOOT\n\tdefault y\n\nsource "${ZEPHYR_BASE}/share/sysbuild/Kconfig"\n')
    project.configure("-DSYSBUILD=ON")
    assert project.config("BOOTLOADER_MCUBOOT") == "y"


def test_unknown_symbol_is_refused(sysbuild):
    path = sysbuild.write("sysbuild.conf", SYSBUILD + "SB_CONFIG_BOOTLOADER_MCUBOOTS=y\n")
    assert f"{path}:3: error: SB_CONFIG_BOOTLOADER_MCUBOOTS is unknown; did you mean SB_CONFIG_BOOTLOADER_MCUBOOT?" in sysbuild.refuse()


def test_child_image_that_sysbuild_leaves_out_is_refused(project):
    """The key would be dropped without a word, and the demo key would sign."""
    project.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    conf = project.write("child_image/mcuboot.conf", 'CONFIG_BOOT_SIGNATURE_KEY_FILE="mine.pem"\n')
    errors = project.refuse()
    assert f"{conf}: error: is not used with sysbuild" in errors and "move it to sysbuild/mcuboot.conf" in errors
    project.write("sysbuild/mcuboot.conf", "CONFIG_LOG=y\n")
    assert f'{conf}: its CONFIG_BOOT_SIGNATURE_KEY_FILE="mine.pem" is not used with sysbuild' in project.refuse()


def test_sysbuild_folder_that_nobody_asked_for_is_refused(project):
    conf = project.write("sysbuild/mcuboot.conf", "CONFIG_LOG=n\n")
    assert f"{conf}: error: is not used without sysbuild.conf" in project.refuse()
    project.configure("-DSYSBUILD=ON", "-DSB_CONFIG_BOOTLOADER_MCUBOOT=y")
    assert project.config("LOG", "mcuboot") is None


KCONFIG = """
config PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY
	default y if BOARD_QEMU_AST1030

choice MCUBOOT_MODE
	default MCUBOOT_MODE_OVERWRITE_ONLY if SOC_AST1030
endchoice

config NETCORE_IPC_RADIO
	default y if {condition}

source "${{ZEPHYR_BASE}}/share/sysbuild/Kconfig"
"""


def test_board_and_soc_are_known_above_the_images(sysbuild):
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    sysbuild.write("Kconfig.sysbuild", KCONFIG.format(condition="SOC_NRF5340_CPUAPP"))
    sysbuild.configure()
    assert sysbuild.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") == "y"
    assert sysbuild.config("BOOT_UPGRADE_ONLY", "mcuboot") == "y"


def test_default_for_a_symbol_of_the_sdk_counts_as_setting_it(sysbuild):
    sysbuild.write("Kconfig.sysbuild", KCONFIG.format(condition="SOC_AST1030"))
    assert "Kconfig.sysbuild:9: error: SB_CONFIG_NETCORE_IPC_RADIO is not supported: images for a second core" in sysbuild.refuse()


def test_folder_of_an_image_that_is_not_built_is_named(sysbuild):
    sysbuild.write("sysbuild/b0n/prj.conf", "CONFIG_FLASH=y\n")
    sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_STACK_REPORT=y\n")
    text = sysbuild.configure()
    assert "sysbuild/b0n: warning: is not used: no child image has this name, there is: mcuboot" in text
    assert "sysbuild/mcuboot.conf: warning" not in text


@pytest.mark.parametrize("source", ["${ZEPHYR_BASE}/share/sysbuild/Kconfig", "share/sysbuild/Kconfig"])
def test_type_of_signature_above_the_images_reaches_the_bootloader(sysbuild, source):
    sysbuild.write("Kconfig.sysbuild", f'source "{source}"\n')
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_BOOT_SIGNATURE_TYPE_ED25519=y\nSB_CONFIG_BOOT_SIGNATURE_TYPE_PURE=y\n")
    sysbuild.configure()
    assert sysbuild.config("BOOT_SIGNATURE_TYPE_NAME", "mcuboot") == "ed25519-pure"


def test_what_an_image_includes_or_names_is_used(sysbuild, repo):
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    sysbuild.write("sysbuild/common.dtsi", "/ { };\n")
    sysbuild.write("sysbuild/mcuboot.overlay", '#include "common.dtsi"\n')
    sysbuild.write("sysbuild/other.overlay", "")
    sysbuild.write("sysbuild/mine.pem", (repo / "keys/demo-p256.pem").read_text())
    sysbuild.write("sysbuild/mcuboot.conf", 'CONFIG_BOOT_SIGNATURE_KEY_FILE="mine.pem"\n')
    output = sysbuild.configure()
    assert [line for line in output.splitlines() if "is not used" in line] == [
        f"{sysbuild.source}/sysbuild/other.overlay: warning: is not used: no child image has this name, there is: mcuboot"]
    assert "sysbuild/mine.pem" in (sysbuild.build_dir / "build.ninja").read_text()


def test_what_cannot_be_forced_is_told_at_the_line_above_the_images(sysbuild):
    conf = sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_SECURE_BOOT_NETCORE=y\nSB_CONFIG_NETCORE_APP_UPDATE=y\n")
    errors = sysbuild.refuse()
    assert f"{conf}:3: error: CONFIG_NRF53_MULTI_IMAGE_UPDATE=y cannot be had: it needs" in errors


def test_more_settings_above_the_images_count_last(sysbuild):
    sysbuild.write("debug.conf", "SB_CONFIG_MCUBOOT_MODE_OVERWRITE_ONLY=y\n")
    sysbuild.configure("-DSB_EXTRA_CONF_FILE=debug.conf")
    assert sysbuild.config("BOOT_UPGRADE_ONLY", "mcuboot") == "y"


@pytest.mark.parametrize("condition, mode", [("SOC_SERIES_NRF53X", "BOOT_UPGRADE_ONLY"), ("SOC_SERIES_NRF52X", "BOOT_SWAP_USING_SLIDE"),
                                             ("BOARD_NRF5340DK", "BOOT_UPGRADE_ONLY"), ("SOC_FAMILY_NORDIC_NRF", "BOOT_UPGRADE_ONLY")])
def test_names_that_the_sdk_gives_a_soc_are_known_above_the_images(sysbuild, condition, mode):
    sysbuild.write("Kconfig.sysbuild", f'choice MCUBOOT_MODE\n\tdefault MCUBOOT_MODE_OVERWRITE_ONLY if {condition}\nendchoice\n\nsource "share/sysbuild/Kconfig"\n')
    sysbuild.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    assert sysbuild.cmake(board="nrf5340dk/nrf5340/cpuapp").returncode == 0
    assert sysbuild.config(mode, "mcuboot") == "y"


def test_bootloader_is_chosen_as_in_the_sdk(project):
    project.write("prj.conf", "")
    project.write("Kconfig.sysbuild", 'choice BOOTLOADER\n\tdefault BOOTLOADER_MCUBOOT if !BOARD_NRF21540DK\nendchoice\n\nsource "share/sysbuild/Kconfig"\n')
    project.configure()  # nothing but sysbuild reads that file
    assert project.config("BOOTLOADER_MCUBOOT") == "y"
    project.write("child_image/mcuboot.conf", "")
    project.configure()
    assert project.config("BOOTLOADER_MCUBOOT") is None


def test_default_of_a_choice_that_is_not_there_counts_as_setting_it(sysbuild):
    kconfig = sysbuild.write("Kconfig.sysbuild", 'choice NETCORE\n\tdefault NETCORE_HCI_IPC\nendchoice\n\nsource "share/sysbuild/Kconfig"\n')
    assert f"{kconfig}:1: error: SB_CONFIG_NETCORE_HCI_IPC is not supported: images for a second core" in sysbuild.refuse()
    kconfig.write_text('choice MCUBOOT_MODE\n\tdefault MCUBOOT_MODE_DIRECT_XIP\nendchoice\n\nsource "share/sysbuild/Kconfig"\n')
    assert f"{kconfig}:1: error: SB_CONFIG_MCUBOOT_MODE_DIRECT_XIP is not supported" in sysbuild.refuse()
    kconfig.write_text('choice MCUBOOT_MODE\n\tdefault MCUBOOT_MODE_SWAP_USING_MOVE\nendchoice\n\nsource "share/sysbuild/Kconfig"\n')
    assert f"{kconfig}:1: note: SB_CONFIG_MCUBOOT_MODE_SWAP_USING_MOVE is SB_CONFIG_MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH here" in sysbuild.configure()


def test_condition_on_a_name_that_nobody_defines_is_told(sysbuild):
    kconfig = sysbuild.write("Kconfig.sysbuild", 'config PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY\n\tdefault y if MATER_OTA\n\nsource "share/sysbuild/Kconfig"\n')
    assert f"{kconfig}:1: warning: SB_CONFIG_MATER_OTA is asked for and is unknown here, which counts as n" in sysbuild.configure()


def test_driver_check_that_sysbuild_keeps_is_no_loss(sysbuild):
    conf = sysbuild.write("sysbuild/mcuboot.conf", "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y\n")
    assert f"{conf}:1: warning: CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y has no effect: sysbuild forces it to n" in sysbuild.configure()


def test_bootloader_that_an_image_asks_for_and_sysbuild_leaves_out_is_refused(sysbuild):
    """Else the device could never be updated."""
    sysbuild.write("sysbuild.conf", "")
    conf = sysbuild.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    message = "error: CONFIG_BOOTLOADER_MCUBOOT=y cannot be had: sysbuild forces it to n (default of SB_CONFIG_BOOTLOADER_MCUBOOT)"
    assert f"{conf}:1: {message}" in sysbuild.refuse()
