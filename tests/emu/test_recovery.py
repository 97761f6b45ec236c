# SPDX-License-Identifier: Apache-2.0
"""Serial recovery: standard clients talk to the bootloader, and mend a device that has nothing to start."""

import pytest
from board import Board
from client import Refused
from firmware import NEW, OLD, Firmware, corrupt
from recovery import EMPTY, RECOVERS, WAITING, upload_through_power_cuts

DIRECT = "-Dmcuboot_CONFIG_MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD=y"
LEAN = [f"-Dmcuboot_CONFIG_{symbol}=n" for symbol in ("BOOT_SERIAL_IMG_GRP_IMAGE_STATE", "BOOT_SERIAL_IMG_GRP_SLOT_INFO", "BOOT_MGMT_ECHO")]
WAITS = ["-Dmcuboot_CONFIG_BOOT_SERIAL_WAIT_FOR_DFU=y", "-Dmcuboot_CONFIG_BOOT_SERIAL_WAIT_FOR_DFU_TIMEOUT=10000"]
WAITING_IN_TIME = "^I: Serial recovery: waiting 10000 ms for SMP clients\n"
BALLAST = 20_000
SEVERAL_UNITS = 200_000
DEAD = "at25128a-nonjedec"  # a chip that does not know the command that asks for the id
PRIMARY, SECONDARY = 1, 2  # as direct uploads number the slots of image 0


@pytest.fixture(scope="session")
def recovering(with_bootloader) -> Firmware:
    """Commands that a device can do without are left out."""
    return with_bootloader("recovery", RECOVERS, *LEAN)


@pytest.fixture(scope="session")
def direct(with_bootloader) -> Firmware:
    """Uploads name their slot, and each start waits for a client."""
    return with_bootloader("recovery_direct", RECOVERS, DIRECT, *WAITS)


@pytest.fixture
def broken(recovering, tmp_path):
    """A board without an application, in recovery."""
    with Board(tmp_path, recovering, EMPTY) as board:
        board.power_on()
        board.expect(WAITING)
        yield board


@pytest.fixture
def waiting(direct, tmp_path):
    """A sound board whose bootloader waits for a client; not yet in recovery."""
    with Board(tmp_path, direct) as board:
        board.power_on()
        board.expect(WAITING_IN_TIME)
        yield board


def shown(board) -> list[tuple]:
    return [(image.slot, image.version) for image in board.ask(lambda client: client.images())]


def upload(board, image: bytes, target: int = 0) -> int:
    return board.ask(lambda client: client.upload(image, target))


def reset(board):
    board.ask(lambda client: client.reset())


def boot_at_once(board, firmware: Firmware, version: str) -> str:
    """Start with another bootloader, one that waits for nobody; what the application says."""
    board.cut_power()
    waits, board.firmware = board.firmware, firmware
    board.power_on()
    said = board.boot(version)
    board.firmware = waits
    return said


def test_device_without_an_image_is_recovered(broken, new):
    assert shown(broken) == []
    upload(broken, new.image(BALLAST))
    assert shown(broken) == [(0, NEW)]
    reset(broken)
    assert "confirmed: yes\nnext start: runs this image\n" in broken.boot(NEW)


def test_program_smpmgr_recovers_a_device(broken, new):
    answer = broken.smpmgr("upgrade", new.folder / "app_update.bin")
    assert "Upgrade complete" in answer, answer
    broken.boot(NEW)


def test_device_with_a_half_written_primary_is_recovered(broken, new):
    image = new.image(BALLAST)
    broken.ask(lambda client: client.upload(image, stop_at=len(image) // 2))
    broken.cut_power()
    broken.power_on()
    broken.expect(WAITING)
    upload(broken, image)
    reset(broken)
    broken.boot(NEW)


def test_device_is_recovered_without_its_external_chip(recovering, new, tmp_path):
    with Board(tmp_path, recovering, EMPTY, external_model=DEAD) as board:
        board.power_on()
        board.expect("^E: Waiting for flash: ")
        upload(board, new.image(BALLAST))
        reset(board)
        board.boot(NEW)


def test_swap_that_cannot_go_on_for_want_of_its_chip_is_recovered_through_the_primary(recovering, new, tmp_path):
    with Board(tmp_path, recovering, recovering.image(SEVERAL_UNITS)) as board:
        board.place_update(new.image(SEVERAL_UNITS))
        board.cut_in_a_swap()
        board.external_model = DEAD
        board.power_on()
        board.expect("^E: Waiting for flash: ")
        upload(board, new.image(BALLAST))
        reset(board)
        board.boot(NEW)
        board.reboot()
        board.boot(NEW)


@pytest.mark.parametrize("make", [lambda new: new.sign(), lambda new: corrupt(new.image())], ids=["unsigned", "corrupted"])
def test_image_that_may_not_run_is_refused_at_its_last_byte_and_recovery_goes_on(broken, new, make):
    with pytest.raises(Exception, match="not signed by a known key|does not match its digest"):
        upload(broken, make(new))
    assert shown(broken) == []
    reset(broken)
    broken.expect(WAITING)
    upload(broken, new.image())
    reset(broken)
    broken.boot(NEW)


def test_start_that_nobody_talks_to_goes_on(with_bootloader, tmp_path):
    short = with_bootloader("recovery_short", RECOVERS, *WAITS[:1])
    with Board(tmp_path, short) as board:
        board.power_on()
        board.boot(OLD)


def test_client_in_time_stops_the_start(waiting):
    assert shown(waiting) == [(0, OLD)]
    assert waiting.transcript.endswith(" for SMP clients\n"), "a line of the log behind an answer costs the next request"
    reset(waiting)
    waiting.boot(OLD, 60)


def test_upload_that_names_the_image_leaves_a_sound_primary_until_it_is_whole(waiting, recovering, new):
    image = new.image(BALLAST)
    waiting.ask(lambda client: client.upload(image, stop_at=len(image) // 2))
    assert shown(waiting) == [(0, OLD)]
    upload(waiting, image)
    assert shown(waiting) == [(0, OLD), (1, NEW)]
    boot_at_once(waiting, recovering, NEW)


def test_last_word_of_a_client_counts(waiting, recovering, new):
    """An upload that names the image asks for it, and `smpmgr upgrade --confirm` asks again."""
    image = new.image(BALLAST)
    upload(waiting, image)
    for permanent in (True, False, False):
        waiting.ask(lambda client: client.request(image, permanent))  # noqa: B023, it is called at once
        states = waiting.ask(lambda client: client.images())
        assert [(state.slot, state.pending, state.permanent) for state in states] == [(0, False, False), (1, True, permanent)]
    assert "confirmed: no\n" in boot_at_once(waiting, recovering, NEW)


def test_nothing_is_confirmed_where_nothing_runs(direct, tmp_path):
    with Board(tmp_path, direct, EMPTY) as board:
        board.power_on()
        board.expect(WAITING_IN_TIME)
        with pytest.raises(Refused, match="nothing in the primary slot verifies"):
            board.ask(lambda client: client.confirm())


def test_what_the_configuration_leaves_out_is_refused(broken, new):
    image = new.image()
    calls = (lambda client: client.erase(1), lambda client: client.confirm(), lambda client: client.request(image))
    for call in calls:
        with pytest.raises(Refused, match="ENOTSUP"):
            broken.ask(call)
    assert "ENOTSUP" in broken.smpmgr("os", "echo", "hello")


def test_last_image_that_verifies_is_not_overwritten(waiting, new):
    for call in (lambda client: client.upload(new.image(), PRIMARY), lambda client: client.erase(0)):
        with pytest.raises(Exception, match="it is the last image that verifies"):
            waiting.ask(call)
    assert shown(waiting) == [(0, OLD)]


def test_slots_are_written_listed_tested_and_erased_by_their_number(waiting, recovering, new):
    image = new.image(BALLAST)
    upload(waiting, image, SECONDARY)
    assert shown(waiting) == [(0, OLD), (1, NEW)]
    waiting.ask(lambda client: client.request(image))
    states = waiting.ask(lambda client: client.images())
    assert [(state.slot, state.pending, state.permanent) for state in states] == [(0, False, False), (1, True, False)]
    waiting.ask(lambda client: client.erase(1))
    assert shown(waiting) == [(0, OLD)]
    upload(waiting, image, SECONDARY)
    upload(waiting, image, PRIMARY)  # now another one verifies
    assert shown(waiting) == [(0, NEW), (1, NEW)]
    boot_at_once(waiting, recovering, NEW)


def test_update_on_trial_is_confirmed_by_the_bootloader(waiting, recovering, new):
    image = new.image(BALLAST)
    upload(waiting, image, SECONDARY)
    waiting.ask(lambda client: client.request(image))
    assert "confirmed: no\n" in boot_at_once(waiting, recovering, NEW)
    waiting.cut_power()
    waiting.power_on()
    waiting.expect(WAITING_IN_TIME)
    waiting.ask(lambda client: client.confirm())
    assert "confirmed: yes\n" in boot_at_once(waiting, recovering, NEW)


def test_length_that_does_not_fit_is_refused(broken, new):
    with pytest.raises(Exception, match="too large for its place"):
        upload(broken, new.image() + bytes(983040))


def test_power_cuts_during_a_recovery_leave_what_recovery_can_mend(recovering, new, tmp_path):
    with Board(tmp_path, recovering, EMPTY) as board:
        upload_through_power_cuts(board, new.image(BALLAST))
        board.boot(NEW)
