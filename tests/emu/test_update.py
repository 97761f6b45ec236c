# SPDX-License-Identifier: Apache-2.0
"""An update from the application's side: sent, requested, tried, confirmed, taken back, refused."""

import re
import subprocess

import pytest
from firmware import IMGTOOL, NEW, OLD, corrupt


def install(board, image: bytes, request: str = "request"):
    """Send an image and reboot with the request to install it."""
    assert board.send_update(image) == f"received {len(image)} bytes"
    assert board.command(request) == "requested: `reboot` installs it\n"
    board.reboot()


def test_boot_says_what_users_of_mcuboot_know_in_the_same_order(board, old):
    lines = (
        r"\*\*\* Booting .+ \*\*\*",
        r"I: Starting bootloader",
        rf"I: Bootloader chainload address offset: 0x{old.primary_offset:x}",
        rf"I: Image version: v{OLD}",
        r"I: Jumping to the first image slot",
        rf"dfu {OLD} is running; .*",
    )
    assert re.search(r"\n(?:.*\n)*?".join(lines), board.transcript)


def test_factory_image_counts_as_confirmed(board):
    assert board.command("status") == (
        f"running: {OLD}\nconfirmed: yes\nnext start: runs this image\nlast update: none\n"
    )


def test_update_runs_on_trial_and_stays_once_confirmed(board, new):
    install(board, new.image())
    board.boot(NEW)
    assert board.command("status") == (
        f"running: {NEW}\nconfirmed: no\nnext start: goes back to the previous image\n"
        f"last update: {NEW}+0 installed for a trial\n"
    )
    assert board.command("confirm") == "confirmed: this image stays\n"
    assert "confirmed: yes\nnext start: runs this image\n" in board.command("status")
    for _ in range(2):
        board.reboot()
        board.boot(NEW)
    assert "confirmed: yes\nnext start: runs this image\n" in board.command("status")


def test_update_that_is_not_confirmed_is_taken_back(board, new):
    install(board, new.image())
    board.boot(NEW)
    board.reboot()
    board.expect("^I: Image index: 0, Swap type: revert\n")
    board.boot(OLD)
    assert "next start: runs this image\n" in board.command("status")
    board.reboot()
    board.boot(OLD)


def test_permanent_update_needs_no_confirmation(board, new):
    install(board, new.image(), "request permanent")
    board.boot(NEW)
    assert "confirmed: yes\n" in board.command("status")
    board.reboot()
    board.boot(NEW)


def test_update_that_is_not_requested_is_not_installed(board, new):
    board.send_update(new.image())
    board.reboot()
    board.boot(OLD)


def test_update_after_update_goes_back_one_version_only(board, old, new):
    install(board, new.image(), "request permanent")
    board.boot(NEW)
    install(board, old.image())
    board.boot(OLD)
    board.reboot()
    board.boot(NEW)


def foreign(new, tmp_path) -> bytes:
    key = tmp_path / "foreign.pem"
    subprocess.run([IMGTOOL, "keygen", "-t", "ecdsa-p256", "-k", key], check=True, capture_output=True)
    return new.sign("--key", key)


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda new, _: new.sign(), "not signed by a known key"),
        (foreign, "not signed by a known key"),
        (lambda new, _: corrupt(new.image()), "the content does not match its digest"),
        (lambda new, _: new.image()[: len(new.image()) // 2], "a header or record is malformed"),
        (lambda new, _: bytes(5000), "there is no image"),
    ],
    ids=["unsigned", "foreign_key", "corrupted", "cut_short", "not_an_image"],
)
def test_image_that_does_not_verify_is_refused_with_the_reason(board, new, tmp_path, make, reason):
    install(board, make(new, tmp_path))
    board.expect(f"^E: Image index: 0, version .* refused: {reason}\n")
    board.boot(OLD)
    assert f"refused: {reason}\n" in board.command("status")
    board.reboot()  # the request is gone
    board.boot(OLD)
    assert board.transcript.count("refused") == 2
    install(board, new.image())  # and does not stand in the way of a good one
    board.boot(NEW)


def test_broken_transfer_leaves_the_running_image_and_the_next_transfer_works(board, new):
    image = new.image()
    board.send(f"update {len(image)}\r".encode())
    board.expect("^ready 4096\n")
    board.send(image[:5000])
    board.expect(rf"^failed: nothing came for 3 s, 5000 bytes of {len(image)} are here; this image stays\n")
    board.expect("^> ")
    assert board.command("request").startswith("failed: ")
    board.reboot()
    board.boot(OLD)
    install(board, image)
    board.boot(NEW)


@pytest.mark.parametrize("length", ["0", "983040", "4294967295"])
def test_length_that_can_never_be_installed_is_refused_before_anything_is_erased(board, length):
    before = board.external.read_bytes()
    answer = board.command(f"update {length}")
    assert answer.startswith("failed: the length must be 1 to ")
    board.cut_power()
    assert board.external.read_bytes() == before


@pytest.mark.parametrize("line", ["update", "update 12x", "update 4294967296", "update -1"])
def test_length_that_is_no_number_is_refused(board, line):
    assert board.command(line) == "failed: say how many bytes will come: update <length>\n"


def test_largest_length_that_is_named_is_accepted(board):
    limit = board.command("update 4294967295").split()[7]
    board.send(f"update {int(limit) + 1}\r".encode())
    board.expect("^failed: the length must be")
    board.send(f"update {limit}\r".encode())
    board.expect("^ready ")


def test_update_is_refused_while_the_way_back_lies_in_its_slot(board, new):
    install(board, new.image())
    board.boot(NEW)
    assert board.command(f"update {len(new.image())}").startswith("failed: this image is on trial")
    board.reboot()
    board.boot(OLD)


def test_words_that_are_no_command_get_a_hint(board):
    hint = "failed: no such command; `help` lists them\n"
    assert board.command("upgrade") == hint
    assert board.command("") == ""
    assert board.command("request now") == "failed: request, or request permanent\n"
    assert board.command("request") == "failed: send an update first\n"
    board.send(b"x" * 60 + b"\r")
    board.expect("^failed: the line is too long\n")
    board.send(b"stas\x08\x7fatus\r")
    board.expect("^running: ")
    board.expect("^> ")
    for name in ("status", "update", "request", "confirm", "reboot", "help"):
        assert f"  {name}" in board.command("help")
