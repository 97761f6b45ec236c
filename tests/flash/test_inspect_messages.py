# SPDX-License-Identifier: Apache-2.0
"""docs/TROUBLESHOOTING.md, "In a dump": each message of a device that leaves something in its flash is provoked, the flash is dumped,
and `flash inspect` says what the page says. Messages of the engine must have been in the log as well.

Every message of the page's first three sections is in one of the two tables there, so a new one needs a case here or a reason.
"""

import re
from pathlib import Path

import pytest
from conftest import CHIP, PRIMARY, SECTOR, SLOT
from test_inspect import ENCRYPTED, MAGIC, cores, in_the_middle, update  # noqa: F401, cores is a fixture

REPO = Path(__file__).resolve().parents[2]
PAGE = (REPO / "docs/TROUBLESHOOTING.md").read_text()
DEVICE_SECTIONS = ("The bootloader's log", "Reasons", "The application")
TRAILER = SLOT - SECTOR  # of a slot, its last sector
BEHIND = 16 + 8  # image_ok, bytes before a slot's end


def section(name: str) -> str:
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def messages(name: str) -> list[str]:
    return re.findall(r"^#### `(.+)`$", section(name), re.MULTILINE)


def table() -> dict[str, str]:
    """Message: what is found."""
    return dict(re.findall(r"^\| `(.+?)` \| `([a-z-]+)` \|$", section("In a dump"), re.MULTILINE))


def without_trace() -> list[str]:
    return re.findall(r"^- `(.+?)`", section("In a dump"), re.MULTILINE)


def asked(device, image):
    """Uploaded, asked for, and the next start refuses it."""
    return device.do(f"upload={image}", "request")


def refused(device, image):
    return asked(device, image).do("boot")


def for_good(device):
    return device.do(f"download-for-good={device.image('2.0.0')}", "boot")


def encrypted(device, image):
    device.configure(*ENCRYPTED.splitlines())
    return device.do(f"decrypts={REPO / 'keys/demo-encrypt-p256.pem'}", f"upload={image}", "request", "boot")


def for_this_device(device):
    return device.image("2.0.0", "--encrypt", REPO / "keys/demo-encrypt-p256.pem")


def network_fails(device):
    return device.do("network-dead", f"network-upload={device.image('3.0.0')}", f"upload={device.image('2.0.0')}", "request-for-good", "boot")


def request_only(device):
    return device.do("request", "boot")


def poke_payload(device):
    return device.do(f"upload={device.image('2.0.0')}", "request").poke(device.external, 0x900, b"\x55\xaa").do("boot")


def poke_signature(device):
    image = device.image("2.0.0").read_bytes()
    return device.do(f"upload={device.image('2.0.0')}", "request").poke(device.external, len(image) - 12, b"\x55\xaa").do("boot")


def chip_dies(device, how="dead"):
    return in_the_middle(device).do(how, "boot", "alive")


def lies_half_way(device):
    """The rest of what is installed is changed when half of it has arrived, and nothing is kept."""
    device.configure("CONFIG_BOOT_UPGRADE_ONLY=y")
    device.do("overwrite", f"download-for-good={device.image('2.0.0', size=0x3000)}", "overwrite", "boot=40")
    return device.poke(device.external, 0x400, bytes(0x3000)).do("overwrite", "boot")


# Message: how it is made. What is found then stands on the page.
MADE = {
    "W: Failed reading sectors; BOOT_MAX_IMG_SECTORS=<n> - too small?": lambda d: d.configure("CONFIG_BOOT_MAX_IMG_SECTORS=3").do("max-sectors=3", "boot"),
    "W: Cannot upgrade: not a compatible amount of sectors": lambda d: shrink(d).do(f"small={SECTOR}", "boot"),
    "E: Image in the primary slot is not valid!": lambda d: d.poke(d.internal, PRIMARY + 0x800, b"\x00\x01").do("boot"),
    "E: Image index: <n>: <reason>": lambda d: d.program(key=False).do("boot"),
    "E: Unable to find bootable image": lambda d: d.poke(d.internal, PRIMARY, b"\xff" * SLOT).do("boot"),
    "E: Image in the secondary slot is not valid!": poke_payload,
    "E: Image index: <n> refused: <reason>": request_only,
    "E: Image index: <n>, version <version>, <kind>, refused: <reason>": poke_payload,
    "W: What was to be installed is not there any more": lambda d: update(d).do("boot-until=0", "erase-update-slot", "boot"),
    "W: Image index: <n> is too large to come back: this update is for good":
        lambda d: d.program(size=SLOT - 2 * SECTOR).do(f"upload={d.image('2.0.0')}", "request", "boot"),
    "E: The installation has failed for good": lies_half_way,
    "W: Image index: <n> replaces one without a key to leave with: this update is for good": lambda d: encrypted(d, for_this_device(d)),
    "W: Image index: <n> goes with an image whose receiver keeps no old one: this update is for good":
        lambda d: d.do("network", f"network-upload={d.image('3.0.0')}", f"upload={d.image('2.0.0')}", "request", "boot"),
    "E: Image index: <n> was not taken: <reason>": network_fails,
    "E: Image index: <n> is missing: <reason>": network_fails,
    "W: Image index: <n> was not confirmed, and there is nothing to go back to: it stays": lambda d: update(d).do("boot", "erase-update-slot", "boot"),
    "E: Installation interrupted at <n>: <reason>": lambda d: chip_dies(d, "dies=30"),
    "E: Waiting for flash: <reason>; this start goes on as soon as it answers": chip_dies,
    "E: An installation may be half done: waiting for the external flash": chip_dies,
    "W: Image index: <n>: the old image cannot be kept: there is no way back":
        lambda d: update(d, size=0x3000).do("boot-until=2", "worn=0x2080", "boot"),
    "W: Image index: <n>: going back to the old image": lambda d: update(d, size=0x3000).do(f"worn-inside={PRIMARY + 0x80}", "boot"),
    "E: The primary slot's trailer does not take what is written: <reason>":
        lambda d: update(d).do(f"worn-inside={PRIMARY + SLOT - BEHIND}", "boot"),
    "E: What arrived in the primary slot cannot stay: <reason>": lambda d: update(d).do(f"worn-inside={PRIMARY + SLOT - BEHIND}", "boot"),
    "W: Image index: <n>: the secondary's trailer has a worn cell: clients may fail to ask":
        lambda d: update(d).do(f"worn={SLOT - 5}", "boot"),
    "W: Built with outboard's public demo key: anybody can sign for this device": lambda d: d,
    "W: Built with outboard's public demo key: anybody can read updates of this device": lambda d: d.configure(*ENCRYPTED.splitlines()),
    "there is no image": request_only,
    "a header or record is malformed": lambda d: asked(d, d.image("2.0.0")).poke(d.external, 0x1A00, bytes(2)).do("boot"),
    "too large for its place": lambda d: refused(d, d.image("2.0.0", size=SLOT - 2 * SECTOR)),
    "the content does not match its digest": poke_payload,
    "the signature does not match": poke_signature,
    "not signed by a known key": lambda d: refused(d, d.image("2.0.0", key=False)),
    "signed in another way than this device takes": lambda d: refused(d, d.image("2.0.0", key=d.image.new_key("ed25519"))),
    "a kind of image that this device does not take": lambda d: refused(d, d.image("2.0.0", "--load-addr", "0x20000000")),
    "its content key is not encrypted for this device": lambda d: encrypted(d, d.image("2.0.0", "--encrypt", d.image.new_key("ecdsa-p256"))),
    "made for devices of another vendor or class": lambda d: asked(d.program("1.0.0", "--vid", VENDOR), d.image("2.0.0")).do("vendor", "boot"),
    "its header is longer or shorter than the layout's": lambda d: refused(d, d.image("2.0.0", header=0x400)),
    "made for another address": lambda d: refused(d, d.image("2.0.0", "--rom-fixed", "0x20000")),
    "its stack pointer is outside RAM": lambda d: refused(d, d.image("2.0.0", stack=0x20020000)),
    "its reset vector is outside the image": lambda d: refused(d, d.image("2.0.0", entry=0x101)),
    "older than the image that it would replace":
        lambda d: d.do("guarded", f"download-for-good={d.image('2.0.0')}", "boot", f"download={d.image('1.5.0')}", "boot"),
    "its security counter is missing or too low": 
        lambda d: asked(d.program("1.0.0", "--security-counter", 5), d.image("2.0.0", "--security-counter", 3)).do("counted", "boot"),
    "it needs another version of another image": 
        lambda d: d.do("network", f"network-upload={d.image('3.0.0', '--dependencies', '(0, 9.0.0+0)')}", "boot"),
    "what was written reads back differently": lambda d: update(d).do("worn=0x3210", "boot"),
    "the chip reported a failed program or erase": lambda d: chip_dies(d, "dead=failed"),
    "the device is still busy past its worst-case time": chip_dies,
    "the controller reported a failed transfer": lambda d: chip_dies(d, "dead=bus"),
    "the image that runs is on trial: confirm it, or restart to go back": lambda d: update(d).do("boot"),
    "the image that runs is on trial, and the way back lies in the update slot": lambda d: update(d).do("boot"),
    "no update slot holds an image with this hash": lambda d: half_a_download(d),
    "it is asked for already, otherwise: upload it again to change that": update,
}
# Said by what is around the engine, which does not run here.
ELSEWHERE = ("E: Unable to find bootable image", "E: Waiting for flash", "W: Built with outboard's public demo key")
OF_TWO_CORES = ("was not taken", "is missing", "goes with an image", "another version of another image")
READS = "anybody can read"
VENDOR = "01000000-0000-0000-0000-000000000000"  # flash_device.c, "vendor"


def shrink(device):
    text = device.partitions.read_text().replace(f"end_address: {SLOT}, region: external_flash, size: {SLOT}",
                                                 f"end_address: {SECTOR}, region: external_flash, size: {SECTOR}")
    device.partitions.write_text(text)
    return device


def half_a_download(device):
    image = device.image("2.0.0", size=0x3000).read_bytes()
    return device.poke(device.external, 0, image[:len(image) // 2])


def pattern(message: str) -> re.Pattern:
    return re.compile(".+".join(re.escape(part) for part in re.split(r"<[^<>]+>", message)))


def test_each_message_of_a_device_is_in_one_of_the_tables():
    listed = [*table(), *without_trace()]
    assert sorted(listed) == sorted(message for name in DEVICE_SECTIONS for message in messages(name))


def test_each_message_that_leaves_something_is_made():
    assert set(table()) == set(MADE)


def test_sections_of_the_build_are_named():
    """What they quote is said by a host, and no device has seen it."""
    build = [name for name in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if name not in (*DEVICE_SECTIONS, "In a dump")]
    assert [name for name in build if f"*{name}*" not in section("In a dump")] == []


@pytest.mark.parametrize("message", MADE)
def test_failure_is_recognised_in_its_dump(message, device, request):
    if any(words in message for words in OF_TWO_CORES):
        device = request.getfixturevalue("cores")
    MADE[message](device)
    seen = device.inspect(more=("--enc-key", REPO / "keys/demo-encrypt-p256.pem") if READS in message else ())
    finding = table()[message]
    assert finding in seen.found, f"{[*seen.found]}\n{device.log}"
    if message in messages("Reasons"):
        assert message in seen.found[finding]["what"]
    elif message in messages("The bootloader's log") and not message.startswith(ELSEWHERE):
        assert pattern(message).search(device.log), device.log
