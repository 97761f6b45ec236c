# SPDX-License-Identifier: Apache-2.0
"""The same project on each of the document's boards, as the SDK has had it in its three ages: bootloader as a child image, with
sysbuild, and with partitions in the devicetree. Built, and updated on virtual boards, which run the very files.

The update is the same program that says another version, put into the chip as an updater leaves it that asks no questions. On the
nRF5340 DK the network core's image is updated too: alone, together with the application's, and by a network core that fails.
"""

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT))

import network_core  # noqa: E402
from device import AGES, APP, NETWORK_FAULTS, NEW, OLD, PASSING_NETWORK_FAULTS, Device, Pair  # noqa: E402

DK, THINGY = "nrf52840dk/nrf52840", "thingy53_nrf5340_cpuapp"
SDK = {"mcuboot": ("flash_primary", 0, 0xC000), "mcuboot_primary": ("flash_primary", 0xC000, 0xF4000),
       "mcuboot_secondary": ("external_flash", 0, 0xF4000)}
SLOTS = {
    DK: SDK,
    APP: {**SDK, "mcuboot_primary_1": ("ram_flash", 0, 0x40000), "mcuboot_secondary_1": ("external_flash", 0xF4000, 0x40000),
          "pcd_sram": ("sram_primary", 0x20000000, 0x2000)},
    THINGY: {"mcuboot": ("flash_primary", 0, 0x20000), "mcuboot_primary": ("flash_primary", 0x20000, 0xE0000),
             "mcuboot_secondary": ("external_flash", 0, 0xE0000)},
}
OWN_SLOTS = {(DK, "devicetree"): {"mcuboot": ("flash_primary", 0, 0xC000), "mcuboot_primary": ("flash_primary", 0xC000, 0xF2000),
                                  "mcuboot_secondary": ("external_flash", 0x100000, 0xF2000),
                                  "settings_storage": ("flash_primary", 0xFE000, 0x2000)}}


@functools.cache
def built(board: str, age: str, outboard: Path) -> Device:
    return Device(board, age, outboard)


def of_age(board: str, age: str):
    """Thingy:53 differs from the nRF5340 DK in its pins: one age is enough here, `make proof` has the others."""
    left = board.startswith("thingy53") and age != "devicetree"
    return pytest.param((board, age), marks=[pytest.mark.proof] if left else [], id=f"{age}-{board}")


@pytest.fixture(params=[of_age(board, age) for board in SLOTS for age in AGES])
def device(request, outboard: Path) -> Device:
    return built(*request.param, outboard)


def test_slots_are_the_sdks(device):
    slots = OWN_SLOTS.get((device.board, device.age), SLOTS[device.board])
    assert {name: (device.parts[name]["region"], *device.slot(name)) for name in slots} == slots


def test_update_through_the_external_chip_is_installed(device):
    assert device.start().endswith(f"dfu {OLD.decode()} is running")
    update = device.update()
    device.place(update)
    assert device.start().endswith(f"dfu {NEW.decode()} is running")
    assert device.primary(len(update)) == update


# ---- the network core's image ----

@pytest.fixture(params=AGES)
def pair(request, outboard: Path) -> Pair:
    return Pair(built(APP, request.param, outboard))


@pytest.fixture
def child_image_pair(outboard: Path) -> Pair:
    return Pair(built(APP, "child_image", outboard))


def test_network_image_alone_is_handed_over_and_kept(pair):
    pair.device.place(pair.network_update.read_bytes(), "mcuboot_secondary_1")
    assert "is running" in pair.device.start()
    held = pair.network_file.read_bytes()
    assert held[network_core.CONTAINER:][:len(pair.payload)] == pair.payload
    assert held[:network_core.CONTAINER] == network_core.flash(b"")[:network_core.CONTAINER]


@pytest.mark.parametrize("which", ["application", "network", "together"])
def test_images_are_installed_alone_and_together(pair, which):
    assert pair.live(which).endswith("the new image runs")


@pytest.mark.parametrize("fault", NETWORK_FAULTS)
def test_network_core_that_fails_costs_the_update_and_nothing_else(child_image_pair, fault):
    """The board refuses to start an image beside a network core that holds half of one, unless the record says so."""
    assert child_image_pair.live("together", "--network-fault", fault).endswith("the old image runs")


@pytest.mark.parametrize("fault", PASSING_NETWORK_FAULTS)
def test_network_core_that_fails_at_first_gets_its_image(child_image_pair, fault):
    assert child_image_pair.live("together", "--network-fault", fault).endswith("the new image runs")


CUTS = [("child_image", "application", 700, None), ("child_image", "network", 60, None), ("child_image", "together", 150, "middle"),
        ("sysbuild", "together", 500, None), ("devicetree", "together", 500, None)]


@pytest.mark.parametrize("age, which, every, fault", CUTS)
def test_cuts_leave_what_belongs_together(outboard, age, which, every, fault):
    """A small sample; `scripts/proof_network.py` cuts everywhere, with every fault, in all ages."""
    told = [] if fault is None else ["--network-fault", fault]
    report = Pair(built(APP, age, outboard)).cuts(which, "--every", every, "--instructions", 2, "--jobs", 2, *told)
    assert report["failures"] == 0, report
    assert report["cuts"] >= 15 and report["old" if fault in NETWORK_FAULTS else "new"] == report["cuts"]


def test_steps_of_a_hand_over_are_cut_and_reset(child_image_pair):
    report = child_image_pair.cuts("network", "--every", 8, "--tear", "none", "--instructions", 0, "--jobs", 2)
    assert report["failures"] == 0, report
    assert report["steps"] >= 30 and report["new"] == -(-report["operations"] // 8) + 3 * -(-report["steps"] // 8)


@pytest.mark.proof
@pytest.mark.parametrize("feeds", ["y", "n"])
def test_watchdog_is_fed_while_a_core_is_waited_for_that_never_answers(outboard, tmp_path, feeds):
    options = {"BOOT_WATCHDOG_START": "y", "BOOT_WATCHDOG_TIMEOUT_MS": "4000", "BOOT_WATCHDOG_FEED": feeds, "MCUBOOT_SERIAL": "n",
               "MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD": "n"}
    more = tuple(f"-Dmcuboot_CONFIG_{symbol}={value}" for symbol, value in options.items())
    pair = Pair(Device(APP, "child_image", outboard, tmp_path, more))
    pair.device.place(pair.network_update.read_bytes(), "mcuboot_secondary_1")
    words = ["--network-fault", "silent", "--until", "is running", "--limit", "120"]
    done = subprocess.run([outboard, "board", "run", pair.device.folder, "--json", *words], capture_output=True, text=True)
    facts = json.loads(done.stdout)
    if feeds == "y":  # three times 30 s, then it starts what is there
        assert facts["resets"] == 0 and facts["end"] == "until" and 90 < facts["seconds"] < 100
    else:
        assert facts["resets"] > 0 and facts["end"] == "limit"


def test_layout_says_beforehand_that_nothing_goes_back(outboard: Path, tmp_path: Path):
    done = subprocess.run(["cmake", "-S", PROJECT, "-B", tmp_path, "-G", "Ninja", f"-DBOARD={APP}", f"-DOUTBOARD_TOOL={outboard}"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'mcuboot_primary_1' is handed over to the network core, which keeps no old image: there is no way back" in done.stderr


def test_third_image_beside_the_network_cores_is_refused_with_its_reason(outboard: Path, tmp_path: Path):
    done = subprocess.run(["cmake", "-S", PROJECT, "-B", tmp_path, "-G", "Ninja", f"-DBOARD={APP}", f"-DOUTBOARD_TOOL={outboard}",
                           "-Dmcuboot_CONFIG_UPDATEABLE_IMAGE_NUMBER=3"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "CONFIG_UPDATEABLE_IMAGE_NUMBER=3 is out of range; use 1 to 2 because of NETWORK_CORE_IMAGE" in done.stderr
