# SPDX-License-Identifier: Apache-2.0
"""The driver of the nRF's internal flash, as Arm code on an emulated CPU whose flash controller forbids what the real one does.

The model: words only, each written at most twice between erases, only in write mode; page erase by register (nRF52) or by
a word of ones (nRF53), only in erase mode; not ready for a while after each.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_SP, UC_CPU_ARM_CORTEX_M33

HERE = Path(__file__).resolve().parent

RAM, RAM_SIZE = 0x20000000, 0x20000
READY, CONFIG, ERASEPAGE = 0x400, 0x504, 0x508
PORT, CLOCK, PROMISE, KEPT, END = 0x60000000, 0x00, 0x04, 0x08, 0x0C
READ_MODE, WRITE_MODE, ERASE_MODE = 0, 1, 2
FLASH_SIZE, PAGE = 0x100000, 0x1000
N_WRITE = 2
POLLS = 3  # reads of READY until it says so


class Forbidden(Exception):
    """The real controller would have faulted, or worn the flash out."""


@dataclass
class Soc:
    dtsi: str
    regs: int
    erase_by_write: bool


SOCS = [Soc("nrf52840", 0x4001E000, False), Soc("nrf5340_cpuapp", 0x50039000, True)]


class Device:
    def __init__(self, elf: Path, soc: Soc, stuck: bool = False):
        self.flash = bytearray((i * 7 + i // 256) % 256 for i in range(FLASH_SIZE))
        self.writes = [0] * (FLASH_SIZE // 4)
        self.mode = READ_MODE
        self.busy = 0
        self.stuck = stuck
        self.clock = 0xFFFFFF00  # wraps soon
        self.erase_by_write = soc.erase_by_write
        self.promises = {}
        self.result = None
        self.error = None

        self.cpu = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.cpu.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M33)
        self.cpu.mem_map(RAM, RAM_SIZE)
        self.cpu.mmio_map(0, FLASH_SIZE, self._read_flash, None, self._write_flash, None)
        self.cpu.mmio_map(soc.regs, 0x1000, self._read_register, None, self._write_register, None)
        self.cpu.mmio_map(PORT, 0x1000, self._read_port, None, self._write_port, None)
        with elf.open("rb") as file:
            image = ELFFile(file)
            for segment in image.iter_segments("PT_LOAD"):
                self.cpu.mem_write(segment["p_vaddr"], segment.data())
            self.entry = image["e_entry"]
        self.cpu.reg_write(UC_ARM_REG_SP, RAM + RAM_SIZE)

    def run(self):
        try:
            self.cpu.emu_start(self.entry | 1, 0)
        except UcError as error:
            self.error = self.error or error
        if self.error:
            raise self.error
        return self.result

    def _forbid(self, what: str):
        self.error = self.error or Forbidden(what)
        self.cpu.emu_stop()

    # ---- flash ----

    def _read_flash(self, _cpu, offset, size, _data):
        if self.busy:
            self._forbid(f"read at {offset:#x} while not ready")
        return int.from_bytes(self.flash[offset : offset + size], "little")

    def _write_flash(self, _cpu, offset, size, value, _data):
        if size != 4 or offset % 4:
            self._forbid(f"write of {size} bytes at {offset:#x}")
        elif self.busy:
            self._forbid(f"write at {offset:#x} while not ready")
        elif self.mode == WRITE_MODE:
            self._program(offset, value)
        elif self.mode == ERASE_MODE and self.erase_by_write and value == 0xFFFFFFFF:
            self._erase(offset)
        else:
            self._forbid(f"write at {offset:#x} in mode {self.mode}")

    def _program(self, offset, value):
        self.writes[offset // 4] += 1
        if self.writes[offset // 4] > N_WRITE:
            self._forbid(f"word at {offset:#x} written more than {N_WRITE} times")
        old = int.from_bytes(self.flash[offset : offset + 4], "little")
        self.flash[offset : offset + 4] = (old & value).to_bytes(4, "little")
        self.busy = POLLS

    def _erase(self, offset):
        if offset % PAGE:
            self._forbid(f"erase at {offset:#x}")
        self.flash[offset : offset + PAGE] = b"\xff" * PAGE
        self.writes[offset // 4 : (offset + PAGE) // 4] = [0] * (PAGE // 4)
        self.busy = POLLS

    # ---- registers and ports ----

    def _read_register(self, _cpu, offset, _size, _data):
        if offset != READY:
            self._forbid(f"read of register {offset:#x}")
        if self.busy and not self.stuck:
            self.busy -= 1
        return int(self.busy == 0)

    def _write_register(self, _cpu, offset, _size, value, _data):
        if offset == CONFIG:
            self.mode = value
        elif offset == ERASEPAGE and self.mode == ERASE_MODE and not self.erase_by_write:
            self._erase(value)
        else:
            self._forbid(f"write of register {offset:#x} in mode {self.mode}")

    def _read_port(self, _cpu, offset, _size, _data):
        assert offset == CLOCK
        self.clock = (self.clock + 10) & 0xFFFFFFFF
        return self.clock

    def _write_port(self, _cpu, offset, _size, value, _data):
        if offset == PROMISE:
            self.promise = bytes(self.cpu.mem_read(value, 80)).split(b"\0")[0].decode()
        elif offset == KEPT:
            self.promises[self.promise] = bool(value)
            if self.stuck:  # the first promise is enough
                self.cpu.emu_stop()
        else:
            self.result = value
            self.cpu.emu_stop()


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


@pytest.fixture(scope="session", params=SOCS, ids=lambda soc: soc.dtsi)
def soc(request) -> Soc:
    return request.param


@pytest.fixture(scope="session")
def elf(soc, outboard, repo, tmp_path_factory) -> Path:
    """The driver with its devicetree glue, the suite, and nvmc/main.c, linked for RAM."""
    out = tmp_path_factory.mktemp(soc.dtsi)
    source = f'/dts-v1/;\n#include <arm/nordic/{soc.dtsi}.dtsi>\n/ {{ model = "test"; compatible = "test"; }};\n'
    (out / "board.dts").write_text(source)
    gcc = "arm-none-eabi-gcc"
    preprocess = ["-x", "assembler-with-cpp", "-nostdinc", "-undef", "-D__DTS__", "-E", "-P", "-I", repo / "dts"]
    run(gcc, *preprocess, out / "board.dts", "-o", out / "flat.dts")
    run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", out / "board.dtb", out / "flat.dts")
    run(
        *(outboard, "dt", "--dtb", out / "board.dtb", "--source", out / "board.dts", "--bindings", repo / "dts/bindings"),
        *("--header", out / "devicetree_generated.h", "--json", out / "devicetree.json"),
    )
    run(
        *(gcc, "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft", "-Os", "-std=gnu11", "-Wall", "-Wextra", "-Werror"),
        *("-ffreestanding", "-nostartfiles", "-specs=nano.specs", "-T", HERE / "nvmc" / "link.ld"),
        *("-Wl,--no-warn-rwx-segments", "-I", repo / "include", "-I", out, "-o", out / "nvmc.elf"),
        *(HERE / "nvmc" / "main.c", HERE / "flash_conformance.c", repo / "core/flash.c"),
        *(repo / "drivers/flash/nrf_nvmc.c", repo / "drivers/flash/nrf_nvmc_dt.c", repo / "drivers/wait.c"),
    )
    return out / "nvmc.elf"


def test_nvmc_keeps_every_promise(elf, soc):
    device = Device(elf, soc)
    before = bytes(device.flash)
    assert device.run() == 0
    assert len(device.promises) >= 18
    assert [name for name, kept in device.promises.items() if not kept] == []
    assert device.mode == READ_MODE
    assert device.flash[:0x4000] == before[:0x4000]
    assert device.flash[0x10000:] == before[0x10000:]


def test_controller_that_is_never_ready_is_given_up(elf, soc):
    device = Device(elf, soc, stuck=True)
    start = device.clock
    device.run()
    assert device.promises == {"erased_flash_reads_as_the_erased_value": False}
    assert 200_000 <= (device.clock - start) & 0xFFFFFFFF < 210_000
    assert device.mode == READ_MODE
