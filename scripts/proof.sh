#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that outboard promises about power cuts, searched: all modes, scenarios, images and pairs of chips.
#
#   scripts/proof.sh [--jobs N] [--shard I/N]     hours; spread it with --shard. Exit status 1 if anything failed.
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
sim="${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard} sim cuts"
failed=0

step() { # title, options...
    printf '\n== %s\n' "$1"
    shift
    $sim "$@" || failed=1
}

step "every cut, all pairs of chips" --images small "$@"
step "every cut, all images, small pairs" --tiny --images all "$@"
step "every cut, images of several units, 4 KiB sectors" --images grow --primary 24K:4K:4 --secondary 32K:4K:1 "$@"
step "every cut, images that fill the slot, 4 KiB sectors" --images full --primary 24K:4K:4:64 --secondary 40K:4K:1 "$@"
step "every failure of the external chip, all pairs of chips" --images small --faults "$@"
step "every cut followed by every failure of the external chip" --tiny --images small --faults --depth 2 "$@"
step "every pair of cuts, small pairs" --tiny --images small --depth 2 "$@"
step "every pair of cuts, images of several units" --tiny --images grow --depth 2 "$@"
step "random histories of six cuts, all pairs of chips" --images grow --depth 6 --histories 20000 "$@"

printf '\n== faults planted in the engine\n'
"${PYTHON:-$repo/build/deps/venv/bin/python}" "$repo/tests/sim/mutants.py" || failed=1
if [ $failed = 0 ]; then echo "proof: everything holds"; else echo "proof: FAILED"; fi
exit $failed
