# SPDX-License-Identifier: Apache-2.0
"""An update from the application's side: sent, requested, tried, confirmed, taken back, refused."""

import re
import subprocess

import pytest
from board import Board
from client import Refused
from firmware import IMGTOOL, NEW, OLD, corrupt


def test_boot_says_what_users_of_mcuboot_know_in_the_same_order(board, old):
    lines = (
        r"\*\*\* Booting .+ \*\*\*",
        r"I: Starting bootloader",
        rf"I: Bootloader chainload address offset: 0x{old.primary_offset:x}",
        rf"I: Image version: v{OLD}",
        r"I: Jumping to the first image slot",
        rf"dfu {OLD} is running",
    )
    assert re.search(r"\n(?:.*\n)*?".join(lines), board.transcript)


BALLAST = 70_000  # makes images of several erase units
STAYS = "confirmed: yes\nnext start: runs this image\n"


def shown(board) -> list[tuple]:
    """What `image list` shows: slot, version, and the flags that are set."""
    flags = ("active", "confirmed", "pending", "permanent")
    images = board.ask(lambda client: client.images())
    return [(image.slot, image.version, *(flag for flag in flags if getattr(image, flag))) for image in images]


def test_factory_image_counts_as_confirmed(board):
    assert shown(board) == [(0, OLD, "active", "confirmed")]
    board.reboot()
    assert board.boot(OLD) == f"{STAYS}last update: none\n"


def test_update_runs_on_trial_and_stays_once_confirmed(board, new):
    board.install(new.image())
    told = board.boot(NEW)
    assert told == f"confirmed: no\nnext start: goes back to the previous image\nlast update: {NEW}+0 installed for a trial\n"
    board.ask(lambda client: client.confirm())
    assert shown(board)[0] == (0, NEW, "active", "confirmed")
    for _ in range(2):
        board.reboot()
        assert STAYS in board.boot(NEW)


def test_update_that_is_not_confirmed_is_taken_back(board, new):
    board.install(new.image())
    board.boot(NEW)
    board.reboot()
    board.expect("^I: Image index: 0, Swap type: revert\n")
    assert "next start: runs this image\n" in board.boot(OLD)
    board.reboot()
    board.boot(OLD)


def test_permanent_update_needs_no_confirmation(board, new):
    board.install(new.image(), permanent=True)
    assert "confirmed: yes\n" in board.boot(NEW)
    board.reboot()
    board.boot(NEW)


def test_update_that_is_not_requested_is_not_installed(board, new):
    board.upload(new.image())
    board.reboot()
    board.boot(OLD)


def test_update_after_update_goes_back_one_version_only(board, old, new):
    board.install(new.image(), permanent=True)
    board.boot(NEW)
    board.install(old.image())
    board.boot(OLD)
    board.reboot()
    board.boot(NEW)


def test_list_shows_what_is_in_both_slots_at_each_step(old, new, tmp_path):
    image = new.image(BALLAST)
    with Board(tmp_path, old, old.image(BALLAST)) as board:
        board.power_on()
        board.boot(OLD)
        board.upload(image)
        assert shown(board) == [(0, OLD, "active", "confirmed"), (1, NEW)]
        board.ask(lambda client: client.request(image))
        assert shown(board) == [(0, OLD, "active", "confirmed"), (1, NEW, "pending")]
        board.reboot()
        board.boot(NEW)
        assert shown(board) == [(0, NEW, "active"), (1, OLD, "confirmed")]  # which is what comes back
        board.ask(lambda client: client.confirm())
        assert shown(board) == [(0, NEW, "active", "confirmed")]
        board.upload(image)  # what runs may be uploaded again
        assert shown(board) == [(0, NEW, "active", "confirmed"), (1, NEW)]


def test_erased_slot_shows_nothing_and_its_request_is_gone(board, new):
    board.upload(new.image())
    board.ask(lambda client: client.request(new.image()))
    board.ask(lambda client: client.erase())
    assert shown(board) == [(0, OLD, "active", "confirmed")]
    board.reboot()
    board.boot(OLD)


def foreign(new, tmp_path) -> bytes:
    key = tmp_path / "foreign.pem"
    subprocess.run([IMGTOOL, "keygen", "-t", "ecdsa-p256", "-k", key], check=True, capture_output=True)
    return new.sign("--key", key)


UNWANTED = {
    "unsigned": (lambda new, _: new.sign(), "not signed by a known key"),
    "foreign_key": (foreign, "not signed by a known key"),
    "corrupted": (lambda new, _: corrupt(new.image()), "the content does not match its digest"),
}


@pytest.mark.parametrize("make, reason", UNWANTED.values(), ids=UNWANTED)
def test_image_that_does_not_verify_is_refused_when_it_is_asked_for(board, new, tmp_path, make, reason):
    image = make(new, tmp_path)
    board.upload(image)
    assert shown(board) == [(0, OLD, "active", "confirmed")]
    with pytest.raises(Refused, match=reason):
        board.ask(lambda client: client.request(image))
    board.reboot()
    assert f"{STAYS}last update: none\n" in board.boot(OLD)
    board.install(new.image())  # and does not stand in the way of a good one
    board.boot(NEW)


BROKEN = {
    "cut_short": (lambda new, _: new.image()[: len(new.image()) // 2], "a header or record is malformed"),
    "not_an_image": (lambda new, _: bytes(5000), "there is no image"),
}


@pytest.mark.parametrize("make, reason", [*UNWANTED.values(), *BROKEN.values()], ids=[*UNWANTED, *BROKEN])
def test_image_that_does_not_verify_is_refused_with_the_reason(old, new, tmp_path, make, reason):
    with Board(tmp_path / "board", old) as board:
        board.place_update(make(new, tmp_path))
        board.power_on()
        board.expect(rf"^E: Image index: 0\b.* refused: {reason}\n")
        assert f"refused: {reason}\n" in board.boot(OLD)
        assert shown(board) == [(0, OLD, "active", "confirmed")]
        board.reboot()  # the request is gone
        board.boot(OLD)
        assert board.transcript.count("refused: ") == 3
        board.install(new.image())  # and does not stand in the way of a good one
        board.boot(NEW)


def test_image_cut_short_cannot_be_asked_for(board, new):
    half = new.image()[: len(new.image()) // 2]
    board.upload(half)
    with pytest.raises(Refused, match="no update slot holds an image with this hash"):
        board.ask(lambda client: client.request(new.image()))


def test_what_does_not_begin_like_an_image_is_refused_before_anything_is_erased(board):
    before = board.external.read_bytes()
    with pytest.raises(Exception, match="the first part is not the beginning of an image"):
        board.ask(lambda client: client.upload(bytes(5000)))
    board.cut_power()
    assert board.external.read_bytes() == before


def test_broken_transfer_goes_on_where_it_was_and_leaves_the_running_image(board, new):
    image = new.image()
    stopped = board.ask(lambda client: client.upload(image, stop_at=5000))
    assert 5000 <= stopped < len(image)
    with pytest.raises(Refused, match="no update slot holds an image with this hash"):
        board.ask(lambda client: client.request(image))
    assert board.ask(lambda client: client.first_offset(image)) >= stopped
    board.reboot()
    board.boot(OLD)
    board.install(image)
    board.boot(NEW)


def test_upload_that_can_never_be_installed_is_refused_before_anything_is_erased(board, new):
    before = board.external.read_bytes()
    with pytest.raises(Exception, match="too large for its place"):
        board.ask(lambda client: client.upload(new.image() + bytes(983040)))
    board.cut_power()
    assert board.external.read_bytes() == before


def test_upload_is_refused_while_the_way_back_lies_in_its_slot(board, new):
    board.install(new.image())
    board.boot(NEW)
    for call in (lambda client: client.upload(new.image()), lambda client: client.erase()):
        with pytest.raises(Exception, match="the image that runs is on trial"):
            board.ask(call)
    board.reboot()
    board.boot(OLD)


def test_slot_0_cannot_be_erased_nor_asked_for(board, old):
    with pytest.raises(Refused, match="only an update slot can be erased"):
        board.ask(lambda client: client.erase(0))
    with pytest.raises(Refused, match="this image runs already"):
        board.ask(lambda client: client.request(old.image()))


def test_smpmgr_reads_what_the_bootloader_did_and_why(board, new):
    board.install(new.image())
    board.boot(NEW)
    board.reboot()  # not confirmed
    board.boot(OLD)
    said = re.sub(r"\s+", " ", board.smpmgr("statistics", "fetch-all"))
    fields = re.findall(r"'(begun|installed|goes_back)': (\d), 'image': 0, 'major': 1, 'minor': (\d)", said)
    assert fields == [("installed", "3", "0"), ("goes_back", "0", "0"), ("installed", "1", "1"), ("begun", "1", "1")], said
