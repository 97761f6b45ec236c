#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What of the linked bootloader no run on a virtual board executes: instructions, ways of conditional branches, stack.

    scripts/coverage_binary.py [BOARD...]      by function and line; the goal is 1 %

The runs are a sample of cuts in updates, refusals and rescues, and the lives in scripts/coverage_lives.py: chips that fail or are
absent, worn cells, images of all kinds, odd tables, faults of the CPU.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tests/emu"))

import firmware  # noqa: E402
from coverage_lives import Lives  # noqa: E402

OUTBOARD = REPO / "bin/outboard"
FOLDER = REPO / "build/coverage-binary"
BOARDS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
ENTRY = "ob_load"
PAINT = b"\xa5\xa5\xa5\xa5"
CONDITION = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
CONDITIONAL = re.compile(rf"^(b({CONDITION})(\.[nw])?|cbn?z)$")
CALL = re.compile(r"^(bl|b(\.[nw])?)$")


class Code:
    """The disassembly of an ELF file."""

    def __init__(self, elf: Path):
        self.elf = elf
        self.instructions = {}  # address -> (function, mnemonic, operands)
        self.entries = {}  # function -> address
        symbols = self.run("arm-none-eabi-readelf", "-sW", elf)
        data = set(re.findall(r" OBJECT .* (\S+)$", symbols, re.MULTILINE))  # constants, which lie beside the code
        text = self.run("arm-none-eabi-objdump", "-d", "--no-show-raw-insn", elf)
        function = None
        for line in text.splitlines():
            if match := re.match(r"^([0-9a-f]+) <(.+)>:$", line):
                function = match[2]
                self.entries.setdefault(function, int(match[1], 16))
            elif match := re.match(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$", line):
                if not match[2].startswith(".") and function not in data:  # a literal
                    self.instructions[int(match[1], 16)] = (function, match[2], match[3])

    @staticmethod
    def run(*command) -> str:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout

    def lines(self, addresses) -> dict[int, str]:
        """file:line of each."""
        if not addresses:
            return {}
        text = self.run("arm-none-eabi-addr2line", "-e", self.elf, *(hex(address) for address in addresses))
        return {address: re.sub(r" \(discriminator .*", "", line.rsplit("../", 1)[-1])
                for address, line in zip(addresses, text.splitlines())}


class Seen:
    """What the runs left in a folder."""

    def __init__(self, folder: Path):
        self.executed, self.fell, self.jumped = set(), set(), defaultdict(set)
        for path in folder.glob("*.coverage"):
            for line in path.read_text().splitlines():
                word, *numbers = line.split()
                address = int(numbers[0], 16)
                if word == "jumped":
                    self.jumped[address].add(int(numbers[1], 16))
                else:
                    getattr(self, word).add(address)


# ---- runs ----


def board(*arguments, environment=None) -> subprocess.CompletedProcess:
    command = [str(word) for word in (OUTBOARD, "board", *arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | (environment or {}), check=False)


def make(folder: Path, board_name: str) -> tuple[Path, Path]:
    options = (f"-DOUTBOARD_TOOL={OUTBOARD}",)
    old, new = (firmware.build(folder / version, version, *options, board=board_name) for version in (firmware.OLD, firmware.NEW))
    return old.folder, new.folder / "app_update.bin"


def execute(build: Path, update: Path, out: Path) -> bytes:
    """All runs. The RAM that an image found."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    environment = {"OUTBOARD_COVERAGE": str(out)}
    for number, more in enumerate((("--permanent",), (), ("--scenario", "damaged"), ("--scenario", "empty"), ("--scenario", "older"))):
        every = "397" if number < 2 else "1999"
        done = board("cuts", build, "--update", update, *more, "--every", every, "--jobs", "1", "--json", environment=environment)
        facts = json.loads(done.stdout or "{}")
        if done.returncode != 0:
            raise SystemExit(f"board cuts {' '.join(more)}: {facts.get('first_failure')} {done.stderr}")
        print(f"  {' '.join(more) or 'a trial'}: {facts['cuts']} cuts", flush=True)
    Lives(OUTBOARD, build, update, out).all()
    board("run", "--limit", "5", "--ram", out / "ram.bin", build, environment=environment)
    return (out / "ram.bin").read_bytes()


# ---- what they say ----


def report_code(code: Code, seen: Seen) -> tuple[int, int, int, int]:
    missed = [address for address in code.instructions if address not in seen.executed]
    branches = [address for address, (_, name, _) in code.instructions.items() if CONDITIONAL.match(name)]
    half = {address: ("never taken" if address in seen.fell else "always taken")
            for address in branches if address in seen.executed and (address in seen.fell) != bool(seen.jumped.get(address))}
    lines = code.lines(missed + sorted(half))
    by_function = defaultdict(lambda: (set(), []))
    for address in missed:
        by_function[code.instructions[address][0]][0].add(lines[address])
    for address, how in half.items():
        by_function[code.instructions[address][0]][1].append(f"{lines[address]} {how}")
    for function, (places, ways) in sorted(by_function.items()):
        print(f"  {function}")
        for place in sorted(places):
            print(f"    {place}: not executed")
        for way in sorted(set(ways)):
            print(f"    {way}")
    ways = sum(2 if address not in seen.executed else 1 if address in half else 0 for address in branches)
    return len(missed), len(code.instructions), ways, 2 * len(branches)


def frame(code: Code, function: str) -> int:
    """Bytes that a function takes of the stack: all its pushes and subtractions, whatever their order."""
    total = 0
    for owner, name, operands in code.instructions.values():
        if owner != function:
            continue
        if name in ("push", "push.w") or (name.startswith("stmdb") and operands.startswith("sp!")):
            registers = re.search(r"\{(.*)\}", operands)[1].split(", ")
            total += sum(4 * (int(b[1:]) - int(a[1:]) + 1 if (a := r.split("-")[0]) and (b := r.split("-")[-1]) and "-" in r else 1)
                         for r in registers)
        elif name.startswith("sub") and re.match(r"sp, (sp, )?#\d+", operands):
            total += int(re.search(r"#(\d+)", operands)[1])
        elif name.startswith("str") and (match := re.search(r"\[sp, #-(\d+)\]!", operands)):
            total += int(match[1])
    return total


def call_graph(code: Code, seen: Seen) -> dict[str, set[str]]:
    """Calls that the code states, and those through pointers that were seen."""
    at = {address: function for function, address in code.entries.items()}
    calls = defaultdict(set)
    for address, (function, name, operands) in code.instructions.items():
        if CALL.match(name) and (match := re.match(r"([0-9a-f]+) ", operands)):
            target = at.get(int(match[1], 16))
            if target is not None and target != function:
                calls[function].add(target)
        if name.startswith(("blx", "bx")) and operands != "lr":
            calls[function] |= {at[to] for to in seen.jumped.get(address, ()) if to in at and at[to] != ENTRY}  # a reset is no call
    return calls


def deepest(function: str, frames, calls, known, path=()) -> tuple[int, tuple]:
    if function in path:
        raise SystemExit(f"the bootloader calls itself: {' -> '.join((*path, function))}")
    if function not in known:
        below = max((deepest(callee, frames, calls, known, (*path, function)) for callee in calls[function]), default=(0, ()))
        known[function] = (frames[function] + below[0], (function, *below[1]))
    return known[function]


def report_stack(code: Code, seen: Seen, ram: bytes) -> None:
    frames = {function: frame(code, function) for function in code.entries}
    depth, path = deepest(ENTRY, frames, call_graph(code, seen), {})
    symbols = {name: int(address, 16) - 0x20000000 for address, name in
               re.findall(r"^(\w+) \w (ob_stack_(?:start|end))$", code.run("arm-none-eabi-nm", code.elf), re.MULTILINE)}
    stack = ram[symbols["ob_stack_start"]:symbols["ob_stack_end"]]
    unused = next((at for at in range(0, len(stack), 4) if stack[at:at + 4] != PAINT), len(stack))
    print(f"  stack: at most {depth} bytes by the binary, {len(stack) - unused} measured in a start, {len(stack)} there are")
    print("    " + " -> ".join(f"{function} {frames[function]}" for function in path))
    if depth > len(stack):
        raise SystemExit("the stack is too small: raise CONFIG_MAIN_STACK_SIZE")


def main() -> int:
    for board_name in sys.argv[1:] or BOARDS:
        print(f"{board_name}:", flush=True)
        build, update = make(FOLDER / board_name, board_name)
        ram = execute(build, update, FOLDER / board_name / "seen")
        code, seen = Code(build / "mcuboot/mcuboot.elf"), Seen(FOLDER / board_name / "seen")
        missed, instructions, ways, all_ways = report_code(code, seen)
        print(f"  instructions: {missed} of {instructions} never executed ({100 * missed / instructions:.1f} %)")
        print(f"  branches: {ways} of {all_ways} ways never taken ({100 * ways / all_ways:.1f} %)")
        report_stack(code, seen, ram)
    return 0


if __name__ == "__main__":
    sys.exit(main())
