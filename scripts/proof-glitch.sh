#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One fault in a start of the very binaries, on both virtual development kits: an unsigned image, also one for the network core, and
# one that is older than what runs. In small and fast builds in every execution of every instruction; with every other way to sign, to
# encrypt, to guard and to install in a sample.
#
#   KINDS="p384 counter" BOARDS=nrf52840dk_nrf52840 scripts/proof-glitch.sh [options of `outboard board glitch`]
set -u
repo=$(cd "$(dirname "$0")/.." && pwd)
outboard=${OUTBOARD_TOOL:-$repo/build/host/tools/outboard/outboard}
boards=${BOARDS:-nrf52840dk_nrf52840 nrf5340dk_nrf5340_cpuapp}
kinds=${KINDS:-small fast high ed25519 ed25519-pure ed25519-sha512 p384 rsa2048 rsa3072 ecies-p256 ecies-x25519 rsa-oaep counter
    security-counter overwrite recovery two network}
failed=0
. "$repo/scripts/proof-build.sh"
tiny=tests/vboard/programs/tiny

sign=-Dmcuboot_CONFIG_BOOT_SIGNATURE_TYPE
encrypt=-Dmcuboot_CONFIG_BOOT_ENCRYPT_IMAGE=y
versions=-Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y
counted=-DCONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE
large=-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000

declare -A options=(
    [small]=$versions
    [fast]="$versions -Dmcuboot_CONFIG_SPEED_OPTIMIZATIONS=y $large"
    [high]="$versions -Dmcuboot_CONFIG_BOOT_FIH_PROFILE_HIGH=y"
    [ed25519]="$versions ${sign}_ED25519=y"
    [ed25519-pure]="$versions ${sign}_ED25519=y ${sign}_PURE=y"
    [ed25519-sha512]="$versions ${sign}_ED25519=y -Dmcuboot_CONFIG_BOOT_IMG_HASH_ALG_SHA512=y"
    [p384]="$versions ${sign}_ECDSA_P384=y $large"
    [rsa2048]="$versions ${sign}_RSA=y"
    [rsa3072]="$versions ${sign}_RSA=y ${sign}_RSA_LEN=3072"
    [ecies-p256]="$versions $encrypt"
    [ecies-x25519]="$versions ${sign}_ED25519=y $encrypt"
    [rsa-oaep]="$versions ${sign}_RSA=y $encrypt"
    [counter]="-DCONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION=y $counted=1"
    [security-counter]="$versions -Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER=y $counted=1"
    [overwrite]="$versions -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y"
    [recovery]="$versions -Dmcuboot_CONFIG_MCUBOOT_SERIAL=y"
    [two]="$versions -Dmcuboot_CONFIG_UPDATEABLE_IMAGE_NUMBER=2"
    [network]="$versions -Dmcuboot_CONFIG_UPDATEABLE_IMAGE_NUMBER=2 -Dmcuboot_CONFIG_PCD_APP=y -Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y"
)
declare -A newer=([counter]=$counted=2 [security-counter]=$counted=2)       # what the image has that runs
declare -A keys=([ecies-p256]=p256 [ecies-x25519]=x25519 [rsa-oaep]=rsa-2048) # that decrypt it
declare -A only=([high]=nrf52840dk_nrf52840 [network]=nrf5340dk_nrf5340_cpuapp)

partition() { # folder name: a number of its layout
    sed -n "s/^PM_$2=//p" "$1/pm.config"
}

sign() { # folder payload slot out
    "$repo/build/deps/venv/bin/imgtool" sign --version 1.0.0 --align 4 --pad-header --key "$repo/keys/demo-p256.pem" \
        --header-size "$(partition "$1" MCUBOOT_PAD_SIZE)" --slot-size "$(partition "$1" "$3"_SIZE)" "$1/$2" "$1/$4" \
        >"$1/$4.log" 2>&1
}

fill_further() { # folder: image 1, which has to be valid as well
    sign "$1" app_to_sign.bin MCUBOOT_PRIMARY_1 further.bin && dd if="$1/further.bin" of="$1/internal_flash.bin" bs=1 \
        seek=$(($(partition "$1" MCUBOOT_PRIMARY_1_ADDRESS))) conv=notrunc status=none
}

fill_network() { # folder: the network core as the factory leaves it, and an update for it
    PYTHONPATH=$repo/tests/modules/mcuboot/external_flash "${PYTHON:-$repo/build/deps/venv/bin/python}" -c '
import pathlib, sys, network_core
folder = pathlib.Path(sys.argv[1])
(folder / "network_flash.bin").write_bytes(network_core.flash(network_core.application(1)))
(folder / "network.bin").write_bytes(network_core.application(2))' "$1" &&
        sign "$1" network.bin MCUBOOT_SECONDARY_1 network_update.bin
}

glitch() { # folder goal options...
    printf '\n== %s, one fault: %s\n' "${1##*/}" "$2"
    "$outboard" board glitch "$1/old" --goal "$2" "${@:3}" || failed=1
}

for board in $boards; do
    for kind in $kinds; do
        [ "${only[$kind]:-$board}" = "$board" ] || continue
        folder=$repo/build/proof/$board-glitch-$kind
        mkdir -p "$folder"
        # shellcheck disable=SC2086
        if ! build $tiny "$folder/old" "$board" 1.0.0 ${options[$kind]} ||
            ! build $tiny "$folder/new" "$board" 1.1.0 ${options[$kind]} ${newer[$kind]:-}; then
            failed=1
            continue
        fi
        runs=$folder/new/app_update.bin
        if [ -n "${keys[$kind]:-}" ]; then # in the primary slot it is not encrypted
            "$outboard" image decrypt "$runs" --enc-key "$repo/keys/demo-encrypt-${keys[$kind]}.pem" --output "$folder/new.bin" || failed=1
            runs=$folder/new.bin
        fi
        tried=(--every 101 --visits 1 --sample 50)
        case $kind in
        small | fast)
            tried=(--sample 6250 --pairs 1000)
            glitch "$folder" downgrade --started --update "$runs" "${tried[@]}" "$@"
            ;;
        two) fill_further "$folder/old" || failed=1 ;;
        network)
            fill_network "$folder/old" || failed=1
            glitch "$folder" unsigned --network-update "$folder/old/network_update.bin" "${tried[@]}" "$@"
            ;;
        esac
        glitch "$folder" unsigned "${tried[@]}" "$@"
        glitch "$folder" downgrade --update "$runs" "${tried[@]}" "$@"
    done
done
exit $failed
