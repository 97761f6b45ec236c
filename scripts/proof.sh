#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that outboard promises about power cuts, searched: all modes, scenarios, images and pairs of chips.
#
#   scripts/proof.sh [--deep] [--budget SECONDS] [--fresh] [--only WORDS] [--jobs N] [--shard I/N]
#
# Parts run one after another; what is complete and clean is kept in build/proof/sim and not repeated with the same binary,
# so a proof that was interrupted goes on where it was. --fresh repeats all. --budget ends each part after so long; --only
# runs the parts whose title contains these words. --deep adds what takes days. docs/SIMULATOR.md says what each part takes.
# Shards may run anywhere and in any order; the first one also plants faults in the engine. Exit status 1 if anything failed,
# 3 if something is not complete.
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
tool=${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard}
results=$repo/build/proof/sim
engine="engine $(sha256sum <"$tool" | cut -c1-16)"
smallest="--primary 3K:512:4:64 --secondary 4K:512:1"
deep= fresh= budget= only=
spread=()
while [ $# -gt 0 ]; do
    case $1 in
    --deep) deep=yes ;;
    --fresh) fresh=yes ;;
    --budget) budget=$2; shift ;;
    --only) only=$2; shift ;;
    *) spread+=("$1") ;;
    esac
    shift
done
mkdir -p "$results"
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
failed=0
incomplete=0

first_shard() {
    [[ " ${spread[*]-} " != *" --shard "* || " ${spread[*]-} " == *" --shard 1/"* ]]
}

chosen() { # title
    [[ $1 == *"$only"* ]]
}

step() { # title, options...
    local title=$1 how=complete file
    shift
    chosen "$title" || return 0
    file=$results/$(printf '%s ' "$@" ${spread[@]+"${spread[@]}"} | sha256sum | cut -c1-16).txt
    printf '\n== %s\n' "$title"
    if [ -z "$fresh" ] && [ "$(tail -n 1 "$file" 2>/dev/null)" = "$engine" ]; then
        printf -- '-- as before: '
        tail -n 2 "$file" | head -n 1
    else
        "$tool" sim cuts "$@" ${budget:+--budget "$budget"} ${spread[@]+"${spread[@]}"} | tee "$file"
        if [ "${PIPESTATUS[0]}" != 0 ]; then
            failed=1 how=FAILED
        elif grep -q "out of time" "$file"; then
            incomplete=1 how="not complete"
        else
            echo "$engine" >>"$file"
        fi
        printf -- '-- sim cuts %s\n' "$*"
    fi
    printf '%-13s%s: %s\n' "$how" "$title" "$(grep ' cases, ' "$file" | tail -n 1)" >>"$summary"
}

step "every cut, all pairs of chips" --images small
step "every cut, all images, small pairs" --tiny --images all
step "every cut, images of several units, 4 KiB sectors" --images grow --primary 24K:4K:4 --secondary 32K:4K:1
step "every cut, images that fill the slot, 4 KiB sectors" --images full --primary 24K:4K:4:64 --secondary 40K:4K:1
for pair in "3K:512:4:64 4K:512:4:64i" "2K:256:4:64 3K:256:2:2i" "24K:4K:4:64 32K:4K:4:4i" "32K:8K:8:8 44K:4K:8:8i" \
    "24K:4K:16:16 32K:4K:16:16i" "6K:1K:32:32 5K:512:32:32i"; do # from 8 bytes on a word takes one program
    step "every cut, the secondary slot inside, ${pair#* }" --images small --primary "${pair% *}" --secondary "${pair#* }"
done
step "every cut, updaters of MCUboot's world, small pairs" --tiny --scenario updaters
step "every cut, updaters of MCUboot's world, the secondary slot inside" --images small --primary 3K:512:4:64 \
    --secondary 4K:512:4:64i --scenario updaters
step "every cut, images beyond what can be installed, small pairs" --tiny --scenario updaters --images beyond
step "updaters of MCUboot's world in any order, small pairs" --tiny --scenario mixed --depth 4 --histories 20000
step "forgeries of the external chip, all images, small pairs" --tiny --hostile --tear none --images all
step "a forgery and a cut, in any order, of an update for good" $smallest --hostile --images small --depth 2 --scenario permanent
step "operations that go astray, small pairs" --tiny --tear astray,neighbour --images all
step "each cell worn" $smallest --worn --images small
step "each 97th cell worn, and every cut" $smallest --worn --stride 97 --images small --depth 2
step "every failure of the external chip, all pairs of chips" --images small --faults
step "every failure of the external chip, all images, small pairs" --tiny --images all --faults
for images in 2 3; do
    step "every cut, a transaction of $images images" --tiny --images all --updateable $images
    step "every failure of the external chip, a transaction of $images images" --tiny --images small --faults \
        --updateable $images
    step "forgeries of the external chip, a transaction of $images images" $smallest --hostile --tear none --images small \
        --updateable $images
    step "every cut, a transaction of $images images, the secondary slots inside" --images small --primary 3K:512:4:64 \
        --secondary 4K:512:4:64i --updateable $images
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
step "every cut, updaters of MCUboot's world, encrypted images" --tiny --images small --scenario updaters --encrypted
step "every pair of cuts, encrypted images" $smallest --images small --depth 2 --scenario revert --encrypted
step "every cut followed by every failure of the external chip" $smallest --images small --faults --depth 2
step "every pair of cuts" $smallest --images small --depth 2
for scenario in permanent revert; do
    step "every pair of cuts, a transaction of two images, $scenario" $smallest --images small --depth 2 --updateable 2 \
        --scenario $scenario
done
step "random histories of six cuts, all pairs of chips" --images small --depth 6 --histories 5000
step "random histories of six cuts, images of several units" --images grow --depth 6 --histories 500
step "random histories of six cuts, a transaction of three images" --tiny --images grow --depth 6 --histories 2000 \
    --updateable 3
step "random histories of six cuts, the same, the secondary slots inside" --images grow --primary 6K:1K:32:32 \
    --secondary 5K:512:4i --depth 6 --histories 2000 --updateable 3
if [ -n "$deep" ]; then
    step "every pair of cuts, updaters of MCUboot's world" $smallest --images small --depth 2 --scenario updaters
    step "every pair of cuts, all pairs of chips" --images small --depth 2
    step "every pair of cuts, all images, small pairs" --tiny --images all --depth 2
    step "a forgery and a cut, in any order" $smallest --hostile --images small --depth 2
    step "every pair of cuts, a transaction of two images" $smallest --images small --depth 2 --updateable 2
    step "every cut followed by every failure of the external chip, small pairs" --tiny --images small --faults --depth 2
    step "every cell worn, and every cut" $smallest --worn --images small --depth 2
fi

if chosen "binaries on virtual boards"; then
    printf '\n== the binaries themselves, on virtual boards\n'
    "$repo/scripts/proof-boards.sh" ${spread[@]+"${spread[@]}"} || failed=1
    "$repo/scripts/proof-glitch.sh" ${spread[@]+"${spread[@]}"} || failed=1
fi
if first_shard && chosen "tests that take long"; then
    printf '\n== variants that the tests leave to the proof\n'
    "${PYTHON:-$repo/build/deps/venv/bin/python}" "$repo/scripts/test.py" --proof || failed=1
fi
if first_shard && chosen "planted faults"; then
    printf '\n== faults planted in the engine\n'
    "${PYTHON:-$repo/build/deps/venv/bin/python}" "$repo/tests/sim/mutants.py" || failed=1
fi
printf '\n'
cat "$summary"
if [ $failed = 1 ]; then
    echo "proof: FAILED"
    exit 1
elif [ $incomplete = 1 ]; then
    echo "proof: nothing failed, but it is not complete"
    exit 3
fi
echo "proof: everything holds"
