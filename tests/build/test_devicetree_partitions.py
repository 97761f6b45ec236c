# SPDX-License-Identifier: Apache-2.0
"""Partitions that an application writes into its devicetree are the layout of the build, with every check that it has."""

import pytest
import yaml

OVERLAY = """
&flash0 {
    partitions {
        boot_partition: partition@0 { compatible = "zephyr,mapped-partition"; label = "mcuboot"; reg = <0x0 0xc000>; };
        slot0_partition: partition@c000 { compatible = "zephyr,mapped-partition"; label = "image-0"; reg = <0xc000 0xf4000>; };
    };
};
&mx25r64 {
    partitions {
        compatible = "fixed-partitions";
        #address-cells = <1>;
        #size-cells = <1>;
        slot1_partition: partition@0 { label = "image-1"; reg = <0x0 0xf4000>; };
    };
};
"""
DELETED = "".join(f"/delete-node/ &{name}_partition;\n" for name in ("boot", "slot0", "slot1", "scratch", "storage"))
BOARD = ["-DBOARD=nrf52840dk_nrf52840"]


@pytest.fixture
def kit(project):
    """On the nRF52840 DK. The bootloader's overlay chooses the chip, as the SDK's does; the application's does not."""
    project.write("boards/nrf52840dk_nrf52840.overlay", DELETED + OVERLAY)
    project.write("child_image/mcuboot/boards/nrf52840dk_nrf52840.overlay", "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n")
    return project


def layout(project) -> dict:
    parts = yaml.safe_load((project.build_dir / "partitions.yml").read_text())
    return {name: (part["region"], part["address"], part["size"]) for name, part in parts.items()}


def configure(project, *options) -> str:
    return project.configure(*BOARD, *options)


def refuse(project, *options) -> str:
    return project.refuse(*BOARD, *options, board=None)


def test_partitions_of_an_overlay_are_the_layout_and_their_chip_is_the_external_one(kit):
    configure(kit)
    found = layout(kit)
    assert found["mcuboot"] == ("flash_primary", 0, 0xc000)
    assert found["mcuboot_primary"] == ("flash_primary", 0xc000, 0xf4000)
    assert found["mcuboot_secondary"] == ("external_flash", 0, 0xf4000)
    assert kit.config("PM_EXTERNAL_FLASH_ENABLED") == "y"  # nobody chose the chip


def test_board_partitions_need_not_be_deleted(kit):
    kit.write("boards/nrf52840dk_nrf52840.overlay", OVERLAY.replace("boot_partition: partition@0", "/delete-node/ partition@0;\n"
                                                                    "boot_partition: partition@0").replace(
        "slot0_partition: partition@c000", "/delete-node/ partition@c000;\nslot0_partition: partition@c000").replace(
        "&mx25r64", "/delete-node/ &slot1_partition;\n&mx25r64"))
    configure(kit)
    assert layout(kit)["mcuboot_primary"] == ("flash_primary", 0xc000, 0xf4000)  # over the board's scratch and storage


def test_overlay_without_slots_leaves_the_layout_to_the_partition_manager(kit):
    kit.write("boards/nrf52840dk_nrf52840.overlay", "/delete-node/ &slot1_partition;\n/delete-node/ &storage_partition;\n")
    configure(kit)
    assert layout(kit)["mcuboot"] == ("flash_primary", 0, 0xc000)
    assert "settings_storage" not in layout(kit)


def test_static_file_counts_before_an_overlay_and_says_so(kit):
    configure(kit)
    (kit.source / "pm_static.yml").write_text((kit.build_dir / "partitions.yml").read_text())
    text = configure(kit)
    assert "pm_static.yml: warning: is the layout, not the partitions that a devicetree overlay writes" in text


def test_partitions_of_the_board_are_the_layout_without_a_partition_manager(project):
    kit = project
    configure(kit, "-DSB_CONFIG_BOOTLOADER_MCUBOOT=y", "-DSB_CONFIG_PARTITION_MANAGER=n")
    assert layout(kit)["mcuboot_secondary"] == ("flash_primary", 0x73000, 0x67000)
    assert layout(kit)["settings_storage"] == ("flash_primary", 0xf8000, 0x8000)


def test_bootloader_with_other_partitions_is_refused(kit):
    kit.write("child_image/mcuboot/boards/nrf52840dk_nrf52840.overlay", DELETED + OVERLAY.replace("<0x0 0xf4000>", "<0x10000 0xf4000>"))
    assert "the images have different layouts: 'mcuboot_secondary'" in refuse(kit)


@pytest.mark.parametrize("old, new, says", [
    ("slot1_partition:", "other_partition:", "has no slot1_partition, which is 'mcuboot_secondary'"),
    ("reg = <0xc000 0xf4000>", "reg = <0xb000 0xf4000>", "0xb000..0xff000 overlaps"),
    ("reg = <0xc000 0xf4000>", "reg = <0xc000 0xf5000>", "past the end of"),
    ("reg = <0xc000 0xf4000>", "reg = <0xc800 0xf3800>", "is not made of whole erase units of 0x1000 bytes"),
    ("reg = <0x0 0xf4000>", "reg = <0x0 0x900000>", "past the end of"),
])
def test_layout_that_cannot_work_is_refused(old, new, says, kit):
    kit.write("boards/nrf52840dk_nrf52840.overlay", DELETED + OVERLAY.replace(old, new))
    assert says in refuse(kit)
    assert not (kit.build_dir / "partitions.yml").exists()


def test_layout_moves_to_an_overlay_and_makes_the_same_build(kit, outboard):
    """A project of the partition manager, moved: only the names of the files differ."""
    kit.write("boards/nrf52840dk_nrf52840.overlay", "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n")
    configure(kit)
    before = kit.header("pm_config.h"), kit.header("pm_config.h", "mcuboot")
    overlay = kit.source / "boards/nrf52840dk_nrf52840.overlay"
    written = kit.run(outboard, "pm", "output", "--input-partitions", kit.build_dir / "partitions.yml", "--input-regions",
                      kit.build_dir / "regions.yml", "--dts", kit.source / "layout.overlay")
    assert written.returncode == 0, written.stderr
    overlay.write_text(overlay.read_text() + (kit.source / "layout.overlay").read_text())
    assert "Layout: the partitions in the devicetree" in configure(kit)
    assert (kit.header("pm_config.h"), kit.header("pm_config.h", "mcuboot")) == before
