# SPDX-License-Identifier: Apache-2.0
"""Standard clients against the nRF kits on their virtual boards: an update, and a device that has nothing to start.

What `make demo BOARD=...` tells is told here in short; nothing here has run on hardware.
"""

import pytest
from client import Refused
from firmware import NEW, OLD, corrupt, other_version
from recovery import EMPTY, RECOVERS, WAITING, upload_through_power_cuts
from virtual_board import VirtualBoard

DKS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
ROOM = "-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000"  # recovery and log do not fit the kits' 48 KiB
WAITS = ["-Dmcuboot_CONFIG_BOOT_SERIAL_WAIT_FOR_DFU=y", "-Dmcuboot_CONFIG_BOOT_SERIAL_WAIT_FOR_DFU_TIMEOUT=60000"]
BALLAST = 30_000
WAITING_A_MINUTE = "^I: Serial recovery: waiting 60000 ms for SMP clients\n"


@pytest.fixture(scope="module", params=DKS)
def versions(build, request, tmp_path_factory):
    old = build(f"virtual_{request.param}", OLD, RECOVERS, ROOM, board=request.param)
    return old, other_version(old, tmp_path_factory.mktemp("new"), NEW)


def test_update_survives_a_cut_runs_on_trial_goes_back_and_is_installed_for_good(versions, tmp_path):
    old, new = versions
    image = new.image(BALLAST)
    with VirtualBoard(tmp_path, old, old.image(BALLAST)) as board:
        board.power_on()
        board.boot(OLD)
        board.upload(corrupt(new.image()))
        with pytest.raises(Refused, match="the content does not match its digest"):
            board.ask(lambda client: client.request(corrupt(new.image())))
        board.upload(image)
        board.ask(lambda client: client.request(image, False))
        board.cut_power()
        board.cut_in_a_swap()
        board.power_on()
        assert "confirmed: no\n" in board.boot(NEW)
        board.reboot()
        assert "next start: runs this image\n" in board.boot(OLD)
        board.install(image, permanent=True)
        assert "confirmed: yes\n" in board.boot(NEW)


def test_device_without_an_image_is_recovered(versions, tmp_path):
    old, new = versions
    with VirtualBoard(tmp_path, old, EMPTY) as board:
        board.power_on()
        board.expect(WAITING)
        assert board.ask(lambda client: client.images()) == []
        board.upload(new.image(BALLAST))
        board.reboot()
        assert "confirmed: yes\n" in board.boot(NEW)


def test_client_in_time_loses_nothing_while_the_bootloader_looks_at_what_runs(versions, build, tmp_path):
    """The line has room for six bytes: what is sent while nobody listens, or while the log is written, is gone."""
    old, new = versions
    board_name = "nrf5340dk_nrf5340_cpuapp" if "nrf5340" in old.folder.name else "nrf52840dk_nrf52840"
    waits = build(f"{old.folder.name}_waits", OLD, RECOVERS, ROOM, *WAITS, board=board_name)
    image = new.image(BALLAST)
    with VirtualBoard(tmp_path, waits, old.image(200_000)) as board:
        board.power_on()
        board.expect(WAITING_A_MINUTE)
        board.upload(image)
        assert [(slot.slot, slot.version) for slot in board.ask(lambda client: client.images())] == [(0, OLD), (1, NEW)]
        assert board.transcript.endswith(" for SMP clients\n"), "a line of the log behind an answer costs the next request"


def test_power_cuts_during_a_recovery_leave_what_recovery_can_mend(versions, tmp_path):
    old, new = versions
    with VirtualBoard(tmp_path, old, EMPTY) as board:
        upload_through_power_cuts(board, new.image())
        board.boot(NEW)
