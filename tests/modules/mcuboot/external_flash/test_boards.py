# SPDX-License-Identifier: Apache-2.0
"""The same project on each of the document's boards, as the SDK has had it in its three ages: bootloader as a child image, with
sysbuild, and with partitions in the devicetree. Built, and updated on virtual boards, which run the very files.

The update is the same program that says another version, put into the chip as an updater leaves it that asks no questions.
"""

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

DK, APP, THINGY = "nrf52840dk/nrf52840", "nrf5340dk/nrf5340/cpuapp", "thingy53_nrf5340_cpuapp"
SDK = {"mcuboot": ("flash_primary", 0, 0xC000), "mcuboot_primary": ("flash_primary", 0xC000, 0xF4000),
       "mcuboot_secondary": ("external_flash", 0, 0xF4000)}
SLOTS = {
    DK: SDK,
    APP: SDK,
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
        run("cmake", "--build", self.folder)
        self.parts = yaml.safe_load((self.folder / "partitions.yml").read_text())

    def slot(self, name: str) -> tuple[int, int]:
        return self.parts[name]["address"], self.parts[name]["size"]

    def update(self) -> bytes:
        payload = (self.folder / "app.bin").read_bytes()
        assert payload.count(OLD) == 1
        (self.folder / "new.bin").write_bytes(payload.replace(OLD, NEW))
        run(IMGTOOL, "sign", "--version", NEW.decode(), "--align", 4, "--pad-header", "--header-size", hex(self.slot("mcuboot_pad")[1]),
            "--slot-size", hex(self.slot("mcuboot_primary")[1]), "--key", KEY, self.folder / "new.bin", self.folder / "new_signed.bin")
        return (self.folder / "new_signed.bin").read_bytes()

    def place(self, image: bytes):
        start, size = self.slot("mcuboot_secondary")
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


@pytest.fixture(scope="module", params=[(board, age) for board in SLOTS for age in AGES], ids=lambda pair: f"{pair[1]}-{pair[0]}")
def device(request, outboard: Path) -> Device:
    return Device(*request.param, outboard)


def test_slots_are_the_sdks(device):
    slots = OWN_SLOTS.get((device.board, device.age), SLOTS[device.board])
    assert {name: (device.parts[name]["region"], *device.slot(name)) for name in slots} == slots


def test_update_through_the_external_chip_is_installed(device):
    assert device.start().endswith(f"dfu {OLD.decode()} is running")
    update = device.update()
    device.place(update)
    assert device.start().endswith(f"dfu {NEW.decode()} is running")
    assert device.primary(len(update)) == update


def test_second_image_with_the_network_core_is_refused_with_its_reason(outboard: Path, tmp_path: Path):
    done = subprocess.run(["cmake", "-S", PROJECT, "-B", tmp_path, "-G", "Ninja", f"-DBOARD={APP}", f"-DOUTBOARD_TOOL={outboard}",
                           "-Dmcuboot_CONFIG_UPDATEABLE_IMAGE_NUMBER=2"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "CONFIG_UPDATEABLE_IMAGE_NUMBER=2 is out of range; use 1 to 1 because of NETWORK_CORE_IMAGE" in done.stderr
    assert "is not updated here: it lies in the other core's flash" in done.stderr
