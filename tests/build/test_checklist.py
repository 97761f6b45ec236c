# SPDX-License-Identifier: Apache-2.0
"""What passes the nRF Connect SDK's build and fails later, or silently: the table of docs/PARTITION_MANAGER.md, row by row.

Here are the rows that a user's files provoke and no other test does; the table names the tests of the others.
"""

import re

import pytest
import yaml
from build_project import Project

SMALLER_CHIP = "&mx25l256 { size = <0x400000>; };\n"  # 512 KiB


@pytest.fixture(scope="module")
def layout(tmp_path_factory, repo, outboard) -> dict:
    """partitions.yml of a sound build."""
    project = Project(tmp_path_factory.mktemp("sound"), repo, outboard)
    project.configure()
    return yaml.safe_load((project.build_dir / "partitions.yml").read_text())


@pytest.fixture
def static(project, layout):
    """static(changes) keeps that layout as pm_static.yml, with some numbers changed or added; the path of the file."""

    def write(changes: dict[str, dict[str, int]]):
        kept = {name: dict(part) for name, part in layout.items() if name not in ("app", "external_flash")}
        for name, change in changes.items():
            kept[name] = kept.get(name, {}) | change
        return project.write("pm_static.yml", yaml.safe_dump(kept))

    return write


def refusal(project, where: str, *options) -> str:
    """The first error, without its place, which must be file, line and column of `where`."""
    errors = project.refuse(*options)
    match = re.search(rf"{re.escape(str(where))}:\d+:\d+: error: (.*)", errors)
    assert match, errors
    return match[1]


def test_sound_layout_is_accepted_as_static_configuration(project, static):
    static({})
    project.configure()


def test_unknown_region_is_refused(project):
    path = project.write("pm_static.yml", "store:\n  address: 0x0\n  size: 0x1000\n  region: extflash\n")
    message = refusal(project, path)
    assert message.startswith("partition 'store' is put in region 'extflash', which does not exist in this build; ")


def test_external_region_that_overflows_is_refused_with_the_bytes_missing(project):
    project.write("app.overlay", SMALLER_CHIP)
    project.write("child_image/mcuboot.overlay", SMALLER_CHIP)
    message = refusal(project, project.repo / "bootloader/pm.yml")
    assert message.startswith("region 'external_flash' has no room for 'mcuboot_secondary': it needs 0xf0000 bytes and 0x80000 of ")
    assert "458752 bytes too few" in message


OFF_START = {"store": {"address": 0, "size": 0x800, "region": "external_flash"}, "mcuboot_secondary": {"address": 0x800}}
OFF_SIZE = {"mcuboot_secondary": {"size": 0xEF800}}


@pytest.mark.parametrize("changes", [OFF_START, OFF_SIZE], ids=["start", "size"])
def test_slot_that_is_not_whole_erase_units_is_refused(project, static, changes):
    static(changes)
    errors = project.refuse()
    assert re.search(r"'mcuboot_secondary' at offset 0x\w+ with 0x\w+ bytes is not made of whole erase units of 0x1000", errors)


def test_static_overlap_is_refused_with_both_places(project, static):
    path = static({"mcuboot": {"size": 0x11000, "end_address": 0x11000}})
    message = refusal(project, path)
    assert re.match(rf"'mcuboot\w*' at 0x\w+ overlaps 'mcuboot\w*', which ends at 0x\w+ \({re.escape(str(path))}:\d+:\d+\); move one", message), message


def test_static_hole_is_refused(project, static):
    path = static({"mcuboot": {"size": 0xE000, "end_address": 0xE000}})
    message = refusal(project, path)
    assert message.startswith("Incorrect amount of gaps found in static configuration.")


def test_slots_of_different_sizes_limit_the_update(project, static):
    """Elsewhere the upload or the swap fails; here the smaller slot counts, and signing refuses what does not fit it."""
    static({"mcuboot_secondary": {"size": 0x10000, "end_address": 0x10000}})
    assert 0 < int(re.search(r"mcuboot_secondary in external_flash: updates of up to (\d+) bytes", project.configure())[1]) < 0x10000
    static({"mcuboot_secondary": {"size": 0x2000, "end_address": 0x2000}})
    assert "have no room for an image beside their trailers and the spare unit" in project.refuse()


def test_layout_does_not_depend_on_where_it_is_built(project, layout):
    project.build_dir = project.source.parent / "elsewhere"
    project.configure()
    assert yaml.safe_load((project.build_dir / "partitions.yml").read_text()) == layout


def rows(repo) -> list[str]:
    text = (repo / "docs/PARTITION_MANAGER.md").read_text()
    section = text.split("## What passes elsewhere\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_every_row_of_the_table_names_tests_that_exist(repo):
    assert len(rows(repo)) >= 13
    for row in rows(repo):
        names = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", row)
        assert names, f"no test in: {row}"
        for path, function in names:
            assert (repo / path).is_file(), path
            assert not function or re.search(rf"\b{function}\b", (repo / path).read_text()), f"{path}::{function}"
