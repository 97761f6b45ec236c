# SPDX-License-Identifier: Apache-2.0
"""A board's serial port on this host, and the clients of SMP that use it, unmodified: smpmgr and its library smpclient."""

import asyncio
import os
import pty
import select
import struct
import subprocess
import sys
import threading
import tty
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from smpclient import SMPClient
from smpclient.generics import error
from smpclient.requests.image_management import ImageErase, ImageStatesRead, ImageStatesWrite
from smpclient.requests.os_management import ResetWrite
from smpclient.transport.serial import SMPSerialTransport

SMPMGR = Path(sys.executable).with_name("smpmgr")
ANSWER_S = 30  # on a loaded host
WHOLE_LINES = ("--line-length", "1024", "--line-buffers", "1")  # the device takes lines of any length
TLV_SHA256 = 0x10
FRAME_STARTS = (b"\x06\x09", b"\x04\x14")


class Refused(Exception):
    """The device said no: carries its answer."""


def digest(image: bytes) -> bytes:
    """By which hash a client names an image: the one that it states."""
    header_size, protected_size, payload_size = struct.unpack_from("<HHI", image, 8)
    at = header_size + payload_size + protected_size + 4
    while True:
        kind, size = struct.unpack_from("<HH", image, at)
        if kind == TLV_SHA256:
            return image[at + 4 : at + 4 + size]
        at += 4 + size


class TextFilter:
    """The console's text without the lines that are SMP's."""

    def __init__(self):
        self.line = b""

    def __call__(self, data: bytes) -> bytes:
        text = b""
        for byte in data:
            self.line += bytes([byte])
            maybe = any(start.startswith(self.line) or self.line.startswith(start) for start in FRAME_STARTS)
            if not maybe:
                text += self.line
            if not maybe or byte == ord("\n"):
                self.line = b""
        return text


@contextmanager
def serial_port(fd: int, heard: Callable[[bytes], None]):
    """A terminal device that stands for the board's serial port at fd; what the board says is also given to heard()."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    stop, stopped = os.pipe()

    def copy():
        while True:
            ready, _, _ = select.select([fd, master, stop], [], [])
            if fd in ready:
                data = os.read(fd, 65536)
                heard(data)
                os.write(master, data)
            if master in ready:
                os.write(fd, os.read(master, 65536))
            if stop in ready and fd not in ready:
                return

    thread = threading.Thread(target=copy)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.write(stopped, b"x")
        thread.join()
        for end in (master, slave, stop, stopped):
            os.close(end)


def smpmgr(port: str, *arguments: str | Path) -> subprocess.CompletedProcess:
    command = [SMPMGR, "--port", port, "--timeout", str(ANSWER_S), *WHOLE_LINES, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | {"COLUMNS": "200"})


class Client:
    """smpclient's calls, one after the other."""

    def __init__(self, port: str):
        self.port = port

    def run(self, call):
        async def connected():
            async with SMPClient(SMPSerialTransport(), self.port, timeout_s=ANSWER_S) as client:
                return await call(client)

        return asyncio.run(connected())

    def ask(self, request):
        answer = self.run(lambda client: client.request(request))
        if error(answer) and getattr(answer, "rc", 1) != 0:
            raise Refused(getattr(answer, "rsn", None) or repr(answer))
        return answer

    def images(self) -> list:
        return self.ask(ImageStatesRead()).images

    def upload(self, image: bytes, target: int = 0, stop_at: int | None = None) -> int:
        """@return the offset that the device stated last"""

        async def call(client):
            offset = 0
            async for offset in client.upload(image, target):
                if stop_at is not None and offset >= stop_at:
                    break
            return offset

        return self.run(call)

    def first_offset(self, image: bytes) -> int:
        """Where the device wants an upload to go on, told in its first answer; nothing more is sent."""

        async def call(client):
            async for offset in client.upload(image):
                return offset

        return self.run(call)

    def request(self, image: bytes, permanent: bool = False):
        return self.ask(ImageStatesWrite(hash=digest(image), confirm=permanent))

    def confirm(self):
        return self.ask(ImageStatesWrite(confirm=True))

    def erase(self, slot: int | None = None):
        return self.ask(ImageErase() if slot is None else ImageErase(slot=slot))

    def reset(self):
        return self.ask(ResetWrite())
