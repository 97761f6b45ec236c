# SPDX-License-Identifier: Apache-2.0
"""Builds of an application with its bootloader, and the images made from them."""

import random
import re
import shutil
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
IMGTOOL = REPO / "build/deps/venv/bin/imgtool"
KEY = REPO / "keys/demo-p256.pem"  # what the samples are built with
BOARD = "qemu_ast1030"
OLD = "1.0.0"  # what boards here run at first
NEW = "1.1.0"  # what they are updated to
PAGE = 4096


class BuildFailed(Exception):
    """Carries what the build printed."""


class Firmware:
    """A build folder: what a device is programmed with, and what it is updated with."""

    def __init__(self, folder: Path, version: str):
        self.folder = folder
        self.version = version
        self.bootloader = folder / "mcuboot" / "mcuboot.bin"
        self.internal_flash = folder / "internal_flash.bin"
        self.external_flash = folder / "external_flash.bin"

    def partition(self, name: str, field: str) -> int:
        """A number of partitions.yml."""
        text = (self.folder / "partitions.yml").read_text()
        block = re.search(rf"^{name}:\n((?:  .*\n)+)", text, re.MULTILINE)
        return int(re.search(rf"^  {field}: (\w+)$", block[1], re.MULTILINE)[1], 0)

    @property
    def primary_offset(self) -> int:
        """Where the primary slot starts in the internal chip; the bootloader is the first in it."""
        return self.partition("mcuboot_primary", "address") - self.partition("mcuboot", "address")

    def image(self, ballast: int = 0) -> bytes:
        """
        The signed image.

        ballast  bytes of noise behind the program, which make the image as large as a product's: a swap takes longer
        """
        signed = (self.folder / "app_update.bin").read_bytes()
        return self.sign("--key", KEY, ballast=ballast) if ballast else signed

    def sign(self, *options: str | Path, ballast: int = 0) -> bytes:
        """The same program as an image that the build would not make: larger, without a key, with another key."""
        payload = self.folder / "payload.bin"
        payload.write_bytes((self.folder / "app.bin").read_bytes() + random.Random(self.version).randbytes(ballast))
        signed = self.folder / "signed.bin"
        command = [
            *(IMGTOOL, "sign", "--version", self.version, "--align", "4", "--pad-header"),
            *("--header-size", hex(self.partition("mcuboot_pad", "size"))),
            *("--slot-size", hex(self.partition("mcuboot_primary", "size"))),
            *(*options, payload, signed),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return signed.read_bytes()


def build(folder: Path, version: str, *options: str, source: Path = REPO / "samples/dfu", board: str = BOARD,
          target: str = "all") -> Firmware:
    """Build an application; quick if nothing changed.

    options  for cmake, e.g. -Dmcuboot_CONFIG_SPI_NOR=n
    target   a part of it: mcuboot, app_update.bin
    """
    version_option = f"-DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION={version}"
    configure = ["cmake", "-S", source, "-B", folder, "-G", "Ninja", f"-DBOARD={board}"]
    for command in ([*configure, version_option, *options], ["cmake", "--build", folder, "--target", target]):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            raise BuildFailed(result.stdout)
    return Firmware(folder, version)


def other_version(firmware: Firmware, folder: Path, version: str) -> Firmware:
    """The sample's program with another version, as the build would make it: what a device is updated with. No bootloader."""
    names = [f"dfu {name} is running".encode() for name in (firmware.version, version)]
    program = (firmware.folder / "app.bin").read_bytes()
    assert program.count(names[0]) == 1 and len(names[0]) == len(names[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.bin").write_bytes(program.replace(*names))
    shutil.copy(firmware.folder / "partitions.yml", folder)
    other = Firmware(folder, version)
    (folder / "app_update.bin").write_bytes(other.sign("--key", KEY))
    return other


def corrupt(image: bytes) -> bytes:
    """One bit of the program differs, as after a bad transfer or in an attack."""
    place = len(image) // 2
    return image[:place] + bytes([image[place] ^ 1]) + image[place + 1 :]


def stored_blocks(chip: bytes) -> set[bytes]:
    """What a chip holds: 16 bytes, as ciphers take them, from each word of the pages that are not erased."""
    written = (page for page in range(0, len(chip), PAGE) if chip[page:page + PAGE].strip(b"\xff"))
    return {chip[at:at + 16] for page in written for at in range(page, page + PAGE, 4)}
