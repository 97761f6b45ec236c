#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How quick uploads by the unmodified smpmgr are, and how soon the first answer comes.

On virtual boards the clock is the board's (64 MHz, 115,200 baud, typical times of the flash parts): from the first byte of a
request to the last one of its answer. What the client thinks in between is not counted, because how long that is in the board's
time is the host's business; it is told apart. QEMU's UART has no rate, so there the clock is this machine's: run it idle.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tests/emu"))

from board import Board  # noqa: E402
from client import SMPMGR  # noqa: E402
from firmware import NEW, OLD, build, other_version  # noqa: E402
from recovery import EMPTY, RECOVERS, WAITING  # noqa: E402
from test_virtual_dks import DKS, ROOM, STARTS, WAITS  # noqa: E402
from virtual_board import VirtualBoard  # noqa: E402

FOLDER = REPO / "build/bench/upload"
SIZE = 500_000
RUNNING = 480_000  # bytes of what runs already, for a client that comes in time
FIRST_MAX_S = 0.5
LARGE = 200  # bytes on the line: a part of an upload has more, other requests have fewer
CASES = [  # title, board, options of the build, line length, what is in the primary slot, what is waited for, slot
    *((f"{dk}, application", dk, [], 2048, None, rf"^dfu {OLD}", 1) for dk in DKS),
    *((f"{dk}, recovery without an application", dk, [RECOVERS, ROOM], 1024, EMPTY, WAITING, 0) for dk in DKS),
    *((f"{dk}, recovery by a client in time", dk, [RECOVERS, ROOM, *WAITS], 1024, RUNNING, STARTS, 0) for dk in DKS),
    ("qemu_ast1030, application", "qemu_ast1030", [], 8192, None, rf"^dfu {OLD}", 1),
]


class Traced(VirtualBoard):
    OPTIONS = ["--trace", "serial"]

    def turns(self) -> list[tuple[float, float, bool, int]]:
        """Ends the board. Of each turn of the line: first byte, last byte, whether it came in, bytes."""
        self._process.terminate()
        errors = self._process.communicate()[1]
        self._power = False
        found = re.findall(r"^ *([\d.]+) s +([\d.]+) s  (in|out) +(\d+)$", errors, re.MULTILINE)
        return [(float(first), float(last), way == "in", int(count)) for first, last, way, count in found]


def upload(board: Board, image: Path, line: int, slot: int):
    command = [SMPMGR, "--port", "PORT", "--timeout", "30", "--line-length", line, "--line-buffers", 1, "image", "upload", "--slot", slot, image]
    with board.serial_port() as port:
        done = subprocess.run([port if word == "PORT" else str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"smpmgr: {done.stdout}{done.stderr}")


def row(name: str, value: str):
    print(f"  {name:<58} {value}")


def show_device_time(turns: list, size: int) -> bool:
    begin = next(i for i, (_, _, incoming, count) in enumerate(turns) if incoming and count > LARGE)
    asked = [i for i in range(begin, len(turns) - 1) if turns[i][2]]
    line = sum(turns[i][1] - turns[i][0] for i in asked)
    all_of_it = sum(turns[i + 1][1] - turns[i][0] for i in asked)
    first = turns[begin + 1][1] - turns[begin][1]
    row("the board's time", f"{all_of_it:.1f} s in {len(asked)} requests")
    row("rate", f"{size / all_of_it / 1000:.2f} kB/s, of {size / line / 1000:.2f} that the line carries: {100 * line / all_of_it:.0f} %")
    row("first answer, behind the last byte of its request", f"{first:.2f} s, at most {FIRST_MAX_S}: {'ok' if first <= FIRST_MAX_S else 'EXCEEDED'}")
    return first <= FIRST_MAX_S


def measure(folder: Path, title: str, name: str, options: list, line: int, primary: bytes | int | None, until: str, slot: int) -> bool:
    old = build(FOLDER / re.sub(r"\W+", "_", title), OLD, *options, board=name)
    new = other_version(old, FOLDER / f"{name}_new", NEW)
    image = folder / "update.bin"
    image.write_bytes(new.image(SIZE - len(new.image())))
    size = image.stat().st_size
    there = old.image(primary - len(old.image())) if isinstance(primary, int) else primary
    print(f"\n{title}, {size:,} bytes, lines of {line}")
    with (Traced if name in DKS else Board)(folder, old, there) as board:
        board.power_on()
        board.expect(until, 120)
        begin = time.monotonic()
        upload(board, image, line, slot)
        host = time.monotonic() - begin
        if name in DKS:
            return show_device_time(board.turns(), size)
        row("this machine's time, with smpmgr's start", f"{host:.1f} s: {size / host / 1000:.0f} kB/s")
        return True


def main() -> int:
    wanted = sys.argv[1:]
    fine = True
    for case in CASES:
        if not wanted or any(word in case[0] for word in wanted):
            with tempfile.TemporaryDirectory() as folder:
                fine = measure(Path(folder), *case) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(f"\n{Path(sys.argv[0]).name}: interrupted")
