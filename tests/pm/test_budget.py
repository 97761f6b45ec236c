# SPDX-License-Identifier: Apache-2.0
"""What an update costs is known at build time: counted by the code that will do it, limited by Kconfig."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from test_check import EXTERNAL, INTERNAL, Build

MODES = {"slide": "CONFIG_BOOT_SWAP_USING_SLIDE", "overwrite": "CONFIG_BOOT_UPGRADE_ONLY", "dual": "CONFIG_BOOT_UPGRADE_DUAL"}
MX25R64_ID = [0xc2, 0x28, 0x17]
# The basic flash parameter table of the MX25R6435F, as the devicetrees of the nRF development kits quote it.
MX25R64_BFP = bytes.fromhex(
    "e520f1ff ffffff03 44eb086b 083b04bb eeffffff ffff00ff ffff00ff 0c200f52"
    "10d800ff 2372f500 82ed04cc 44834844 30b030b0 f7c4d55c 00be29ff f0d0ffff")
MX25R64_GEOMETRY = "4K,32K,64K:1"


def nrf(build: Build, external: dict | None = None) -> Build:
    """An nRF5340 with an MX25R6435F, or with another chip."""
    for tree in build.devicetree.values():
        chip, flash = tree["nodes"][2], tree["nodes"][1]
        chip["properties"].update({"jedec-id": MX25R64_ID} if external is None else external)
        flash["parent"] = "/soc/flash-controller@0"
        tree["nodes"].append({"path": flash["parent"], "parent": "/soc", "okay": True, "labels": [], "properties": {},
                              "compatible": ["nordic,nrf53-flash-controller"]})
    return build


@pytest.fixture
def build(outboard: Path, tmp_path: Path) -> Build:
    """Nothing in its devicetree tells what parts it has."""
    return Build(outboard, tmp_path)


@pytest.fixture
def kit(outboard: Path, tmp_path: Path) -> Build:
    return nrf(Build(outboard, tmp_path))


def budget(build: Build, *options: str) -> dict:
    done = build.run("report", "--json", *options)
    assert done.returncode == 0, done.stderr
    return {mode.pop("mode"): mode for mode in json.loads(done.stdout)["budgets"][0]["modes"]}


def bench(build: Build, mode: str, size: int, *options: str, secondary: str = MX25R64_GEOMETRY) -> dict:
    words = [build.tool, "sim", "bench", "--json", "--mode", mode, "--profile", "nrf5340+mx25r6435f", "--primary", "0xee000:4K:4",
             "--secondary", f"0xee000:{secondary}", "--old-size", size, "--new-size", size, *options]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("row, mode, options", [("slide", "slide", []), ("overwrite", "overwrite", []), ("dual", "dual", []),
                                                ("dual, first update", "dual", ["--factory"])])
def test_budget_counts_what_the_bench_counts(row: str, mode: str, options: list, kit: Build):
    found = budget(kit)[row]
    measured = bench(kit, mode, found["capacity"], *options)
    for start in ("upgrade", "revert"):
        if measured[start] is None:
            assert found[start] is None
            continue
        assert found[start]["seconds"] == pytest.approx(measured[start]["seconds"])
        for slot in ("primary", "secondary"):
            for fact in ("erases", "erased_bytes", "programmed_bytes", "max_wear", "max_wear_with_trailer"):
                assert found[start][slot][fact] == measured[start][slot][fact], (start, slot, fact)


def test_erases_are_the_least_that_each_mode_can_do_with(kit: Build):
    found = budget(kit)
    sectors = -(-found["slide"]["capacity"] // 4096)
    assert found["slide"]["upgrade"]["primary"]["erases"] == sectors + 3  # the trailer and, the first time, both banks of the ledger
    assert found["slide"]["upgrade"]["primary"]["max_wear"] == found["slide"]["upgrade"]["secondary"]["max_wear"] == 1
    for mode in ("overwrite", "dual"):  # nothing is kept there; what was consumed is programmed over
        assert found[mode]["upgrade"]["secondary"]["max_wear"] == 0
    assert found["slide"]["updates"] == 10000  # one erase of each internal sector, which is rated for 10,000


def test_worst_case_is_longer_and_the_longest_operation_is_the_smallest_erase_command(kit: Build):
    found = budget(kit)
    for mode in MODES:
        assert found[mode]["upgrade"]["seconds_worst_case"] > found[mode]["upgrade"]["seconds"]
    # Both chips work at the same time, so larger commands than 4 KiB (0.384 s at most, 64 KiB: 3.84 s) save nothing. The
    # watchdog waits for the pair.
    assert 0.38 <= found["slide"]["longest_operation_seconds"] < 0.6
    assert found["overwrite"]["longest_operation_seconds"] <= found["slide"]["longest_operation_seconds"]


def test_own_table_of_the_chip_says_the_same_as_ours(outboard: Path, tmp_path: Path, kit: Build):
    (tmp_path / "other").mkdir()
    other = nrf(Build(outboard, tmp_path / "other"), {"jedec-id": [1, 2, 3], "sfdp-bfp": list(MX25R64_BFP)})
    table, own = budget(kit), budget(other)
    assert "updates" not in own["slide"]  # such tables do not tell the endurance
    for mode in MODES:
        del table[mode]["updates"]
    assert own == table


def test_slot_that_is_not_aligned_to_large_erase_commands_takes_no_longer(kit: Build):
    aligned = budget(kit)["slide"]
    kit.partitions["mcuboot_secondary"]["address"] = 0x1000
    kit.partitions["external_flash"].update(address=0xef000, size=0x711000)
    moved = budget(kit)["slide"]
    assert moved["upgrade"]["secondary"]["erased_bytes"] == aligned["upgrade"]["secondary"]["erased_bytes"]
    assert moved["upgrade"]["seconds"] == aligned["upgrade"]["seconds"]


@pytest.mark.parametrize("mode", MODES)
def test_terminal_marks_the_mode_of_the_build(mode: str, kit: Build):
    kit.config["mcuboot"][MODES[mode]] = "y"
    text = kit.run("report").stdout
    assert "  mcuboot_primary: nRF5340.\n  mcuboot_secondary: MX25R6435F, rated cycles not confirmed with its datasheet.\n" in text
    assert re.search(rf"^> {mode} ", text, re.MULTILINE)
    assert len(re.findall(r"^[> ] (slide|overwrite|dual|dual, first update) +\d{6} ", text, re.MULTILINE)) == 4


def test_no_time_is_made_up_for_an_unknown_part(outboard: Path, tmp_path: Path):
    unknown = nrf(Build(outboard, tmp_path), {"jedec-id": [1, 2, 3]})
    found = budget(unknown)["slide"]
    assert found["upgrade"]["primary"]["erases"] > 200
    assert not {"updates", "longest_operation_seconds"} & found.keys() and "seconds" not in found["upgrade"]
    text = unknown.run("report").stdout
    assert f"mcuboot_secondary: nothing is known about the times of {EXTERNAL}; add 'sfdp-bfp' to it, or name it with --part-external." in text
    assert re.search(r"^> slide +\d+ +\? +\? +\? +\? +\? +1 / 2 +\?$", text, re.MULTILINE)


def test_part_can_be_named(build: Build):
    named = budget(build, "--part-internal", "nRF52840", "--part-external", "MX25R6435F")
    assert named["slide"]["updates"] == 10000
    done = build.run("report", "--part-internal", "nRF9999")
    assert done.returncode == 2 and "no part 'nRF9999' is known; known are nRF52840, nRF5340, MX25R6435F" in done.stderr


def test_times_that_were_not_confirmed_say_so(outboard: Path, tmp_path: Path):
    qemu = nrf(Build(outboard, tmp_path), {"jedec-id": [0xc2, 0x20, 0x19]})
    assert "mcuboot_secondary: MX25L25635E, times and rated cycles not confirmed with its datasheet." in qemu.run("report").stdout


LIMITS = ["CONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS", "CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES", "CONFIG_BOOT_WATCHDOG_TIMEOUT_MS"]


@pytest.mark.parametrize("symbol, fine, bad, message", [
    (LIMITS[0], 160, 60, r"an installation may take \d+ s, more than CONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS=60; make"),
    (LIMITS[1], 10000, 10001, r"the flash is good for 10000 updates, fewer than CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES=10001;"),
    (LIMITS[2], 8000, 300, r"one flash operation may block for \d+ ms, and CONFIG_BOOT_WATCHDOG_TIMEOUT_MS is 300; give"),
])
def test_limit_is_an_error_where_it_is_set(symbol: str, fine: int, bad: int, message: str, kit: Build):
    kit.config["mcuboot"][symbol] = str(fine)
    kit.accepts()
    kit.config["mcuboot"][symbol] = str(bad)
    done = kit.run("check")
    line = 1 + (kit.folder / "mcuboot/.config").read_text().splitlines().index(f"{symbol}={bad}")
    assert done.returncode == 1
    assert re.search(rf"^mcuboot/\.config:{line}:1: error: {message}.*child_image/mcuboot\.conf$", done.stderr, re.MULTILINE), done.stderr


def test_a_quicker_mode_keeps_a_limit_that_another_exceeds(kit: Build):
    kit.config["mcuboot"][LIMITS[0]] = "60"
    kit.refuses("an installation may take")
    kit.config["mcuboot"][MODES["overwrite"]] = "y"
    kit.accepts()


@pytest.mark.parametrize("symbol", LIMITS)
def test_limit_of_an_unknown_part_cannot_be_kept(symbol: str, build: Build):
    build.config["mcuboot"][symbol] = "1000"
    build.refuses(":1: error: the limits of CONFIG_BOOT_BUDGET_ and CONFIG_BOOT_WATCHDOG_TIMEOUT_MS "
                  f"cannot be checked: nothing is known about the times of {INTERNAL}; add the chip's 'sfdp-bfp'")
    build.config["mcuboot"][symbol] = {LIMITS[0]: "1000", LIMITS[1]: "1000", LIMITS[2]: "10000"}[symbol]
    build.accepts("--part-internal", "nRF5340", "--part-external", "MX25R6435F")


def test_limit_of_updates_needs_a_known_endurance(outboard: Path, tmp_path: Path):
    other = nrf(Build(outboard, tmp_path), {"jedec-id": [1, 2, 3], "sfdp-bfp": list(MX25R64_BFP)})
    other.config["mcuboot"][LIMITS[1]] = "1"
    other.refuses("CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES=1 cannot be checked: the endurance of nRF5340 or chip is not known")


def test_no_limit_costs_no_time(build: Build):
    build.config["mcuboot"].update({symbol: "0" for symbol in LIMITS})
    build.accepts()


@pytest.mark.parametrize("properties", [{"sfdp-bfp": [255] * 64}, {"sfdp-bfp": [0] * 64}, {"sfdp-bfp": [300]}, {"jedec-id": "x"},
                                        {"sfdp-bfp": list(MX25R64_BFP[:36])}, {"erase-block-size": 0x30000000}, {"write-block-size": 3}])
def test_devicetrees_of_any_shape_get_a_report(properties: dict, outboard: Path, tmp_path: Path):
    odd = nrf(Build(outboard, tmp_path), properties)
    assert odd.run("report").returncode == 0
