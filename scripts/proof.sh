#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that outboard promises about power cuts, searched: all modes, scenarios, images and pairs of chips.
#
#   scripts/proof.sh [--deep] [--jobs N] [--shard I/N]
#
# --deep adds every pair of cuts with images of all sizes, which takes twice as long as all the rest. docs/SIMULATOR.md says
# what each part takes. Shards may run anywhere and in any order; the first one also plants faults in the engine. Exit
# status 1 if anything failed.
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
sim="${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard} sim cuts"
smallest="--primary 3K:512:4:64 --secondary 4K:512:1"
deep=
if [ "${1:-}" = --deep ]; then
    deep=yes
    shift
fi
spread=("$@")
failed=0

first_shard() {
    [[ " ${spread[*]} " != *" --shard "* || " ${spread[*]} " == *" --shard 1/"* ]]
}

step() { # title, options...
    local start=$SECONDS
    printf '\n== %s\n' "$1"
    shift
    $sim "$@" ${spread[@]+"${spread[@]}"} || failed=1
    printf -- '-- sim cuts %s: %d s\n' "$*" $((SECONDS - start))
}

step "every cut, all pairs of chips" --images small
step "every cut, all images, small pairs" --tiny --images all
step "every cut, images of several units, 4 KiB sectors" --images grow --primary 24K:4K:4 --secondary 32K:4K:1
step "every cut, images that fill the slot, 4 KiB sectors" --images full --primary 24K:4K:4:64 --secondary 40K:4K:1
step "every cut, the secondary slot inside" --images small --primary 3K:512:4:64 --secondary 4K:512:4:64i
step "every cut, updaters of MCUboot's world, small pairs" --tiny --scenario updaters
step "every cut, images beyond what can be installed, small pairs" --tiny --scenario updaters --images beyond
step "updaters of MCUboot's world in any order, small pairs" --tiny --scenario mixed --depth 4 --histories 20000
step "forgeries of the external chip, all images, small pairs" --tiny --hostile --tear none --images all
step "a forgery and a cut, in any order" $smallest --hostile --images small --depth 2
step "operations that go astray, small pairs" --tiny --tear astray,neighbour --images all
step "each cell worn" $smallest --worn --images small
step "each 97th cell worn, and every cut" $smallest --worn --stride 97 --images small --depth 2
step "every failure of the external chip, all pairs of chips" --images small --faults
step "every failure of the external chip, all images, small pairs" --tiny --images all --faults
for images in 2 3; do
    step "every cut, a transaction of $images images" --tiny --images all --updateable $images
    step "every failure of the external chip, a transaction of $images images" --tiny --images small --faults \
        --updateable $images
done
step "every cut, a transaction with an image that is handed over" --tiny --images all --updateable 2 --handover
step "every failure of the external chip, the same" --tiny --images small --faults --updateable 2 --handover
step "forgeries of the external chip, the same" $smallest --hostile --tear none --images small --updateable 2 --handover
step "every pair of cuts, the same" $smallest --images small --depth 2 --scenario permanent --updateable 2 --handover
step "every cut, encrypted images" --tiny --images all --encrypted
step "every failure of the external chip, the same" --tiny --images small --faults --encrypted
step "forgeries of the external chip, the same" $smallest --hostile --tear none --images small --encrypted
step "each 97th cell worn, the same" $smallest --worn --stride 97 --images small --encrypted
step "every cut, a transaction of two encrypted images" --tiny --images small --updateable 2 --encrypted
step "every pair of cuts, encrypted images" $smallest --images small --depth 2 --scenario revert --encrypted
step "every cut followed by every failure of the external chip" --tiny --images small --faults --depth 2
step "every pair of cuts, all pairs of chips" --images small --depth 2
step "every pair of cuts, a transaction of two images" $smallest --images small --depth 2 --updateable 2
step "random histories of six cuts, all pairs of chips" --images small --depth 6 --histories 5000
step "random histories of six cuts, images of several units" --images grow --depth 6 --histories 500
step "random histories of six cuts, a transaction of three images" --tiny --images grow --depth 6 --histories 2000 \
    --updateable 3
if [ -n "$deep" ]; then
    step "every pair of cuts, all images, small pairs" --tiny --images all --depth 2
fi

printf '\n== the binaries themselves, on virtual boards\n'
"$repo/scripts/proof-boards.sh" ${spread[@]+"${spread[@]}"} || failed=1

if first_shard; then
    printf '\n== faults planted in the engine\n'
    "${PYTHON:-$repo/build/deps/venv/bin/python}" "$repo/tests/sim/mutants.py" || failed=1
fi
if [ $failed = 0 ]; then echo "proof: everything holds"; else echo "proof: FAILED"; fi
exit $failed
