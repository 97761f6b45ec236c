# SPDX-License-Identifier: Apache-2.0
"""Kconfig of one image: what overrides what, and what is refused."""

import pytest
from build_project import merged


def test_later_fragments_win_and_the_command_line_last(project):
    project.write("boards/qemu_ast1030.conf", "CONFIG_MAIN_STACK_SIZE=2000\n")
    project.write("extra.conf", "CONFIG_MAIN_STACK_SIZE=3000\n")
    project.write("prj.conf", "CONFIG_MAIN_STACK_SIZE=1000\nCONFIG_FLASH_SIZE=512\n")
    output = project.configure()
    assert merged(output) == ["qemu_ast1030_defconfig", "prj.conf", "qemu_ast1030.conf"]
    assert (project.config("MAIN_STACK_SIZE"), project.config("FLASH_SIZE")) == ("2000", "512")
    output = project.configure("-DEXTRA_CONF_FILE=extra.conf")
    assert merged(output)[-1] == "extra.conf"
    assert project.config("MAIN_STACK_SIZE") == "3000"
    project.configure("-DCONFIG_MAIN_STACK_SIZE=4000")
    assert project.config("MAIN_STACK_SIZE") == "4000"


def test_conf_file_replaces_prj_conf_and_its_board_fragment(project):
    project.write("boards/qemu_ast1030.conf", "CONFIG_MAIN_STACK_SIZE=2000\n")
    project.write("other.conf", "")
    output = project.configure("-DCONF_FILE=other.conf")
    assert merged(output) == ["qemu_ast1030_defconfig", "other.conf"]
    assert project.config("BOOTLOADER_MCUBOOT") is None


def test_file_suffix_prefers_suffixed_files(project):
    project.write("prj_release.conf", "CONFIG_MAIN_STACK_SIZE=1000\n")
    project.write("boards/qemu_ast1030.conf", "CONFIG_LOG=n\n")
    output = project.configure("-DFILE_SUFFIX=release")
    assert merged(output)[1:] == ["prj_release.conf", "qemu_ast1030.conf"]


def test_unknown_symbol_names_file_line_and_nearest(project):
    path = project.write("prj.conf", "# first\nCONFIG_MAIN_STACK_SIZ=1000\n")
    assert f"{path}:2: error: CONFIG_MAIN_STACK_SIZ is unknown; did you mean CONFIG_MAIN_STACK_SIZE?" in project.refuse()
    assert not (project.build_dir / ".config").exists()


def test_unknown_symbol_on_the_command_line_is_refused(project):
    assert "command line: error: CONFIG_SPI_NORR is unknown; did you mean CONFIG_SPI_NOR?" in project.refuse("-DCONFIG_SPI_NORR=y")


def test_sdk_symbol_without_meaning_is_accepted_with_a_note(project):
    path = project.write("prj.conf", "CONFIG_MULTITHREADING=n\n")
    assert f"{path}:1: note: CONFIG_MULTITHREADING has no meaning here" in project.configure()


def test_symbols_of_a_family_are_known_by_its_name(project):
    path = project.write("prj.conf", "CONFIG_KERNEL_LOG_LEVEL_INF=y\nCONFIG_SPI_LOG_LEVEL=4\nCONFIG_CLOCK_CONTROL_NRF_K32SRC_RC=y\n")
    output = project.configure()
    for number in (1, 2):
        assert f"{path}:{number}: note: " in output
    assert "CONFIG_CLOCK_CONTROL_NRF_K32SRC_RC has no meaning here and is ignored: the clock of 32 kHz is not started" in output


def test_sdk_symbol_that_asks_for_what_is_not_there_is_refused(project):
    path = project.write("prj.conf", "CONFIG_BOOT_DIRECT_XIP=n\n")
    project.configure()
    project.write("prj.conf", "CONFIG_BOOT_DIRECT_XIP=y\n")
    assert f"{path}:1: error: CONFIG_BOOT_DIRECT_XIP is not supported: images run from the primary slot only" in project.refuse()


def test_entrance_of_recovery_that_the_board_does_not_have_is_refused(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    path = project.write("child_image/mcuboot.conf", "CONFIG_MCUBOOT_SERIAL=y\nCONFIG_BOOT_SERIAL_PIN_RESET=y\n")
    assert f"{path}:2: error: CONFIG_BOOT_SERIAL_PIN_RESET=y cannot be had: it needs SOC_FAMILY_NRF" in project.refuse()


def test_all_mistakes_are_told_in_one_run(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_LGO=y\nCONFIG_MAIN_STACK_SIZE=much\nno assignment\nCONFIG_BT=y\n"
                              "CONFIG_PM_EXTERNAL_FLASH_BASE=0xf1000000\n")
    errors = project.refuse()
    for number, text in ((2, "CONFIG_LGO is unknown; did you mean CONFIG_LOG?"), (3, "is no value of type int"), (4, "is no assignment"),
                         (5, "CONFIG_BT is not supported"), (6, "is out of range")):
        assert f"prj.conf:{number}: error: " in errors and text in errors, errors


def test_mistakes_of_all_files_and_images_are_told_in_one_run(project):
    """Above the images, in devicetree and configuration of the application, and of the bootloader. Nothing of it makes another one up."""
    project.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_MCUBOT=y\n")
    project.write("prj.conf", "CONFIG_LGO=y\nCONFIG_SPI_NOR=y\n")
    project.write("app.overlay", "&nothing { };\n")
    project.write("sysbuild/mcuboot.conf", "CONFIG_BOOT_DIRECT_XIP=y\n")
    project.write("sysbuild/mcuboot.overlay", "/ { size = <DT_SIZE_X(1)>; };\n")
    places = [line.split(": error: ")[0].removeprefix(f"{project.source}/") for line in project.refuse().splitlines() if "error: The" not in line]
    assert places == ["sysbuild/mcuboot.overlay:1:13", "sysbuild/mcuboot.conf:1", "sysbuild.conf:2", "app.overlay:1:1", "prj.conf:1"]
    assert not list(project.build_dir.rglob("devicetree.json")) and not list(project.build_dir.rglob(".config"))


def test_key_and_version_that_are_wrong_are_told_with_other_mistakes(project):
    project.write("prj.conf", 'CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_LGO=y\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="one"\n')
    project.write("child_image/mcuboot.conf", '# [\nCONFIG_BOOT_SIGNATURE_KEY_FILE="no.pem"\nCONFIG_LGO=y\n')
    errors = project.refuse()
    for place in ("child_image/mcuboot.conf:3: error: ", "prj.conf:2: error: ", "child_image/mcuboot.conf:2: no.pem: no such key file",
                  'prj.conf:3: CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="one" is no version'):
        assert place in errors


def test_file_version_is_what_images_are_signed_as(project):
    version = project.write("VERSION", "VERSION_MAJOR = 2\nVERSION_MINOR = 7\nPATCHLEVEL = 1\nVERSION_TWEAK = 4\nEXTRAVERSION = rc1\n")
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=\"1.2.3+4\"\n")
    project.configure()
    assert project.config("MCUBOOT_IMGTOOL_SIGN_VERSION") == "1.2.3+4"
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    project.configure()
    assert project.config("MCUBOOT_IMGTOOL_SIGN_VERSION") == "2.7.1+4"
    version.write_text("1.0.0\n")
    assert f"{version}: warning: is not used: it has no line VERSION_MAJOR = <number>" in project.configure()
    assert project.config("MCUBOOT_IMGTOOL_SIGN_VERSION") == "0.0.0+0"


def test_kconfig_of_a_zephyr_application_is_taken(project):
    project.write("Kconfig", 'config OWN\n\tbool "Own"\n\nmenu "Zephyr"\nsource "Kconfig.zephyr"\nendmenu\n')
    project.write("prj.conf", "CONFIG_OWN=y\nCONFIG_BOOTLOADER_MCUBOOT=y\n")
    project.configure()
    assert project.config("OWN") == "y" and project.config("BOOTLOADER_MCUBOOT") == "y"


def test_symbol_that_means_the_same_is_mapped(project):
    project.write("child_image/mcuboot.conf", "CONFIG_BOOT_SWAP_USING_MOVE=y\n")
    output = project.configure()
    assert "mcuboot.conf:1: note: CONFIG_BOOT_SWAP_USING_MOVE is CONFIG_BOOT_SWAP_USING_SLIDE here" in output
    assert project.config("BOOT_SWAP_USING_SLIDE", "mcuboot") == "y"


def test_encryption_above_the_images_reaches_the_bootloader(project):
    """Without it an image would travel in clear, and nobody would know."""
    project.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_BOOT_ENCRYPTION=y\n"
                                   "SB_CONFIG_BOOT_ENCRYPTION_ALG_AES_256=y\n")
    project.configure()
    assert project.config("BOOT_ENCRYPT_IMAGE", "mcuboot") == "y"
    assert project.config("BOOT_ENCRYPT_KEY_SIZE", "mcuboot") == "32"


def test_mark_at_the_head_of_a_file_is_no_part_of_a_line(project):
    project.write("prj.conf", "\ufeffCONFIG_BOOTLOADER_MCUBOOT=y\n")
    project.configure()
    assert project.config("BOOTLOADER_MCUBOOT") == "y"


def test_wrong_values_are_refused(project):
    for line, text in (
        ("CONFIG_LOG=maybe", 'CONFIG_LOG: "maybe" is no value of type bool'),
        ("CONFIG_MAIN_STACK_SIZE=100", "CONFIG_MAIN_STACK_SIZE=100 is out of range; use 512 to 131072"),
        ("CONFIG_PM_SRAM_SIZE=0x100", "CONFIG_PM_SRAM_SIZE cannot be set: it follows from other symbols"),
        ("LOG=y", '"LOG=y" is no assignment; write CONFIG_<symbol>=<value>'),
    ):
        path = project.write("prj.conf", line + "\n")
        assert f"{path}:1: error: {text}" in project.refuse()


def test_string_without_quotes_is_refused(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=1.2.3\n")
    assert 'is a string; write CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="1.2.3"' in project.refuse()


def test_assignment_without_effect_says_what_it_needs(project):
    path = project.write("prj.conf", "CONFIG_SPI=n\nCONFIG_SPI_ASPEED=y\n")
    assert f"{path}:2: warning: CONFIG_SPI_ASPEED=y has no effect: it needs SPI" in project.configure()


@pytest.mark.parametrize("name, text, needs", [
    ("child_image/mcuboot.conf", "CONFIG_FPROTECT=y", "CONFIG_FPROTECT=y cannot be had: it needs "),
    ("child_image/mcuboot.conf", "CONFIG_BOOT_SERIAL_WAIT_FOR_DFU=y", "CONFIG_BOOT_SERIAL_WAIT_FOR_DFU=y cannot be had: it needs MCUBOOT_SERIAL"),
    ("child_image/mcuboot.conf", "CONFIG_BOOT_FIH_PROFILE_HIGH=y", "CONFIG_BOOT_FIH_PROFILE_HIGH=y cannot be had: it needs SOC_RANDOM (SOC_RANDOM: "),
    ("child_image/mcuboot.conf", "CONFIG_BOOT_ENCRYPT_EC256=y", "CONFIG_BOOT_ENCRYPT_EC256=y cannot be had: it needs BOOT_ENCRYPT_IMAGE; change that"),
    ("child_image/mcuboot.conf", "CONFIG_NRF_APPROTECT_LOCK=y", "CONFIG_NRF_APPROTECT_LOCK=y cannot be had: it needs "),
])
def test_protection_and_recovery_are_never_lost_with_a_warning(project, name, text, needs):
    path = project.write(name, text + "\n")
    errors = project.refuse()
    assert f"{path}:1: error: {needs}" in errors and f"set {text[:-1]}n if the device can do without" in errors


def test_later_choice_of_the_user_wins_without_an_error(project):
    project.write("child_image/mcuboot.conf", "CONFIG_BOOT_SIGNATURE_TYPE_RSA=y\n")
    output = project.configure("-Dmcuboot_CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256=y")
    assert project.config("BOOT_SIGNATURE_TYPE_ECDSA_P256", "mcuboot") == "y"
    assert "mcuboot.conf:1: warning: CONFIG_BOOT_SIGNATURE_TYPE_RSA=y has no effect" in output


def test_comment_behind_a_value_is_none_of_it(project):
    project.write("prj.conf", 'CONFIG_BOOTLOADER_MCUBOOT=y # the one of the tree\nCONFIG_MAIN_STACK_SIZE=3000 # bytes\n'
                  'CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="1.2.3+4" # of "today" #\n')
    project.configure()
    assert project.config("BOOTLOADER_MCUBOOT") == "y" and project.config("MAIN_STACK_SIZE") == "3000"
    assert project.config("MCUBOOT_IMGTOOL_SIGN_VERSION") == "1.2.3+4"


def test_bool_n_is_undefined_and_y_is_1(project):
    project.write("prj.conf", "CONFIG_SPI=n\n")
    project.configure()
    header = project.header("autoconf.h")
    assert "#define CONFIG_LOG 1\n" in header
    assert "CONFIG_SPI " not in header


def test_menuconfig_stays_until_a_fragment_changes(project):
    project.configure()
    path = project.build_dir / ".config"
    path.write_text(path.read_text().replace("CONFIG_MAIN_STACK_SIZE=4096", "CONFIG_MAIN_STACK_SIZE=8000"))
    project.configure()
    assert project.config("MAIN_STACK_SIZE") == "8000"
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_FLASH_SIZE=512\n")
    project.configure()
    assert project.config("MAIN_STACK_SIZE") == "4096"


@pytest.mark.parametrize("name, text, symbol, value", [
    ("Kconfig", 'config TEXT\n\tstring "A text"\n\tdefault "new"\nsource "$(OUTBOARD_BASE)/Kconfig"\n', "TEXT", "new"),
    ("app.overlay", "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n", "PM_EXTERNAL_FLASH_ENABLED", None),
])
def test_default_that_changes_is_taken(project, name, text, symbol, value):
    """Nothing of the user's says what it is: a Kconfig file's default, a devicetree from which one follows."""
    project.write("Kconfig", 'config TEXT\n\tstring "A text"\n\tdefault "old"\nsource "$(OUTBOARD_BASE)/Kconfig"\n')
    project.write("prj.conf", "")
    project.configure()
    assert project.config("TEXT") == "old" and project.config("PM_EXTERNAL_FLASH_ENABLED") == "y"
    project.write(name, text)
    project.configure()
    assert project.config(symbol) == value


def test_every_symbol_says_what_gets_better_and_worse(repo):
    """A symbol that the user can set has a help text."""
    for path in [*repo.glob("Kconfig"), *repo.glob("*/**/Kconfig")]:
        if "build" in path.relative_to(repo).parts:
            continue
        blocks = path.read_text().split("\nconfig ")[1:]
        for block in blocks:
            name = block.split("\n", 1)[0]
            has_prompt = any(line.strip().startswith(('bool "', 'int "', 'hex "', 'string "')) for line in block.splitlines())
            assert not has_prompt or "\thelp\n" in block, f"{path}: {name} has no help"
