#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prove the absence of run-time errors in what reads hostile bytes: scripts/prove.sh [PART...]
#
# Frama-C's Eva, for any content, size and area: no access outside an object, of something uninitialised, no division by
# zero, no signed overflow. Where a bound needs arithmetic over three numbers, WP and Z3 prove a contract that stands beside
# the function. Each part is a main() under tests/prove; 0 alarms and 0 open properties are demanded.
#
# Not proved:
# - that more than the first byte was read of what is read of an image in a number of bytes that Eva does not know (payload, a wrapped
#   key) when it is hashed or unwrapped. That there is room for it is.
# - that what looks for remains in a bank of the ledger (look_for_remains), the update library (app/update.c), and a verification
#   that makes each read twice, read nothing uninitialised: Eva does not tell what succeeded from what failed there, or how much was
#   read. That they access nothing outside an object is (-eva-initialized-locals).
# - that nothing is read behind a signature that is shorter than its type's longest; nor that an index stays in its array where the
#   array is part of a struct and its element's address is taken: for Eva an object is a whole variable.
# - that records and remains write nothing but their contracts' assigns, which Eva takes as given in the part ledger.
# - that pass_mapped(), which hashes flash that the CPU reads as memory, stays in the range that it is given: its bound is a sum of
#   three numbers. That this range is inside the device is (ob_area_mapped).
# - more than one image, but for what images say of each other; and what starts and jobs do with what was read (core/found*.c,
#   start.c, job*.c): fuzz_boot and `outboard sim cuts` execute them, under sanitizers.
# - what SMP commands do with what a request says: fuzz_smp executes those of images and system (app/smp/images.c, os.c), and nothing
#   but their tests those of the record, and the application's store (record.c, updates.c).
# - what drivers do with a chip's id and status (drivers/flash/spi_nor*.c): fuzz_spi_nor executes it.
# - the libraries: mbedtls, p256-m, Monocypher, zcbor. Functions that come to anything stand in their place.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=build/prove
mkdir -p "$folder"
cpp="-Iinclude -Icrypto -Itests/prove -Ibuild/deps/mbedtls/include -DMBEDTLS_CONFIG_FILE='\"ob_mbedtls_config.h\"'"
failed=0

# A 32-bit device with gcc's sizes.
frama() { nice frama-c -c11 -machdep gcc_x86_32 "$@"; }

eva() { # main precision defines sources
    eva_with "tests/prove/any_err.c -eva-split-return full" "$@"
}

# Of these functions what comes back with 0 is kept apart from what comes back with something else.
eva_by_success() { # functions, as above
    local functions=$1
    shift
    eva_with "tests/prove/any_err_apart.c -eva-split-return-function any_err:0,${functions//[[:space:]]/:0,}:0" "$@"
}

eva_with() { # more, as above
    local more=$1 main=$2 precision=$3 defines=$4
    shift 4
    # shellcheck disable=SC2086
    frama -cpp-extra-args="$cpp $defines" -eva -eva-precision "$precision" $more "tests/prove/$main.c" \
        tests/prove/any.c "$@" >"$log" 2>&1 || { tail -n 5 "$log" >&2; return 1; }
    grep -A2 '^\[eva:alarm\]' "$log" >&2 || true
    sed -n '/ANALYSIS SUMMARY/,$p' "$log" | grep -E 'functions analyzed|statements reached|alarms? generated'
    grep -q '^  0 alarms generated' "$log" && ! grep -qE '^\[eva:alarm\]|[1-9][0-9]* unknown' "$log"
}

eva_image() { # defines more
    local defines=$1
    shift
    eva_by_success "$reads $asks" image 2 "$defines" -eva-use-spec in_area,ob_cipher_apply,ob_image_judge_encryption "$@" $image
}

wp() { # functions sources
    local functions=$1
    shift
    [ -e ~/.why3.conf ] || why3 config detect >/dev/null 2>&1
    frama -cpp-extra-args="$cpp" -wp -wp-rte -wp-fct "$functions" -wp-prover z3 -wp-timeout 30 "$@" >"$log" 2>&1
    grep 'Proved goals' "$log"
    awk '/Proved goals/ { exit $4 != $6 }' "$log"
}

plain="-DCONFIG_UPDATEABLE_IMAGE_NUMBER=1 -DCONFIG_BOOT_IMG_HASH_SIZE=32 -DCONFIG_BOOT_SIGNATURE_SIZE_MAX=128"
plain+=" -DCONFIG_BOOT_ENCRYPT_KEY_SIZE=0"
most="-DCONFIG_UPDATEABLE_IMAGE_NUMBER=3 -DCONFIG_BOOT_IMG_HASH_SIZE=64 -DCONFIG_BOOT_SIGNATURE_SIZE_MAX=384"
most+=" -DCONFIG_BOOT_ENCRYPT_KEY_SIZE=32"
area="core/area.c core/flash.c"
image="tests/prove/keys.c tests/prove/digest.c core/image.c core/image_read.c core/image_claims.c core/image_cipher.c core/image_content.c
core/belongs.c core/kind.c $area crypto/equal.c crypto/verdict.c"
wraps="crypto/wrap_ec256.c crypto/wrap_kw.c crypto/wrap_rsa.c crypto/wrap_x25519.c crypto/ecies.c crypto/hmac.c crypto/x25519.c
crypto/rsa.c crypto/aes_ctr.c crypto/equal.c crypto/hash_sha256.c crypto/hash_sha512.c crypto/wrap_x25519_sha512.c"
signatures="crypto/signature_p256.c crypto/signature_p384.c crypto/signature_rsa2048.c crypto/signature_rsa3072.c
crypto/signature_ed25519.c crypto/signature_ed25519_sha512.c crypto/signature_ed25519_pure.c crypto/ed25519.c crypto/rsa.c
crypto/ecdsa_der.c crypto/verdict.c crypto/hash_sha256.c crypto/hash_sha512.c"
libraries="-Ibuild/deps/mbedtls/library -Ibuild/deps/monocypher"
reads="read_any ob_area_read"
asks="compare ob_reader_take ob_reader_pass check_header ob_header_read ob_tlvs_enter ob_claims_enter claim_digest claim_key
claim_signature claim_pure claim_wrapped read_claim ob_claims_read ob_claims_judge unwrap ob_image_make_cipher take_dependency
take_counter take_uuid take_protected read_protected read_payload ob_content_read ob_content_hash check_digest check_content"
writes="write_any erase_any ob_area_write ob_area_write_checked ob_area_erase ob_area_erase_fed"
ledger="read_head read_bank ob_ledger_read ob_ledger_look_at_events erase_bank write_event ob_ledger_carry_events
ob_ledger_rescue_events ob_ledger_write_head compare ob_ledger_event ob_ledger_state ob_ledger_settle"
update="ob_layout read_window free_slot is_same is_copy ob_trailer_read ob_trailer_read_request ob_ledger_read ob_ledger_event
find_installed find_failure ob_update_begin_progressively"

# What WP proves of a function stands in its place in what follows (-eva-use-spec).
prove_area() { wp fits,in_area,ob_area_mapped core/area.c; }
prove_cipher() { wp ob_cipher_apply core/cipher.c; }
prove_judge() { wp ob_image_judge_encryption -inline-calls ob_image_is_encrypted,content_key_size core/image_cipher.c; }

prove_image() { eva_image "$plain"; }
prove_encrypted() { eva_image "$most"; } # the longest digests, signatures and keys
prove_twice() { # and each read is made twice
    eva_image "$most -DCONFIG_BOOT_UPGRADE_ONLY=1" -eva-initialized-locals -eva-domains octagon
}
prove_unwrap() { # libraries that come to anything in their place
    eva unwrap 3 "-DCONFIG_BOOT_ENCRYPT_KEY_SIZE=32 $libraries" -eva-split-limit 400 tests/prove/digest.c tests/prove/bignum.c core/cipher.c $wraps
}
prove_signatures() { # the same
    eva signatures 3 "-DCONFIG_BOOT_FIH_PROFILE_MEDIUM=1 $libraries" -eva-auto-loop-unroll 400 -eva-slevel-function copy_number:400 \
        tests/prove/digest.c tests/prove/bignum.c $signatures
}
prove_trailer() { eva trailer 8 "$plain" -eva-use-spec in_area $area core/trailer.c; }
prove_records() { # each write unit that there is
    for size in 4 8 16 32; do # smaller ones read like 4
        eva_by_success "$reads" records 3 "$plain -DWRITE_SIZE=$size -DREAD=ob_ledger_read_records" -eva-use-spec in_area \
            -eva-slevel-function ob_ledger_read_records:5 tests/prove/digest.c core/ledger.c core/ledger_events.c $area || return 1
    done
    eva_by_success "$reads" records 2 "$plain -DWRITE_SIZE=4 -DREAD=look" -eva-use-spec in_area,ob_ledger_read_records \
        -eva-initialized-locals -eva-slevel-merge-after-loop ob_ledger_look_at_events tests/prove/digest.c core/ledger.c \
        core/ledger_events.c $area
}
prove_ledger() {
    eva_by_success "$reads $writes $ledger" ledger 3 "$plain" -eva-use-spec in_area,ob_ledger_read_records,look_for_remains \
        -eva-interprocedural-splits -eva-slevel-merge-after-loop ob_ledger_look_at_events tests/prove/digest.c core/ledger.c \
        core/ledger_events.c core/ledger_banks.c core/floor.c core/image.c $area
}
prove_update() {
    eva_by_success "$reads $writes $update" update 2 "$plain" -eva-use-spec in_area -eva-initialized-locals app/update.c core/layout.c $area
}
prove_info() { eva info 3 "$plain" core/boot_info.c; }
prove_sfdp() { eva sfdp 6 "" drivers/flash/sfdp.c; }
prove_smp() { # zcbor's contract in its place
    eva smp 2 "$plain -Ibuild/deps/zcbor/include -DZCBOR_CANONICAL" tests/prove/zcbor.c app/smp/smp.c app/smp/cbor.c app/smp/console.c app/smp/raw.c
}

for part in "${@:-area cipher judge image encrypted twice unwrap signatures trailer records ledger update info sfdp smp}"; do
    for name in $part; do
        log=$folder/$name.log
        echo "== $name"
        if ! "prove_$name"; then
            echo "$name: NOT PROVED, see $log"
            failed=1
        fi
    done
done
[ $failed = 0 ] && echo "proved: 0 alarms"
exit $failed
