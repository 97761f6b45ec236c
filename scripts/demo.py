#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
An update through external flash, on an emulated board: what `make demo` shows. The board is QEMU's ast1030-evb; with
BOARD=nrf52840dk_nrf52840 or nrf5340dk_nrf5340_cpuapp it is outboard's own virtual board, which tells the same.

Everything is real: the firmware is built and signed here, smpmgr, a client that knows nothing of outboard, sends the images
over the board's serial port into its external flash chip, and every step is checked from what the board says. The last line tells whether all of it was as it should be;
the exit status is 0 then.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO / "tests/emu"))

import firmware  # noqa: E402
from board import Board, Unexpected  # noqa: E402
from client import digest  # noqa: E402
from firmware import NEW, OLD  # noqa: E402
from virtual_board import VirtualBoard  # noqa: E402

BOARD = os.environ.get("BOARD") or firmware.BOARD
BUILD = REPO / "build/demo" / BOARD
OUTBOARD = Path(os.environ.get("OUTBOARD_TOOL", REPO / "build/host/tools/outboard/outboard"))
BALLAST = 200_000  # bytes of noise behind each program: about as large as a product's, so that a swap can be watched


class Screen:
    """Headlines of the demo, and what the board says, indented."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.step = 0
        self.line = ""

    def paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def headline(self, text: str):
        self.flush()
        self.step += 1
        print(f"\n{self.paint('1', f'{self.step}. {text}')}", flush=True)

    def note(self, text: str):
        self.flush()
        print(self.paint("36", f"   {text}"), flush=True)

    def board_says(self, text: str):
        """Whole lines; a part of a line waits for the rest."""
        *lines, self.line = (self.line + text).split("\n")
        for line in lines:
            self.show(line)

    def show(self, line: str):
        codes = {"E: ": "31", "W: ": "33"}
        print(f"   {self.paint('2', '|')} {self.paint(codes.get(line[:3], '0'), line)}", flush=True)

    def flush(self):
        if self.line not in ("", "> "):
            self.show(self.line)
        self.line = ""


class Demo:
    def __init__(self, screen: Screen):
        self.screen = screen

    def build(self):
        self.screen.headline(f"Build bootloader and application, as {OLD} and as {NEW}")
        options = [f"-DOUTBOARD_TOOL={OUTBOARD}"]
        self.old = firmware.build(BUILD / OLD, OLD, *options, board=BOARD)
        self.new = firmware.build(BUILD / NEW, NEW, *options, board=BOARD)
        self.update = self.new.image(BALLAST)
        self.screen.note(f"samples/dfu, signed with imgtool: an update of {len(self.update)} bytes")

    def show_map(self):
        self.screen.headline("The flash map that the partition manager made")
        folder = self.old.folder
        files = ("--partitions", folder / "partitions.yml", "--regions", folder / "regions.yml")
        subprocess.run([OUTBOARD, "pm", "report", *files], check=True)

    def first_start(self):
        self.screen.headline(f"Start the board with {OLD}")
        self.board.power_on()
        self.board.boot(OLD)

    def smpmgr(self, *arguments: str | Path) -> str:
        """Run the standard client against the board, as a user would; what counts of its answer is shown."""
        shown = " ".join(argument.name if isinstance(argument, Path) else argument[:12] for argument in arguments)
        self.screen.note(f"$ smpmgr --port ... {shown}")
        answer = self.board.smpmgr(*arguments)
        lines = [line.strip() for line in answer.splitlines() if re.search("rsn=|100.0%|OK$", line)]
        self.screen.note(lines[-1].replace(f"{self.folder}/", "") if lines else answer.strip())
        return answer

    def upload(self, image: bytes) -> str:
        """Through the application that runs. Returns the hash by which the client names the image."""
        file = self.folder / "app_update.bin"
        file.write_bytes(image)
        expect("100.0%" in self.smpmgr("image", "upload", file), "the whole image arrived")
        return digest(image).hex()

    def install(self, image: bytes):
        expect("rc=" not in self.smpmgr("image", "state-write", self.upload(image)), "the board takes it")
        self.smpmgr("os", "reset")

    def download(self):
        self.screen.headline(f"{OLD} receives {NEW} over the serial port, from a standard client, and writes it to the external chip")
        self.install(self.update)

    def cut_the_power(self):
        self.screen.headline("Cut the power in the middle of the swap")
        for _ in range(5):
            self.board.expect("^I: Swapping: [3-6]0%\n")
            self.board.cut_power()
            if "Jumping" not in self.last_start():
                break
            self.screen.note("too late, this machine is busy: the swap was complete; the board goes back, and once more")
            self.board.power_on()
            self.board.boot(OLD)
            self.install(self.update)
        expect("Jumping" not in self.last_start(), "the power went before the swap was complete")
        self.screen.note("power cut: the primary slot is half old, half new")

    def resume(self):
        self.screen.headline("Power again: the swap goes on where it was, and the update runs on trial")
        self.board.power_on()
        said = self.board.boot(NEW)
        expect("Swapping: 10%" not in self.last_start(), "the swap resumed, it did not start anew")
        expect("confirmed: no\n" in said, f"{NEW} is not confirmed yet")

    def take_back(self):
        self.screen.headline(f"{NEW} does not confirm itself: the next start brings {OLD} back")
        self.smpmgr("os", "reset")
        expect("next start: runs this image\n" in self.board.boot(OLD), f"{OLD} stays")

    def confirm(self):
        self.screen.headline(f"Install {NEW} once more, confirm it, start again: it stays")
        self.install(self.update)
        self.board.boot(NEW)
        expect("rc=" not in self.smpmgr("image", "state-write", "--confirm"), "it is confirmed")
        self.smpmgr("os", "reset")
        expect("confirmed: yes\n" in self.board.boot(NEW), f"{NEW} is confirmed")

    def refuse_at_once(self):
        self.screen.headline("An image that is not signed is refused when it is asked for")
        answer = self.smpmgr("image", "state-write", self.upload(self.new.sign()))
        expect("rsn='not signed by a known key'" in answer, "with the reason")

    def refuse_at_the_start(self):
        self.screen.headline("An updater that asks no questions left a corrupted image: the bootloader refuses it, and the board goes on")
        self.board.cut_power()
        self.board.place_update(firmware.corrupt(self.new.image()))
        self.board.power_on()
        reason = "the content does not match its digest"
        self.board.expect(f"^E: Image index: 0, version .* refused: {reason}\n")
        expect(f"refused: {reason}\n" in self.board.boot(NEW), "the application can tell why")

    def last_start(self) -> str:
        return self.board.transcript.rpartition("Starting bootloader")[2]

    def run(self):
        self.build()
        self.show_map()
        with tempfile.TemporaryDirectory(prefix="outboard-demo-") as chips:
            listener = self.screen.board_says
            self.folder = Path(chips)
            make = Board if BOARD == firmware.BOARD else VirtualBoard
            with make(self.folder, self.old, self.old.image(BALLAST), listener=listener) as self.board:
                self.first_start()
                self.download()
                self.cut_the_power()
                self.resume()
                self.take_back()
                self.confirm()
                self.refuse_at_once()
                self.refuse_at_the_start()


def expect(condition: bool, what: str):
    if not condition:
        raise Unexpected(f"not so: {what}")


NEXT = """What next:
   docs/GETTING_STARTED.md   a project of your own, and the same board by hand: cmake --build <build> --target run
   make test                 the tests;  make help: the rest"""


def main() -> int:
    screen = Screen()
    start = time.monotonic()
    try:
        Demo(screen).run()
    except (Unexpected, firmware.BuildFailed, subprocess.CalledProcessError) as failure:
        screen.flush()
        print(f"\n{screen.paint('31;1', f'demo failed in step {screen.step}')}: {failure}")
        return 1
    screen.flush()
    seconds = time.monotonic() - start
    print(f"\n{screen.paint('32;1', 'demo passed')}: {screen.step} steps, each checked, in {seconds:.0f} s\n{NEXT}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(f"\n{Path(sys.argv[0]).name}: interrupted")
