# SPDX-License-Identifier: Apache-2.0
"""What serves a device in the field, on both DKs' virtual boards: serial recovery's entrances (what recovery does then is
tests/emu/test_recovery.py's), and dumps of the chips, which `outboard flash inspect` reads (tests/flash has all findings)."""

import json
import re
import subprocess

import pytest

# A file as projects for the SDK have it, with what MCUboot needs for its entrances and framing.
NAMES = ("MCUBOOT_SERIAL", "BOOT_SERIAL_ENTRANCE_GPIO", "BOOT_SERIAL_BOOT_MODE", "RETAINED_MEM", "RETENTION", "RETENTION_BOOT_MODE",
         "BOOT_SERIAL_PIN_RESET", "HWINFO", "BASE64", "CRC", "ZCBOR")
RECOVERY = "".join(f"CONFIG_{name}=y\n" for name in NAMES) + "CONFIG_BOOT_MAX_LINE_INPUT_LEN=128\nCONFIG_BOOT_LINE_BUFS=8"
WAITING = "Serial recovery: waiting for SMP clients"
BUTTON = {"nrf52840dk_nrf52840": "P0.11", "nrf5340dk_nrf5340_cpuapp": "P0.23"}
ASKS = """
#include <outboard/boot_mode.h>
#include <outboard/log.h>
#include <outboard/soc.h>
int main(void)
{
    OB_LOG_INF("application asks");
    ob_boot_mode_set(OB_BOOT_MODE_BOOTLOADER);
    ob_soc_reset();
}
"""


MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")


@pytest.fixture(scope="module")
def built(dk):
    """Its application asks for recovery whenever it runs."""
    dk.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_RETENTION_BOOT_MODE=y\n")
    dk.write("child_image/mcuboot.conf", RECOVERY + "\nCONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000\n")
    dk.make(main=ASKS)
    return dk


@pytest.fixture
def asking(built):
    """As it leaves the factory, before each test."""
    chips = {path: path.read_bytes() for path in built.build_dir.glob("*_flash.bin")}
    yield built
    for path, content in chips.items():
        path.write_bytes(content)


def test_button_that_is_held_at_the_start_enters_recovery(asking):
    run = asking.run_board("--low", BUTTON[asking.board], "--until", WAITING)
    assert WAITING in run.text and "application asks" not in run.text, run.text + run.errors


def test_another_button_enters_nothing(asking):
    run = asking.run_board("--low", "P0.24", "--until", "application asks")
    assert "application asks" in run.text and WAITING not in run.text, run.text + run.errors


def test_pin_reset_enters_recovery(asking):
    run = asking.run_board("--pin-reset", "--until", WAITING)
    assert WAITING in run.text and "application asks" not in run.text, run.text + run.errors


def test_application_that_asks_for_it_gets_recovery_after_its_reset(asking):
    run = asking.run_board("--until", WAITING)
    assert run.text.count("application asks") == 1 and run.text.rstrip().endswith(WAITING), run.text + run.errors


def place_update(dk, repo, imgtool):
    """Version 2.0.0, asked for: in the external chip's file."""
    text = (dk.build_dir / "partitions.yml").read_text()
    start, size = (int(re.search(rf"^mcuboot_secondary:\n(?:  .*\n)*?  {key}: (\w+)$", text, re.MULTILINE)[1], 0) for key in ("address", "size"))
    signed = dk.build_dir / "update.bin"
    subprocess.run([imgtool, "sign", "--key", repo / "keys/demo-p256.pem", "--version", "2.0.0", "--align", "4", "--pad-header",
                    "--header-size", "0x200", "--slot-size", hex(size), dk.build_dir / "app.bin", signed], check=True, capture_output=True)
    chip = dk.build_dir / "external_flash.bin"
    content, update = bytearray(chip.read_bytes()), signed.read_bytes()
    content[start:start + len(update)] = update
    content[start + size - 16:start + size] = MAGIC
    chip.write_bytes(content)


def inspect(dk, repo) -> dict:
    command = [dk.tool, "flash", "inspect", "--json", "--build", dk.build_dir, "--key", repo / "keys/demo-p256.pem",
               "--internal", dk.build_dir / "internal_flash.bin", "--external", dk.build_dir / "external_flash.bin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def found(facts: dict) -> set[str]:
    return {finding["id"] for finding in facts["findings"]}


def test_dump_of_a_board_that_was_cut_and_goes_on_tells_both(asking, repo, imgtool):
    place_update(asking, repo, imgtool)
    assert "update-asked-for" in found(inspect(asking, repo))
    asking.run_board("--cut", "150")
    cut = inspect(asking, repo)
    assert "job-begun" in found(cut) and cut["next_start"]["version"] == "2.0.0+0", cut["findings"]
    asking.run_board("--until", WAITING)
    trial = inspect(asking, repo)
    assert "on-trial" in found(trial) and [event["kind"] for event in trial["record"]] == [5, 4], trial["findings"]


def test_dump_of_a_board_whose_application_was_overwritten_tells_it(asking, repo):
    chip = asking.build_dir / "internal_flash.bin"
    content = bytearray(chip.read_bytes())
    content[0x12000:0x12010] = bytes(16)
    chip.write_bytes(content)
    assert WAITING in asking.run_board("--until", WAITING).text
    assert "primary-damaged" in found(inspect(asking, repo))
