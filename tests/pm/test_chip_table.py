# SPDX-License-Identifier: Apache-2.0
"""A chip's own table (sfdp-bfp) decides about erase units, and the rest of the devicetree may not contradict it."""

import json
from pathlib import Path

import pytest

from test_budget import MX25R64_BFP, nrf
from test_check import EXTERNAL, Build

MINIMAL = "CONFIG_SPI_NOR_SFDP_MINIMAL"


def table(dwords: int = 16, **changes: int) -> list[int]:
    """The MX25R6435F's table, with the 32-bit words d1, d2, ... replaced."""
    data = bytearray(MX25R64_BFP[:4 * dwords])
    for name, value in changes.items():
        data[4 * int(name[1:]) - 4:4 * int(name[1:])] = value.to_bytes(4, "little")
    return list(data)


# 64 KiB (0xd8) and no smaller erase: dword 1 says so too, dwords 8 and 9 list the commands.
ONLY_64K = {"d1": 0xFFF120E7, "d8": 0x0000D810, "d9": 0}


# P25Q16H, as the devicetree of the XIAO BLE quotes it: erases of 256 bytes, and no times.
P25Q16H_ID = [0x85, 0x60, 0x15]
P25Q16H_BFP = list(bytes.fromhex("e520f1ff ffffff00 44eb086b 083b80bb eeffffff ffff00ff ffff00ff 0c200f52 10d80881"))


@pytest.fixture
def build(outboard: Path, tmp_path: Path) -> Build:
    return Build(outboard, tmp_path)


def describe(build: Build, **properties):
    for tree in build.devicetree.values():
        node = next(node for node in tree["nodes"] if node["path"] == EXTERNAL)
        node["properties"] |= {name.replace("_", "-"): value for name, value in properties.items()}


def slots(build: Build) -> dict:
    return json.loads(build.accepts("--json"))["slots"][0]


def test_table_that_agrees_is_fine(build: Build):
    describe(build, sfdp_bfp=table(), erase_block_size=4096, quad_enable_requirements="S1B6", enter_4byte_addr=1)
    assert slots(build)["unit"] == 4096


def test_some_of_the_tables_ways_to_4_byte_addresses_are_fine(build: Build):
    describe(build, sfdp_bfp=table(d16=0x03FFD0F0), enter_4byte_addr=1)
    build.accepts()


def test_smallest_erase_of_the_table_is_the_unit(build: Build):
    build.partitions["mcuboot_secondary"].update(size=0x100000)
    build.partitions["external_flash"].update(address=0x100000, size=0x700000)
    build.partitions["mcuboot_primary"].update(address=0x10000, size=0xe0000)
    build.partitions["app"].update(size=0xdfe00)
    describe(build, sfdp_bfp=table(**ONLY_64K))
    assert slots(build)["unit"] == 0x10000


def test_slot_that_is_not_whole_units_of_the_table_is_refused(build: Build):
    describe(build, sfdp_bfp=table(**ONLY_64K))
    build.refuses("'mcuboot_secondary' at offset 0x0 with 0xee000 bytes is not made of whole erase units of 0x10000 bytes")


def test_driver_that_assumes_4_kib_needs_a_chip_that_has_it(build: Build):
    build.config["mcuboot"][MINIMAL] = "y"
    describe(build, sfdp_bfp=table())
    assert slots(build)["unit"] == 4096
    describe(build, sfdp_bfp=table(**ONLY_64K))
    build.refuses(f"image 'mcuboot' erases units of 0x10000 bytes at least, but {MINIMAL} assumes 0x1000; choose")


@pytest.mark.parametrize("jedec_id, timed", [(P25Q16H_ID, True), ([0x85, 1, 2], False)])
def test_chip_that_erases_256_bytes_is_reported_with_all_its_erases(jedec_id: list[int], timed: bool, build: Build):
    build.regions["external_flash"]["size"] = 0x200000
    build.partitions["external_flash"]["size"] = 0x112000
    describe(nrf(build, {"jedec-id": jedec_id}), size=0x200000 * 8, sfdp_bfp=P25Q16H_BFP)
    build.accepts()
    done = build.run("report", "--json")
    assert done.returncode == 0, done.stderr
    slide = json.loads(done.stdout)["budgets"][0]["modes"][0]
    assert 200 < slide["upgrade"]["secondary"]["erases"] < 300  # 4 KiB at a time, not 256 bytes
    assert (slide["upgrade"].get("seconds") is not None) == timed
    assert "P25Q16H" in build.run("report").stdout or not timed


@pytest.mark.parametrize("properties, says, changes", [
    ({"size": 0x8000000}, "size is 0x8000000, but the table in sfdp-bfp says 0x4000000", {}),
    ({"erase_block_size": 0x10000}, "erase-block-size is 0x10000, but the table in sfdp-bfp says 0x1000", {}),
    ({"quad_enable_requirements": "S2B1v1"}, "quad-enable-requirements is S2B1v1, but the table in sfdp-bfp says S1B6", {}),
    ({"quad_enable_requirements": "S1B6"}, "quad-enable-requirements is S1B6, but the table in sfdp-bfp says NONE",
     {"d15": 0xFF09BE00}),
    ({"enter_4byte_addr": 2}, "enter-4byte-addr is 0x2, but the table in sfdp-bfp says 0x1", {"d16": 0x01FFD0F0}),
])
def test_contradiction_names_both_sides(properties, says, changes, build: Build):
    describe(build, sfdp_bfp=table(**changes), **properties)
    build.refuses(f"{EXTERNAL} of image 'mcuboot': {says}", "child_image/mcuboot.overlay", "of image 'app'", "app.overlay")


@pytest.mark.parametrize("ways", [4, 0x10, 0x80])
def test_way_to_4_byte_addresses_that_the_driver_does_not_have_is_refused(ways: int, build: Build):
    describe(build, enter_4byte_addr=ways)
    build.refuses(f"{EXTERNAL} of image 'mcuboot': enter-4byte-addr is {ways:#x}, which names no way that the driver has: bit 0 (0xB7)",
                  "correct it in child_image/mcuboot.overlay")


@pytest.mark.parametrize("ways", [1, 2, 8, 0x40, 0x24])
def test_way_to_4_byte_addresses_that_the_driver_has_is_fine(ways: int, build: Build):
    describe(build, enter_4byte_addr=ways)
    build.accepts()


def large(build: Build, **changes):
    build.regions["external_flash"]["size"] = 0x2000000
    build.partitions["external_flash"]["size"] = 0x2000000 - build.partitions["external_flash"]["address"]
    describe(build, size=0x2000000 * 8, sfdp_bfp=table(d2=0x0FFFFFFF, **changes))


def test_large_chip_whose_table_has_no_way_to_4_byte_addresses_is_refused(build: Build):
    large(build, d1=0xFFF320E5, d16=0x84FFD0F0)  # the extended address register only
    build.refuses(f"{EXTERNAL} of image 'mcuboot' has more than 16 MiB, and its table in sfdp-bfp names no way to four address bytes")


@pytest.mark.parametrize("changes", [{"d16": 0x85FFD0F0}, {"d16": 0xA0FFD0F0}, {"d16": 0xFFFFD0F0}, {"d1": 0xFFF520E5, "d16": 0x84FFD0F0}])
def test_large_chip_that_may_have_a_way_is_fine(changes: dict, build: Build):
    large(build, **({"d1": 0xFFF320E5} | changes))
    build.accepts()


def test_what_a_short_table_does_not_tell_is_not_compared(build: Build):
    describe(build, sfdp_bfp=table(dwords=9), quad_enable_requirements="S2B7", enter_4byte_addr=1)
    build.accepts()


@pytest.mark.parametrize("bfp", [[0] * 64, [255] * 64, [300], [], "e5 20", 7, list(MX25R64_BFP[:32])])
def test_what_is_no_table_is_refused(bfp, build: Build):
    describe(build, sfdp_bfp=bfp)
    build.refuses(f"{EXTERNAL} of image 'mcuboot': sfdp-bfp is no basic flash parameter table")
