# SPDX-License-Identifier: Apache-2.0
"""The forms in which an update leaves the build, under the names that scripts for the SDK expect."""

import hashlib
import json
import re
import zipfile

import pytest
from build_project import Project
from intelhex import IntelHex

TRAILER_MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")


def partition(project, name: str, field: str) -> int:
    text = (project.build_dir / "partitions.yml").read_text()
    block = re.search(rf"^{name}:\n((?:  .*\n)+)", text, re.MULTILINE)
    return int(re.search(rf"^  {field}: (\w+)$", block[1], re.MULTILINE)[1], 0)


def slot_in(path) -> tuple[int, bytes]:
    hexfile = IntelHex(str(path))
    return hexfile.minaddr(), hexfile.tobinstr()


def build(project: Project, *options: str) -> Project:
    project.write("prj.conf", 'CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="1.2.3+4"\n')
    project.configure(*options)
    project.make()
    return project


@pytest.fixture(scope="module")
def built(tmp_path_factory, repo, outboard) -> Project:
    """One build, shared: tests read what it made."""
    return build(Project(tmp_path_factory.mktemp("outputs"), repo, outboard))


def test_package_holds_the_update_and_says_what_it_is(built):
    project = built
    update = (project.build_dir / "app_update.bin").read_bytes()
    with zipfile.ZipFile(project.build_dir / "dfu_application.zip") as package:
        assert package.read("app_update.bin") == update
        manifest = json.loads(package.read("manifest.json"))
    (entry,) = manifest["files"]
    assert manifest["format-version"] == 0 and entry["type"] == "application" and entry["board"] == "qemu_ast1030"
    assert (entry["file"], entry["size"], entry["version_MCUBOOT"]) == ("app_update.bin", len(update), "1.2.3+4")
    assert entry["load_address"] == partition(project, "app", "address")


def test_bill_of_materials_names_what_is_linked_and_nothing_else(built, repo):
    project = built
    project.build("--target", "sbom")
    lock = {line.split()[0]: line.split() for line in (repo / "third_party/lock").read_text().splitlines() if not line.startswith("#")}
    names = {}
    for image in ("app", "mcuboot"):
        folder = project.folder(image)
        document = json.loads((folder / f"{image}.spdx.json").read_text())
        packages = {package["SPDXID"]: package for package in document["packages"]}
        linked = [row["relatedSpdxElement"] for row in document["relationships"] if row["relationshipType"] == "STATIC_LINK"]
        names[image] = {packages[part]["name"] for part in linked}
        assert packages["SPDXRef-image"]["checksums"][0]["checksumValue"] == hashlib.sha256((folder / f"{image}.bin").read_bytes()).hexdigest()
    assert {"outboard", "mbedtls"} <= names["mcuboot"] and not {"zcbor", "monocypher"} & names["mcuboot"]
    assert names["app"].isdisjoint(lock), "an application that prints a line needs none of them"
    mbedtls = packages["SPDXRef-mbedtls"]
    assert (mbedtls["versionInfo"], mbedtls["licenseDeclared"], mbedtls["checksums"][0]["checksumValue"]) == (lock["mbedtls"][1], lock["mbedtls"][2], lock["mbedtls"][5])


def test_bytes_to_sign_are_the_program_alone(built):
    project = built
    program = (project.build_dir / "app_to_sign.bin").read_bytes()
    start = partition(project, "mcuboot_pad", "size")
    assert (project.build_dir / "app_update.bin").read_bytes()[start : start + len(program)] == program


def test_request_in_the_test_update_is_one_for_the_bootloader(built):
    """Written to the external slot as it is, without the application's help."""
    project = built
    address, slot = slot_in(project.build_dir / "app_test_update.hex")
    assert address == partition(project, "mcuboot_primary", "address")
    assert len(slot) == partition(project, "mcuboot_primary", "size") and slot.endswith(TRAILER_MAGIC)
    assert not (project.build_dir / "app_moved_test_update.hex").exists()
    with (project.build_dir / "external_flash.bin").open("r+b") as chip:
        chip.seek(partition(project, "mcuboot_secondary", "address"))
        chip.write(slot)
    lines = project.start("Jumping")
    assert "I: Image index: 0, Swap type: test" in lines and "I: Image version: v1.2.3" in lines


def test_moved_test_update_is_one_for_an_internal_slot(project):
    build(project, "-DCONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=n")
    address, slot = slot_in(project.build_dir / "app_moved_test_update.hex")
    assert address == partition(project, "mcuboot_secondary", "address")
    with (project.build_dir / "internal_flash.bin").open("r+b") as chip:
        chip.seek(address - partition(project, "mcuboot", "address"))
        chip.write(slot)
    lines = project.start("Jumping")
    assert "I: Image index: 0, Swap type: test" in lines and "I: Image version: v1.2.3" in lines


def test_build_folder_can_be_checked_as_it_lies_there(built, outboard):
    result = built.run(outboard, "pm", "check", "--build", built.build_dir)
    assert result.returncode == 0, result.stderr
    assert "updates of up to" in result.stdout


def test_another_folder_gives_the_same_bytes(project, tmp_path, repo, outboard):
    """Sources and build elsewhere; of the bootloader, since each signature is another one."""
    other = Project(tmp_path / "some/where/else", repo, outboard)
    for each in (project, other):
        each.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_LOG=y\n")
        each.configure()
        each.build("--target", "mcuboot")
    first, second = ((each.build_dir / "mcuboot/mcuboot.bin").read_bytes() for each in (project, other))
    assert first == second
