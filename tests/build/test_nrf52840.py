# SPDX-License-Identifier: Apache-2.0
"""The nRF52840 DK: its layout, and its binaries on a virtual board (the CPU is Unicorn's, the peripherals are here)."""

import re

import pytest
import yaml
from unicorn import UC_ARCH_ARM, UC_HOOK_MEM_WRITE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_PC, UC_ARM_REG_SP, UC_CPU_ARM_CORTEX_M4

BOARD = "nrf52840dk_nrf52840"
FLASH_SIZE = 1 << 20
UARTE, TIMER, WDT = 0x40002000, 0x40008000, 0x40010000
INSTRUCTIONS_MAX = 50_000_000


class VirtualBoard:
    """Flash, RAM, a UARTE that sends at once and a timer that counts its readings."""

    def __init__(self, flash: bytes):
        self.text = b""
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.uc.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
        self.uc.mem_map(0, FLASH_SIZE)
        self.uc.mem_write(0, flash)
        self.uc.mem_map(0x10000000, 8 << 10)  # FICR and UICR
        self.uc.mem_map(0x20000000, 256 << 10)
        self.uc.mem_map(0x40000000, 192 << 10)  # peripherals: registers keep what was written
        self.uc.mem_map(0x50000000, 4 << 10)
        self.uc.mem_map(0xE000E000, 4 << 10)  # system control space; it tells of no memory protection unit
        self.uc.mem_write(0x4001E400, (1).to_bytes(4, "little"))  # NVMC READY
        self.uc.mem_write(WDT + 0x508, (0b101).to_bytes(4, "little"))  # RREN, as an application left it
        self.uc.hook_add(UC_HOOK_MEM_WRITE, self.on_write, begin=0x40000000, end=0x4001FFFF)
        self.time = 0

    def register(self, address: int) -> int:
        return int.from_bytes(self.uc.mem_read(address, 4), "little")

    def on_write(self, uc, access, address, size, value, data):
        if address == UARTE + 0x008:  # TASKS_STARTTX
            start, count = self.register(UARTE + 0x544), self.register(UARTE + 0x548)
            self.text += bytes(uc.mem_read(start, count))
            uc.mem_write(UARTE + 0x120, (1).to_bytes(4, "little"))
            if self.text.endswith(self.last):
                uc.emu_stop()
        elif address == TIMER + 0x040:  # TASKS_CAPTURE[0]
            self.time += 1
            uc.mem_write(TIMER + 0x540, self.time.to_bytes(4, "little"))

    def dma_is_receiving(self) -> bool:
        return self.register(UARTE + 0x000) != 0  # TASKS_STARTRX was written

    def run(self, last: str) -> str:
        """From reset until the console says `last`."""
        self.last = last.encode()
        stack, entry = (self.register(address) for address in (0, 4))
        self.uc.reg_write(UC_ARM_REG_SP, stack)
        try:
            self.uc.emu_start(entry, FLASH_SIZE, count=INSTRUCTIONS_MAX)
        except UcError as error:
            self.text += f" {error} at {self.uc.reg_read(UC_ARM_REG_PC):#x}".encode()
        return self.text.decode()


@pytest.fixture
def dk(project):
    project.options.append(f"-DBOARD={BOARD}")
    return project


def test_application_starts_through_the_bootloader(dk):
    result = dk.cmake(board=None)
    assert result.returncode == 0, result.stderr
    assert not re.search(r":\d+: warning: ", dk.make())
    board = VirtualBoard((dk.build_dir / "internal_flash.bin").read_bytes())
    text = board.run("tiny application\r\n")
    assert "I: Bootloader chainload address offset: 0xc000\r\n" in text
    assert text.endswith("I: Jumping to the first image slot\r\nI: tiny application\r\n")
    assert not board.dma_is_receiving()  # it would write to the RAM of whatever image runs


def test_watchdog_of_the_application_is_fed_in_each_register_that_it_waits_for(dk):
    assert dk.cmake(board=None).returncode == 0
    dk.make()
    board = VirtualBoard((dk.build_dir / "internal_flash.bin").read_bytes())
    board.run("Jumping to the first image slot\r\n")
    key = 0x6E524635
    assert [board.register(WDT + 0x600 + 4 * n) for n in range(8)] == [key, 0, key, 0, 0, 0, 0, 0]
    assert board.register(WDT) == 0  # TASKS_START: it is not the bootloader's to start


def test_watchdog_is_started_with_the_time_that_was_asked_for(dk):
    options = ["-Dmcuboot_CONFIG_BOOT_WATCHDOG_TIMEOUT_MS=2000", "-Dmcuboot_CONFIG_BOOT_WATCHDOG_START=y"]
    result = dk.cmake(*options, board=None)
    assert result.returncode == 0, result.stderr
    dk.make()
    board = VirtualBoard((dk.build_dir / "internal_flash.bin").read_bytes())
    board.run("Starting bootloader\r\n")
    assert (board.register(WDT), board.register(WDT + 0x504), board.register(WDT + 0x508)) == (1, 2 * 32768 - 1, 1)


def test_newer_name_of_the_board_is_the_same_folder(project):
    assert project.cmake(board="nrf52840dk/nrf52840").returncode == 0


def test_layout_is_the_documented_one(dk):
    """The worked example of the SDK's documentation: 0xc000 for the bootloader, slots of 0x7a000."""
    result = dk.cmake(board=None)
    assert result.returncode == 0, result.stderr
    parts = yaml.safe_load((dk.build_dir / "partitions.yml").read_text())
    assert {name: (part["address"], part["end_address"]) for name, part in parts.items() if part["region"] == "flash_primary"} == {
        "mcuboot": (0, 0xC000), "mcuboot_pad": (0xC000, 0xC200), "app": (0xC200, 0x86000), "mcuboot_primary_app": (0xC200, 0x86000),
        "mcuboot_primary": (0xC000, 0x86000), "mcuboot_secondary": (0x86000, 0x100000),
    }
