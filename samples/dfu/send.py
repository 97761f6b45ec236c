#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Send an update to a device that runs this sample, over its serial port.

    build/deps/venv/bin/python samples/dfu/send.py /dev/ttyACM0 build/dfu/app_update.bin --request --reboot

The protocol is in src/transfer.h. Exit status: 0 done, 1 the device refused, 2 no connection or no such file.
"""

import argparse
import re
import sys
import time
from pathlib import Path

import serial

ANSWER_S = 60  # erasing a large slot takes its time, but the device shows progress


class Refused(Exception):
    """What the device said."""


class SerialPort:
    """A device behind a serial port, or behind whatever else pyserial can open (socket://host:port)."""

    def __init__(self, url: str, baudrate: int):
        self.port = serial.serial_for_url(url, baudrate=baudrate, timeout=0.1)
        self.unread = ""

    def send(self, data: bytes):
        self.port.write(data)

    def expect(self, pattern: str, seconds: float) -> re.Match:
        """Wait until the device has said something; seconds count from the last byte that came."""
        compiled = re.compile(pattern, re.MULTILINE)
        last = time.monotonic()
        while not (match := compiled.search(self.unread)):
            data = self.port.read(4096)
            self.unread += data.decode("ascii", "replace").replace("\r", "")
            last = time.monotonic() if data else last
            if time.monotonic() - last > seconds:
                raise TimeoutError(f"the device has said nothing for {seconds} s: is the sample running, and nobody else on this port?")
        self.unread = self.unread[match.end() :]
        return match


def send_image(port, image: bytes, seconds: float = ANSWER_S, progress=lambda done: None) -> str:
    """Send an image as src/transfer.h says; port has send() and expect(). Returns the device's last word on it."""
    port.send(f"update {len(image)}\r".encode())
    answer = port.expect(r"^(?:ready (\d+)|(failed: .*))\n", seconds)
    if answer[1]:
        chunk = int(answer[1])
        for offset in range(0, len(image), chunk):
            port.send(image[offset : offset + chunk])
            if port.expect(r"\.|^(?=failed)", seconds)[0] != ".":
                break
            progress(min(offset + chunk, len(image)))
        answer = port.expect(r"^((?:received|failed).*)\n", seconds)
    port.expect("^> ", seconds)
    return answer[answer.lastindex]


def command(port, line: str) -> str:
    """Give a command to the device's prompt; its answer."""
    port.send(line.encode() + b"\r")
    answer = port.expect(rf"{re.escape(line)}\n((?s:.*?))^> ", ANSWER_S)[1].strip()
    if answer.startswith("failed"):
        raise Refused(answer)
    return answer


def run(args) -> None:
    image = args.file.read_bytes()
    port = SerialPort(args.port, args.baudrate)

    def progress(done: int):
        print(f"\r{args.file.name}: {done} of {len(image)} bytes, {100 * done // len(image)} %", end="", flush=True)

    command(port, "status")  # a wrong port is found out before anything is erased
    result = send_image(port, image, progress=progress)
    print(f"\n{result}")
    if result.startswith("failed"):
        raise Refused(result)
    if args.request:
        print(command(port, "request permanent" if args.permanent else "request"))
    if args.reboot:
        port.send(b"reboot\r")
        port.expect(r"^rebooting\n", ANSWER_S)
        print("rebooting: look at its console, and give it `confirm` if all is well")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", help="/dev/ttyACM0, COM3, socket://127.0.0.1:4321")
    parser.add_argument("file", type=Path, help="app_update.bin")
    parser.add_argument("--baudrate", type=int, default=115200)
    parser.add_argument("--request", action="store_true", help="have it installed at the next start, for a trial")
    parser.add_argument("--permanent", action="store_true", help="with --request: for good")
    parser.add_argument("--reboot", action="store_true", help="start again, through the bootloader")
    try:
        run(parser.parse_args())
    except Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 1
    except (OSError, TimeoutError) as error:  # pyserial's errors are OSErrors
        print(f"\nerror: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
