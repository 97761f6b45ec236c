# SPDX-License-Identifier: Apache-2.0
"""A board of the user's own, outside the tree."""

import shutil

import pytest

from test_rebuild import built

NAME = "my_board"


@pytest.fixture
def own(project, repo):
    """The emulated board under another name, in the application's folder."""
    board = project.source / "boards" / NAME
    shutil.copytree(repo / "boards/qemu_ast1030", board)
    (board / "qemu_ast1030.dts").rename(board / f"{NAME}.dts")
    (board / "qemu_ast1030_defconfig").rename(board / f"{NAME}_defconfig")
    return project


def test_board_in_the_applications_folder_serves_both_images(own):
    result = own.cmake(board=NAME)
    assert result.returncode == 0, result.stderr
    assert f"Merged configuration '{own.source}/boards/{NAME}/{NAME}_defconfig'" in result.stderr
    assert own.make()
    assert own.start("tiny application")[-1] == "I: tiny application"


def test_board_root_is_searched_first(own, tmp_path):
    shutil.move(own.source / "boards", tmp_path / "more/boards")
    assert f'There is no board "{NAME}"' in own.refuse(board=NAME)
    assert own.cmake(f"-DBOARD_ROOT={tmp_path}/more", board=NAME).returncode == 0


def test_changes_of_the_board_are_noticed(own):
    own.write("child_image/mcuboot.conf", "CONFIG_BOOT_LEDGER_SIZE=0x4000\n")  # what larger words need
    own.cmake(board=NAME)
    own.make()
    dts = own.source / "boards" / NAME / f"{NAME}.dts"
    dts.write_text(dts.read_text().replace("write-block-size = <4>", "write-block-size = <8>"))
    assert "app_update.bin" in built(own.make())
    defconfig = own.source / "boards" / NAME / f"{NAME}_defconfig"
    defconfig.write_text(defconfig.read_text().replace("=1024", "=512"))
    assert {"app.elf", "app_update.bin"} <= built(own.make())
    assert own.config("FLASH_SIZE") == own.config("FLASH_SIZE", "mcuboot") == "512"
