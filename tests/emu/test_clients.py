# SPDX-License-Identifier: Apache-2.0
"""A second client, mcumgr-toolkit, which shares no code with smpmgr: against the application and against the bootloader.

It runs in a process of its own: while it waits, no other thread of its process does anything.
"""

import subprocess
import sys

from board import Board
from client import digest
from firmware import NEW, OLD
from test_recovery import EMPTY, WAITING, recovering  # noqa: F401, a fixture

PROLOGUE = """
import sys
from mcumgr_toolkit import MCUmgrClient
client = MCUmgrClient.serial(sys.argv[1], timeout_ms=20_000)
client.use_auto_frame_size()
image = open(sys.argv[2], "rb").read()
def states():
    print([(image.slot, image.version, image.pending, image.confirmed) for image in client.image_get_state()])
"""


def talk(board, update, script: str) -> list[str]:
    """Lines that a script with this client prints."""
    with board.serial_port() as port:
        command = [sys.executable, "-c", PROLOGUE + script, port, update.folder / "app_update.bin"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_system_commands_are_understood(board, new):
    script = """
client.check_connection()
print(client.os_mcumgr_parameters().buf_size, client.os_echo("hello"))
try:
    client.os_get_datetime()
except Exception as error:
    print("refused:", error)
"""
    said = talk(board, new, script)
    assert said[0] == "8192 hello"  # samples/dfu/boards/qemu_ast1030.conf
    assert said[1].startswith("refused: ") and "there is no clock" in " ".join(said), said


def test_images_are_listed_uploaded_tested_and_erased(board, new):
    script = f"""
states()
client.image_upload(image)
client.image_set_state(bytes.fromhex("{digest(new.image()).hex()}"))
states()
client.image_erase()
states()
print([slot.slot for slot in client.image_slot_info()[0].slots])
"""
    alone = f"[(0, '{OLD}', False, True)]"
    assert talk(board, new, script) == [alone, f"[(0, '{OLD}', False, True), (1, '{NEW}', True, False)]", alone, "[0, 1]"]


def test_its_whole_update_procedure_works(board, new):
    talk(board, new, "client.firmware_update(image)")
    board.boot(NEW)
    assert talk(board, new, "client.image_set_state(confirm=True)\nstates()")[0].startswith(f"[(0, '{NEW}', False, True)")


def test_it_recovers_a_device(recovering, new, tmp_path):  # noqa: F811
    with Board(tmp_path, recovering, EMPTY) as board:
        board.power_on()
        board.expect(WAITING)
        talk(board, new, "client.image_upload(image)\nclient.os_system_reset()")
        board.boot(NEW)
