# SPDX-License-Identifier: Apache-2.0
"""A small application outside the tree, built as a user would."""

import re
import subprocess
import threading
from pathlib import Path

CMAKELISTS = """
cmake_minimum_required(VERSION 3.25)
find_package(Outboard REQUIRED)
project(tiny LANGUAGES C)
target_sources(app PRIVATE main.c)
"""

MAIN = """
#include <outboard/log.h>
int main(void) { OB_LOG_INF("tiny application"); return 0; }
"""


class Project:
    """An application folder and its build folder."""

    def __init__(self, folder: Path, repo: Path, outboard: Path):
        self.repo = repo
        self.source = folder / "my app"  # blanks must not matter
        self.build_dir = folder / "my build"
        self.options = [f"-DOutboard_ROOT={repo}", f"-DOUTBOARD_TOOL={outboard}"]
        self.write("CMakeLists.txt", CMAKELISTS)
        self.write("main.c", MAIN)
        self.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\n")

    def write(self, name: str, text: str) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *command) -> subprocess.CompletedProcess:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, check=False)

    def cmake(self, *options, board="qemu_ast1030") -> subprocess.CompletedProcess:
        board_option = [f"-DBOARD={board}"] if board else []
        return self.run("cmake", "-S", self.source, "-B", self.build_dir, "-G", "Ninja", *self.options, *board_option, *options)

    def configure(self, *options) -> str:
        """Configure, which must work. Everything that was printed."""
        result = self.cmake(*options)
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stderr + result.stdout

    def refuse(self, *options, **keywords) -> str:
        """Configure, which must fail. The lines that say error."""
        result = self.cmake(*options, **keywords)
        assert result.returncode != 0, "accepted"
        return "\n".join(line for line in result.stderr.splitlines() if "error: " in line)

    def build(self, *options) -> subprocess.CompletedProcess:
        return self.run("cmake", "--build", self.build_dir, *options)

    def make(self) -> str:
        """Build, which must work. Everything that was printed."""
        result = self.build()
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stderr + result.stdout

    def folder(self, image: str) -> Path:
        return self.build_dir if image == "app" else self.build_dir / image

    def config(self, symbol: str, image="app") -> str | None:
        """Value of a symbol in an image, None if it is not set."""
        text = (self.folder(image) / ".config").read_text()
        match = re.search(f"^CONFIG_{symbol}=(.*)$", text, re.MULTILINE)
        return match and match[1].strip('"')

    def header(self, name: str, image="app") -> str:
        return (self.folder(image) / "include/generated" / name).read_text()

    def start(self, last: str) -> list[str]:
        """Start the emulated board until a line holds `last`. The lines of its console."""
        kernel = self.build_dir / "mcuboot/mcuboot.bin"
        qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-arm", "-M", "ast1030-evb,fmc-model=mx25l6405d,spi-model=mx25l25635e", "-nographic",
             "-monitor", "none",
             "-drive", f"if=mtd,index=0,format=raw,snapshot=on,file={self.build_dir}/internal_flash.bin",
             "-drive", f"if=mtd,index=2,format=raw,snapshot=on,file={self.build_dir}/external_flash.bin",
             "-kernel", kernel if kernel.exists() else self.build_dir / "app.bin"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        timer = threading.Timer(60, qemu.kill)  # then the lines end, and the caller's assertion shows them
        timer.start()
        lines = []
        for line in qemu.stdout:
            lines.append(line.strip())
            if last in line:
                break
        timer.cancel()
        qemu.kill()
        qemu.wait()
        return lines


def merged(output: str) -> list[str]:
    """Names of the fragments, in the order they were merged."""
    return [Path(path).name for path in re.findall("Merged configuration '(.*)'", output)]
