# SPDX-License-Identifier: Apache-2.0
"""A region that is filled in order follows the order of the input files: said when laid out, refused in a release."""

from pathlib import Path

import pytest
import yaml

from layout_case import resolve
from test_check import Build

REGIONS = {"flash_primary": {"size": 0x100000, "strategy": "complex", "device": "flash0"},
           "external_flash": {"size": 0x800000, "device": "DT_CHOSEN(nordic_pm_ext_flash)"}}
SLOT = "slot: {size: 0x80000, region: external_flash}\n"
STORE = "store: {size: 0x6000, region: external_flash}\n"
LOG = "log: {size: 0x1000, region: external_flash}\n"
AFTER_SLOT = "store: {size: 0x6000, region: external_flash, placement: {after: [tfm_storage, slot]}}\n"
BEFORE_STORE = "slot: {size: 0x80000, region: external_flash, placement: {before: [store]}}\n"
RELEASE = "CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION"


def unfixed(tool: Path, folder: Path, inputs: list[str], static: str | None = None) -> tuple[str | None, str]:
    """What regions.yml says about the order, and the messages."""
    result = resolve(tool, folder, REGIONS, inputs, static)
    assert result.status == 0, result.stderr
    return result.regions["external_flash"].get("unfixed_order"), result.stderr


@pytest.mark.parametrize("inputs", [[SLOT], [SLOT + STORE, "other: {size: 16, placement: {before: [app]}}"], [SLOT, AFTER_SLOT],
                                    [BEFORE_STORE, STORE], [BEFORE_STORE, STORE + LOG]],
                         ids=["one alone", "one file", "after", "before", "before, and one file"])
def test_order_that_is_fixed_says_nothing(inputs: list[str], outboard: Path, tmp_path: Path):
    assert unfixed(outboard, tmp_path, inputs) == (None, "")


@pytest.mark.parametrize("inputs, names, pairs", [
    ([SLOT, STORE], "slot, store", [("store", "slot")]),
    ([STORE, SLOT], "store, slot", [("slot", "store")]),
    ([SLOT, STORE, LOG], "slot, store, log", [("store", "slot"), ("log", "store")]),
    ([SLOT, AFTER_SLOT, LOG], "store, log", [("log", "store")]),
    ([SLOT + LOG, STORE], "log, store", [("store", "log")]),
])
def test_order_of_files_is_named_where_nothing_else_fixes_it(inputs, names, pairs, outboard: Path, tmp_path: Path):
    found, stderr = unfixed(outboard, tmp_path, inputs)
    assert found == names
    assert stderr.count("warning") == len(pairs)
    for later, earlier in pairs:
        assert f"warning: '{later}' comes after '{earlier}' in region 'external_flash' only because of the order" in stderr


def test_static_file_fixes_the_order(outboard: Path, tmp_path: Path):
    unfixed(outboard, tmp_path, [SLOT, STORE])
    static = (tmp_path / "partitions.yml").read_text()
    assert unfixed(outboard, tmp_path, [STORE, SLOT], static)[0] is None
    assert yaml.safe_load((tmp_path / "partitions.yml").read_text())["slot"]["address"] == 0
    kept = yaml.safe_load(static)
    del kept["external_flash"]  # then one more partition finds its place behind them
    assert unfixed(outboard, tmp_path, [STORE, LOG, SLOT], yaml.safe_dump(kept))[0] is None


def test_placement_that_does_not_come_true_is_ignored_with_a_warning(outboard: Path, tmp_path: Path):
    found, stderr = unfixed(outboard, tmp_path, [AFTER_SLOT, SLOT])
    assert found == "store, slot" and "'before' and 'after' of 'store' are ignored" in stderr


@pytest.fixture
def build(outboard: Path, tmp_path: Path) -> Build:
    return Build(outboard, tmp_path)


@pytest.fixture
def unordered(build: Build) -> Build:
    """A build whose external order is that of its files."""
    build.regions["external_flash"]["unfixed_order"] = "mcuboot_secondary, littlefs_storage"
    return build


def test_build_without_a_version_may_have_any_order(unordered: Build):
    unordered.accepts()
    unordered.config["app"][RELEASE] = '"0.0.0+0"'
    unordered.accepts()


def test_release_needs_its_order_written_down(unordered: Build):
    unordered.config["app"][RELEASE] = '"1.2.0"'
    unordered.refuses('.config:10:1: error: version "1.2.0" is a release, but the order of mcuboot_secondary, littlefs_storage in '
                      "region 'external_flash' is only that of the input files", "copy partitions.yml to pm_static.yml")


def test_lock_file_or_the_users_word_is_enough(unordered: Build):
    assert unordered.run("lock", "--output", "pm_lock.yml").returncode == 0
    unordered.config["app"][RELEASE] = '"1.2.0"'
    unordered.accepts("--lock", "pm_lock.yml")
    unordered.config["app"]["CONFIG_PM_EXTERNAL_ORDER_FROM_FILES"] = "y"
    unordered.accepts()


def test_release_with_a_fixed_order_is_fine(build: Build):
    build.config["app"][RELEASE] = '"1.2.0"'
    build.accepts()
