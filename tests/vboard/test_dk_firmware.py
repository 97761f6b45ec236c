# SPDX-License-Identifier: Apache-2.0
"""Both DKs on their virtual boards: what an image finds when it starts, and what it cannot do to the bootloader.

The board itself judges the hand-over: a device that runs, an interrupt, a stack limit or a clock that is left behind ends a run.
It knows what the product specifications say; nothing here has run on hardware.
"""

import re
import subprocess

import pytest

ATTACK = """
#include <outboard/device_dt.h>
#include <outboard/flash.h>
#include <outboard/log.h>
int main(void)
{
    const struct ob_flash *flash = DEVICE_DT_GET(DT_NODELABEL(flash0))->api;
    enum ob_err err = ob_flash_erase(flash, 0xb000, 0x1000);
    OB_LOG_INF("attacked: %d", err);
    return 0;
}
"""

# Zephyr 4.3's mcumgr takes a slot on another chip for the running one, and erases it (zephyr#99762).
SELF_DESTRUCTION = """
#include <outboard/device_dt.h>
#include <outboard/flash.h>
#include <outboard/log.h>
#include <pm_config.h>
#define END (PM_MCUBOOT_PRIMARY_ADDRESS + PM_MCUBOOT_PRIMARY_SIZE)
int main(void)
{
    const struct ob_flash *flash = DEVICE_DT_GET(DT_NODELABEL(flash0))->api;
    const unsigned char image_ok = 1;
    OB_LOG_INF("confirmed: %d", ob_flash_write(flash, END - 24, &image_ok, 1));
    OB_LOG_INF("trailer erased: %d", ob_flash_erase(flash, END - 0x1000, 0x1000));
    OB_LOG_INF("last page erased: %d", ob_flash_erase(flash, LAST, 0x1000));
    return 0;
}
"""

# As Zephyr's documentation of retained memory has it; reg of sram0 is the board's, one KiB shorter.
RETAINED = """
/ {
    sram@2003fc00 {
        compatible = "zephyr,memory-region", "mmio-sram";
        reg = <0x2003fc00 0x400>;
        zephyr,memory-region = "RetainedMem";
        status = "okay";
        retainedmem {
            compatible = "zephyr,retained-ram";
            status = "okay";
            #address-cells = <1>;
            #size-cells = <1>;
            boot_info0: boot_info@0 {
                compatible = "zephyr,retention";
                status = "okay";
                reg = <0x0 0x100>;
            };
        };
    };
    chosen { zephyr,bootloader-info = &boot_info0; };
};
&sram0 { reg = <0x20000000 0x3fc00>; };
"""

TELL = """
#include <outboard/boot_info.h>
#include <outboard/log.h>
int main(void)
{
    struct ob_boot_info info;
    enum ob_err err = ob_boot_info_read(&info);
    OB_LOG_INF("read: %d, version %u.%u.%u", err, info.version.major, info.version.minor, info.version.revision);
    OB_LOG_INF("mode %u, signature %u, recovery %u, slot %u", info.mode, info.signature, info.recovery, info.slot);
    OB_LOG_INF("%u image, at most %u bytes, counter %u", (unsigned)info.image_count, (unsigned)info.size_max[0],
               (unsigned)info.counter[0]);
    OB_LOG_INF("debug port: %u, %u", *(volatile unsigned *)PORT, *(volatile unsigned *)(PORT + 8));
    return 0;
}
"""

OVERFLOW = """
#include <outboard/log.h>
static int deeper(volatile int *above)
{
    volatile int here[64] = {*above + 1};
    return deeper(here) + here[1];
}
int main(void)
{
    volatile int start = 0;
    OB_LOG_INF("at %d", deeper(&start));
    return 0;
}
"""


BOTH_WATCHDOGS = """
#include <outboard/device_dt.h>
#include <outboard/log.h>
#include <outboard/time.h>
#include <outboard/watchdog.h>
int main(void)
{
    const struct ob_device *const all[] = {DEVICE_DT_GET(DT_NODELABEL(wdt0)), DEVICE_DT_GET(DT_NODELABEL(wdt1))};
    for (unsigned i = 0; i < 2; i++) {
        const struct ob_watchdog *watchdog = all[i]->api;
        if (watchdog->start(all[i], 1000) != OB_OK) {
            OB_LOG_ERR("not started");
        }
    }
    for (unsigned i = 0; i < 6; i++) {
        ob_delay_us(500000);
        ob_watchdog_feed();
    }
    OB_LOG_INF("fed for 3 s");
    return 0;
}
"""


# Nobody talks to this bootloader, it starts no watchdog, and its chip has 8 MiB, no bank register and nothing that locks it.
USELESS = {"uart_get", "wdt_start", "set_bank", "clear_lock_bits"}


def symbols(dk) -> dict[str, int]:
    out = subprocess.run(["arm-none-eabi-nm", dk.build_dir / "mcuboot/mcuboot.elf"], capture_output=True, text=True, check=True)
    return {name: int(address, 16) for address, name in re.findall(r"^(\w+) \w (\w+)", out.stdout, re.MULTILINE)}


@pytest.mark.parametrize("bus", ["spi", "qspi"])
def test_image_starts_with_its_slot_outside_and_everything_left_as_after_a_reset(dk, bus):
    dk.make(bus=bus)
    run = dk.run_board("--until", "tiny application")
    assert run.status == 0, run.errors
    assert "I: Bootloader chainload address offset: 0xc000\n" in run.text
    assert not USELESS & symbols(dk).keys()


def test_absent_chip_and_a_controller_that_fails_do_not_hold_up_a_start(dk):
    dk.make()
    run = dk.run_board("--absent", "--until", "tiny application")
    assert run.status == 0, run.errors
    assert run.text.count("no chip answers") == 2  # bootloader and application
    assert run.facts["seconds"] < 0.5
    run = dk.run_board("--stall", "external:9", "--until", "tiny application")
    assert run.status == 0 and run.text.count("busy past its worst-case time") == 1


def test_chip_that_never_ends_is_given_up_in_its_worst_case_time(dk):
    """A request for an image that is not there is withdrawn; what the driver then asks of a busy chip the board objects to."""
    dk.make()
    external = dk.build_dir / "external_flash.bin"
    before = external.read_bytes()
    cells = bytearray(before)
    end = int(re.search(r"PM_MCUBOOT_SECONDARY_END_ADDRESS=(\w+)", (dk.build_dir / "pm.config").read_text())[1], 0)
    cells[end - 16:end] = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
    external.write_bytes(cells)
    run = dk.run_board("--chip-fault", "stuck", "--until", "tiny application")
    external.write_bytes(before)
    assert "refused: there is no image" in run.text
    assert run.facts["seconds"] < 2 and "a command while the chip is busy" in run.facts["why"]


@pytest.mark.parametrize("dk", ["nrf5340dk_nrf5340_cpuapp"], indirect=True)
def test_either_watchdog_that_an_application_started_is_fed(dk):
    dk.make(BOTH_WATCHDOGS)
    assert dk.run_board("--until", "fed for 3 s").status == 0
    dk.make(BOTH_WATCHDOGS.replace("ob_watchdog_feed();", ""))
    run = dk.run_board("--until", "fed for 3 s", "--limit", "10")
    assert "fed" not in run.text and run.facts["resets"] > 0


def test_image_cannot_change_the_bootloader(dk):
    dk.make(ATTACK)
    run = dk.run_board("--until", "attacked")
    assert run.status == 1 and run.text.endswith("Jumping to the first image slot\n")
    assert run.facts["why"].startswith("NVMC: erase of 0x0b000: ")
    assert ("ACL protects it" if "nrf52" in dk.board else "SPU.FLASHREGION does not permit writing") in run.facts["why"]


def test_image_cannot_change_itself_but_for_its_trailer(dk):
    nrf52 = "nrf52" in dk.board
    last = 0xFE000 if nrf52 else 0xF8000  # blocks of 4 or of 16 KiB, below the trailer's page
    output = dk.make(SELF_DESTRUCTION.replace("LAST", hex(last)))
    run = dk.run_board("--until", "last page erased")
    assert run.status == 1 and run.text.endswith("I: confirmed: 0\nI: trailer erased: 0\n")
    assert run.facts["why"].startswith(f"NVMC: erase of 0x{last:05x}: ")
    told = "mcuboot_primary: what runs is locked up to 0xfc000; from there to the trailer at 0xff000 it stays writable"
    assert (told in output) == (not nrf52)


def test_image_is_told_what_its_bootloader_is(dk, repo):
    nrf52 = "nrf52" in dk.board
    port = "0x40000550" if nrf52 else "0x50006540"  # APPROTECT.FORCEPROTECT and DISABLE; CTRLAP.APPROTECT.LOCK and SECUREAPPROTECT.LOCK
    output = dk.make(TELL.replace("PORT", port), options=["-Dmcuboot_CONFIG_NRF_APPROTECT_LOCK=y","-DCONFIG_RETENTION_BOOTLOADER_INFO=y", "-Dmcuboot_CONFIG_BOOT_SHARE_DATA=y",
                                    "-Dmcuboot_CONFIG_BOOT_SHARE_DATA_BOOTINFO=y",
                                    "-Dmcuboot_CONFIG_BOOT_WIPE_STACK=y", "-DCONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION=y",
                                    "-DCONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE=7"], more_overlay=RETAINED)
    largest = re.search(r"updates of up to (\d+) bytes", output)[1]
    version = re.search('OB_VERSION "(.*)"', (repo / "include/outboard/version.h").read_text())[1]
    ram = dk.build_dir / "ram.bin"
    run = dk.run_board("--ram", ram, "--until", "debug port: 0, 0" if nrf52 else "debug port: 1, 0")
    assert run.status == 0, run.errors + run.text
    assert f"read: 0, version {version}\nI: mode 3, signature 2, recovery 0, slot 0\n" in run.text
    assert f"1 image, at most {largest} bytes, counter 7" in run.text

    # The same run: what was computed on the stack is gone, the rest of RAM is as the bootloader left it.
    stack = slice(*(symbols(dk)[name] - 0x20000000 for name in ("ob_stack_start", "ob_stack_end")))
    held = ram.read_bytes()
    assert not any(held[stack]) and any(held[: stack.start]) and any(held[0x3FC00 : 0x3FC00 + 64])


@pytest.mark.parametrize("dk", ["nrf5340dk_nrf5340_cpuapp"], indirect=True)
def test_lock_of_what_runs_can_be_left_out(dk):
    dk.make(SELF_DESTRUCTION.replace("LAST", "0xf8000"), options=["-Dmcuboot_CONFIG_FPROTECT_RUNNING_IMAGE=n"])
    ram = dk.build_dir / "ram.bin"
    run = dk.run_board("--ram", ram, "--until", "last page erased: 0")
    assert run.status == 0, run.errors
    top = symbols(dk)["ob_stack_end"] - 0x20000000
    assert any(ram.read_bytes()[top - 256 : top])  # nothing is wiped that held no secret


@pytest.mark.parametrize("dk", ["nrf5340dk_nrf5340_cpuapp"], indirect=True)
def test_lock_can_be_left_out(dk):
    dk.make(ATTACK, fprotect="n")
    run = dk.run_board("--until", "attacked: 0")
    assert run.status == 0, run.errors


def test_exhausted_stack_is_a_fault_that_says_so(dk):
    dk.make(OVERFLOW)
    run = dk.run_board("--faults", "--until", "raise CONFIG_MAIN_STACK_SIZE")
    assert run.status == 0, run.errors + run.text
