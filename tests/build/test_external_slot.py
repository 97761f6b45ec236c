# SPDX-License-Identifier: Apache-2.0
"""Mistakes with an update slot in external flash that are known from the nRF Connect SDK, where most pass the build.

test_misuse.py has those in the bootloader; what the build cannot see is in tests/emu/test_misconfiguration.py.
"""

import re
import shutil

import pytest

NO_CHOSEN = "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n"
CLAIM = "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y"


def test_application_without_driver_for_the_update_slot_is_refused(project):
    errors = project.refuse("-DCONFIG_SPI_NOR=n")
    assert "image 'app' cannot open 'mcuboot_secondary': CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER is not set" in errors
    assert "image 'app' has no driver for /soc/spi@7e630000/flash@0: CONFIG_SPI_NOR is not set" in errors


def test_region_without_a_chip_in_the_application_is_refused(project):
    """Only the bootloader's devicetree has the chosen: the application's makes the region."""
    project.write("app.overlay", NO_CHOSEN)
    errors = project.refuse("-Dmcuboot_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y")
    assert "partition 'mcuboot_secondary' is put in region 'external_flash', which does not exist in this build" in errors
    assert "devicetree chosen nordic,pm-ext-flash" in errors


UNAVAILABLE = "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y cannot be had: it needs PM_EXTERNAL_FLASH_ENABLED"


def test_external_slot_that_cannot_be_had_is_said_where_it_is_asked_for(project):
    """In the SDK the slot moves into internal flash, and devices in the field get a layout that nobody asked for."""
    project.write("app.overlay", NO_CHOSEN)
    conf = project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n")
    errors = project.refuse()
    assert f"{conf}:2: error: {UNAVAILABLE}" in errors
    assert "nordic,pm-ext-flash = &<label>" in errors and "MCUBOOT_SECONDARY=n if the device can do without" in errors


def test_external_slot_that_sysbuild_cannot_have_is_said_where_it_is_asked_for(project):
    project.write("app.overlay", NO_CHOSEN)
    project.write("prj.conf", "")
    conf = project.write("sysbuild.conf", "SB_CONFIG_BOOTLOADER_MCUBOOT=y\nSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n")
    assert f"{conf}:2: error: {UNAVAILABLE}" in project.refuse()
    conf.write_text("SB_CONFIG_BOOTLOADER_MCUBOOT=y\n")
    assert f"command line: error: {UNAVAILABLE}" in project.refuse("-DSB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y")


def test_external_slot_without_a_bootloader_is_refused(project):
    conf = project.write("prj.conf", "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n")
    assert f"{conf}:1: error: CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y cannot be had: it needs BOOTLOADER_MCUBOOT" in project.refuse()


def test_chip_that_is_disabled_in_the_bootloader_is_refused(project):
    project.write("child_image/mcuboot.overlay", '&mx25l256 { status = "disabled"; };\n')
    errors = project.refuse()
    assert "image 'mcuboot' cannot open 'mcuboot_secondary': node /soc/spi@7e630000/flash@0 is not okay" in errors


def test_bus_that_is_disabled_in_the_bootloader_is_refused(project):
    project.write("child_image/mcuboot.overlay", '&spi1 { status = "disabled"; };\n')
    assert "image 'mcuboot' cannot open 'mcuboot_secondary': node /soc/spi@7e630000 is not okay" in project.refuse()


@pytest.mark.parametrize(
    "label, message",
    [
        ("flash0", "regions 'flash_primary' and 'external_flash' of image 'app' are the same chip, /soc/spi@7e620000/flash@0"),
        ("uart5", "/soc/serial@7e784000: is chosen as nordic,pm-ext-flash but has no 'size'"),
    ],
    ids=["internal_flash", "no_flash"],
)
def test_node_that_is_no_external_chip_is_refused(project, label, message):
    for overlay in ("app.overlay", "child_image/mcuboot.overlay"):
        project.write(overlay, f"/ {{ chosen {{ nordic,pm-ext-flash = &{label}; }}; }};\n")
    assert message in project.refuse()


def test_symbol_that_needs_a_node_says_so(project):
    path = project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_SOC_FLASH_NRF=y\n")
    warning = f"{path}:2: warning: CONFIG_SOC_FLASH_NRF=y has no effect: it needs a devicetree node that is not there or not okay"
    assert warning in project.configure()


def test_chip_that_is_smaller_in_the_bootloader_is_refused(project):
    project.write("child_image/mcuboot.overlay", "&mx25l256 { size = <0x8000000>; };\n")
    errors = project.refuse()
    assert "region 'external_flash' has 0x2000000 bytes but /soc/spi@7e630000/flash@0 of image 'mcuboot' only 0x1000000" in errors


@pytest.mark.parametrize("fact, value", [("jedec-id", "[ef 40 19]"), ("size", "<0x20000000>")])
def test_chip_that_is_described_differently_in_the_bootloader_is_refused(project, fact, value):
    """The same place on the same bus, but an overlay for a second source reached one image only."""
    project.write("child_image/mcuboot.overlay", f"&mx25l256 {{ {fact} = {value}; }};\n")
    assert f"images 'app' and 'mcuboot' have a different {fact} of /soc/spi@7e630000/flash@0" in project.refuse()


def test_claimed_driver_does_not_replace_the_chosen_chip(project):
    project.write("child_image/mcuboot.overlay", NO_CHOSEN)
    assert "its devicetree has no DT_CHOSEN(nordic_pm_ext_flash)" in project.refuse(f"-Dmcuboot_{CLAIM}")


def test_claimed_driver_does_not_excuse_the_application(project):
    assert "image 'app' cannot open 'mcuboot_secondary'" in project.refuse(f"-Dmcuboot_{CLAIM}", "-DCONFIG_SPI_NOR=n")


@pytest.mark.parametrize("symbol", ["PM_EXTERNAL_FLASH", "PM_EXTERNAL_FLASH_DEV_NAME", "PM_EXTERNAL_FLASH_SIZE"])
def test_symbols_of_old_answers_are_accepted_with_what_replaced_them(project, symbol):
    conf = project.write("prj.conf", f"CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_{symbol}=y\n")
    output = project.configure()
    assert re.search(rf"{re.escape(str(conf))}:2: note: CONFIG_{symbol} has no meaning here and is ignored: .* devicetree", output)


@pytest.mark.parametrize("setting", ["BOOT_MAX_IMG_SECTORS=256", "BOOT_UPGRADE_ONLY=y"])
def test_symbol_of_the_bootloader_in_the_application_is_told_where_it_belongs(project, setting):
    path = project.write("prj.conf", f"CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_{setting}\n")
    symbol = f"CONFIG_{setting.split('=')[0]}"
    message = f"error: {path}:2: {symbol} belongs to the bootloader; set {symbol} in child_image/mcuboot.conf"
    assert message in project.refuse()


def test_symbol_of_the_bootloader_may_stand_in_both_images(project):
    """As in projects of the SDK: UPDATEABLE_IMAGE_NUMBER=2 in both."""
    path = project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_UPDATEABLE_IMAGE_NUMBER=2\nCONFIG_BOOT_UPGRADE_ONLY=n\n")
    message = "belongs to the bootloader; set CONFIG_UPDATEABLE_IMAGE_NUMBER in child_image/mcuboot.conf or sysbuild/mcuboot.conf (it has 1 there)"
    assert f"{path}:2: CONFIG_UPDATEABLE_IMAGE_NUMBER {message}" in project.cmake().stderr
    project.write("child_image/mcuboot.conf", "CONFIG_UPDATEABLE_IMAGE_NUMBER=2\n")
    project.configure()


def test_misspelt_name_in_child_image_is_said(project):
    for name in ("mcuboot.conf", "mcuboot_release.conf", "mcuboot/boards/other.conf"):
        project.write(f"child_image/{name}", "")
    paths = [project.write(f"child_image/{name}", "") for name in ("mcubot.conf", "boards/qemu_ast1030.overlay")]
    warnings = [line.split(": warning: ")[0] for line in project.configure().splitlines() if "no child image has this name" in line]
    assert warnings == [str(paths[1].parent), str(paths[0])]


def test_internal_region_that_is_larger_than_its_chip_is_refused(project):
    errors = project.refuse("-DCONFIG_FLASH_SIZE=16384")
    assert "region 'flash_primary' has 0x1000000 bytes but /soc/spi@7e620000/flash@0 of image 'app' only 0x800000" in errors
    assert "CONFIG_FLASH_SIZE" in errors


def test_unknown_symbol_is_answered_with_one_that_can_be_set(project):
    project.write("prj.conf", "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECOND=y\n")
    assert "did you mean CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY?" in project.refuse()


def test_layout_page_size_of_the_sdk_changes_nothing(project):
    """64 KiB pages outside and 4 KiB inside make the SDK's bootloader refuse every update."""
    output = project.configure("-Dmcuboot_CONFIG_SPI_NOR_FLASH_LAYOUT_PAGE_SIZE=65536")
    assert re.search(r"mcuboot_secondary in external_flash: updates of up to \d+ bytes \(slide, 240 units of 4096 bytes", output)


@pytest.fixture
def own_board(project, repo):
    """A copy of the board, as somebody would port it: own_board(symbol) gives its internal flash that driver symbol."""

    def make(symbol: str):
        board = project.source / "boards/mine"
        shutil.copytree(repo / "boards/qemu_ast1030", board)
        for name in ("qemu_ast1030.dts", "qemu_ast1030_defconfig"):
            (board / name).rename(board / name.replace("qemu_ast1030", "mine"))
        facts = board / "board.cmake"
        facts.write_text(re.sub(r"CONFIG_SOC_FLASH_\w+", symbol, facts.read_text()))
        return project

    return make


def test_driver_symbol_of_a_region_that_is_never_set_is_refused(own_board):
    errors = own_board("CONFIG_SOC_FLASH_OTHER").refuse(board="mine")
    for image in ("app", "mcuboot"):
        assert f"image '{image}' cannot open 'mcuboot_primary': CONFIG_SOC_FLASH_OTHER is not set, so region 'flash_primary'" in errors


def test_driver_symbol_of_a_region_that_controls_no_driver_is_refused(own_board):
    """CONFIG_FLASH is set, but the driver is another symbol's: in the SDK a link error, or a slot that is not there."""
    errors = own_board("CONFIG_FLASH").refuse("-Dmcuboot_CONFIG_SOC_FLASH_ASPEED=n", board="mine")
    assert "image 'mcuboot' has no driver for /soc/spi@7e620000/flash@0: CONFIG_SOC_FLASH_ASPEED is not set" in errors
