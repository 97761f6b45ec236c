# SPDX-License-Identifier: Apache-2.0
"""`--target flash` and `debug` of the nRF boards: which program is called, and how. The programs are stand-ins that note it.

No debugger and no device is involved.
"""

import json
import os
import shutil
import subprocess

import pytest

STAND_IN = '#!/bin/sh\necho "$(basename $0) $*" >> "$LOG"\n'
PROGRAMS = {"nrfutil": "nrfutil", "pyocd": "pyocd", "openocd": "openocd", "jlink": "JLinkExe", "nrfjprog": "nrfjprog"}


@pytest.fixture(scope="module")
def built(tmp_path_factory, outboard, repo):
    """A program for the nRF5340 DK that has its chip; quick: there is no bootloader."""
    folder = tmp_path_factory.mktemp("runner")
    source = repo / "tests" / "conformance" / "firmware"
    configure = ["cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DBOARD=nrf5340dk/nrf5340/cpuapp", f"-DOUTBOARD_TOOL={outboard}"]
    for command in (configure, ["cmake", "--build", folder]):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    return folder


class Machine:
    """A PATH with some programmers and without any other."""

    def __init__(self, folder, built):
        self.bin, self.log, self.built = folder / "bin", folder / "log", built
        self.bin.mkdir()
        for tool in ("cmake", "ninja", "sh", "basename", "arm-none-eabi-gcc", "arm-none-eabi-objcopy"):
            (self.bin / tool).symlink_to(shutil.which(tool))

    def install(self, *programs):
        for program in programs:
            (self.bin / program).write_text(STAND_IN)
            (self.bin / program).chmod(0o755)

    def target(self, name, runner=""):
        environment = {**os.environ, "PATH": str(self.bin), "LOG": str(self.log)}
        for command in (["cmake", f"-DRUNNER={runner}", self.built], ["cmake", "--build", self.built, "--target", name]):
            result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        self.calls = self.log.read_text().splitlines() if self.log.exists() else []
        return result.returncode, result.stdout + result.stderr


@pytest.fixture
def machine(tmp_path, built):
    yield Machine(tmp_path, built)
    (built / "external_flash.bin").write_bytes(b"\xff" * (8 << 20))


def test_the_first_that_is_there_is_taken(machine):
    for runner in reversed(PROGRAMS):
        machine.install(PROGRAMS[runner])
        status, output = machine.target("flash")
        assert status == 0 and f"flash: with {runner} " in output
        assert machine.calls[-1].startswith(PROGRAMS[runner]) and len(machine.calls) == list(reversed(PROGRAMS)).index(runner) + 1


def test_another_one_can_be_chosen(machine):
    machine.install(*PROGRAMS.values())
    assert machine.target("flash", "pyocd")[0] == 0
    assert machine.calls == ["pyocd flash --target nrf5340_xxaa --erase sector merged.hex"]
    status, output = machine.target("flash", "stlink")
    assert status != 0 and "error: -DRUNNER=stlink: there is no such way to flash; choose one of nrfutil, pyocd" in output


def test_what_to_install_is_said_where_there_is_nothing(machine):
    status, output = machine.target("flash")
    assert status != 0 and "error: no program to flash with is in the PATH; install one of nrfutil, pyocd, openocd, jlink, nrfjprog" in output
    status, output = machine.target("debug")
    assert status != 0 and "error: no program to debug with is in the PATH; install one of pyocd, openocd, jlink" in output
    status, output = machine.target("flash", "jlink")
    assert status != 0 and "error: -DRUNNER=jlink: the program JLinkExe is not in the PATH; install it" in output


def test_content_of_the_external_chip_is_programmed_too(machine):
    chip = bytearray(b"\xff" * (8 << 20))
    chip[0x1234] = 0
    (machine.built / "external_flash.bin").write_bytes(chip)
    machine.install("nrfutil")
    assert machine.target("flash")[0] == 0
    assert [call.split()[2:6] for call in machine.calls] == [
        ["--x-ext-mem-config-file", "external_flash.json", "program", "--firmware"], ["program", "--firmware", "merged.hex", "--options"]]
    assert (machine.built / "external_flash.hex").read_text().count("\n") == 4096 // 16 + 2  # one sector, at 0x10001000
    config = json.loads((machine.built / "external_flash.json").read_text())
    assert config["pins"] == {"sck": 17, "csn": 18, "io0": 13, "io1": 14, "io2": 15, "io3": 16}
    assert (config["flash_size"], config["sck_frequency"], config["readoc"]) == (8 << 20, 8000000, "READ4IO")


def test_programmer_that_leaves_the_external_chip_alone_says_so(machine):
    (machine.built / "external_flash.bin").write_bytes(b"\0" + b"\xff" * ((8 << 20) - 1))
    machine.install("openocd")
    status, output = machine.target("flash")
    assert status == 0 and "warning: openocd cannot program the external chip" in output


def test_debugger_gets_the_symbols_and_a_server(machine):
    machine.install("openocd", "arm-none-eabi-gdb")
    assert machine.target("debug")[0] == 0
    assert len(machine.calls) == 1 and machine.calls[0].startswith("arm-none-eabi-gdb -q ")
    assert "app.elf" in machine.calls[0] and "openocd -f interface/jlink.cfg" in machine.calls[0]
