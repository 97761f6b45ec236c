# SPDX-License-Identifier: Apache-2.0
"""The external chip of a devicetree in nrfutil's words: nrfutil_chip.py DEVICETREE.json OUTPUT."""

import json
import sys
from pathlib import Path

PINS = {29: "sck", 30: "csn", 31: "io0", 32: "io1", 33: "io2", 34: "io3"}  # zephyr/dt-bindings/pinctrl/nrf-pinctrl.h


def main(devicetree: str, output: str) -> int:
    tree = json.loads(Path(devicetree).read_text(encoding="utf-8"))
    nodes = {node["path"]: node for node in tree["nodes"]}
    chip = nodes[tree["chosen"]["nordic,pm-ext-flash"]]
    if "nordic,qspi-nor" not in chip["compatible"]:
        print(f"error: {chip['path']}: nrfutil programs chips on QSPI only here; choose -DRUNNER=jlink", file=sys.stderr)
        return 1
    states = nodes[chip["parent"]]["properties"]["pinctrl-0"]
    psels = [psel for node in tree["nodes"] if node["parent"] in states for psel in node["properties"]["psels"]]
    has_quad = chip["properties"]["readoc"] in ("read4o", "read4io")
    config = {
        "firmware_config": {"peripheral": "QSPI"},
        "pins": {PINS[psel >> 24]: psel & 0xFF for psel in psels},
        "flash_size": chip["properties"]["size"] // 8,
        "sck_frequency": chip["properties"]["sck-frequency"],
        "address_mode": "MODE24BIT" if chip["properties"]["size"] // 8 <= 1 << 24 else "MODE32BIT",
        "readoc": "READ4IO" if has_quad else "READ2IO",
        "writeoc": "PP4IO" if has_quad else "PP",
        "pp_size": "PPSIZE256",
        "sck_delay": 128,
        "rx_delay": 2,
        "page_size": 4096,
    }
    Path(output).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
