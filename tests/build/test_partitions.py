# SPDX-License-Identifier: Apache-2.0
"""Which layout a build gets: static files, regions from the devicetree, the bootloader's pm.yml."""

import shutil

import yaml

FOUND = "Found partition manager static configuration: "


def layout(project) -> dict:
    return yaml.safe_load((project.build_dir / "partitions.yml").read_text())


def static(project) -> str:
    """The layout of a first build, to be fixed."""
    project.configure()
    return (project.build_dir / "partitions.yml").read_text()


def test_external_region_comes_from_the_chosen_chip(project):
    project.configure()
    parts = layout(project)
    assert parts["external_flash"]["end_address"] == 32 << 20
    assert parts["mcuboot_secondary"]["region"] == "external_flash"
    assert parts["mcuboot_secondary"]["size"] == parts["mcuboot_primary"]["size"] == 0xF0000


def test_without_the_chosen_chip_the_secondary_is_internal(project):
    project.write("app.overlay", "/ { chosen { /delete-property/ nordic,pm-ext-flash; }; };\n")
    project.configure()
    parts = layout(project)
    assert "external_flash" not in parts
    assert parts["mcuboot_secondary"]["region"] == "flash_primary"
    assert project.config("PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY", "mcuboot") is None


def test_single_image_takes_all_flash(project):
    project.write("prj.conf", "")
    project.configure()
    assert layout(project)["app"] == {"address": 0x80000000, "end_address": 0x80100000, "region": "flash_primary", "size": 0x100000}


def test_flash_size_limits_the_layout(project):
    project.configure("-DCONFIG_FLASH_SIZE=512")
    assert layout(project)["app"]["end_address"] == 0x80080000


def test_size_of_the_bootloader_is_its_own_symbol(project):
    project.configure("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x18000")
    assert layout(project)["mcuboot"]["size"] == 0x18000


def test_dual_mode_has_two_external_slots(project):
    project.configure("-Dmcuboot_CONFIG_BOOT_UPGRADE_DUAL=y")
    parts = layout(project)
    assert parts["mcuboot_secondary_dual"]["size"] == parts["mcuboot_primary"]["size"]
    assert parts["mcuboot_secondary_dual"]["region"] == "external_flash"


def test_no_static_layout_is_warned_about(project):
    assert "WARNING: Using a bootloader without pm_static.yml." in project.configure()


def test_layout_of_an_earlier_build_is_a_static_layout(project):
    path = project.write("pm_static.yml", static(project))
    before = layout(project)
    output = project.configure("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x18000")
    assert FOUND + str(path) in output
    assert "WARNING: Using" not in output
    assert {name: part["address"] for name, part in layout(project).items()} == {
        name: part["address"] for name, part in before.items()
    }


def test_board_file_beats_plain_file(project):
    text = static(project)
    project.write("pm_static.yml", text)
    path = project.write("pm_static_qemu_ast1030.yml", text)
    assert FOUND + str(path) in project.configure()


BOARD = "qemu_ast1030"
REVISION = f"{BOARD}_1_2_0"


def found_in_turn(project, names: list[str], *options, board=BOARD):
    """Of all these files the first counts; without it the next one; and so on."""
    text = static(project)
    paths = [project.write(f"{name}.yml", text) for name in names]
    for path in paths:
        result = project.cmake(*options, board=board)
        assert FOUND + str(path) + "\n" in result.stdout, result.stderr
        path.unlink()
    assert FOUND not in project.cmake(*options, board=board).stdout


def names_of(*endings) -> list[str]:
    return ["_".join(["pm_static", *ending.split()]) for ending in endings]


def test_order_of_names(project):
    found_in_turn(project, names_of(BOARD, ""))


def test_order_of_names_with_a_revision(project):
    found_in_turn(project, names_of(REVISION, BOARD, ""), board=f"{BOARD}@1.2.0")


def test_order_of_names_with_a_suffix(project):
    names = names_of(f"{REVISION} lab", REVISION, f"{BOARD} lab", BOARD, "lab", "")
    found_in_turn(project, names, "-DFILE_SUFFIX=lab", board=f"{BOARD}@1.2.0")


def test_order_of_names_with_a_build_type(project):
    conf = project.write("prj_lab.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    names = names_of(f"{REVISION} lab", f"{BOARD} lab", "lab", "")
    found_in_turn(project, names, f"-DCONF_FILE={conf}", board=f"{BOARD}@1.2.0")


def test_folders_are_searched_in_turn(project, tmp_path):
    """The application's, the common one of child images, the board's: there with the type of build, then without."""
    text = static(project)
    board = tmp_path / "root/boards" / BOARD
    shutil.copytree(project.repo / "boards" / BOARD, board)
    conf = project.write("prj_lab.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    options = [f"-DCONF_FILE={conf}", f"-DBOARD_ROOT={tmp_path}/root", f"-DCOMMON_CHILD_IMAGE_CONFIG_DIR={tmp_path}/common"]
    paths = [project.source / "pm_static.yml", tmp_path / "common/pm_static_lab.yml", board / "pm_static_lab.yml",
             board / "pm_static.yml", board / f"pm_static_{BOARD}.yml"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for path in paths:
        assert FOUND + str(path) + "\n" in project.configure(*options)
        path.unlink()


def test_layout_for_the_board_that_the_build_type_hides_is_warned_about(project):
    path = project.write(f"pm_static_{BOARD}.yml", static(project))
    conf = project.write("prj_lab.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    warning = f"{path}: warning: is not used: the type of build is lab; rename it to {path.with_suffix('')}_lab.yml"
    assert warning in project.configure(f"-DCONF_FILE={conf}")


def test_layout_of_a_domain_that_is_not_there_is_warned_about(project):
    path = project.write("pm_static_CPUNET.yml", "x:\n  address: 0\n  size: 16\n")
    assert f"{path}: warning: is not used: it is for the domain CPUNET" in project.configure()


def test_revision_has_files_of_its_own_in_both_images(project):
    project.write(f"boards/{REVISION}.conf", "CONFIG_MAIN_STACK_SIZE=5000\n")
    for name in (f"boards/{REVISION}.overlay", f"child_image/mcuboot/boards/{REVISION}.overlay"):
        project.write(name, '/ { model = "revision"; };\n')
    for board, there in ((BOARD, False), (f"{BOARD}@1.2.0", True), (f"{BOARD}@1.3.0", False)):
        result = project.cmake(board=board)
        assert result.returncode == 0, result.stderr
        assert (project.config("MAIN_STACK_SIZE") == "5000") == there
        for image in ("app", "mcuboot"):
            assert ("revision" in (project.folder(image) / "devicetree.dts").read_text()) == there


def test_variable_beats_all_names_and_must_exist(project):
    text = static(project)
    project.write("pm_static.yml", text)
    path = project.write("layouts/mine.yml", text)
    assert FOUND + str(path) in project.configure("-DPM_STATIC_YML_FILE=layouts/mine.yml")
    assert "nope.yml: does not exist; correct PM_STATIC_YML_FILE" in project.refuse("-DPM_STATIC_YML_FILE=nope.yml")


def test_impossible_layout_is_refused_and_the_old_one_stays(project):
    project.configure()
    before = (project.build_dir / "partitions.yml").read_text()
    assert project.refuse("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x200000") != ""
    assert (project.build_dir / "partitions.yml").read_text() == before


def test_layout_that_cannot_work_is_refused_and_the_old_one_stays(project):
    project.configure()
    before = (project.build_dir / "partitions.yml").read_text()
    assert project.refuse("-Dmcuboot_CONFIG_BOOT_MAX_IMG_SECTORS=1", "-DCONFIG_FLASH_SIZE=512") != ""
    assert (project.build_dir / "partitions.yml").read_text() == before


def test_both_images_get_the_same_layout_and_their_own_place(project):
    project.configure()
    app, boot = project.header("pm_config.h"), project.header("pm_config.h", "mcuboot")
    common = [line for line in app.splitlines() if line.startswith("#define PM_MCUBOOT_")]
    assert common and all(line in boot.splitlines() for line in common)
    assert "#define PM_ADDRESS 0x80010200" in app and "#define PM_ADDRESS 0x80000000" in boot
