# SPDX-License-Identifier: Apache-2.0
"""A full build, and that each input rebuilds what depends on it and nothing else."""

import re
import subprocess

import pytest

OUTPUTS = ["merged.hex", "app_signed.hex", "app_update.bin", "internal_flash.bin", "external_flash.bin", "partitions.yml",
           "regions.yml", "pm.config", "mcuboot/mcuboot.bin"]

DEMO_KEY = "{}/keys/mine.pem is outboard's public demo key: anybody can sign for this device"


def built(output: str) -> set[str]:
    """What a build made: names of compiled files and outputs."""
    compiled = re.findall(r"Building C object \S*/([\w.]+)\.obj", output)
    linked = re.findall(r"Linking C executable (\S+)", output)
    return set(compiled) | set(linked) | set(re.findall(r"(?:Signing|Merging) (\S+)", output))


@pytest.fixture(scope="module")
def full(tmp_path_factory, repo, outboard):
    """One built project, shared: each test leaves it built."""
    from build_project import Project

    project = Project(tmp_path_factory.mktemp("full"), repo, outboard)
    project.write("keys/mine.pem", (repo / "keys/demo-p256.pem").read_text())
    project.write("child_image/mcuboot.conf", 'CONFIG_BOOT_SIGNATURE_KEY_FILE="keys/mine.pem"\n')
    project.write("part.h", "#define TEXT \"tiny application\"\n")
    project.write("main.c", '#include <outboard/log.h>\n#include "part.h"\nint main(void) { OB_LOG_INF(TEXT); return 0; }\n')
    project.configure()
    project.first_build = project.make()
    return project


def test_all_outputs_are_there(full):
    for name in OUTPUTS:
        assert (full.build_dir / name).stat().st_size > 0, name


def test_nothing_warns(full):
    assert "warning:" not in full.first_build.replace("warning: " + DEMO_KEY.format(full.source), "")


def test_second_build_does_nothing(full):
    assert built(full.make()) == set()


def test_update_is_signed_with_the_key_for_the_slot(full, imgtool):
    result = subprocess.run([imgtool, "verify", "-k", full.source / "keys/mine.pem", full.build_dir / "app_update.bin"],
                            capture_output=True, text=True, check=False)
    assert "Image was correctly validated" in result.stdout


def test_chip_file_has_bootloader_and_signed_application_in_place(full):
    chip = (full.build_dir / "internal_flash.bin").read_bytes()
    boot = (full.build_dir / "mcuboot/mcuboot.bin").read_bytes()
    update = (full.build_dir / "app_update.bin").read_bytes()
    assert len(chip) == 8 << 20
    assert chip[: len(boot)] == boot and chip[0x10000 : 0x10000 + len(update)] == update
    assert set(chip[0x10000 + len(update) :]) == {0xFF}


def test_emulated_board_starts_the_application_through_the_bootloader(full):
    lines = full.start("tiny application")
    assert "I: Jumping to the first image slot" in lines and lines[-1] == "I: tiny application"


def test_source_rebuilds_the_application_only(full):
    full.write("part.h", "#define TEXT \"tiny application, changed\"\n")
    assert built(full.make()) == {"main.c", "app.elf", "app_update.bin", "merged.hex"}


def test_another_configuration_with_the_same_result_compiles_nothing(full):
    full.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n# a comment\n")
    output = full.make()
    assert "Merged configuration" in output and built(output) == set()


def test_version_signs_again(full):
    before = (full.build_dir / "app_update.bin").read_bytes()
    full.write("prj.conf", 'CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="3.2.1+0"\n')
    assert "app_update.bin" in built(full.make())
    after = (full.build_dir / "app_update.bin").read_bytes()
    assert before != after and after[20:24] == bytes([3, 2, 1, 0])


def test_fragment_of_the_child_rebuilds_the_bootloader(full):
    full.write("child_image/mcuboot.conf", 'CONFIG_BOOT_SIGNATURE_KEY_FILE="keys/mine.pem"\nCONFIG_BOOT_STACK_REPORT=y\n')
    made = built(full.make())
    assert "mcuboot.elf" in made and "merged.hex" in made
    assert full.config("BOOT_STACK_REPORT", "mcuboot") == "y"


def test_new_child_overlay_is_noticed(full):
    full.write("child_image/mcuboot.overlay", '/ { model = "changed"; };\n')
    full.make()
    assert "changed" in (full.build_dir / "mcuboot/devicetree.dts").read_text()


def test_size_of_the_bootloader_moves_the_application(full):
    full.write("child_image/mcuboot.conf",
               'CONFIG_BOOT_SIGNATURE_KEY_FILE="keys/mine.pem"\nCONFIG_PM_PARTITION_SIZE_MCUBOOT=0x20000\n')
    made = built(full.make())
    assert {"app.elf", "mcuboot.elf", "app_update.bin", "merged.hex"} <= made
    chip = (full.build_dir / "internal_flash.bin").read_bytes()
    assert chip[0x20000:0x20004] == bytes.fromhex("3db8f396")


def test_key_changes_bootloader_and_signature(full, imgtool):
    subprocess.run([imgtool, "keygen", "-t", "ecdsa-p256", "-k", full.source / "keys/mine.pem"], check=True)
    made = built(full.make())
    assert {"keys.c", "mcuboot.elf", "app_update.bin", "merged.hex"} <= made


def test_static_layout_that_appears_is_taken(full):
    text = (full.build_dir / "partitions.yml").read_text()
    path = full.write("pm_static.yml", text)
    assert f"Found partition manager static configuration: {path}" in full.make()


def test_failed_configuration_leaves_the_outputs(full):
    before = (full.build_dir / "merged.hex").read_bytes()
    full.write("prj.conf", "CONFIG_NONSENSE=y\n")
    result = full.build()
    assert result.returncode != 0 and "CONFIG_NONSENSE is unknown" in result.stdout + result.stderr
    assert (full.build_dir / "merged.hex").read_bytes() == before


def test_correcting_the_mistake_is_enough(full):
    full.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")
    full.make()
    assert built(full.make()) == set()
