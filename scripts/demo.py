#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
An update through external flash, on an emulated board (QEMU's ast1030-evb): what `make demo` shows.

Everything is real: the firmware is built and signed here, the images travel over the board's serial port into its external
flash chip, and every step is checked from what the board says. The last line tells whether all of it was as it should be;
the exit status is 0 then.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO / "tests/emu"))

import firmware  # noqa: E402
from board import Board, Unexpected  # noqa: E402
from firmware import NEW, OLD  # noqa: E402

BUILD = REPO / "build/demo"
OUTBOARD = Path(os.environ.get("OUTBOARD_TOOL", REPO / "build/host/tools/outboard/outboard"))
BALLAST = 300_000  # bytes of noise behind each program: about as large as a product's, so that a swap can be watched


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
        self.old = firmware.build(BUILD / OLD, OLD, *options)
        self.new = firmware.build(BUILD / NEW, NEW, *options)
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
        self.board.command("status")

    def install(self, image: bytes, request: str = "request"):
        """Through the application that runs."""
        expect_equal(self.board.send_update(image), f"received {len(image)} bytes")
        expect_equal(self.board.command(request), "requested: `reboot` installs it\n")
        self.board.reboot()

    def download(self):
        self.screen.headline(f"{OLD} receives {NEW} over the serial port and writes it to the external chip")
        self.install(self.update)

    def cut_the_power(self):
        self.screen.headline("Cut the power in the middle of the swap")
        self.board.expect("^I: Swapping: 40%\n")
        self.board.cut_power()
        self.screen.note("power cut: the primary slot is half old, half new")
        expect("Jumping" not in self.last_start(), "the power went before the swap was complete")

    def resume(self):
        self.screen.headline("Power again: the swap goes on where it was, and the update runs on trial")
        self.board.power_on()
        self.board.boot(NEW)
        expect("Swapping: 10%" not in self.last_start(), "the swap resumed, it did not start anew")
        expect("confirmed: no\n" in self.board.command("status"), f"{NEW} is not confirmed yet")

    def take_back(self):
        self.screen.headline(f"{NEW} does not confirm itself: the next start brings {OLD} back")
        self.board.reboot()
        self.board.boot(OLD)
        expect("next start: runs this image\n" in self.board.command("status"), f"{OLD} stays")

    def confirm(self):
        self.screen.headline(f"Install {NEW} once more, confirm it, start again: it stays")
        self.install(self.update)
        self.board.boot(NEW)
        expect_equal(self.board.command("confirm"), "confirmed: this image stays\n")
        self.board.reboot()
        self.board.boot(NEW)
        expect("confirmed: yes\n" in self.board.command("status"), f"{NEW} is confirmed")

    def refuse(self, what: str, image: bytes, reason: str):
        self.screen.headline(f"An image that is {what} is refused, and the board goes on")
        self.install(image)
        self.board.expect(f"^E: Image index: 0, version .* refused: {reason}\n")
        self.board.boot(NEW)
        expect(f"refused: {reason}\n" in self.board.command("status"), "the application can tell why")

    def last_start(self) -> str:
        return self.board.transcript.rpartition("Starting bootloader")[2]

    def run(self):
        self.build()
        self.show_map()
        with tempfile.TemporaryDirectory(prefix="outboard-demo-") as chips:
            listener = self.screen.board_says
            with Board(Path(chips), self.old, self.old.image(BALLAST), listener=listener) as self.board:
                self.first_start()
                self.download()
                self.cut_the_power()
                self.resume()
                self.take_back()
                self.confirm()
                self.refuse("not signed", self.new.sign(), "not signed by a known key")
                self.refuse("corrupted", firmware.corrupt(self.new.image()), "the content does not match its digest")


def expect(condition: bool, what: str):
    if not condition:
        raise Unexpected(f"not so: {what}")


def expect_equal(answer: str, wanted: str):
    expect(answer == wanted, f"the board answers {wanted!r}; it answered {answer!r}")


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
    print(f"\n{screen.paint('32;1', 'demo passed')}: {screen.step} steps, each checked, in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
