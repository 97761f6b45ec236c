#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sign noise, so that the image has exactly a given size: scripts/make_image.py --size N --version V --key PEM FILE."""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
IMGTOOL = REPO / "build/deps/venv/bin/imgtool"
HEADER_SIZE = 0x200


def sign(payload: bytes, options: argparse.Namespace) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "payload.bin", Path(folder) / "signed.bin"
        source.write_bytes(payload)
        subprocess.run(
            [IMGTOOL, "sign", "--key", options.key, "--version", options.version, "--align", "4", "--pad-header",
             "--pad-sig", "--header-size", hex(HEADER_SIZE), "--slot-size", str(2 * options.size + 0x10000), source, target],
            check=True, stdout=subprocess.DEVNULL,
        )
        return target.read_bytes()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=lambda text: int(text, 0), required=True, help="bytes, header to end of TLVs")
    parser.add_argument("--version", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    overhead = len(sign(b"\0" * 8, options)) - 8
    if options.size <= overhead:
        parser.error(f"an image takes at least {overhead + 1} bytes")
    payload = random.Random(options.version).randbytes(options.size - overhead)
    image = sign(payload, options)
    assert len(image) == options.size, len(image)
    options.file.write_bytes(image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
