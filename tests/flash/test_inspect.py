# SPDX-License-Identifier: Apache-2.0
"""`outboard flash inspect`: failures are made, dumped, and recognised. The engine that makes them is the device's own; chips do
not tear here, and MCUboot's devices are made in bytes (test_inspect_mcuboot.py)."""

import hashlib
import struct

import pytest
from conftest import CHIP, LEDGER, PRIMARY, RAM, SECTOR, SLOT

MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
MAGIC_16 = bytes.fromhex("10002de15d29410b8d77679c110f1f8a")
HEAD_PART = 124  # docs/SPEC.md, "Ledger"


def update(device, version="2.0.0", *options, **how):
    """Downloaded and asked for, for a trial."""
    return device.do(f"download={device.image(version, *options, **how)}")


def in_the_middle(device):
    """The power fails when four steps of five are done."""
    return update(device, size=0x3000).do("boot-until=4")


def test_sound_device_has_no_problem(device):
    seen = device.inspect()
    assert seen.status == 0 and seen.problems == set(), seen.facts["findings"]
    assert seen.facts["next_start"]["version"] == "1.0.0+0"
    assert seen.facts["slots"][0]["images"][0]["good"]


def test_dumps_are_not_changed(device):
    in_the_middle(device)
    before = device.internal.read_bytes(), device.external.read_bytes()
    device.inspect()
    assert (device.internal.read_bytes(), device.external.read_bytes()) == before


# ---- it does not boot ----

BROKEN = {
    "no application was programmed": ("no-application", lambda device: device),
    "the application is not signed": ("primary-key", lambda device: device.program(key=False)),
    "the application is of another key": ("primary-key", lambda device: device.program(key=device.image.new_key("ecdsa-p256"))),
    "the application is signed in another way": ("primary-type", lambda device: device.program(key=device.image.new_key("ed25519"))),
    "a byte of the application changed": ("primary-damaged", lambda device: device.program().poke(device.internal, PRIMARY + 0x800, b"\x00\x01")),
    "the application is half written": ("primary-damaged", lambda device: device.program().poke(device.internal, PRIMARY + 0xC00, b"\xff" * 0x1000)),
    "the application is for RAM": ("primary-kind", lambda device: device.program("1.0.0", "--load-addr", "0x20000000")),
    "its stack is outside RAM": ("primary-misplaced", lambda device: device.program(stack=RAM + 0x20000)),
    "its reset vector is outside it": ("primary-misplaced", lambda device: device.program(entry=0x101)),
    "it was made for another address": ("primary-misplaced", lambda device: device.program("1.0.0", "--rom-fixed", "0x20000")),
    "its header is of another layout": ("primary-misplaced", lambda device: device.program(header=0x400)),
    "there is no bootloader": ("no-bootloader", lambda device: device.program().poke(device.internal, 0, b"\xff" * 0x200)),
    "it was built for another layout": ("other-layout", lambda device: device.poke(device.internal, 0x20000, device.image("1.0.0").read_bytes())),
    "the other half of an installation is gone": ("job-lost", lambda device: in_the_middle(device.program()).poke(device.external, 0, b"\xff" * CHIP)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_device_that_does_not_boot_is_explained(blank, what):
    finding, make = BROKEN[what]
    seen = make(blank).inspect()
    assert seen.status == 1 and finding in seen.problems, seen.facts["findings"]
    assert not seen.facts["next_start"]["starts"] or finding == "no-bootloader"


def test_device_that_waits_for_its_chip_is_told_from_one_that_lost_it(device):
    in_the_middle(device)
    assert device.inspect().problems == set()
    assert "job-begun" in device.inspect().found
    seen = device.inspect(external=False)
    assert seen.problems == {"job-waits"} and "no-external-dump" in seen.found


def test_device_that_mends_itself_is_told(device):
    device.do(f"upload={device.image('2.0.0')}").poke(device.internal, PRIMARY, b"\xff" * 0x1000)
    seen = device.inspect()
    assert "mends-itself" in seen.found and seen.facts["next_start"]["version"] == "2.0.0+0"


# ---- it does not update: what was refused, by the record ----

REFUSED = {
    "not signed": lambda image: image("2.0.0", key=False),
    "signed with another key": lambda image: image("2.0.0", key=image.new_key("ecdsa-p256")),
    "signed in another way": lambda image: image("2.0.0", key=image.new_key("ed25519")),
    "for RAM": lambda image: image("2.0.0", "--load-addr", "0x20000000"),
    "for another address": lambda image: image("2.0.0", "--rom-fixed", "0x20000"),
    "with another header": lambda image: image("2.0.0", header=0x400),
    "larger than what can be installed": lambda image: image("2.0.0", size=SLOT - 2 * SECTOR),
}
REASONS = {
    "not signed": "not signed by a known key",
    "signed with another key": "not signed by a known key",
    "signed in another way": "signed in another way",
    "for RAM": "a kind of image",
    "for another address": "made for another address",
    "with another header": "its header is longer",
    "larger than what can be installed": "too large for its place",
}


@pytest.mark.parametrize("what", REFUSED)
def test_update_that_was_refused_is_explained_and_one_that_will_be_is_foretold(device, what):
    device.do(f"upload={REFUSED[what](device.image)}", "request")
    foretold = device.inspect().found["update-will-be-refused"]
    assert REASONS[what] in foretold["what"] and foretold["cure"]
    told = device.do("boot").inspect().found["update-refused"]
    assert REASONS[what] in told["what"] and "2.0.0+0" in told["what"]


def test_download_that_was_damaged_is_explained(device):
    device.do(f"upload={device.image('2.0.0')}", "request").poke(device.external, 0x900, b"\x55\xaa")
    assert "does not match its digest" in device.do("boot").inspect().found["update-refused"]["what"]


def test_update_below_the_floor_is_explained(device):
    device.config.write_text(device.config.read_text() + "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y\n")
    device.do("guarded", f"download-for-good={device.image('2.0.0')}", "boot", f"download={device.image('1.5.0')}")
    assert "older than" in device.inspect().found["update-will-be-refused"]["what"]
    assert "older than" in device.do("guarded", "boot").inspect().found["update-refused"]["what"]


def test_refusal_before_the_last_installation_is_no_problem_any_more(device):
    device.do(f"upload={device.image('2.0.0', key=False)}", "request", "boot", f"download-for-good={device.image('2.0.0')}", "boot")
    seen = device.inspect()
    assert seen.problems == set() and [event["kind"] for event in seen.facts["record"]] == [5, 4, 1]


# ---- it does not update: for another reason ----

def test_update_that_nobody_asked_for_is_told(device):
    assert device.do(f"upload={device.image('2.0.0')}").inspect().problems == {"update-not-asked-for"}


def test_request_of_another_alignment_is_told(device):
    device.do(f"upload={device.image('2.0.0')}").poke(device.external, SLOT - 16, MAGIC_16)
    assert "request-alignment" in device.inspect().problems


def test_damaged_request_is_told(device):
    device.do(f"upload={device.image('2.0.0')}").poke(device.external, SLOT - 16, MAGIC[:5])
    assert "request-damaged" in device.inspect().found


def test_request_with_a_worn_cell_is_still_one(device):
    device.do(f"upload={device.image('2.0.0')}").poke(device.external, SLOT - 16, MAGIC[:-1] + bytes([MAGIC[-1] ^ 4]))
    assert "update-asked-for" in device.inspect().found


def test_request_without_an_image_is_told(device):
    device.do("request")
    assert "there is no image" in device.inspect().found["update-will-be-refused"]["what"]


def test_download_that_would_be_refused_is_told_before_it_is_asked_for(device):
    device.do(f"upload={device.image('2.0.0', key=False)}")
    assert "download-broken" in device.inspect().found


def test_request_that_can_be_installed_is_no_problem(device):
    seen = update(device).inspect()
    assert seen.problems == set() and "update-asked-for" in seen.found
    assert seen.facts["next_start"]["version"] == "2.0.0+0" and seen.facts["next_start"]["goes_back_after"]


def test_image_one_unit_up_is_seen(device):
    device.do(f"upload-above={device.image('2.0.0')}", "request")
    seen = device.inspect()
    assert "update-asked-for" in seen.found and seen.facts["slots"][1]["images"][0]["at"] == SECTOR


def test_update_on_trial_is_told(device):
    seen = update(device).do("boot").inspect()
    assert seen.problems == {"on-trial"} and seen.facts["next_start"]["version"] == "1.0.0+0"


def test_update_that_was_not_confirmed_is_told_after_it_went_back(device):
    seen = update(device).do("boot", "boot").inspect()
    assert seen.problems == {"went-back-unconfirmed"}


def test_confirmed_update_is_no_problem(device):
    assert update(device).do("boot", "confirm", "boot").inspect().problems == set()


def test_image_that_came_back_because_the_other_broke_is_told(device):
    device.do(f"download-for-good={device.image('2.0.0')}", "boot").poke(device.internal, PRIMARY + 0x700, b"\x00\x00\x00").do("boot")
    seen = device.inspect()
    assert "went-back-broken" in seen.problems and seen.facts["next_start"]["version"] == "1.0.0+0"


def test_way_back_that_was_erased_is_told_before_and_after(device):
    update(device).do("boot", "erase-update-slot")
    assert "way-back-lost" in device.inspect().found
    assert "no-way-back" in device.do("boot").inspect().found


def test_damaged_confirmation_is_told(device):
    update(device).do("boot").poke(device.internal, PRIMARY + SLOT - 24, b"\x81")
    assert "confirmation-damaged" in device.inspect().found


def test_image_that_vanished_is_told(device):
    update(device).do("boot-until=0")
    before = device.inspect().facts["ledger"]
    assert before["begun"] and before["done"] == 0
    device.do("erase-update-slot", "boot")
    assert "image-vanished" in device.inspect().problems


def test_chip_that_was_waited_for_is_told(device):
    in_the_middle(device).do("dead", "boot", "alive")
    assert "waited-for-chip" in device.inspect().found
    assert "waited-for-chip" not in device.do("boot").inspect().found


def test_worn_cell_is_told_with_its_place(device):
    update(device).do("worn=0x3210", "boot")
    found = device.inspect().found["chip-worn"]["what"]
    assert "0x3" in found and "mcuboot_secondary" in found and "reads back differently" in found


def test_job_that_is_begun_is_told_with_how_far_it_came(device):
    in_the_middle(device)
    ledger = device.inspect().facts["ledger"]
    assert ledger["begun"] and (ledger["done"], ledger["total"]) == (4, 5)
    later = device.do("boot=6", "boot=6").inspect().facts["ledger"]
    assert later["interrupted"] >= 1


def test_what_a_programmer_wrote_since_is_told(device):
    device.do(f"download-for-good={device.image('2.0.0')}", "boot").program("1.1.0")
    assert "programmed-since" in device.inspect().found


def test_ledger_of_another_bootloader_is_told(device):
    device.do(f"download-for-good={device.image('2.0.0')}", "boot")
    device.config.write_text(device.config.read_text().replace("0x4000", "0x2000"))
    seen = device.inspect()
    assert "other-ledger" in seen.problems and seen.facts["ledger"]["size"] == 0x4000


def test_damaged_ledger_is_told(device):
    device.do(f"download-for-good={device.image('2.0.0')}", "boot")
    device.poke(device.internal, LEDGER, bytes(0x2400))
    assert "ledger-damaged" in device.inspect().problems


def test_limit_that_is_too_low_is_told(device):
    device.config.write_text(device.config.read_text().replace("SECTORS=0", "SECTORS=3"))
    assert "max-sectors" in device.inspect().found


def test_slots_without_room_are_told(device):
    text = device.partitions.read_text().replace(f"end_address: {SLOT}, region: external_flash, size: {SLOT}",
                                                 f"end_address: {SECTOR}, region: external_flash, size: {SECTOR}")
    device.partitions.write_text(text)
    assert "slots-do-not-fit" in device.inspect().problems


def test_bootloader_of_another_build_is_told(device):
    (device.folder / "mcuboot/mcuboot.bin").write_bytes(b"another bootloader")
    assert "other-bootloader" in device.inspect().found


def test_ledger_that_was_begun_as_often_as_its_pages_are_good_for_is_told(device):
    device.do(f"download-for-good={device.image('2.0.0')}", "boot")
    content = device.internal.read_bytes()
    at = max(at for at in range(LEDGER, PRIMARY, 4) if content[at:at + 4] == b"OBL1")
    head = content[at:at + 24 + HEAD_PART]
    head = head[:4] + struct.pack("<I", 9000) + head[8:]
    check = hashlib.sha256(head[:8] + head[16:]).digest()[:8]
    device.poke(device.internal, at, head[:8] + check + head[16:])
    assert "9000 banks" in device.inspect().found["worn-out"]["what"]


def test_demo_key_is_told(device):
    assert "demo-key" in device.inspect().found


# ---- encrypted images ----

ENCRYPTED = "CONFIG_BOOT_ENCRYPT_IMAGE=y\nCONFIG_BOOT_ENCRYPT_TYPE_NAME=\"ecies-p256\"\nCONFIG_BOOT_ENCRYPT_KEY_SIZE=16\n"


class Encrypted:
    """A device that takes encrypted images, and an update for it that is asked for."""

    def __init__(self, device, repo):
        self.device, self.secret = device, repo / "keys/demo-encrypt-p256.pem"
        self.decrypts = f"decrypts={self.secret}"
        device.config.write_text(device.config.read_text() + ENCRYPTED)

    def ask_for(self, key=None, size=0x3000):
        image = self.device.image("2.0.0", "--encrypt", key or self.secret, size=size)
        self.device.do(f"upload={image}", "request")
        return self

    def inspect(self, key=None):
        return self.device.inspect(more=("--enc-key", key) if key else ())


@pytest.fixture
def encrypted(device, repo):
    return Encrypted(device, repo)


def test_what_it_cannot_tell_of_encrypted_images_it_says(encrypted):
    seen = encrypted.ask_for().inspect()
    assert seen.problems == set() and {"encrypted", "update-asked-for"} <= set(seen.found)
    assert seen.facts["slots"][1]["images"][0]["sealed"] and not seen.facts["next_start"]["known"]


def test_key_opens_encrypted_images(encrypted):
    seen = encrypted.ask_for().inspect(encrypted.secret)
    assert seen.problems == set() and "encrypted" not in seen.found
    assert seen.facts["slots"][1]["images"][0]["good"] and seen.facts["next_start"]["version"] == "2.0.0+0"


def test_demo_key_that_updates_are_encrypted_for_is_told(encrypted):
    assert "demo-enc-key" in encrypted.inspect(encrypted.secret).found


def test_encrypted_download_that_was_damaged_is_explained(encrypted):
    encrypted.ask_for().device.poke(encrypted.device.external, 0x900, b"\x55\xaa")
    assert encrypted.inspect().problems == set()  # without the key nobody can see it
    assert "does not match its digest" in encrypted.inspect(encrypted.secret).found["update-will-be-refused"]["what"]


def test_image_that_was_encrypted_for_another_device_is_explained(encrypted):
    seen = encrypted.ask_for(key=encrypted.device.image.new_key("ecdsa-p256")).inspect(encrypted.secret)
    assert "its content key is not encrypted for this device" in seen.found["update-will-be-refused"]["what"]


def test_installation_of_an_encrypted_image_is_followed(encrypted):
    encrypted.ask_for().device.do(encrypted.decrypts, "boot-until=4")
    assert encrypted.inspect().problems == set() and "job-begun" in encrypted.inspect().found
    begun = encrypted.inspect(encrypted.secret)
    assert begun.problems == set() and begun.facts["next_start"]["version"] == "2.0.0+0"
    encrypted.device.do(encrypted.decrypts, "boot")
    for key in (None, encrypted.secret):  # what runs is decrypted, and needs no key
        assert encrypted.inspect(key).facts["slots"][0]["images"][0]["good"]


def test_trial_of_an_encrypted_image_is_told_without_its_key(encrypted):
    encrypted.ask_for().device.do(encrypted.decrypts, "boot", "confirm")
    newer = encrypted.device.image("3.0.0", "--encrypt", encrypted.secret, size=0x3000)
    encrypted.device.do(encrypted.decrypts, f"upload={newer}", "request", "boot")  # the old one is kept encrypted
    for key in (None, encrypted.secret):
        assert encrypted.inspect(key).problems == {"on-trial"}
    assert encrypted.inspect(encrypted.secret).facts["next_start"]["version"] == "2.0.0+0"


def test_key_of_another_kind_is_refused(encrypted):
    seen = encrypted.ask_for().inspect(encrypted.device.image.new_key("rsa-2048"))
    assert seen.status == 2 and "wrapped by ecies-p256" in seen.errors


def test_key_is_enough_where_no_build_is_given(encrypted):
    seen = encrypted.ask_for().device.inspect(image=False, more=("--enc-key", encrypted.secret))
    assert seen.facts["slots"][1]["images"][0]["good"]


# ---- the network core's image ----

@pytest.fixture
def cores(device):
    """A device of two images; the second one is handed over."""
    device.partitions.write_text(device.partitions.read_text() + f"""
mcuboot_primary_1: {{address: 0x0, end_address: {SLOT}, region: ram_flash, size: {SLOT}}}
mcuboot_secondary_1: {{address: 0x20000, end_address: {0x20000 + SLOT}, region: external_flash, size: {SLOT}, device: DT_CHOSEN(nordic_pm_ext_flash)}}
""")
    regions = device.folder / "regions.yml"
    regions.write_text(regions.read_text() + f"ram_flash: {{name: ram_flash, base_address: 0, size: {SLOT}, device: nordic_ram_flash_controller, "
                       "placement_strategy: start_to_end}\n")
    device.config.write_text(device.config.read_text() + "CONFIG_NRF53_UPGRADE_NETWORK_CORE=y\nCONFIG_UPDATEABLE_IMAGE_NUMBER=2\n")
    return device


def handed_over(seen) -> str:
    return next(slot["handed_over"] for slot in seen.facts["slots"] if slot["name"] == "mcuboot_primary_1")


def test_network_image_that_nothing_is_known_of_is_no_problem_and_that_is_said(cores):
    seen = cores.inspect()
    assert seen.problems == set() and "not known" in handed_over(seen)
    assert seen.facts["next_start"]["version"] == "1.0.0+0"


def test_network_image_that_was_taken_is_told_with_its_version(cores):
    cores.do("network", f"network-upload={cores.image('3.0.0')}")
    foretold = cores.inspect()
    assert foretold.problems == set() and "update-asked-for" in foretold.found
    seen = cores.do("network", "boot").inspect()
    assert seen.problems == set() and handed_over(seen) == "it took version 3.0.0+0 last"
    assert seen.found["no-way-back"]["severity"] == "note"


def test_images_that_were_installed_as_one_are_told_as_one(cores):
    cores.do("network", f"network-upload={cores.image('3.0.0')}", f"upload={cores.image('2.0.0')}", "request-for-good", "boot")
    seen = cores.inspect()
    assert seen.problems == set() and seen.facts["record"][0]["text"] == "installed for good, with image 1"
    assert handed_over(seen) == "it took version 3.0.0+0 last"


def test_network_core_that_does_not_take_its_image_is_told(cores):
    cores.do("network-dead", f"network-upload={cores.image('3.0.0')}", f"upload={cores.image('2.0.0')}", "request-for-good", "boot")
    seen = cores.inspect()
    assert "image-missing" in seen.problems and "did not take version 3.0.0+0" in handed_over(seen)
    assert seen.facts["next_start"]["version"] == "1.0.0+0"


def test_refusal_of_the_network_image_is_not_forgotten_when_the_application_is_updated(cores):
    cores.do("network", f"network-upload={cores.image('3.0.0', key=False)}", "boot", f"download-for-good={cores.image('2.0.0')}", "boot")
    assert "image 1, version 3.0.0+0" in cores.inspect().found["update-refused"]["what"]


# ---- dumps ----

def hex_file(path, data, base):
    lines = []
    for at in range(0, len(data), 16):
        if at % 0x10000 == 0:
            lines.append(bytes([2, 0, 0, 4, *struct.pack(">H", (base + at) >> 16)]))
        lines.append(bytes([16, *struct.pack(">H", (base + at) & 0xFFFF), 0]) + data[at:at + 16])
    lines.append(bytes([0, 0, 0, 1]))
    path.write_text("".join(f":{(line + bytes([-sum(line) & 0xFF])).hex().upper()}\n" for line in lines))
    return path


def elf_file(path, data, base):
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01" + bytes(9), 2, 40, 1, 0, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    path.write_bytes(header + struct.pack("<8I", 1, 84, base, base, len(data), len(data), 4, 4) + data)
    return path


def test_hex_and_elf_dumps_say_the_same_as_raw_ones(device):
    update(device).do("boot")
    raw = device.inspect()
    internal, external = device.internal.read_bytes(), device.external.read_bytes()
    by_hex = device.inspect(hex_file(device.folder / "i.hex", internal, 0), hex_file(device.folder / "e.hex", external, 0x12000000))
    by_elf = device.inspect(elf_file(device.folder / "i.elf", internal, 0), elf_file(device.folder / "e.elf", external, 0))
    assert raw.facts == by_hex.facts == by_elf.facts


def test_dump_of_one_slot_is_put_where_its_size_says(device):
    device.do(f"upload={device.image('2.0.0', key=False)}", "request")
    part = device.folder / "secondary.bin"
    part.write_bytes(device.external.read_bytes()[:SLOT])
    seen = device.inspect(external=part)
    assert {"update-will-be-refused", "dump-partial"} <= set(seen.found)


def test_dump_of_the_primary_alone_tells_of_it(device):
    part = device.folder / "primary.bin"
    part.write_bytes(device.internal.read_bytes()[PRIMARY:PRIMARY + SLOT])
    seen = device.inspect(f"{part}@{PRIMARY:#x}")
    assert seen.facts["slots"][0]["images"][0]["good"] and "dump-partial" in seen.found


def test_dump_of_another_size_is_refused_unless_the_rest_is_erased(device):
    longer = device.folder / "longer.bin"
    longer.write_bytes(device.internal.read_bytes() + b"\xff" * 100)
    assert device.inspect(longer).status == 0 and "100 bytes more" in device.inspect(longer).errors
    longer.write_bytes(device.internal.read_bytes() + b"more")
    seen = device.inspect(longer)
    assert seen.status == 2 and "changed places" in seen.errors


@pytest.mark.parametrize("value", [b"\x00", b"\xff"])
def test_dump_of_a_locked_device_is_told(device, value):
    device.internal.write_bytes(value * CHIP)
    assert device.inspect().problems == {"dump-empty"}


def test_dumps_of_pieces_add_up_and_may_not_contradict_each_other(device):
    whole = device.internal.read_bytes()
    parts = [device.folder / name for name in ("first.bin", "second.bin", "other.bin")]
    for path, data in zip(parts, (whole[:PRIMARY + 64], whole[PRIMARY:], b"no" + whole[PRIMARY + 2:])):
        path.write_bytes(data)
    assert "dump-partial" not in device.inspect(f"{parts[0]}@0", more=("--internal", f"{parts[1]}@{PRIMARY:#x}")).found
    seen = device.inspect(f"{parts[0]}@0", more=("--internal", f"{parts[2]}@{PRIMARY:#x}"))
    assert seen.status == 2 and f"at 0x{PRIMARY:06x} of the internal flash, and another dump" in seen.errors


@pytest.mark.parametrize("content, says", [
    (b"S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n", "is text: neither raw nor Intel HEX, ELF or UF2"),
    *((start + bytes(100), "is an archive; unpack it") for start in (b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ", b"BZh9", b"\x28\xb5\x2f\xfd")),
    (b"\x3d\xb8\xf3\x96" + bytes(100), "is an image, and not one of the partitions of the internal flash begins there"),
])
def test_file_that_is_no_dump_is_refused(device, content, says):
    path = device.folder / "no.bin"
    path.write_bytes(content)
    seen = device.inspect(path)
    assert seen.status == 2 and f"{path}: error: {says}" in seen.errors


def test_cut_hex_file_is_refused_with_its_line(device):
    path = hex_file(device.folder / "i.hex", device.internal.read_bytes(), 0)
    path.write_text(path.read_text()[:1000] + "\n")
    seen = device.inspect(path)
    assert seen.status == 2 and "i.hex:" in seen.errors


def uf2_file(path, data: bytes, base: int):
    blocks = [data[at:at + 256] for at in range(0, len(data), 256)]
    heads = (struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0, base + 256 * number, len(block), number, len(blocks), 0)
             for number, block in enumerate(blocks))
    path.write_bytes(b"".join((head + block).ljust(508, b"\0") + struct.pack("<I", 0x0AB16F30) for head, block in zip(heads, blocks)))
    return path


def test_uf2_file_is_read_and_one_that_is_cut_refused(device):
    path = uf2_file(device.folder / "i.uf2", device.internal.read_bytes(), 0)
    assert device.inspect(path).facts == device.inspect().facts
    whole = path.read_bytes()
    for content, says in ((whole[:-512], "its last block is missing"), (whole[:-100], "cut short"), (whole[:512] + bytes(512), "a block that is none")):
        path.write_bytes(content)
        assert device.inspect(path).status == 2 and says in device.inspect(path).errors


@pytest.mark.parametrize("count", [2, 4])
def test_dump_of_words_the_other_way_round_is_told(device, count):
    content = device.internal.read_bytes()
    device.internal.write_bytes(b"".join(content[at:at + count][::-1] for at in range(0, len(content), count)))
    assert device.inspect().problems == {"dump-swapped"}


def test_one_dump_for_both_chips_is_refused(device):
    seen = device.inspect(external=device.internal)
    assert seen.status == 2 and "holds what the internal flash does" in seen.errors


def test_dump_without_the_trailer_does_not_tell_that_nobody_asked(device):
    assert device.inspect(external=f"{device.image('2.0.0')}@0").problems == set()


def test_without_the_build_and_without_a_key_what_can_be_told_is(device):
    update(device).do("boot")
    seen = device.inspect(key=False, image=False)
    assert seen.facts["bootloader"] == "outboard" and not seen.facts["keys_known"]
    assert "on-trial" in seen.problems


@pytest.mark.parametrize("options", [(), ("--internal", "/nonexistent"), ("--what",)])
def test_wrong_usage_is_told(device, options):
    done = device.run(*options)
    assert done.returncode == 2 and done.stderr


def test_text_says_what_json_says(device):
    update(device).do("boot")
    text = device.run("--internal", device.internal, "--external", device.external, "--key", device.image.key,
                      "--image", f"mcuboot={device.folder / 'mcuboot'}").stdout
    for line in ("version 2.0.0+0", "ledger at 0x00c000", "asked for, for a trial", "I: Swap type: revert", "problem [on-trial]"):
        assert line in text, text
