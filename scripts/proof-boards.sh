#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The power cut in every flash operation of the very binaries, with every tear, on both virtual development kits: an update for
# good and a trial that nobody confirms, in slide and overwrite. The same with the nRF5340's two images (proof_network.py). Then one
# fault in every execution of every instruction of a start, in small and fast builds: an unsigned image, and one that is older than
# what runs; and a sample of that with each other way to sign and to encrypt, with overwrite, and with recovery.
#
#   scripts/proof-boards.sh [options of `outboard board cuts` and `glitch`: --jobs N --shard I/N --every N]
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
outboard=${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard}
failed=0

build() { # folder board version options...
    local folder=$1 board=$2 version=$3
    shift 3
    { cmake -S "${sample:-$repo/samples/dfu}" -B "$folder" -G Ninja -DBOARD="$board" -DOUTBOARD_TOOL="$outboard" \
        -DCONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION="$version" -Dmcuboot_CONFIG_LOG=n "$@" && cmake --build "$folder"; } \
        >"$folder.log" 2>&1 || { echo "proof: error: $folder does not build; see $folder.log" >&2; exit 1; }
}

for board in nrf52840dk_nrf52840 nrf5340dk_nrf5340_cpuapp; do
    for mode in slide overwrite; do
        folder=$repo/build/proof/$board-$mode
        mkdir -p "$folder"
        overwrite=$([ $mode = overwrite ] && echo y || echo n)
        build "$folder/old" $board 1.0.0 -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=$overwrite
        build "$folder/new" $board 1.1.0 -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=$overwrite
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

glitch() { # folder goal, options of glitch...
    local folder=$1 goal=$2
    shift 2
    printf '\n== %s, one fault: %s\n' "${folder##*/}" "${goal%% --update*}"
    # shellcheck disable=SC2086
    "$outboard" board glitch "$folder/old" --goal $goal "$@" || failed=1
}

for board in nrf52840dk_nrf52840 nrf5340dk_nrf5340_cpuapp; do
    for kind in small fast; do
        folder=$repo/build/proof/$board-glitch-$kind
        options=(-Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y)
        [ $kind = small ] || options+=(-Dmcuboot_CONFIG_SPEED_OPTIMIZATIONS=y -Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000)
        mkdir -p "$folder"
        sample=$repo/tests/vboard/programs/tiny build "$folder/old" $board 1.0.0 "${options[@]}"
        sample=$repo/tests/vboard/programs/tiny build "$folder/new" $board 1.1.0 "${options[@]}"
        for goal in "unsigned" "downgrade --update $folder/new/app_update.bin" \
            "downgrade --started --update $folder/new/app_update.bin"; do
            glitch "$folder" "$goal" --sample 6250 --pairs 1000 "$@"
        done
    done
done

signed=-Dmcuboot_CONFIG_BOOT_SIGNATURE_TYPE
encrypted=-Dmcuboot_CONFIG_BOOT_ENCRYPT_IMAGE=y
declare -A kinds=([ed25519]="${signed}_ED25519=y" [ed25519-pure]="${signed}_ED25519=y ${signed}_PURE=y" [rsa2048]="${signed}_RSA=y"
    [ecies-p256]=$encrypted [ecies-x25519]="${signed}_ED25519=y $encrypted" [overwrite]=-Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y
    [recovery]=-Dmcuboot_CONFIG_MCUBOOT_SERIAL=y)
for board in nrf52840dk_nrf52840 nrf5340dk_nrf5340_cpuapp; do
    for kind in "${!kinds[@]}"; do
        folder=$repo/build/proof/$board-glitch-$kind
        mkdir -p "$folder"
        for version in old:1.0.0 new:1.1.0; do
            # shellcheck disable=SC2086
            sample=$repo/tests/vboard/programs/tiny build "$folder/${version%:*}" $board "${version#*:}" \
                -Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y ${kinds[$kind]}
        done
        runs=$folder/new/app_update.bin
        if [[ $kind = ecies-* ]]; then # in the primary slot it is not encrypted
            "$outboard" image decrypt "$runs" --enc-key "$repo/keys/demo-encrypt-${kind#ecies-}.pem" --output "$folder/new.bin" || failed=1
            runs=$folder/new.bin
        fi
        for goal in "unsigned" "downgrade --update $runs"; do
            glitch "$folder" "$goal" --every 101 --visits 1 --sample 50 "$@"
        done
    done
done
exit $failed
