# SPDX-License-Identifier: Apache-2.0
"""The sample with two images, its own and the network core's, updated by smpmgr on the virtual nRF5340 DK: each alone, and both;
and over serial recovery.

The network core is what stands in for its bootloader; its image is made like the SDK's, and holds no code.
"""

import subprocess
import sys

import pytest
from client import digest
from firmware import IMGTOOL, KEY, NEW, OLD, REPO, corrupt, other_version
from recovery import EMPTY, RECOVERS, WAITING
from test_virtual_dks import ROOM
from virtual_board import VirtualBoard

sys.path.insert(0, str(REPO / "tests/modules/mcuboot/external_flash"))

import network_core  # noqa: E402

BOARD = "nrf5340dk_nrf5340_cpuapp"
TWO_IMAGES = [f"-Dmcuboot_CONFIG_{symbol}" for symbol in ("PCD_APP=y", "UPDATEABLE_IMAGE_NUMBER=2", "FLASH_SIMULATOR=y",
                                                          "FLASH_SIMULATOR_DOUBLE_WRITES=y")]
NETWORK = "2.0.0"
NETWORK_PRIMARY = 3  # as direct uploads number it
RUNS = "confirmed: yes\nnext start: runs this image\n"


@pytest.fixture(scope="module")
def old(build):
    return build("network_core", OLD, *TWO_IMAGES, ROOM, board=BOARD)


@pytest.fixture(scope="module")
def new(old, tmp_path_factory):
    return other_version(old, tmp_path_factory.mktemp("new"), NEW)


@pytest.fixture(scope="module")
def network(old, tmp_path_factory):
    """The signed update of the network core, as a file."""
    folder = tmp_path_factory.mktemp("network")
    (folder / "app.bin").write_bytes(network_core.application(2))
    subprocess.run([IMGTOOL, "sign", "--version", NETWORK, "--align", "4", "--pad-header", "--header-size", "0x200", "--slot-size",
                    hex(old.partition("mcuboot_secondary_1", "size")), "--key", KEY, folder / "app.bin", folder / "signed.bin"],
                   check=True, capture_output=True)
    return folder / "signed.bin"


@pytest.fixture
def board(old, tmp_path):
    """A device as the factory leaves it, both cores programmed."""
    with VirtualBoard(tmp_path, old) as board:
        (tmp_path / "network_flash.bin").write_bytes(network_core.flash(network_core.application(1)))
        board.power_on()
        said = board.boot(OLD)
        assert f"{RUNS}last update: none\nimage 1\n{RUNS}last update: none\n" in said
        yield board


def network_holds(board) -> bytes:
    return (board.folder / "network_flash.bin").read_bytes()[network_core.CONTAINER:]


def upload(board, image: int, file):
    answer = board.smpmgr("image", "upload", file, "--slot", str(image))
    assert "100.0%" in answer, answer


def ask_for(board, *images: bytes):
    for image in images:
        answer = board.smpmgr("image", "state-write", digest(image).hex())
        assert answer.endswith("OK\n"), answer


def test_network_image_alone(board, network):
    upload(board, 1, network)
    ask_for(board, network.read_bytes())
    board.reboot()
    assert f"image 1\n{RUNS}last update: {NETWORK}+0 installed for good\n" in board.boot(OLD)
    board.cut_power()
    assert network_holds(board).startswith(network_core.application(2))


def test_application_alone(board, new):
    upload(board, 0, new.folder / "app_update.bin")
    ask_for(board, new.image())
    board.reboot()
    said = board.boot(NEW)
    assert f"confirmed: no\nnext start: goes back to the previous image\nlast update: {NEW}+0 installed for a trial\n" in said
    assert f"image 1\n{RUNS}last update: none\n" in said


def test_both_as_one(board, network, new):
    upload(board, 1, network)
    upload(board, 0, new.folder / "app_update.bin")
    ask_for(board, network.read_bytes(), new.image())
    board.reboot()
    said = board.boot(NEW)
    assert f"{RUNS}last update: {NEW}+0 installed for good\nimage 1\n{RUNS}last update: {NETWORK}+0 installed for good\n" in said
    record = board.smpmgr("statistics", "fetch-all")
    assert "{'installed': 2, 'image': 0, 'major': 1, 'minor': 1, 'revision': 0, 'build': 0, 'images': 3," in record
    assert "{'confirmed': 1, 'next': 1, 'installed': 2, 'major': 2, 'minor': 0, 'revision': 0, 'build': 0}" in record
    board.cut_power()
    assert network_holds(board).startswith(network_core.application(2))


@pytest.fixture(scope="module")
def recovering(build):
    direct = "-Dmcuboot_CONFIG_MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD=y"
    return build("network_core_recovery", OLD, *TWO_IMAGES, ROOM.replace("0x10000", "0x18000"), RECOVERS, direct, board=BOARD)


def test_network_image_over_serial_recovery_is_verified_before_the_core_gets_it(recovering, network, tmp_path):
    image = network.read_bytes()
    factory = network_core.flash(network_core.application(1))
    with VirtualBoard(tmp_path, recovering, EMPTY) as board:
        (tmp_path / "network_flash.bin").write_bytes(factory)
        board.power_on()
        board.expect(WAITING)
        for wrong, reason in ((corrupt(image), "does not match its digest"), (image[:-8] + bytes(8), "the signature does not match")):
            with pytest.raises(Exception, match=reason):
                board.ask(lambda client: client.upload(wrong, NETWORK_PRIMARY))  # noqa: B023, it is called at once
        board.ask(lambda client: client.upload(image, NETWORK_PRIMARY))
        board.upload(recovering.image())
        board.cut_power()
        assert (tmp_path / "network_flash.bin").read_bytes() == factory
        board.power_on()
        assert f"image 1\n{RUNS}last update: {NETWORK}+0 installed for good\n" in board.boot(OLD)
        board.cut_power()
        assert network_holds(board).startswith(network_core.application(2))
