# SPDX-License-Identifier: Apache-2.0
"""`outboard flash inspect` on MCUboot's devices: their trailers are made in bytes, by the format. MCUboot itself does not run."""

import struct

import pytest
from conftest import CHIP, PRIMARY, SECTOR, SLOT

MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
MAGIC_16 = bytes.fromhex("10002de15d29410b8d77679c110f1f8a")
W, UNITS = 4, 128  # write unit, BOOT_MAX_IMG_SECTORS
CONFIG = "CONFIG_BOOT_MAX_IMG_SECTORS=128\n"


class Mcuboot:
    """Writes fields as MCUboot does: counted from the end of a slot, spaced by 8. The build here only says how it swaps."""

    def __init__(self, device, mode="MOVE"):
        self.device = device
        content = bytearray(device.internal.read_bytes())
        content[0x100:0x120] = b"*** Booting MCUboot v2.3.0 ***\0\0"
        device.internal.write_bytes(content)
        device.config.write_text(CONFIG + (f"CONFIG_BOOT_SWAP_USING_{mode}=y\n" if mode != "ONLY" else "CONFIG_BOOT_UPGRADE_ONLY=y\n"))
        text = (device.folder / "mcuboot/devicetree.json").read_text()
        (device.folder / "mcuboot/devicetree.json").write_text(text.replace('"write-block-size": 1', f'"write-block-size": {W}', 1))
        self.sizes_off = 48 if mode != "OFFSET" else 56

    def trailer(self, primary: bool, image_ok=False, copy_done=False, swap=None, size=None, entries=(), start=None, magic=MAGIC):
        chip, end = (self.device.internal, PRIMARY + SLOT) if primary else (self.device.external, SLOT)
        fields = {16: magic, 24: b"\x01" if image_ok else None, 32: b"\x01" if copy_done else None, 40: bytes([swap]) if swap else None,
                  self.sizes_off: struct.pack("<I", size) if size else None}
        for back, data in fields.items():
            if data:
                self.device.poke(chip, end - back, data)
        for index, value in entries:
            self.device.poke(chip, end - start + index * W, bytes([value]))
        return self

    def image(self, version="2.0.0", at=0, **how):
        self.device.poke(self.device.external, at, self.device.image(version, **how).read_bytes())
        return self

    def inspect(self):
        seen = self.device.inspect()
        assert seen.facts["bootloader"] == "MCUboot"
        return seen


@pytest.fixture
def mcuboot(device):
    return Mcuboot(device)


def test_sound_device_has_no_problem(mcuboot):
    assert mcuboot.inspect().problems == set()


def test_request_is_told(mcuboot):
    seen = mcuboot.image().trailer(False, swap=2).inspect()
    assert seen.problems == set() and "update-asked-for" in seen.found and seen.facts["swaps"][0]["next"] == 2


def test_request_for_an_image_that_does_not_verify_is_told(mcuboot):
    assert "update-will-be-refused" in mcuboot.image(key=False).trailer(False).inspect().problems


def test_trial_is_told(mcuboot):
    mcuboot.image("1.0.0").trailer(True, copy_done=True, swap=2)
    assert mcuboot.inspect().problems == {"on-trial"}


def test_revert_that_is_stuck_is_told(mcuboot):
    assert mcuboot.trailer(True, copy_done=True, swap=2).inspect().problems == {"revert-stuck"}


def test_request_of_another_alignment_is_told(mcuboot):
    assert "request-alignment" in mcuboot.image().trailer(False, magic=MAGIC_16).inspect().problems


def test_damaged_request_is_told(mcuboot):
    assert "request-damaged" in mcuboot.image().trailer(False, magic=MAGIC[:4]).inspect().problems


def test_confirmed_device_has_no_problem(mcuboot):
    assert mcuboot.trailer(True, image_ok=True, copy_done=True, swap=2).inspect().problems == set()


MOVE = 48 + 3 * UNITS * W
SWAPS = {  # entries as each algorithm writes them, and where its status begins
    "swap using move": ([(0, 1), (1, 1), (2, 1), (UNITS, 1)], MOVE, 4, "MOVE"),
    "swap using offset": ([(0, 1), (1, 2), (2, 1)], 56 + 2 * UNITS * W, 3, "OFFSET"),
    "swap using scratch": ([(0, 1), (1, 2), (2, 3), (3, 1)], MOVE, 4, "SCRATCH"),
}


@pytest.mark.parametrize("name", SWAPS)
def test_swap_that_is_half_done_is_told_with_its_algorithm_and_how_far_it_came(device, name):
    entries, start, count, mode = SWAPS[name]
    seen = Mcuboot(device, mode).trailer(True, swap=2, size=0x1A00, entries=entries, start=start).inspect()
    assert "swap-begun" in seen.found and name in seen.found["swap-begun"]["what"]
    swap = seen.facts["swaps"][0]
    assert (swap["in_progress"], swap["swap_size"], swap["entries"], swap["max_units"]) == (True, 0x1A00, count, UNITS)


def test_image_where_swap_using_offset_does_not_look_is_told(device):
    assert "offset-missing" in Mcuboot(device, "OFFSET").image().trailer(False).inspect().problems


def test_image_of_a_client_of_swap_using_offset_is_told_to_other_modes(mcuboot):
    assert "offset-unexpected" in mcuboot.image(at=SECTOR).trailer(False).inspect().problems


def test_image_one_sector_up_is_installed_by_swap_using_offset(device):
    assert "update-asked-for" in Mcuboot(device, "OFFSET").image(at=SECTOR).trailer(False).inspect().found


def test_status_of_another_build_is_told(device):
    entries, start, _, mode = SWAPS["swap using move"]
    bootloader = Mcuboot(device, mode).trailer(True, swap=2, size=0x1A00, entries=entries, start=start)
    device.config.write_text(device.config.read_text().replace("=128", "=256"))
    assert "other-bootloader" in bootloader.inspect().found


# What follows was found with dumps that MCUboot's own code left behind, cut at each of its operations.


def test_swap_is_begun_before_its_first_entry_and_half_an_image_is_no_fault_then(device):
    """The request in the secondary is erased by then, and swap-move has moved the image one sector up."""
    bootloader = Mcuboot(device).image().trailer(True, swap=2, size=0x1A00)
    assert "swap-begun" in bootloader.inspect().found
    moved = device.internal.read_bytes()[PRIMARY:PRIMARY + SLOT - 2 * SECTOR]
    device.poke(device.internal, PRIMARY, b"\xff" * SECTOR + moved)
    seen = bootloader.inspect()
    assert "swap-begun" in seen.found and seen.problems == set()


def test_image_programmed_with_a_trailer_is_no_swap(mcuboot):
    seen = mcuboot.trailer(True).inspect()
    assert "swap-begun" not in seen.found and seen.problems == set()


def test_overwrite_that_was_cut_goes_on(device):
    bootloader = Mcuboot(device, "ONLY").image().trailer(False)
    device.poke(device.internal, PRIMARY, b"\xff" * SECTOR)
    assert "update-asked-for" in bootloader.inspect().found and bootloader.inspect().problems == set()


def test_end_of_an_overwrite_that_was_cut_is_no_problem(device):
    seen = Mcuboot(device, "ONLY").trailer(False).inspect()
    assert "request-damaged" in seen.found and seen.problems == set()


def test_way_back_of_swap_using_offset_lies_where_it_may(device):
    bootloader = Mcuboot(device, "OFFSET").image("1.0.0").trailer(True, copy_done=True, swap=2).trailer(False, copy_done=True, swap=4)
    assert bootloader.inspect().problems == {"on-trial"}


def test_swap_whose_status_is_in_the_scratch_area_is_told(device):
    bootloader = Mcuboot(device, "SCRATCH")
    scratch = CHIP - 2 * SECTOR
    part = f"mcuboot_scratch: {{address: {scratch}, end_address: {CHIP}, region: flash_primary, size: {2 * SECTOR}}}\n"
    device.partitions.write_text(device.partitions.read_text().replace(f"end_address: {CHIP}, region: flash_primary, size: {CHIP - PRIMARY - SLOT}",
                                                                       f"end_address: {scratch}, region: flash_primary, size: {scratch - PRIMARY - SLOT}") + part)
    device.poke(device.internal, CHIP - 16, MAGIC).poke(device.internal, CHIP - 40, b"\x02").poke(device.internal, PRIMARY, b"\xff" * SECTOR)
    seen = bootloader.inspect()
    assert "scratch area" in seen.found["swap-begun"]["what"] and seen.problems == set()
    device.poke(device.internal, CHIP - 40, b"\x12")  # of image 1
    assert "swap-begun" not in bootloader.inspect().found


def test_image_as_large_as_mcuboot_takes_is_installed(mcuboot):
    """Slide needs room for spare sectors, MCUboot's swap-scratch none."""
    assert "update-asked-for" in mcuboot.image(size=0x7000).trailer(False).inspect().found


@pytest.mark.parametrize("size", [16, 32, 113])
def test_status_below_content_keys_is_read(device, size):
    """Two keys of AES-128, of AES-256, or as ECIES-P256 wrapped them."""
    entries, start, count, mode = SWAPS["swap using move"]
    room = 2 * -(-size // 8) * 8
    Mcuboot(device, mode).trailer(True, swap=2, size=0x1A00, entries=entries, start=start + room)
    device.configure("CONFIG_BOOT_ENCRYPT_IMAGE=y").poke(device.internal, PRIMARY + SLOT - 48 - room, b"\x5a" * room)
    seen = device.inspect(more=("--enc-key", device.image.new_key("ecdsa-p256")))
    swap = seen.facts["swaps"][0]
    assert (swap["in_progress"], swap["entries"], swap["max_units"]) == (True, count, UNITS)
