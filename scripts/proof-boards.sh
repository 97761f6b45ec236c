#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The power cut in every flash operation of the very binaries, with every tear, on both virtual development kits: an update for
# good and a trial that nobody confirms, in slide and overwrite. The same with the nRF5340's two images (proof_network.py). What one
# fault does is scripts/proof-glitch.sh.
#
#   scripts/proof-boards.sh [options of `outboard board cuts`: --jobs N --shard I/N --every N]
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
outboard=${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard}
failed=0
. "$repo/scripts/proof-build.sh"

for board in nrf52840dk_nrf52840 nrf5340dk_nrf5340_cpuapp; do
    for mode in slide overwrite; do
        folder=$repo/build/proof/$board-$mode
        mkdir -p "$folder"
        overwrite=$([ $mode = overwrite ] && echo y || echo n)
        build samples/dfu "$folder/old" $board 1.0.0 -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=$overwrite || exit 1
        build samples/dfu "$folder/new" $board 1.1.0 -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=$overwrite || exit 1
        for permanent in --permanent ""; do
            [ "$mode$permanent" != overwrite ] || continue # it knows no trial
            printf '\n== %s, %s, %s\n' $board $mode "$([ -n "$permanent" ] && echo "an update for good" || echo "a trial that goes back")"
            "$outboard" board cuts "$folder/old" --update "$folder/new/app_update.bin" $permanent --tear all \
                --report "$folder/cuts${permanent}.html" "$@" || failed=1
        done
    done
done

printf '\n== nrf5340dk_nrf5340_cpuapp, two images\n'
"${PYTHON:-$repo/build/deps/venv/bin/python}" "$repo/scripts/proof_network.py" "$@" || failed=1
exit $failed
