#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What of the linked bootloader no run on a virtual board executes: instructions, ways of conditional branches, stack.

    scripts/coverage_binary.py [--jobs N] [BOARD...]    by function and line; exit status 1 if more has no reason than LIMITS,
                                                        or, of both boards, if a reason is for nothing

The runs are a sample of cuts in updates, refusals and rescues, and the lives in scripts/coverage_lives: chips that fail or are
absent, worn cells, images of all kinds, odd tables, faults of the CPU.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tests/emu"))

import firmware  # noqa: E402
from coverage_lives import LIVES, Device  # noqa: E402

OUTBOARD = REPO / "bin/outboard"
FOLDER = REPO / "build/coverage-binary"
BOARDS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
LIMITS = (0.006, 0.009)  # shares without a reason, of instructions and of ways of branches: a little above what is so
CUTS = ((397, "--permanent"), (397,), (1999, "--scenario", "damaged"), (1999, "--scenario", "empty"), (1999, "--scenario", "older"))
ENTRY = "ob_load"
PAINT = b"\xa5\xa5\xa5\xa5"
CONDITION = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
CONDITIONAL = re.compile(rf"^(b({CONDITION})(\.[nw])?|cbn?z)$")
CALL = re.compile(r"^(bl|b(\.[nw])?)$")


@dataclass(frozen=True)
class Place:
    """In the source: of code that was inlined, where it was written."""

    file: str
    function: str
    line: int

    @classmethod
    def of(cls, function: str, line: str) -> "Place":
        path, _, number = line.split(" ")[0].rpartition(":")
        path = os.path.normpath(path)
        function, _, _ = function.partition(".")  # what the compiler made of it
        return cls(path.removeprefix(f"{REPO}/"), function, int(number) if number.isdigit() else 0)

    @cached_property
    def text(self) -> str:
        lines = source_lines(REPO / self.file)
        return lines[self.line - 1].strip() if 0 < self.line <= len(lines) else ""


@cache
def source_lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


class Reasons:
    """
    Why no run can come somewhere: scripts/coverage_reasons.txt. A line that does not begin with a blank is a reason; each one below
    it names a file, a function and a regular expression for the text of its lines.
    """

    def __init__(self, path: Path):
        self.all, self.used = [], set()
        for line in path.read_text().splitlines():
            if line.startswith(" "):
                file, function, text = line.split(maxsplit=2)
                self.all.append((file, function, re.compile(text), reason))
            elif line and not line.startswith("#"):
                reason = line.rstrip(":")

    def of(self, place: Place) -> str | None:
        for entry in self.all:
            file, function, text, reason = entry
            if place.file.endswith(file) and place.function == function and text.search(place.text):
                self.used.add(entry)
                return reason
        return None

    def report_unused(self) -> bool:
        """@return whether there is one: of a single board it may be the other one's"""
        unused = [entry for entry in self.all if entry not in self.used]
        for file, function, text, _ in unused:
            print(f"a reason for nothing: {file} {function} {text.pattern}")
        return bool(unused)


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
                if not match[2].startswith(".") and match[2] != "nop" and function not in data:  # a literal, room in front of one
                    self.instructions[int(match[1], 16)] = (function, match[2], match[3])

    @staticmethod
    def run(*command) -> str:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout

    def places(self, addresses) -> dict[int, Place]:
        """Of each its place in the source."""
        if not addresses:
            return {}
        lines = self.run("arm-none-eabi-addr2line", "-f", "-e", self.elf, *(hex(address) for address in addresses)).splitlines()
        return {address: Place.of(function, line) for address, function, line in zip(addresses, lines[::2], lines[1::2])}


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


def cuts(build: Path, update: Path, out: Path, every: int, *scenario: str) -> tuple[int, list[str]]:
    """In a sample of an update's flash operations. Their number, and what failed."""
    done = board("cuts", build, "--update", update, *scenario, "--every", every, "--jobs", "1", "--json",
                 environment={"OUTBOARD_COVERAGE": str(out)})
    facts = json.loads(done.stdout or "{}")
    print(f"  {' '.join(scenario) or 'a trial'}: {facts.get('cuts')} cuts", flush=True)
    failed = done.returncode != 0
    return facts.get("cuts", 0), [f"board cuts {' '.join(scenario)}: {facts.get('first_failure')} {done.stderr}"] if failed else []


def live(build: Path, update: Path, out: Path, life) -> tuple[int, list[str]]:
    """A life, with a device of its own. The number of its starts, and those that failed."""
    device = Device(OUTBOARD, build, update, out.parent / "devices" / life.__name__, out)
    life(device)
    print(f"  {life.__doc__.strip().splitlines()[0]} {device.starts} starts", flush=True)
    return device.starts, device.failures


def processor_time() -> float:
    """Seconds, of all programs that were run."""
    now = os.times()
    return now.children_user + now.children_system


def execute(build: Path, update: Path, out: Path, jobs: int) -> bytes:
    """All runs. The RAM that an image found."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    before = processor_time()
    runs = [*(partial(cuts, build, update, out, every, *scenario) for every, *scenario in CUTS),
            *(partial(live, build, update, out, life) for life in LIVES)]
    with ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda run: run(), runs))
    starts, failures = sum(count for count, _ in done), [failure for _, those in done for failure in those]
    print(f"  {starts} cuts and starts, {processor_time() - before:.0f} s of processor time", flush=True)
    if failures:
        raise SystemExit("\n".join([*failures, f"{len(failures)} starts went as none may"]))
    board("run", "--limit", "5", "--ram", out / "ram.bin", build, environment={"OUTBOARD_COVERAGE": str(out)})
    return (out / "ram.bin").read_bytes()


# ---- what they say ----


def missing(code: Code, seen: Seen) -> dict[int, tuple[int, int, str]]:
    """Of each address that lacks something: instructions, ways, and how to say it."""
    lacks = {}
    for address, (_, name, _) in code.instructions.items():
        branches = CONDITIONAL.match(name) is not None
        if address not in seen.executed:
            lacks[address] = (1, 2 * branches, "not executed")
        elif branches and (address in seen.fell) != bool(seen.jumped.get(address)):
            lacks[address] = (0, 1, "never taken" if address in seen.fell else "always taken")
    return lacks


def report_code(code: Code, seen: Seen, reasons: Reasons) -> bool:
    """What was not executed, and has no reason. @return whether it is as little as it has to be"""
    lacks = missing(code, seen)
    places = code.places(sorted(lacks))
    listed = defaultdict(set)
    missed, ways = Counter(), Counter()  # by reason; None: there is none
    for address, (instructions, branches, how) in lacks.items():
        place = places[address]
        reason = reasons.of(place)
        missed[reason] += instructions
        ways[reason] += branches
        if reason is None:
            listed[place.file, place.function].add(f"{place.line}: {how}: {place.text}")
    for (file, function), lines in sorted(listed.items()):
        print(f"  {file}: {function}")
        for line in sorted(lines, key=lambda line: int(line.split(":")[0])):
            print(f"    {line}")
    all_ways = 2 * sum(CONDITIONAL.match(name) is not None for _, name, _ in code.instructions.values())
    shares = [(missed, len(code.instructions), "instructions never executed"), (ways, all_ways, "ways of branches never taken")]
    for reason in sorted({*missed, *ways} - {None}):
        print(f"  {missed[reason]:5} {ways[reason]:5}  {reason}")
    for count, total, what in shares:
        print(f"  {what}: {count.total()} of {total} ({100 * count.total() / total:.1f} %), "
              f"without a reason {count[None]} ({100 * count[None] / total:.1f} %)")
    return all(count[None] <= limit * total for (count, total, _), limit in zip(shares, LIMITS))


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("boards", metavar="BOARD", nargs="*", default=BOARDS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at the same time (as many as there are processors)")
    arguments = parser.parse_args()
    reasons, fine = Reasons(REPO / "scripts/coverage_reasons.txt"), True
    for board_name in arguments.boards:
        print(f"{board_name}:", flush=True)
        build, update = make(FOLDER / board_name, board_name)
        ram = execute(build, update, FOLDER / board_name / "seen", arguments.jobs)
        code, seen = Code(build / "mcuboot/mcuboot.elf"), Seen(FOLDER / board_name / "seen")
        fine = report_code(code, seen, reasons) and fine
        report_stack(code, seen, ram)
    fine = (not reasons.report_unused() or set(arguments.boards) != set(BOARDS)) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
