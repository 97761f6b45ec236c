# SPDX-License-Identifier: Apache-2.0
"""Devices whose flash is looked at: made by the engine itself on files (flash_device), images by the unmodified imgtool."""

import json
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from imgtool.main import imgtool as imgtool_main

CHIP = 0x40000
PRIMARY, SLOT, LEDGER = 0x10000, 0x8000, 0xC000
HEADER = 0x200
RAM = 0x20000000
SECTOR = 0x1000

PARTITIONS = f"""
mcuboot: {{address: 0x0, end_address: {PRIMARY}, region: flash_primary, size: {PRIMARY}}}
mcuboot_pad: {{address: {PRIMARY}, end_address: {PRIMARY + HEADER}, region: flash_primary, size: {HEADER}}}
app: {{address: {PRIMARY + HEADER}, end_address: {PRIMARY + SLOT}, region: flash_primary, size: {SLOT - HEADER}}}
mcuboot_primary:
  {{address: {PRIMARY}, end_address: {PRIMARY + SLOT}, region: flash_primary, size: {SLOT}, orig_span: [app, mcuboot_pad], span: [app, mcuboot_pad]}}
storage: {{address: {PRIMARY + SLOT}, end_address: {CHIP}, region: flash_primary, size: {CHIP - PRIMARY - SLOT}}}
mcuboot_secondary: {{address: 0x0, end_address: {SLOT}, region: external_flash, size: {SLOT}, device: DT_CHOSEN(nordic_pm_ext_flash)}}
external_flash: {{address: {SLOT}, end_address: {CHIP}, region: external_flash, size: {CHIP - SLOT}}}
sram_primary: {{address: {RAM}, end_address: {RAM + 0x10000}, region: sram_primary, size: 0x10000}}
"""
REGIONS = f"""
external_flash: {{name: external_flash, base_address: 0, size: {CHIP}, device: DT_CHOSEN(nordic_pm_ext_flash), placement_strategy: start_to_end}}
flash_primary: {{name: flash_primary, base_address: 0, size: {CHIP}, device: DT_CHOSEN(zephyr_flash), placement_strategy: complex, dynamic_partition: app}}
sram_primary: {{name: sram_primary, base_address: {RAM}, size: 0x10000, device: null, placement_strategy: complex, dynamic_partition: sram_primary}}
"""
CONFIG = """
CONFIG_BOOT_SIGNATURE_TYPE_NAME="ecdsa-p256"
CONFIG_BOOT_MAX_IMG_SECTORS=0
CONFIG_BOOT_LEDGER_SIZE=0x4000
"""
FLASH = {"okay": True, "properties": {"erase-block-size": SECTOR, "write-block-size": 1}}
DEVICETREE = {"chosen": {"zephyr,flash": "/flash@0", "nordic,pm-ext-flash": "/spi/chip@0"},
              "nodes": [{"path": "/flash@0", "parent": "/controller", **FLASH}, {"path": "/spi/chip@0", "parent": "/spi", **FLASH},
                        {"path": "/controller", "compatible": ["nordic,nrf52-flash-controller"]}]}


class Images:
    """Signed on demand, once each."""

    def __init__(self, folder: Path, repo: Path):
        self.folder = folder
        self.key = repo / "keys/demo-p256.pem"
        self.made = {}

    def imgtool(self, *words):
        imgtool_main.main([str(word) for word in words], standalone_mode=False)

    def new_key(self, kind: str) -> Path:
        path = self.folder / f"{kind}.pem"
        if not path.exists():
            self.imgtool("keygen", "-k", path, "-t", kind)
        return path

    def __call__(self, version: str, *options, key=None, size=0x1800, stack=RAM + 0x1000, entry=PRIMARY + HEADER + 0x101, header=HEADER) -> Path:
        what = (version, options, key, size, stack, entry, header)
        if what not in self.made:
            plain, signed = (self.folder / f"{len(self.made)}.{suffix}" for suffix in ("plain", "bin"))
            plain.write_bytes(struct.pack("<II", stack, entry) + bytes(index * 7 + len(self.made) & 0xFF for index in range(size - 8)))
            keys = () if key is False else ("-k", key or self.key)
            self.imgtool("sign", *keys, "--align", 8, "-v", version, "-H", hex(header), "--pad-header", "-S", hex(SLOT), *options, plain, signed)
            self.made[what] = signed
        return self.made[what]


@dataclass
class Seen:
    """What `flash inspect` said."""

    status: int
    facts: dict
    errors: str

    @property
    def found(self) -> dict[str, dict]:
        return {finding["id"]: finding for finding in self.facts["findings"]}

    @property
    def problems(self) -> set[str]:
        return {finding["id"] for finding in self.facts["findings"] if finding["severity"] == "problem"}


class Device:
    """A device from the factory: bootloader, version 1.0.0, nothing outside."""

    def __init__(self, folder: Path, outboard: Path, image: Images):
        self.folder, self.outboard, self.image = folder, outboard, image
        self.log = ""  # what the engine said in the starts that were made
        self.internal, self.external = folder / "internal.bin", folder / "external.bin"
        self.partitions = folder / "partitions.yml"
        self.partitions.write_text(PARTITIONS)
        (folder / "regions.yml").write_text(REGIONS)
        (folder / "mcuboot").mkdir()
        self.config = folder / "mcuboot/.config"
        self.config.write_text(CONFIG)
        (folder / "mcuboot/devicetree.json").write_text(json.dumps(DEVICETREE))
        blank = bytearray(b"\xff" * CHIP)
        self.external.write_bytes(blank)
        blank[:8] = struct.pack("<II", RAM + 0x8000, 0x101)
        blank[0x100:0x11E] = b"*** Booting outboard v0.1.0\0\0\0"
        self.internal.write_bytes(blank)

    def do(self, *words) -> "Device":
        """What flash_device.c understands."""
        tool = self.outboard.parents[2] / "tests/flash/flash_device"
        done = subprocess.run([tool, self.folder, self.image.key, *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self.log += done.stdout
        return self

    def program(self, version="1.0.0", *options, **how) -> "Device":
        return self.do(f"program={self.image(version, *options, **how)}")

    def configure(self, *lines: str) -> "Device":
        """Of the bootloader's build; what was set before is replaced."""
        names = {line.split("=")[0] for line in lines}
        kept = [line for line in self.config.read_text().splitlines() if line.split("=")[0] not in names]
        self.config.write_text("".join(f"{line}\n" for line in [*kept, *lines]))
        return self

    def poke(self, chip: Path, at: int, data: bytes) -> "Device":
        content = bytearray(chip.read_bytes())
        content[at:at + len(data)] = data
        chip.write_bytes(content)
        return self

    def run(self, *options) -> subprocess.CompletedProcess:
        command = [self.outboard, "flash", "inspect", "--partitions", self.partitions, *map(str, options)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def inspect(self, internal=None, external=True, key=True, image=True, more=()) -> Seen:
        options = ["--json", "--internal", internal or self.internal, *more]
        options += ["--external", self.external if external is True else external] if external else []
        options += ["--key", self.image.key] if key else []
        options += ["--image", f"mcuboot={self.folder / 'mcuboot'}"] if image else []
        done = self.run(*options)
        return Seen(done.returncode, json.loads(done.stdout or "{}"), done.stderr)


@pytest.fixture(scope="session")
def image(tmp_path_factory, repo) -> Images:
    return Images(tmp_path_factory.mktemp("images"), repo)


@pytest.fixture
def blank(tmp_path, outboard, image) -> Device:
    return Device(tmp_path, outboard, image)


@pytest.fixture
def device(blank) -> Device:
    return blank.program()
