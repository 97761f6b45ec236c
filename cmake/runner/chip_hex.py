# SPDX-License-Identifier: Apache-2.0
"""What differs from an erased chip, as Intel HEX: chip_hex.py CHIP ADDRESS OUTPUT. Exit status 3: nothing does."""

import sys
from pathlib import Path

from intelhex import IntelHex

SECTOR = 4096  # what a programmer erases at once


def main(chip: str, address: str, output: str) -> int:
    content = Path(chip).read_bytes()
    hex_file = IntelHex()
    for start in range(0, len(content), SECTOR):
        sector = content[start : start + SECTOR]
        if sector.strip(b"\xff"):
            hex_file.frombytes(sector, int(address, 0) + start)
    if not len(hex_file):
        return 3
    hex_file.write_hex_file(output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
