# SPDX-License-Identifier: Apache-2.0
"""What reaches the child image mcuboot, and what wins."""

import shutil

import pytest

from build_project import merged

# Any number is good that is not lower than what the slots need, 240.
UNITS = "CONFIG_BOOT_MAX_IMG_SECTORS={}\n"
BASE = "CONFIG_BOOT_MAX_IMG_SECTORS=241\n"


def fragments(output: str) -> list[str]:
    """Names of the child's fragments, without what every build has."""
    child = output[output.index("prj.conf'") :]  # the first prj.conf is the application's
    return [name for name in merged(child) if name not in ("qemu_ast1030_defconfig", "ext_flash_mcuboot_secondary.conf")]


def units(project) -> str:
    return project.config("BOOT_MAX_IMG_SECTORS", "mcuboot")


def test_without_child_image_the_bootloader_has_its_own_configuration(project):
    assert fragments(project.configure()) == ["prj.conf"]
    assert units(project) == "0"


def test_folder_replaces_prj_conf(project):
    project.write("child_image/mcuboot/prj.conf", BASE)
    output = project.configure()
    assert f"Merged configuration '{project.source}/child_image/mcuboot/prj.conf'" in output
    assert "bootloader/prj.conf" not in output
    assert units(project) == "241"


def test_board_fragment_of_the_folder_needs_its_prj_conf(project):
    project.write("child_image/mcuboot/boards/qemu_ast1030.conf", UNITS.format(242))
    project.configure()
    assert units(project) == "0"
    project.write("child_image/mcuboot/prj.conf", BASE)
    project.configure()
    assert units(project) == "242"


def test_same_named_file_is_appended(project):
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    assert fragments(project.configure()) == ["prj.conf", "mcuboot.conf"]
    assert units(project) == "243"


def test_folder_and_same_named_file_work_together(project):
    project.write("child_image/mcuboot/prj.conf", BASE + "CONFIG_MAIN_STACK_SIZE=5000\n")
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    project.configure()
    assert (units(project), project.config("MAIN_STACK_SIZE", "mcuboot")) == ("243", "5000")


def test_conf_file_variable_skips_the_whole_search(project):
    project.write("child_image/mcuboot/prj.conf", BASE)
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    project.write("child_image/mcuboot.overlay", "/ { model = \"from the overlay\"; };\n")
    other = project.write("other.conf", "CONFIG_MAIN_STACK_SIZE=6000\n")
    assert fragments(project.configure(f"-Dmcuboot_CONF_FILE={other}")) == ["other.conf"]
    assert "from the overlay" not in (project.build_dir / "mcuboot/devicetree.dts").read_text()


def test_relative_names_count_from_the_child_source(project):
    assert "bootloader/nope.conf: does not exist; correct EXTRA_CONF_FILE of image mcuboot" in project.refuse(
        "-Dmcuboot_EXTRA_CONF_FILE=nope.conf"
    )


@pytest.mark.parametrize("variable", ["mcuboot_EXTRA_CONF_FILE", "mcuboot_OVERLAY_CONFIG"])
def test_extra_fragments_reach_the_child(project, variable):
    first = project.write("first.conf", UNITS.format(244) + "CONFIG_MAIN_STACK_SIZE=5000\n")
    second = project.write("second.conf", UNITS.format(245))
    project.configure(f"-D{variable}={first};{second}")
    assert (units(project), project.config("MAIN_STACK_SIZE", "mcuboot")) == ("245", "5000")
    assert project.config("MAIN_STACK_SIZE") == "4096"


def test_fragment_of_the_command_line_wins_over_the_folder(project):
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    extra = project.write("extra.conf", UNITS.format(244))
    output = project.configure(f"-Dmcuboot_EXTRA_CONF_FILE={extra}")
    assert fragments(output)[-2:] == ["mcuboot.conf", "extra.conf"] and units(project) == "244"


def test_command_line_value_wins_in_the_child(project):
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    project.configure("-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS=246")
    assert units(project) == "246"


def test_injected_fragment_can_be_overridden(project):
    project.configure()
    assert project.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") == "y"
    project.configure("-DCONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n")
    assert project.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") is None


def test_common_folder_counts_only_if_the_application_has_nothing(project):
    common = project.source.parent / "common"
    project.write("../common/child_image/mcuboot.conf", UNITS.format(247))
    option = f"-DCOMMON_CHILD_IMAGE_CONFIG_DIR={common}"
    project.configure(option)
    assert units(project) == "247"
    project.write("child_image/mcuboot.overlay", "")
    project.configure(option)
    assert units(project) == "0"


def test_file_suffix_of_the_child_prefers_suffixed_files(project):
    project.write("child_image/mcuboot/prj.conf", BASE)
    project.write("child_image/mcuboot/prj_lab.conf", UNITS.format(248))
    project.write("child_image/mcuboot_lab.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    project.configure("-Dmcuboot_FILE_SUFFIX=lab")
    assert (units(project), project.config("MAIN_STACK_SIZE", "mcuboot")) == ("248", "5000")
    project.configure("-Dmcuboot_FILE_SUFFIX=other")
    assert units(project) == "241"


def test_build_type_selects_its_own_files_only(project):
    release = project.write("prj_release.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    project.write("child_image/mcuboot/prj.conf", BASE)
    project.write("child_image/mcuboot.conf", UNITS.format(243))
    project.configure(f"-DCONF_FILE={release}")
    assert units(project) == "0"
    project.write("child_image/mcuboot/prj_release.conf", UNITS.format(242))
    project.write("child_image/mcuboot/boards/qemu_ast1030_release.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    project.write("child_image/mcuboot_release.conf", "CONFIG_LOG=n\n")
    project.configure()
    assert (units(project), project.config("MAIN_STACK_SIZE", "mcuboot")) == ("242", "5000")
    assert project.config("LOG", "mcuboot") is None


@pytest.mark.parametrize("name", ["mcuboot/boards/qemu_ast1030.overlay", "mcuboot/qemu_ast1030.overlay", "mcuboot.overlay"])
def test_overlays_of_the_folder_reach_the_child_only(project, name):
    project.write(f"child_image/{name}", '/ { model = "from the overlay"; };\n')
    project.configure()
    assert "from the overlay" in (project.build_dir / "mcuboot/devicetree.dts").read_text()
    assert "from the overlay" not in (project.build_dir / "devicetree.dts").read_text()


@pytest.mark.parametrize("variable", ["mcuboot_DTC_OVERLAY_FILE", "mcuboot_EXTRA_DTC_OVERLAY_FILE"])
def test_overlay_variables_reach_the_child(project, variable):
    overlay = project.write("some.overlay", '/ { model = "from the overlay"; };\n')
    project.configure(f"-D{variable}={overlay}")
    assert "from the overlay" in (project.build_dir / "mcuboot/devicetree.dts").read_text()


def test_overlay_variable_takes_the_place_of_the_folders_board_overlay(project):
    """The fragment of the same name is still added."""
    project.write("child_image/mcuboot/boards/qemu_ast1030.overlay", '/ { model = "from the folder"; };\n')
    project.write("child_image/mcuboot.overlay", '/ { compatible = "same-named"; };\n')
    overlay = project.write("some.overlay", "")
    project.configure(f"-Dmcuboot_DTC_OVERLAY_FILE={overlay}")
    text = (project.build_dir / "mcuboot/devicetree.dts").read_text()
    assert "from the folder" not in text and "same-named" in text


def test_overlays_are_merged_in_order_and_the_last_word_counts(project):
    extra = project.write("extra.overlay", '/ { model = "3"; };\n')
    project.write("child_image/mcuboot/boards/qemu_ast1030.overlay", '/ { model = "1"; };\n')
    project.write("child_image/mcuboot.overlay", '/ { model = "2"; };\n')
    project.configure(f"-Dmcuboot_EXTRA_DTC_OVERLAY_FILE={extra}")
    text = (project.build_dir / "mcuboot/devicetree.dts").read_text()
    assert text.index('"1"') < text.index('"2"') < text.index('"3"')


def test_suffix_of_the_child_prefers_suffixed_overlays(project):
    project.write("child_image/mcuboot.overlay", '/ { model = "plain"; };\n')
    project.write("child_image/mcuboot_lab.overlay", '/ { model = "lab"; };\n')
    project.configure("-Dmcuboot_FILE_SUFFIX=lab")
    assert "lab" in (project.build_dir / "mcuboot/devicetree.dts").read_text()
    project.configure("-Dmcuboot_FILE_SUFFIX=other")
    assert "plain" in (project.build_dir / "mcuboot/devicetree.dts").read_text()


def test_suffix_of_the_application_stays_there(project):
    """Nothing propagates to a child unless its name stands in front."""
    project.write("prj_lab.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    project.write("child_image/mcuboot_lab.conf", UNITS.format(243))
    project.configure("-DFILE_SUFFIX=lab")
    assert units(project) == "0"


def test_fragment_of_the_folder_beats_what_the_build_injects(project):
    project.write("child_image/mcuboot.conf", "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n\n")
    output = project.configure()
    order = [name for name in merged(output) if name in ("ext_flash_mcuboot_secondary.conf", "mcuboot.conf")]
    assert order == ["ext_flash_mcuboot_secondary.conf", "mcuboot.conf"]
    assert project.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") is None


def test_arguments_for_all_children_reach_cmake(project):
    project.configure("-DEXTRA_MULTI_IMAGE_CMAKE_ARGS=-DCONFIG_BOOT_MAX_IMG_SECTORS=244;-Wno-dev")
    assert units(project) == "244"
    assert project.config("BOOT_MAX_IMG_SECTORS") is None


def test_variables_of_the_build_itself_reach_the_child(project):
    project.configure("-DCMAKE_VERBOSE_MAKEFILE=ON", "-DCMAKE_BUILD_TYPE=Release")
    text = (project.build_dir / "mcuboot_from_parent.cmake").read_text()
    assert "set(CMAKE_VERBOSE_MAKEFILE [==[ON]==])" in text and "set(CMAKE_BUILD_TYPE [==[Release]==])" in text


def test_other_variables_of_the_application_do_not_reach_the_child(project):
    extra = project.write("extra.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    overlay = project.write("extra.overlay", '/ { model = "extra"; };\n')
    project.configure(f"-DEXTRA_CONF_FILE={extra}", f"-DEXTRA_DTC_OVERLAY_FILE={overlay}", "-DCONFIG_SPI_NOR_START_TIMEOUT_MS=200")
    assert project.config("MAIN_STACK_SIZE") == "5000" and project.config("MAIN_STACK_SIZE", "mcuboot") == "3072"
    assert '"extra"' not in (project.build_dir / "mcuboot/devicetree.dts").read_text()
    assert project.config("SPI_NOR_START_TIMEOUT_MS", "mcuboot") == "4000"


def test_toolchain_of_the_sdks_variable_is_used_in_both_images(project, tmp_path):
    (tmp_path / "arm/bin").mkdir(parents=True)
    for tool in ("gcc", "objcopy", "ar"):
        (tmp_path / f"arm/bin/arm-none-eabi-{tool}").symlink_to(shutil.which(f"arm-none-eabi-{tool}"))
    project.configure(f"-DGNUARMEMB_TOOLCHAIN_PATH={tmp_path}/arm")
    for image in ("app", "mcuboot"):
        assert f"{tmp_path}/arm/bin/arm-none-eabi-gcc" in (project.folder(image) / "build.ninja").read_text()


@pytest.mark.parametrize("image", ["", "mcuboot_"])
@pytest.mark.parametrize("kind", ["menuconfig", "guiconfig"])
def test_each_image_has_its_configuration_interface(project, image, kind):
    project.configure()
    targets = project.build("--target", "help").stdout
    assert f"{image}{kind}: " in targets


@pytest.mark.parametrize("strategy", ["USE_HEX_FILE", "SKIP_BUILD"])
def test_bootloader_that_is_not_built_from_source_is_refused(project, strategy):
    path = project.write("prj.conf", f"CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_BUILD_STRATEGY_{strategy}=y\n")
    assert f"{path}:2: error: CONFIG_MCUBOOT_BUILD_STRATEGY_{strategy} is not supported: " in project.refuse()


def test_a_child_has_its_parents_board(project):
    assert "mcuboot_BOARD is set, but a child image has its parent's board" in project.refuse("-Dmcuboot_BOARD=other")


def test_application_is_compiled_with_the_bootloaders_choices(project):
    project.write("main.c", "_Static_assert(CONFIG_BOOT_MAX_IMG_SECTORS == 250 && CONFIG_BOOT_UPGRADE_ONLY, \"\");\nint main(void) { return 0; }\n")
    project.configure("-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS=250", "-Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y")
    assert project.build("--target", "CMakeFiles/app.dir/main.c.obj").returncode == 0
