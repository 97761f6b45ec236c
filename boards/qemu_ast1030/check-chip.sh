#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is this file the content of a chip? check-chip.sh FILE BYTES. QEMU itself only says that it failed to read something.
size=$(stat -c %s "$1" 2>/dev/null)
if [ ! -r "$1" ]; then
    echo "error: $1: cannot be read; delete it, and the next build makes an erased chip" >&2
    exit 2
elif [ "$size" != "$2" ]; then
    echo "error: $1: has $size bytes, the chip has $2: it is not this board's; delete it, and the next build makes an erased chip" >&2
    exit 2
fi
