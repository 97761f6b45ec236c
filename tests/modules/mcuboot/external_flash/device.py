# SPDX-License-Identifier: Apache-2.0
"""Builds of this project for a board, in one of its three ages; with a network core, updates of both images."""

import json
import subprocess
import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent
REPO = PROJECT.parents[3]
sys.path[:0] = [str(REPO / "tests/emu"), str(PROJECT)]

import network_core  # noqa: E402
from board import MAGIC  # noqa: E402
from firmware import IMGTOOL, KEY  # noqa: E402

AGES = {"child_image": (PROJECT, []), "sysbuild": (PROJECT, ["-DSYSBUILD=ON"]), "devicetree": (PROJECT / "devicetree", ["-DSYSBUILD=ON"])}
APP = "nrf5340dk/nrf5340/cpuapp"
OLD, NEW = b"1.0.0+0", b"1.1.0+0"
NETWORK_FAULTS = ["silent", "hash", "middle"]  # of a network core that never takes its image
PASSING_NETWORK_FAULTS = ["silent:1", "hash:2", "middle:2", "running", "stale"]  # of one that takes it nevertheless


def run(*words) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Device:
    def __init__(self, board: str, age: str, outboard: Path, place: Path = REPO / "build/tests/external_flash", more: tuple[str, ...] = ()):
        self.board, self.age, self.outboard = board, age, outboard
        self.folder = place / f"{age}_{board.replace('/', '_')}"
        source, options = AGES[age]
        run("cmake", "-S", source, "-B", self.folder, "-G", "Ninja", f"-DBOARD={board}", f"-DOUTBOARD_TOOL={outboard}", *options,
            *more)
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
        application = ["--update", device.folder / "new_signed.bin"]
        network = ["--network-update", self.network_update]
        self.updates = {"application": application, "network": network, "together": [*application, *network]}

    def live(self, which: str, *options) -> str:
        """Live on until nothing changes: what ran at the end, in the board's words."""
        words = [self.device.outboard, "board", "run", self.device.folder, *self.updates[which], *options]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()[-1]

    def cuts(self, which: str, *options) -> dict:
        """What `outboard board cuts --json` says; failures are the caller's to judge."""
        words = [self.device.outboard, "board", "cuts", self.device.folder, *self.updates[which], "--permanent", "--json", *options]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        assert done.returncode in (0, 1) and done.stdout, done.stderr
        return json.loads(done.stdout)
