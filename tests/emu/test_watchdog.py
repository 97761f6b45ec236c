# SPDX-License-Identifier: Apache-2.0
"""A watchdog that runs while the bootloader does.

The board's clock counts instructions, so a time is the same on every host. An instruction takes 64 ns: with images of
700 KiB, a start that installs takes longer than TIMEOUT_MS.
"""

import re
from pathlib import Path

import pytest
from board import Board
from firmware import NEW, OLD, Firmware

INSTRUCTION_NS = 64
BALLAST = 700_000
TIMEOUT_MS = 5000  # ends in the middle of the installation; the build sees to it that no flash command takes as long
SHORT_MS = 2500  # less than one verification takes: it is fed while it hashes
BANNER = "*** Booting outboard"
OVERLAY = Path(__file__).with_name("watchdog.overlay")


@pytest.fixture(scope="session")
def feeding(build) -> Firmware:
    """Its application feeds the watchdog; the sample as it is knows of none."""
    return build("watchdog", OLD, f"-DEXTRA_DTC_OVERLAY_FILE={OVERLAY}", "-DCONFIG_WATCHDOG=y")


@pytest.fixture
def guarded(with_bootloader, feeding, old):
    """guarded(...) is firmware whose bootloader starts the watchdog; bootloader and application feed it unless told not to."""
    start = [f"-Dmcuboot_EXTRA_DTC_OVERLAY_FILE={OVERLAY}", "-Dmcuboot_CONFIG_BOOT_WATCHDOG_START=y"]

    def make(bootloader: str = "y", application: str = "y", timeout_ms: int = TIMEOUT_MS) -> Firmware:
        feed = f"-Dmcuboot_CONFIG_BOOT_WATCHDOG_FEED={bootloader}"
        limit = f"-Dmcuboot_CONFIG_BOOT_WATCHDOG_TIMEOUT_MS={timeout_ms}"
        runs = feeding if application == "y" else old
        return with_bootloader(f"watchdog_{bootloader}_{timeout_ms}", *start, feed, limit, application=runs)

    return make


def board_with_request(folder: Path, firmware: Firmware, new: Firmware) -> Board:
    """The old version runs, and the new one lies in the update slot with the request for a trial."""
    board = Board(folder, firmware, image=firmware.image(BALLAST), instruction_ns=INSTRUCTION_NS)
    board.place_update(new.image(BALLAST))
    return board


def test_fed_installation_outlasts_the_watchdog(guarded, new, tmp_path):
    with board_with_request(tmp_path, guarded(timeout_ms=SHORT_MS), new) as board:
        board.power_on()
        board.boot(NEW, 60)
    assert "Swap type: test" in board.transcript
    assert board.transcript.count(BANNER) == 1


def test_installation_that_is_not_fed_is_reset_and_goes_on_where_it_was(guarded, new, tmp_path):
    with board_with_request(tmp_path, guarded(bootloader="n"), new) as board:
        board.power_on()
        board.boot(NEW, 60)
    starts = board.transcript.split(BANNER)[1:]
    assert len(starts) >= 2
    percents = [int(percent) for start in starts for percent in re.findall(r"Swapping: (\d+)%", start)]
    assert percents == sorted(set(percents)) and percents[-1] == 100  # nothing is done twice


def test_application_that_waits_and_feeds_is_not_reset(guarded, tmp_path):
    with Board(tmp_path, guarded(), instruction_ns=INSTRUCTION_NS) as board:
        board.power_on()
        board.boot(OLD)
        board.listen(3)  # tens of seconds on the board
        assert board.ask(lambda client: client.images())[0].version == OLD
    assert board.transcript.count(BANNER) == 1


def test_application_that_does_not_feed_is_reset(guarded, tmp_path):
    with Board(tmp_path, guarded(application="n"), instruction_ns=INSTRUCTION_NS) as board:
        board.power_on()
        board.boot(OLD)
        board.expect(re.escape(BANNER))


def test_start_that_ends_nowhere_is_reset(guarded, tmp_path):
    with Board(tmp_path, guarded(), image=b"\xff" * 4096, instruction_ns=INSTRUCTION_NS) as board:
        board.power_on()
        for _ in range(2):
            board.expect(re.escape(BANNER))
            board.expect("^E: Unable to find bootable image\n")


def test_without_a_watchdog_a_start_that_ends_nowhere_waits_for_help(old, tmp_path):
    with Board(tmp_path, old, image=b"\xff" * 4096, instruction_ns=INSTRUCTION_NS) as board:
        board.power_on()
        board.expect("^E: Unable to find bootable image\n")
        board.listen(3)
    assert board.transcript.count(BANNER) == 1
