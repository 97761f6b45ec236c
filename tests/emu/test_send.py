# SPDX-License-Identifier: Apache-2.0
"""samples/dfu/send.py, by which a user sends an update: over a port of pyserial, to the emulated board."""

import socket
import subprocess
import sys
import threading

import pytest
from firmware import NEW, REPO

SEND = REPO / "samples/dfu/send.py"


@pytest.fixture
def url(board):
    """The board's console as a port on this host."""
    server = socket.create_server(("127.0.0.1", 0))

    def copy(source, target):
        try:
            while data := source.recv(4096):
                target.sendall(data)
        except OSError:
            pass  # the test has ended

    def serve():
        client, _ = server.accept()
        board._uart.settimeout(None)
        threading.Thread(target=copy, args=(client, board._uart), daemon=True).start()
        copy(board._uart, client)

    threading.Thread(target=serve, daemon=True).start()
    yield f"socket://127.0.0.1:{server.getsockname()[1]}"
    server.close()


def send(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, SEND, *arguments], capture_output=True, text=True, timeout=120, check=False)


def test_update_is_sent_requested_and_started(url, new):
    result = send(url, new.folder / "app_update.bin", "--request", "--reboot")
    assert result.returncode == 0, result.stderr
    size = len(new.image())
    assert f"{size} of {size} bytes, 100 %\nreceived {size} bytes\nrequested: `reboot` installs it\nrebooting" in result.stdout


def test_what_the_device_refuses_is_said(url, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(2_000_000))
    result = send(url, large)
    assert result.returncode == 1
    assert "error: failed: the length must be 1 to " in result.stderr


def test_port_that_does_not_exist_is_said(new):
    result = send("/dev/ttyNONE", new.folder / "app_update.bin")
    assert result.returncode == 2
    assert result.stderr.startswith("\nerror: ") and "/dev/ttyNONE" in result.stderr and "Traceback" not in result.stderr
