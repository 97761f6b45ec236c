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
import yaml

PROJECT = Path(__file__).resolve().parent
REPO = PROJECT.parents[3]
sys.path.insert(0, str(REPO / "tests/emu"))

from board import MAGIC  # noqa: E402
from firmware import IMGTOOL, KEY  # noqa: E402

sys.path.insert(0, str(PROJECT))

import network_core  # noqa: E402

DK, APP, THINGY = "nrf52840dk/nrf52840", "nrf5340dk/nrf5340/cpuapp", "thingy53_nrf5340_cpuapp"
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
AGES = {"child_image": (PROJECT, []), "sysbuild": (PROJECT, ["-DSYSBUILD=ON"]), "devicetree": (PROJECT / "devicetree", ["-DSYSBUILD=ON"])}
OLD, NEW = b"1.0.0+0", b"1.1.0+0"


def run(*words) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Device:
    def __init__(self, board: str, age: str, outboard: Path):
        self.board, self.age, self.outboard = board, age, outboard
        self.folder = REPO / "build/tests/external_flash" / f"{age}_{board.replace('/', '_')}"
        source, options = AGES[age]
        run("cmake", "-S", source, "-B", self.folder, "-G", "Ninja", f"-DBOARD={board}", f"-DOUTBOARD_TOOL={outboard}", *options)
        (self.folder / "internal_flash.bin").unlink(missing_ok=True)  # what an earlier run left
        run("cmake", "--build", self.folder)
        self.factory = (self.folder / "internal_flash.bin").read_bytes()
        self.parts = yaml.safe_load((self.folder / "partitions.yml").read_text())

    def slot(self, name: str) -> tuple[int, int]:
        return self.parts[name]["address"], self.parts[name]["size"]

    def sign(self, name: str, payload: bytes, version: str, slot: str) -> Path:
        (self.folder / f"{name}.bin").write_bytes(payload)
        signed = self.folder / f"{name}_signed.bin"
        run(IMGTOOL, "sign", "--version", version, "--align", 4, "--pad-header", "--header-size", hex(self.slot("mcuboot_pad")[1]),
            "--slot-size", hex(self.slot(slot)[1]), "--key", KEY, self.folder / f"{name}.bin", signed)
        return signed

    def update(self) -> bytes:
        payload = (self.folder / "app.bin").read_bytes()
        assert payload.count(OLD) == 1
        return self.sign("new", payload.replace(OLD, NEW), NEW.decode(), "mcuboot_primary").read_bytes()

    def place(self, image: bytes, secondary: str = "mcuboot_secondary"):
        start, size = self.slot(secondary)
        with (self.folder / "external_flash.bin").open("r+b") as chip:
            chip.seek(start)
            chip.write(image)
            chip.seek(start + size - len(MAGIC))
            chip.write(MAGIC)

    def start(self) -> str:
        return run(self.outboard, "board", "run", self.folder, "--until", "is running", "--limit", 60)

    def primary(self, length: int) -> bytes:
        start = self.slot("mcuboot_primary")[0]
        return (self.folder / "internal_flash.bin").read_bytes()[start:start + length]


@functools.cache
def built(board: str, age: str, outboard: Path) -> Device:
    return Device(board, age, outboard)


@pytest.fixture(params=[(board, age) for board in SLOTS for age in AGES], ids=lambda pair: f"{pair[1]}-{pair[0]}")
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

FAULTS = ["silent", "hash", "middle"]  # of a network core that is asked for good
PASSING = ["silent:1", "hash:2", "middle:2", "running", "stale"]  # of one that takes it nevertheless


class Pair:
    """A build with its network core as the factory leaves it, and an update of each image."""

    def __init__(self, device: Device):
        self.device = device
        device.update()
        (device.folder / "internal_flash.bin").write_bytes(device.factory)
        (device.folder / "external_flash.bin").write_bytes(b"\xff" * 0x800000)
        self.network_file = device.folder / "network_flash.bin"
        self.network_file.write_bytes(network_core.flash(network_core.application(1)))
        self.payload = network_core.application(2)
        self.network_update = device.sign("network_new", self.payload, "2.0.0", "mcuboot_secondary_1")
        self.updates = {"alone": ["--network-update", self.network_update],
                        "together": ["--update", device.folder / "new_signed.bin", "--network-update", self.network_update]}

    def live(self, which: str, *options) -> str:
        """Live on until nothing changes: what ran at the end, in the board's words."""
        words = [self.device.outboard, "board", "run", self.device.folder, *self.updates[which], *options]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()[-1]

    def cuts(self, which: str, *options) -> dict:
        return json.loads(run(self.device.outboard, "board", "cuts", self.device.folder, *self.updates[which], *options,
                              "--permanent", "--jobs", 2, "--json"))


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


@pytest.mark.parametrize("which", ["alone", "together"])
def test_network_image_is_installed(pair, which):
    assert pair.live(which).endswith("the new image runs")


@pytest.mark.parametrize("fault", FAULTS)
def test_network_core_that_fails_costs_the_update_and_nothing_else(child_image_pair, fault):
    """The board refuses to start an image beside a network core that holds half of one, unless the record says so."""
    assert child_image_pair.live("together", "--network-fault", fault).endswith("the old image runs")


@pytest.mark.parametrize("fault", PASSING)
def test_network_core_that_fails_at_first_gets_its_image(child_image_pair, fault):
    assert child_image_pair.live("together", "--network-fault", fault).endswith("the new image runs")


@pytest.mark.parametrize("which, every, fault", [("alone", 12, []), ("together", 160, []), ("together", 20, ["--network-fault", "middle"])])
def test_cuts_leave_what_belongs_together(child_image_pair, which, every, fault):
    """A sample; `make proof` cuts everywhere."""
    report = child_image_pair.cuts(which, "--every", every, "--instructions", 4, *fault)
    assert report["failures"] == 0, report
    assert report["cuts"] >= 40 and report["old" if fault else "new"] == report["cuts"]


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
