# SPDX-License-Identifier: Apache-2.0
"""A block of SHA-256 in assembler, alone on an emulated CPU, against Python's. What surrounds it is Mbed TLS'."""

import hashlib
import random
import struct
import subprocess
from pathlib import Path

import pytest
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R4,
    UC_ARM_REG_R11,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M3,
    UC_CPU_ARM_CORTEX_M33,
)

REPO = Path(__file__).resolve().parents[2]
CODE, RAM, RETURN = 0x1000, 0x20000000, 0x8000
CONTEXT, DATA, STACK = RAM, RAM + 0x1000, RAM + 0x8000
STATE = CONTEXT + 72
FIRST = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
LIMITS = {(): 37, ("-DCONFIG_BOOT_HASH_FAST=1",): 31}  # instructions for a byte


class Block:
    """The function, and a CPU that executes it."""

    def __init__(self, folder: Path, cpu: str, model: int, *options: str):
        elf = folder / "block.elf"
        source = REPO / "crypto/sha256_cortex_m.S"
        subprocess.run(["arm-none-eabi-gcc", f"-mcpu={cpu}", "-mthumb", *options, "-nostdlib",
                        f"-Wl,-Ttext={CODE:#x},-e,mbedtls_internal_sha256_process", source, "-o", elf], check=True)
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, folder / "block.bin"], check=True)
        self.cpu = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.cpu.ctl_set_cpu_model(model)
        self.cpu.mem_map(0, 0x10000)
        self.cpu.mem_write(CODE, (folder / "block.bin").read_bytes())
        self.cpu.mem_map(RAM, 0x10000)
        self.instructions = 0
        self.cpu.hook_add(UC_HOOK_CODE, self._count)

    def _count(self, *_):
        self.instructions += 1

    def run(self, data: int):
        for number in range(UC_ARM_REG_R4, UC_ARM_REG_R11 + 1):
            self.cpu.reg_write(number, number)
        self.cpu.reg_write(UC_ARM_REG_R0, CONTEXT)
        self.cpu.reg_write(UC_ARM_REG_R1, data)
        self.cpu.reg_write(UC_ARM_REG_SP, STACK)
        self.cpu.reg_write(UC_ARM_REG_LR, RETURN | 1)
        self.cpu.emu_start(CODE | 1, RETURN)
        assert self.cpu.reg_read(UC_ARM_REG_R0) == 0 and self.cpu.reg_read(UC_ARM_REG_SP) == STACK
        assert all(self.cpu.reg_read(number) == number for number in range(UC_ARM_REG_R4, UC_ARM_REG_R11 + 1))

    def digest(self, message: bytes, skew: int) -> bytes:
        padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + struct.pack(">Q", 8 * len(message))
        self.cpu.mem_write(STATE, struct.pack("<8I", *FIRST))
        for at in range(0, len(padded), 64):
            self.cpu.mem_write(DATA + skew, padded[at : at + 64])
            self.run(DATA + skew)
        return struct.pack(">8I", *struct.unpack("<8I", self.cpu.mem_read(STATE, 32)))


@pytest.mark.parametrize("options", LIMITS, ids=["small", "fast"])
@pytest.mark.parametrize("cpu, model", [("cortex-m3", UC_CPU_ARM_CORTEX_M3), ("cortex-m33", UC_CPU_ARM_CORTEX_M33)])
def test_digests_are_those_of_another_implementation_at_any_address(tmp_path, cpu, model, options):
    block = Block(tmp_path, cpu, model, *options)
    for number in range(40):
        message = random.Random(number).randbytes(number * 7)
        assert block.digest(message, number % 4) == hashlib.sha256(message).digest()


@pytest.mark.parametrize("options", LIMITS, ids=["small", "fast"])
def test_it_costs_what_the_bench_says(tmp_path, options):
    block = Block(tmp_path, "cortex-m33", UC_CPU_ARM_CORTEX_M33, *options)
    block.run(DATA)
    assert block.instructions / 64 <= LIMITS[options]
