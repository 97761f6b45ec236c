# SPDX-License-Identifier: Apache-2.0
"""Serial recovery's entrances on both DKs' virtual boards: a button at the start, and the application's request. What recovery
does then is tests/emu/test_recovery.py's."""

import pytest

RECOVERY = "\n".join(f"CONFIG_{name}=y" for name in ("MCUBOOT_SERIAL", "BOOT_SERIAL_ENTRANCE_GPIO", "BOOT_SERIAL_BOOT_MODE"))
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


@pytest.fixture(scope="module")
def asking(dk):
    """Its application asks for recovery whenever it runs."""
    dk.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_RETENTION_BOOT_MODE=y\n")
    dk.write("child_image/mcuboot.conf", RECOVERY + "\nCONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000\n")
    dk.make(main=ASKS)
    return dk


def test_button_that_is_held_at_the_start_enters_recovery(asking):
    run = asking.run_board("--low", BUTTON[asking.board], "--until", WAITING)
    assert WAITING in run.text and "application asks" not in run.text, run.text + run.errors


def test_another_button_enters_nothing(asking):
    run = asking.run_board("--low", "P0.24", "--until", "application asks")
    assert "application asks" in run.text and WAITING not in run.text, run.text + run.errors


def test_application_that_asks_for_it_gets_recovery_after_its_reset(asking):
    run = asking.run_board("--until", WAITING)
    assert run.text.count("application asks") == 1 and run.text.rstrip().endswith(WAITING), run.text + run.errors
