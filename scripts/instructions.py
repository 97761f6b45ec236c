# SPDX-License-Identifier: Apache-2.0
"""Count the instructions that a program executes on an emulated Cortex-M33 (Unicorn)."""

import struct
from pathlib import Path

from unicorn import UC_ARCH_ARM, UC_HOOK_BLOCK, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_R0, UC_ARM_REG_SP, UC_CPU_ARM_CORTEX_M33

RAM, RAM_SIZE = 0x20000000, 0x40000
END = 0x20030000  # where the program returns to
PAGE = 0x1000


def segments(elf: bytes):
    """Address and content of what a 32-bit ELF file loads."""
    offset, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    for number in range(count):
        kind, start, address, _, length, total = struct.unpack_from("<IIIIII", elf, offset + number * size)
        if kind == 1 and total:
            yield address, elf[start:start + length].ljust(total, b"\0")


def symbol(elf: bytes, name: str) -> int:
    section_offset, = struct.unpack_from("<I", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 46)
    headers = [struct.unpack_from("<IIIIIIIIII", elf, section_offset + n * size) for n in range(count)]
    table = next(header for header in headers if header[1] == 2)
    names = headers[table[6]]
    for at in range(table[4], table[4] + table[5], 16):
        name_at, value = struct.unpack_from("<II", elf, at)
        end = elf.index(b"\0", names[4] + name_at)
        if elf[names[4] + name_at:end].decode() == name:
            return value
    raise KeyError(name)


class Counter:
    """Instructions by basic block: each is decoded once, and only as far as its length goes."""

    def __init__(self, machine: Uc):
        self.machine, self.total, self.blocks = machine, 0, {}
        machine.hook_add(UC_HOOK_BLOCK, self.enter)

    def enter(self, machine, address, size, _):
        count = self.blocks.get((address, size))
        if count is None:
            code, at, count = bytes(machine.mem_read(address, size)), 0, 0
            while at < size:
                at += 4 if code[at + 1] >= 0xe8 else 2  # Thumb: 0b11101, 0b11110 and 0b11111 begin 32 bits
                count += 1
            self.blocks[(address, size)] = count
        self.total += count


def count(elf: Path, memory: dict[int, bytes]) -> tuple[int, int]:
    """Run the function `start` of a program twice. @return what it returned, and the instructions of the second time"""
    machine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, UC_CPU_ARM_CORTEX_M33)
    machine.mem_map(RAM, RAM_SIZE)
    program = elf.read_bytes()
    parts = [*segments(program), *memory.items()]
    pages = sorted({page for at, content in parts if not RAM <= at < RAM + RAM_SIZE
                    for page in range(at // PAGE, (at + len(content) - 1) // PAGE + 1)})
    for page in pages:
        machine.mem_map(page * PAGE, PAGE)
    for at, content in parts:
        machine.mem_write(at, content)
    counter = Counter(machine)
    for _ in range(2):
        counter.total = 0
        machine.reg_write(UC_ARM_REG_SP, RAM + RAM_SIZE)
        machine.reg_write(UC_ARM_REG_LR, END | 1)
        machine.emu_start(symbol(program, "start") | 1, END)
    return machine.reg_read(UC_ARM_REG_R0), counter.total
