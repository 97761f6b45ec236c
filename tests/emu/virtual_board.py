# SPDX-License-Identifier: Apache-2.0
"""A virtual board (`outboard board run`), driven as QEMU's is."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from board import Board, Unexpected
from firmware import REPO

OUTBOARD = Path(os.environ.get("OUTBOARD_TOOL", REPO / "build/host/tools/outboard/outboard"))
SECONDS = 30  # to end, on a loaded host
INTERRUPTED = 130  # its status, by a signal


class VirtualBoard(Board):
    """Its time runs as fast as the host can. A cut tears nothing: operations that are in progress have not begun."""

    OPTIONS: list[str] = []  # of `outboard board run`

    def _switch_on(self, uart: socket.socket):
        shutil.copy(self.firmware.folder / "devicetree.json", self.folder)
        command = [OUTBOARD, "board", "run", self.folder, "--serial", "stdio", *self.OPTIONS]
        self._process = subprocess.Popen(command, stdin=uart, stdout=uart, stderr=subprocess.PIPE, text=True)

    def _switch_off(self):
        self._process.send_signal(signal.SIGTERM)
        _, errors = self._process.communicate(timeout=SECONDS)
        if self._process.returncode not in (0, INTERRUPTED):
            raise Unexpected(f"the virtual board ended by itself: {errors}\n{self._tail()}")
