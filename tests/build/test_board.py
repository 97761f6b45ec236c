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


ZEPHYR_DTS = """/dts-v1/;
#include <nordic/{soc}.dtsi>
#include <{partitions}.dtsi>
#include <zephyr/dt-bindings/input/input-event-codes.h>
/ {{
    chosen {{ zephyr,flash = &flash0; zephyr,sram = &{sram}; zephyr,console = &uart0; }};
    keys {{ compatible = "gpio-keys"; key {{ gpios = <&gpio0 1 GPIO_ACTIVE_LOW>; zephyr,code = <INPUT_KEY_KP0>; }}; }};
}};
&uart0 {{ status = "okay"; current-speed = <115200>; pinctrl-0 = <&uart0_default>; pinctrl-names = "default"; }};
&pinctrl {{ uart0_default: uart0_default {{ group1 {{ psels = <NRF_PSEL(UART_TX, 0, 6)>; }}; }}; }};
"""


@pytest.mark.parametrize("soc, partitions, sram, kit, name", [
    ("nrf52840_qiaa", "nordic/nrf52840_partition", "sram0", "nrf52840dk_nrf52840", "SOC_NRF52840"),
    ("nrf5340_cpuapp_qkaa", "common/nordic/nrf5340_cpuapp_partition", "sram0_image", "nrf5340dk_nrf5340_cpuapp", "SOC_NRF5340_CPUAPP"),
])
def test_devicetree_of_a_board_for_zephyr_can_be_included(project, repo, soc, partitions, sram, kit, name):
    """What the refusal of such a board says."""
    zephyr = project.write(f"boards/arm/mine/{NAME}.dts", ZEPHYR_DTS.format(soc=soc, partitions=partitions, sram=sram))
    assert f"{zephyr.parent}" in project.refuse(board=NAME)
    project.write(f"boards/{NAME}/{NAME}.dts", f'#include "../arm/mine/{NAME}.dts"\n')
    project.write(f"boards/{NAME}/{NAME}_defconfig", "CONFIG_SERIAL=y\n")
    project.write(f"boards/{NAME}/Kconfig", f"config BOARD_MINE\n\tdef_bool y\n\tselect {name}\n")
    shutil.copy(repo / "boards" / kit / "board.cmake", project.source / "boards" / NAME)
    shutil.copy(repo / "boards" / kit / "run.cmake", project.source / "boards" / NAME)
    result = project.cmake(board=NAME)
    assert result.returncode == 0, result.stderr
