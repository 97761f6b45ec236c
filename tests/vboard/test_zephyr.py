# SPDX-License-Identifier: Apache-2.0
"""Zephyr 4.4 as others built it (Bluetooth controllers, from PyPI) starts on the virtual boards: kernel, clocks, RTC as system
timer, interrupts, threads. Until it wants what no bootloader has: the radio, the network core.
"""

import json
import subprocess
import sysconfig
from pathlib import Path

from intelhex import IntelHex

REPO = Path(__file__).resolve().parents[2]
OUTBOARD = REPO / "build/host/tools/outboard/outboard"
PACKAGES = Path(sysconfig.get_paths()["purelib"])
FLASH_SIZE = 0x100000


def run(board, firmware, limit):
    command = [OUTBOARD, "board", "run", "--board", board, "--internal", firmware, "--limit", limit, "--json"]
    result = subprocess.run(command, capture_output=True, text=True)
    return json.loads(result.stdout)


def test_nrf52840_comes_to_the_radio():
    firmware = PACKAGES / "zephyr_4_4_0_hci_usb_nrf52840dk_default/firmware.hex"
    result = run("nrf52840dk_nrf52840", firmware, "2")
    assert "write to 0x40001304" in result["why"]  # RADIO
    assert result["seconds"] > 0.25  # the crystal has been waited for, asleep
    assert result["resets"] == 1  # its reset pin goes into UICR, which counts from the next reset on


def test_nrf5340_waits_for_the_network_core(tmp_path):
    whole = IntelHex(str(PACKAGES / "zephyr_4_4_0_hci_usb_nrf5340dk_default/firmware.hex"))
    application = IntelHex()
    for start, end in whole.segments():
        if end <= FLASH_SIZE:
            application.merge(whole[start:end])
    firmware = tmp_path / "application.hex"
    application.write_hex_file(str(firmware))
    result = run("nrf5340dk_nrf5340_cpuapp", firmware, "1")
    assert result["end"] == "limit", result["why"]
    assert any("network core is released" in note for note in result["notes"])
    assert result["resets"] == 0
