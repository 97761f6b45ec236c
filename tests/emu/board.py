# SPDX-License-Identifier: Apache-2.0
"""An emulated board: QEMU's ast1030-evb on two files that stand for its flash chips.

The only way to cut the power is QMP `quit`: it keeps exactly the flash operations that are done so far. A killed QEMU
would also lose operations that are done, because its chip models write back late, and no real chip does that.
"""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from client import Client, TextFilter, serial_port, smpmgr
from firmware import Firmware

MACHINE = "ast1030-evb"
INTERNAL_MODEL = "mx25l6405d"  # behind the FMC, 8 MiB
EXTERNAL_MODEL = "mx25l25635e"  # behind SPI1, 32 MiB, describes itself with SFDP
SMALLER_MODELS = {"at25128a-nonjedec": 0x20000, "mx25l6405d": 0x800000, "w25q64": 0x800000}  # bytes that QEMU 10 insists on
INTERNAL_INDEX = 0
EXTERNAL_INDEX = 2

TRANSCRIPT_SHOWN = 2500  # characters
CUT_ATTEMPTS = 10

MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")  # of a trailer: as the last bytes of a slot it is a request
IMAGE_OK_FROM_END = 24  # of a trailer: in a request it means for good


class Unexpected(AssertionError):
    """The board did not say what it should have said; the message carries the end of what it said."""


class Board:
    """One device: its chips live as long as the folder, its power can come and go.

    folder           where the chips' contents are kept
    firmware         its bootloader is programmed into the internal chip; the external one is erased
    image            programmed into the primary slot; None: the firmware's own
    external_model   QEMU's name of the external chip
    listener         gets what the board says, as it comes
    instruction_ns   time of an instruction, a power of two: the board's clock then counts those and is the same however
                     busy the host is; None: the board's clock is the host's
    """

    def __init__(
        self,
        folder: Path,
        firmware: Firmware,
        image: bytes | None = None,
        external_model: str = EXTERNAL_MODEL,
        listener: Callable[[str], None] = lambda text: None,
        instruction_ns: int | None = None,
    ):
        self.folder = folder
        self.firmware = firmware
        self.external_model = external_model
        self.internal = folder / "internal_flash.bin"
        self.external = folder / "external_flash.bin"
        self.listener = listener
        self.clock = [] if instruction_ns is None else ["-icount", f"shift={instruction_ns.bit_length() - 1},align=off"]
        self.transcript = ""
        self._power = False
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(firmware.internal_flash, self.internal)
        shutil.copyfile(firmware.external_flash, self.external)
        if image is not None:
            self.program(image)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._power:
            self.cut_power()

    def program(self, image: bytes):
        """Put an image into the primary slot, with the power off."""
        with self.internal.open("r+b") as chip:
            chip.seek(self.firmware.primary_offset)
            chip.write(image)

    def place_update(self, image: bytes, permanent: bool = False):
        """Put an image into the update slot with the request for a trial, or for good, with the power off: as an updater would
        that asks no questions."""
        with self.external.open("r+b") as chip:
            chip.seek(self.firmware.partition("mcuboot_secondary", "address"))
            chip.write(image)
            end = self.firmware.partition("mcuboot_secondary", "end_address")
            if permanent:
                chip.seek(end - IMAGE_OK_FROM_END)
                chip.write(b"\1")
            chip.seek(end - len(MAGIC))
            chip.write(MAGIC)

    def save_chips(self, folder: Path):
        """Copy what the chips hold, with the power off, for restore_chips()."""
        folder.mkdir()
        shutil.copy(self.internal, folder)
        shutil.copy(self.external, folder)

    def restore_chips(self, folder: Path):
        shutil.copy(folder / self.internal.name, self.internal)
        shutil.copy(folder / self.external.name, self.external)

    # ---- power ----

    def power_on(self):
        assert not self._power, "the power is on already"
        self._uart, uart = socket.socketpair()
        self._unread = ""
        self._text = TextFilter()
        self.transcript += "[power on]\n"
        self._switch_on(uart)
        self._power = True
        uart.close()

    def cut_power(self):
        """Now, whatever the board is doing. What it said until then can still be read from the transcript."""
        self._switch_off()
        self._power = False
        self._drain()
        self._uart.close()
        self.transcript += "[power off]\n"

    def cut_in_a_swap(self):
        """Switch on, and cut the power while images are swapped; again from the same contents if the host was too busy to hit it."""
        contents = self.folder / "before_the_cut"
        self.save_chips(contents)
        for _ in range(CUT_ATTEMPTS):
            said = len(self.transcript)
            self.power_on()
            self.expect("^I: Swapping: [3-6]0%\n")
            self.cut_power()
            if "Jumping" not in self.transcript[said:]:
                return
            self.restore_chips(contents)
        raise Unexpected(f"{CUT_ATTEMPTS} cuts came too late; {self._tail()}")

    def _switch_on(self, uart: socket.socket):
        self._qmp, qmp = socket.socketpair()
        external_size = SMALLER_MODELS.get(self.external_model, self.external.stat().st_size)
        self._qemu = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL", "qemu-system-arm"),  # a test run that is killed leaves no board behind
                *("-M", f"{MACHINE},fmc-model={INTERNAL_MODEL},spi-model={self.external_model}"),
                *("-drive", f"if=mtd,index={INTERNAL_INDEX},format=raw,file={self.internal}"),
                *("-drive", f"if=mtd,index={EXTERNAL_INDEX},format=raw,size={external_size},file={self.external}"),
                *("-kernel", self.firmware.bootloader),  # what the boot ROM would copy to SRAM
                *("-chardev", f"socket,id=uart,fd={uart.fileno()}", "-serial", "chardev:uart"),
                *("-chardev", f"socket,id=qmp,fd={qmp.fileno()}", "-mon", "chardev=qmp,mode=control"),
                *("-display", "none", "-monitor", "none", "-net", "none"),  # with -nodefaults, QEMU 10 leaves the chips out
                *self.clock,
            ],
            pass_fds=[uart.fileno(), qmp.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        qmp.close()
        self._qmp.settimeout(10)
        self._qmp_lines = self._qmp.makefile("r")
        if not self._qmp_lines.readline():  # the greeting
            raise Unexpected(f"QEMU did not start: {self._qemu.communicate()[1]}")
        self._execute("qmp_capabilities")

    def _switch_off(self):
        if self._qemu.poll() is not None:
            raise Unexpected(f"QEMU ended by itself: {self._qemu.communicate()[1]}")
        self._execute("quit")
        self._qemu.wait(10)
        self._qemu.stderr.close()
        self._qmp_lines.close()
        self._qmp.close()

    def _execute(self, command: str):
        self._qmp.sendall(json.dumps({"execute": command}).encode())
        for line in self._qmp_lines:
            answer = json.loads(line)
            assert "error" not in answer, answer
            if "return" in answer:
                return
        if command != "quit":
            raise Unexpected(f"QEMU ended: {self._qemu.communicate()[1]}")

    # ---- console ----

    def _hear(self, data: bytes):
        text = self._text(data).decode("ascii", "backslashreplace").replace("\r", "")
        self._unread += text
        self.transcript += text
        self.listener(text)

    def _drain(self):
        """All that was sent before the other end was closed."""
        self._uart.settimeout(1)
        while data := self._uart.recv(65536):
            self._hear(data)

    def listen(self, seconds: float):
        """Take in what the board says for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._uart.settimeout(left)
            try:
                self._hear(self._uart.recv(65536))
            except TimeoutError:
                return

    def expect(self, pattern: str, seconds: float = 20) -> re.Match:
        """
        Wait for the board to say something, a regular expression; what comes before it is passed over.

        Text comes in pieces, so a pattern must end in what ends the text, e.g. a line's end: `$` would match too early.
        """
        __tracebackhide__ = True  # pytest then shows the caller's line
        compiled = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + seconds
        while not (match := compiled.search(self._unread)):
            self._uart.settimeout(max(end - time.monotonic(), 0.001))
            try:
                data = self._uart.recv(65536)
            except TimeoutError:
                data = b""
            if not data:
                raise Unexpected(f"waited {seconds} s for {pattern!r}; the end of what came:\n{self._tail()}")
            self._hear(data)
        self._unread = self._unread[match.end() :]
        return match

    def _tail(self) -> str:
        return self.transcript[-TRANSCRIPT_SHOWN:]

    def send(self, data: bytes):
        self._uart.settimeout(10)
        self._uart.sendall(data)

    # ---- the sample application ----

    def boot(self, version: str, seconds: float = 30) -> str:
        """Wait until the application of this version serves clients; what it says about itself."""
        return self.expect(rf"^dfu {re.escape(version)}\S* is running\n((?s:.*?))^waiting for SMP clients\n", seconds)[1]

    def serial_port(self):
        """Context: the path of a serial port on this host. Do not expect() anything while it is open."""
        self._uart.setblocking(True)
        return serial_port(self._uart.fileno(), self._hear)

    def ask(self, call: Callable[[Client], object]):
        """Ask the application, or the bootloader that recovers: ask(lambda client: client.images())."""
        with self.serial_port() as port:
            return call(Client(port))

    def smpmgr(self, *arguments: str | Path) -> str:
        """Run the program smpmgr; what it prints, errors too."""
        with self.serial_port() as port:
            result = smpmgr(port, *arguments)
        return result.stdout + result.stderr

    def upload(self, image: bytes):
        assert self.ask(lambda client: client.upload(image)) == len(image)

    def reboot(self):
        self.ask(lambda client: client.reset())

    def install(self, image: bytes, permanent: bool = False):
        """Upload an image, ask for it and restart."""
        self.upload(image)
        self.ask(lambda client: client.request(image, permanent))
        self.reboot()
