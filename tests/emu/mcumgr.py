# SPDX-License-Identifier: Apache-2.0
"""The program mcumgr, unmodified, against application and bootloader on QEMU and both virtual DKs: for `make mcumgr`.

It is written in Go, and not in the registries that all the other tests live on: scripts/mcumgr.sh builds it, or takes the
one that MCUMGR names. It says each request in the oldest form of the protocol.
"""

import os
import subprocess

import firmware
import pytest
from board import Board
from client import digest
from firmware import NEW, OLD, other_version
from recovery import EMPTY, RECOVERS, WAITING
from test_virtual_dks import DKS, ROOM
from virtual_board import VirtualBoard

BOARDS = [firmware.BOARD, *DKS]
SECONDS = 300  # an upload, on a loaded host: it waits 20 ms before each line that it sends
ON_TRIAL = "Error: 6\n"


@pytest.fixture(scope="module", params=BOARDS)
def versions(build, request, tmp_path_factory):
    options = [RECOVERS, *([ROOM] if request.param in DKS else [])]
    old = build(f"mcumgr_{request.param}", OLD, *options, board=request.param)
    return request.param, old, other_version(old, tmp_path_factory.mktemp("new"), NEW)


@pytest.fixture
def device(versions, tmp_path):
    """device(image): a board that has it, switched on."""
    name, old, _ = versions
    with (VirtualBoard if name in DKS else Board)(tmp_path, old) as board:

        def run(image: bytes | None = None):
            if image is not None:
                board.program(image)
            board.power_on()
            return board

        yield run


def mcumgr(board, *words) -> str:
    """What it prints, without its progress."""
    with board.serial_port() as port:
        command = [os.environ["MCUMGR"], "--conntype", "serial", "--connstring", f"dev={port},baud=115200", "--timeout", "30"]
        done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True, timeout=SECONDS)
    return done.stdout.split("\r")[-1] + done.stderr


def listed(text: str) -> list[tuple[str, str]]:
    """Version and flags of each image."""
    lines = [line.strip() for line in text.splitlines()]
    values = {name: [line.removeprefix(name).strip() for line in lines if line.startswith(name)] for name in ("version:", "flags:")}
    return list(zip(values["version:"], values["flags:"], strict=True))


def hash_of(new) -> str:
    return digest(new.image()).hex()


def test_update_is_uploaded_tried_confirmed_and_goes_back(versions, device):
    _, _, new = versions
    board = device()
    board.boot(OLD)
    assert mcumgr(board, "echo", "hello") == "hello\n"
    assert listed(mcumgr(board, "image", "list")) == [(OLD, "active confirmed")]
    assert mcumgr(board, "image", "upload", new.folder / "app_update.bin").endswith("Done\n")
    assert listed(mcumgr(board, "image", "test", hash_of(new))) == [(OLD, "active confirmed"), (NEW, "pending")]
    mcumgr(board, "reset")
    board.boot(NEW)
    assert listed(mcumgr(board, "image", "list")) == [(NEW, "active"), (OLD, "confirmed")]
    assert mcumgr(board, "image", "erase") == ON_TRIAL
    mcumgr(board, "reset")
    board.boot(OLD)
    assert mcumgr(board, "stat", "event0").splitlines()[3].split() == ["3", "installed"]  # on the way back
    assert listed(mcumgr(board, "image", "test", hash_of(new)))[1] == (NEW, "pending")
    mcumgr(board, "reset")
    board.boot(NEW)
    assert listed(mcumgr(board, "image", "confirm"))[0] == (NEW, "active confirmed")
    assert mcumgr(board, "image", "erase") == "Done\n"
    assert listed(mcumgr(board, "image", "list")) == [(NEW, "active confirmed")]


def test_what_is_not_there_is_an_error(device):
    board = device()
    board.boot(OLD)
    assert mcumgr(board, "taskstat") == "Error: 8\n"
    assert "Error: 5\n" in mcumgr(board, "image", "test", "00" * 32)


@pytest.mark.parametrize("half_written", [False, True], ids=["empty", "half_written"])
def test_device_is_recovered(versions, device, half_written):
    _, _, new = versions
    image = new.image()
    board = device(image[: len(image) // 2] + EMPTY if half_written else EMPTY)
    board.expect(WAITING)
    assert listed(mcumgr(board, "image", "list")) == []
    assert mcumgr(board, "echo", "hello") == "hello\n"
    assert mcumgr(board, "image", "upload", "--noerase", new.folder / "app_update.bin").endswith("Done\n")
    assert listed(mcumgr(board, "image", "list")) == [(NEW, "active confirmed")]
    mcumgr(board, "reset")
    board.boot(NEW)
