# SPDX-License-Identifier: Apache-2.0
"""Mistakes of a user: each stops the build with one line that names the cure, and writes nothing half."""

import re

import pytest


def test_wrong_board_lists_the_boards(project):
    assert 'There is no board "qemu_ast1031"; choose one with -DBOARD=<name>: nrf52840dk_nrf52840, ' in project.refuse(board="qemu_ast1031")


def test_missing_board_lists_the_boards(project):
    assert "No board given; choose one with -DBOARD=<name>: nrf52840dk_nrf52840, " in project.refuse(board=None)


@pytest.mark.parametrize("name, text, last", [
    ("prj.conf", "CONFIG_NONSENSE=y\n", "The configuration of image app is not valid"),
    ("app.overlay", "&nothing { };\n", "The devicetree of image app is not valid"),
    ("child_image/mcuboot.conf", "CONFIG_BOOT_DIRECT_XIP=y\n", "The child image mcuboot cannot be configured"),
    ("pm_static.yml", "keep: {address: 0x1000, size: 0x1000}\n", "pm_static.yml:1:1: error: 'keep' is 0x1000"),
    ("child_image/mcuboot.overlay", "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n", "mcuboot_secondary"),
])
def test_the_error_comes_last_on_the_screen(project, name, text, last):
    project.write(name, text)
    result = project.cmake()
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if line and "note: " not in line]
    assert last in lines[-1] and "error: " in lines[-1], result.stderr


def test_missing_key_names_symbol_and_how_to_make_one(project):
    errors = project.refuse('-Dmcuboot_CONFIG_BOOT_SIGNATURE_KEY_FILE="my.pem"')
    assert f"my.pem: no such key file in {project.source}" in errors
    assert "CONFIG_BOOT_SIGNATURE_KEY_FILE of image mcuboot" in errors and "imgtool keygen" in errors


def test_key_in_the_applications_folder_is_found_first(project, repo):
    (project.source / "keys").mkdir()
    (project.source / "keys/demo-p256.pem").write_bytes((repo / "keys/demo-p256.pem").read_bytes())
    project.configure()
    shared = (project.build_dir / "mcuboot/shared.cmake").read_text()
    assert f"set(mcuboot_KEY_FILE [==[{project.source}/keys/demo-p256.pem]==])" in shared


def test_missing_prj_conf_is_said(project):
    (project.source / "prj.conf").unlink()
    assert f"{project.source}/prj.conf: does not exist; create it" in project.refuse()


@pytest.mark.parametrize(
    "option, text",
    [
        ("-DOUTBOARD_TOOL=/nope", "/nope: no such program; correct -DOUTBOARD_TOOL"),
        ("-DOUTBOARD_PYTHON=/nope", "/nope: no such Python; run"),
    ],
)
def test_missing_tool_says_how_to_supply_it(project, option, text):
    assert text in project.refuse(option)


def test_missing_mbedtls_says_how_to_supply_it(project):
    result = project.cmake("-DMBEDTLS_ROOT=/nope")
    assert result.returncode != 0
    assert "-DMBEDTLS_ROOT=<path>" in result.stderr


def test_wrong_property_names_node_property_and_binding(project):
    project.write("app.overlay", "&mx25l256 { sizes = <3>; };\n")
    errors = project.refuse()
    assert '/soc/spi@7e630000/flash@0: sizes: is not a property of "jedec,spi-nor"' in errors
    assert "app.overlay" in errors


def test_missing_label_names_file_and_line(project):
    overlay = project.write("app.overlay", "\n&nor0 { };\n")
    result = project.cmake()
    assert result.returncode != 0
    assert f"{overlay}:2" in result.stderr and "nor0" in result.stderr


def test_pm_yml_of_the_application_is_not_ignored_silently(project):
    project.write("pm.yml", "mine:\n  size: 0x1000\n")
    assert "pm.yml: warning: is not used" in project.configure()


def test_driver_override_without_driver_is_explained_when_linking(project):
    project.configure("-Dmcuboot_CONFIG_SPI_NOR=n", "-Dmcuboot_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y")
    result = project.build("--target", "mcuboot")
    assert result.returncode != 0
    assert "undefined reference to `__device_dts_ord_" in result.stdout
    assert 'mcuboot: error: devicetree node /soc/spi@7e630000/flash@0 (mx25l256, "jedec,spi-nor") has no driver' in result.stdout
    assert "CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK" in result.stdout and "set CONFIG_SPI_NOR=y" in result.stdout
    assert not (project.build_dir / "mcuboot/mcuboot.elf").exists()


def test_node_without_driver_is_explained_when_linking(project):
    project.configure("-Dmcuboot_CONFIG_UART_ASPEED=n")
    result = project.build("--target", "mcuboot")
    assert result.returncode != 0
    assert 'mcuboot: error: devicetree node /soc/serial@7e784000 (uart5, "aspeed,ast1030-uart") has no driver' in result.stdout
    assert "a driver of this image needs it; set CONFIG_UART_ASPEED=y" in result.stdout


def test_chip_without_its_bus_is_refused(project):
    errors = project.refuse("-Dmcuboot_CONFIG_SPI=n")
    assert "image 'mcuboot' has no driver for /soc/spi@7e630000: CONFIG_SPI_ASPEED is not set" in errors


def test_bootloader_larger_than_its_partition_says_what_to_raise(project):
    project.configure("-DCONFIG_FLASH_SIZE=512", "-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x3000")
    result = project.build("--target", "mcuboot")
    assert result.returncode != 0
    assert "bytes too large for its partition; raise CONFIG_PM_PARTITION_SIZE_MCUBOOT of image mcuboot (now 0x3000)" in result.stdout


def test_application_larger_than_its_partition_is_refused(project):
    project.write("main.c", "volatile const char big[0x60000] = {1};\nvolatile unsigned at;\nint main(void) { return big[at]; }\n")
    project.configure("-DCONFIG_FLASH_SIZE=256")
    result = project.build("--target", "app")
    assert result.returncode != 0
    assert "app: error: is" in result.stdout and "too large for its partition; make it smaller" in result.stdout
    assert not (project.build_dir / "app_update.bin").exists()


def test_bootloader_without_the_chosen_chip_is_refused(project):
    project.write("child_image/mcuboot.overlay", "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n")
    errors = project.refuse()
    assert "image 'mcuboot' cannot open" in errors and "child_image/mcuboot.overlay" in errors


def test_bootloader_without_driver_for_the_update_slot_is_refused(project):
    project.write("child_image/mcuboot.conf", "CONFIG_SPI_NOR=n\n")
    errors = project.refuse()
    assert "image 'mcuboot' cannot open" in errors and "child_image/mcuboot.conf" in errors


def test_bootloader_with_another_chip_is_refused(project):
    project.write("child_image/mcuboot.overlay", "/ { chosen { nordic,pm-ext-flash = &flash0; }; };\n")
    errors = project.refuse()
    assert "/soc/spi@7e630000/flash@0" in errors and "/soc/spi@7e620000/flash@0" in errors


def test_too_few_recordable_units_are_refused_with_the_number_needed(project):
    errors = project.refuse("-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS=100")
    assert "CONFIG_BOOT_MAX_IMG_SECTORS" in errors and "240" in errors


@pytest.mark.parametrize("units", [256, 8000])
def test_more_recordable_units_than_needed_are_accepted_and_change_nothing(project, units):
    """256 is what many projects have; the ledger is not asked for more room than these slots can use."""
    capacity = "updates of up to [0-9]+ bytes"
    default = re.search(capacity, project.configure())[0]
    assert re.search(capacity, project.configure(f"-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS={units}"))[0] == default


def test_application_too_large_to_be_updated_is_refused_when_signing(project):
    """It fits its partition, but not beside the trailer and the spare unit of a slot."""
    project.write("main.c", "volatile const char big[447000] = {1};\nvolatile unsigned at;\nint main(void) { return big[at]; }\n")
    project.configure("-DCONFIG_FLASH_SIZE=512")
    result = project.build()
    assert result.returncode != 0
    assert "app_signed.bin: error: " in result.stdout
    assert not (project.build_dir / "app_update.bin").exists()
    assert not (project.build_dir / "merged.hex").exists()


def test_released_layout_is_kept(project, outboard):
    project.configure()
    build = project.build_dir
    result = project.run(outboard, "pm", "lock", "--partitions", build / "partitions.yml", "--regions", build / "regions.yml",
                         "--image", f"app={build}", "--image", f"mcuboot={build}/mcuboot",
                         "--output", project.source / "pm_lock.yml")
    assert result.returncode == 0, result.stderr
    project.configure()
    assert "pm_lock.yml" in project.refuse("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x18000")


def test_bootloader_that_was_linked_with_another_layout_is_not_merged(project):
    """As when its build folder is copied from elsewhere."""
    project.configure("-DCONFIG_FLASH_SIZE=512")
    project.make()
    elf = project.build_dir / "mcuboot/mcuboot.elf"
    other = elf.read_bytes()
    project.configure("-DCONFIG_FLASH_SIZE=1024")
    project.make()
    elf.write_bytes(other)
    (project.build_dir / "merged.hex").unlink()
    result = project.build()
    assert result.returncode != 0
    assert "mcuboot.elf: error: image 'mcuboot' was linked with another layout" in result.stdout
    assert not (project.build_dir / "merged.hex").exists()


def test_project_before_find_package_is_told(project):
    project.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(tiny LANGUAGES C)\nfind_package(Outboard REQUIRED)\n"
                                    "target_sources(app PRIVATE main.c)\n")
    assert f"{project.source}/CMakeLists.txt: project() stands before find_package(Outboard)" in project.refuse()


def test_multi_config_generator_is_told(project):
    assert "The generator Ninja Multi-Config builds several configurations" in project.refuse("-G", "Ninja Multi-Config")


def test_build_in_the_source_folder_is_told(project):
    project.build_dir = project.source
    assert f"{project.source}: is the source folder and would be the build folder too" in project.refuse()


def test_path_with_a_dollar_is_told(project):
    project.source = project.source.rename(project.source.parent / "my$app")
    assert "this path has a character that neither cmake nor ninja keep apart" in project.refuse()


def test_board_root_that_does_not_exist_is_told(project):
    assert "/nowhere: does not exist; correct -DBOARD_ROOT" in project.refuse("-DBOARD_ROOT=/nowhere")


def test_python_without_packages_is_told(project):
    assert "/usr/bin/python3: lacks a package (No module named" in project.refuse("-DOUTBOARD_PYTHON=/usr/bin/python3")


def test_board_of_zephyr_is_told_what_to_do(project):
    project.write("boards/acme/acme_one/board.yml", "board:\n  name: acme_one\n")
    assert "is a board of Zephyr" in project.refuse(board="acme_one")


@pytest.mark.parametrize("version", ["1.2.x", "v1.0.0", "1.0.0-rc1", "01.2.3", "", "256.0.0", "1.0.65536", "1.0.0+4294967296"])
def test_malformed_version_is_told_when_configuring(project, version):
    conf = project.write("prj.conf", f'CONFIG_BOOTLOADER_MCUBOOT=y\n\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="{version}"\n')
    assert f'{conf}:3: CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="{version}" is no version' in project.refuse()


def test_both_slots_outside_is_said_as_such(project):
    project.write("pm_static.yml", "mcuboot: {address: 0x0, size: 0x10000}\n"
                                   "mcuboot_primary: {address: 0x0, size: 0x40000, region: external_flash}\n"
                                   "mcuboot_secondary: {address: 0x40000, size: 0x40000, region: external_flash}\n")
    for name in ("app.overlay", "child_image/mcuboot.overlay"):
        project.write(name, "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n")
    errors = project.refuse(board="nrf52840dk_nrf52840")
    assert "'mcuboot_primary' is in region 'external_flash', as the update slot is" in errors


@pytest.mark.parametrize("option, says", [
    ("-DSHIELD=acme_flash", "-DSHIELD: shields and snippets of Zephyr are not read here"),
    ("-Dmcuboot_SNIPPET=acme", "-DSNIPPET: shields and snippets of Zephyr are not read here"),
    ("-Dmcuboot_EXTRA_CONF_FIL=a.conf", "-Dmcuboot_EXTRA_CONF_FIL: no image takes a variable EXTRA_CONF_FIL"),
])
def test_variable_that_would_be_passed_over_is_refused(project, option, says):
    assert says in project.refuse(option)


def test_word_of_the_command_line_is_not_held_against_the_next_one(project):
    """cmake keeps what it was told in the build folder."""
    errors = project.refuse("-DCONFIG_LGO=n", "-Dmcuboot_CONFFILE=a.conf")
    assert "command line: error: CONFIG_LGO is unknown; did you mean CONFIG_LOG?; cmake remembers what it was told: -U'*CONFIG_LGO' takes it back" in errors
    project.configure("-U*CONFIG_LGO")
