# SPDX-License-Identifier: Apache-2.0
"""docs/GETTING_STARTED.md from its first command to its last, as a reader executes them: nothing is left out, nothing added.

What stands for the reader's second terminal and eyes: the board's serial port is looked up in what QEMU says, and after each
command that changes something the board is asked what it runs.
"""

import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs/GETTING_STARTED.md"
PATIENCE_S = 120  # for a board on a busy machine
REFUSED = "not signed by a known key"

# What runs after a command of the page, in the order of the page: version, confirmed.
OUTCOMES = [
    ("upgrade --slot 1 build-1.1/app_update.bin", "1.1.0", False),
    ("os reset", "1.0.0", True),
    ("upgrade --slot 1 build-1.1/app_update.bin", "1.1.0", False),
    ("image state-write --confirm", "1.1.0", True),
    ("os reset", "1.1.0", True),
    ("upgrade --slot 1 /path/to/outboard/build/dfu/app_update.bin", "1.1.0", True),
]


def sections() -> list[str]:
    return PAGE.read_text().split("\n## ")[1:]


def files(section: str) -> dict[str, str]:
    """Fenced blocks that begin with their file's name."""
    blocks = re.findall(r"^```\w*\n((?:# |/\* )(\S+)(?: \*/)?\n.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return {name: text for text, name in blocks}


def commands(section: str) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", section, flags=re.MULTILINE | re.DOTALL)
    return [line.split("  #")[0].strip() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]


class Reader:
    def __init__(self, outboard: Path, folder: Path):
        self.folder = folder
        self.environment = os.environ | {"OUTBOARD_TOOL": str(outboard)}
        self.board = None
        self.port = None

    def shell(self, command: str) -> subprocess.CompletedProcess:
        command = self.on_this_machine(command).replace("PORT", str(self.port), 1)
        return subprocess.run(command, shell=True, cwd=self.cwd, env=self.environment, capture_output=True, text=True)

    @staticmethod
    def on_this_machine(text: str) -> str:
        """Nobody's own build/dfu is touched."""
        return text.replace("/path/to/outboard", str(REPO)).replace("build/dfu", "build/tests/page")

    def export(self, command: str):
        name, _, value = command.removeprefix("export ").partition("=")
        value = value.replace("/path/to/outboard", str(REPO)).replace(f"${name}", self.environment[name])
        self.environment[name] = value

    def start_board(self, command: str, until: str) -> str:
        """Target run, until it has said something; it goes on."""
        self.stop_board()
        self.log = self.folder / "board.log"
        self.board = subprocess.Popen(
            shlex.split(self.on_this_machine(command)), cwd=self.cwd, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log.open("w"),
            stderr=subprocess.STDOUT, start_new_session=True,
        )
        return wait_for(lambda: re.search(until, self.log.read_text()), lambda: self.log.read_text())[0]

    def stop_board(self):
        if self.board:
            os.killpg(self.board.pid, signal.SIGINT)
            self.board.wait(PATIENCE_S)
            self.board = None

    def running(self) -> tuple[str, bool] | None:
        text = self.shell("smpmgr --port PORT image state-read").stdout
        state = re.search(r"slot=0,\s+version='([\d.]+)'.*?confirmed=(\w+)", text, re.DOTALL)
        return (state[1], state[2] == "True") if state else None


def wait_for(condition, explain):
    end = time.monotonic() + PATIENCE_S
    while not (result := condition()):
        assert time.monotonic() < end, explain()
        time.sleep(0.2)
    return result


@pytest.fixture
def reader(outboard: Path, tmp_path: Path):
    reader = Reader(outboard, tmp_path)
    yield reader
    reader.stop_board()


def test_reader_gets_to_the_end_of_the_page(reader):
    sample, project, update, *_ = sections()

    reader.cwd = REPO
    *build, run = commands(sample)
    for command in build:
        result = reader.shell(command)
        assert result.returncode == 0, result.stdout + result.stderr
    reader.start_board(run, "waiting for SMP clients")

    reader.cwd = reader.folder / "blinky"
    for name, text in files(project).items():
        file = reader.cwd / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("/path/to/outboard", str(REPO)))
    outcomes = iter(OUTCOMES)
    for command in commands(project) + commands(update):
        if command.startswith("export "):
            reader.export(command)
        elif command.endswith("--target run"):
            reader.port = reader.start_board(command, r"/dev/pts/\d+")
            wait_for(lambda: reader.running() == ("1.0.0", True), lambda: reader.log.read_text())
        else:
            result = reader.shell(command)
            said = result.stdout + result.stderr
            changes = command.startswith("smpmgr") and "state-read" not in command
            wanted, version, confirmed = next(outcomes) if changes else (None, None, None)
            assert (result.returncode == 0) or "outboard/build/dfu" in command, f"{command}\n{said}"
            if changes:
                assert command.endswith(wanted), f"{command} is not what this test expects: {wanted}"
                wait_for(lambda: reader.running() == (version, confirmed), lambda: f"after {command}: {reader.running()}\n{said}")
    assert next(outcomes, None) is None
    assert REFUSED in re.sub(r"\s+", " ", said), said
