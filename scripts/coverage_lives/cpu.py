# SPDX-License-Identifier: Apache-2.0
"""What does not come from flash: faults of the CPU, a watchdog, the reset pin."""

import re
import subprocess

from .device import Device

UDF = b"\x00\xde"  # an undefined instruction

# Which starts the watchdog, as an application does, and resets by software.
WATCHDOG = """
    .syntax unified
    .thumb
    .word 0x20010000, start + 1
    .skip 56
start:
    ldr r0, =WDT
    ldr r1, =0x20000
    ldr r2, =0x504
    str r1, [r0, r2]
    movs r1, #1
    str r1, [r0]
    ldr r0, =0xe000ed0c
    ldr r1, =0x05fa0004
    str r1, [r0]
    b .
"""

def faults(device: Device):
    """An undefined instruction in the bootloader; a watchdog that already runs; somebody pulls the reset pin."""
    device.factory()
    device.survives("--pin-reset")
    names = ["arm-none-eabi-nm", device.build / "mcuboot/mcuboot.elf"]
    symbols = subprocess.run(names, capture_output=True, text=True, check=True).stdout
    for name in ("ob_image_parse", "ob_ledger_read", "ob_area_read"):
        if match := re.search(rf"^(\w+) [tT] {name}$", symbols, re.MULTILINE):
            device.factory()
            device.write("internal", int(match[1], 16), UDF)
            device.run("--faults", "--limit", "2")
    for base in ("0x50018000", "0x50019000") if device.nrf53 else ("0x40010000",):
        source, elf, raw = (device.folder / f"watchdog.{kind}" for kind in ("s", "elf", "bin"))
        source.write_text(WATCHDOG.replace("WDT", base))
        app = device.primary + device.numbers["MCUBOOT_PAD_SIZE"]
        options = ["-mcpu=cortex-m4", "-nostdlib", f"-Wl,-Ttext={app:#x},-e,0"]
        subprocess.run(["arm-none-eabi-gcc", *options, source, "-o", elf], check=True)
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, raw], check=True)
        device.factory()
        device.write("internal", device.primary, device.sign(raw.read_bytes()))
        device.run("--limit", "3")
