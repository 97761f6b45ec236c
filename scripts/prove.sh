#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prove the absence of run-time errors in what reads hostile bytes: scripts/prove.sh [PART...]
#
# Frama-C's Eva, for any content, size and area: no access outside an object, of something uninitialised, no division by
# zero, no signed overflow. Where a bound needs arithmetic over three numbers, WP and Z3 prove a contract that stands beside
# the function. Each part is a main() under tests/prove; 0 alarms and 0 open properties are demanded.
#
# No part: the ledger (core/ledger.c). That reads of a chunk of records stay within it is a product of two unknown numbers, and
# that a bank was read where it counts hangs on which error came before: Eva keeps too many states, or forgets which is which. And
# a verification that decrypts, as a whole, for the same reason: its parts are proved. What executes them under sanitizers is
# fuzz_boot, and tests/unit/test_encrypted.c.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=build/prove
mkdir -p "$folder"
cpp="-Iinclude -Icrypto -Itests/prove -Ibuild/deps/mbedtls/include -DMBEDTLS_CONFIG_FILE='\"ob_mbedtls_config.h\"'"
cpp+=" -DCONFIG_UPDATEABLE_IMAGE_NUMBER=1"
failed=0

# A 32-bit device with gcc's sizes.
frama() { nice frama-c -c11 -machdep gcc_x86_32 "$@"; }

eva() { # part precision defines sources
    local part=$1 precision=$2 defines=$3
    shift 3
    frama -cpp-extra-args="$cpp $defines" -eva -eva-precision "$precision" -eva-split-return full "tests/prove/$part.c" \
        tests/prove/any.c "$@" >"$folder/$part.log" 2>&1 || { tail -n 5 "$folder/$part.log" >&2; return 1; }
    grep -A2 '^\[eva:alarm\]' "$folder/$part.log" >&2 || true
    sed -n '/ANALYSIS SUMMARY/,$p' "$folder/$part.log" | grep -E 'functions analyzed|statements reached|alarms? generated'
    grep -q '^  0 alarms generated' "$folder/$part.log" && ! grep -q '[1-9][0-9]* unknown' "$folder/$part.log"
}

wp() { # part functions sources
    local part=$1 functions=$2
    shift 2
    [ -e ~/.why3.conf ] || why3 config detect >/dev/null 2>&1
    frama -cpp-extra-args="$cpp" -wp -wp-rte -wp-fct "$functions" -wp-prover z3 -wp-timeout 30 "$@" >"$folder/$part.log" 2>&1
    grep 'Proved goals' "$folder/$part.log"
    awk '/Proved goals/ { exit $4 != $6 }' "$folder/$part.log"
}

p256='-DCONFIG_BOOT_IMG_HASH_SIZE=32 -DCONFIG_BOOT_SIGNATURE_SIZE_MAX=128'
plain="$p256 -DCONFIG_BOOT_ENCRYPT_KEY_SIZE=0"
encrypted="$p256 -DCONFIG_BOOT_ENCRYPT_KEY_SIZE=32"
area="core/area.c core/flash.c"
image="tests/prove/keys.c core/image.c core/image_read.c core/image_claims.c core/image_cipher.c core/image_content.c
core/belongs.c core/kind.c $area crypto/equal.c crypto/ecdsa_der.c crypto/verdict.c"
wraps="crypto/wrap_ec256.c crypto/wrap_kw.c crypto/wrap_rsa.c crypto/wrap_x25519.c crypto/ecies.c crypto/hmac.c crypto/x25519.c
crypto/rsa.c crypto/aes_ctr.c crypto/equal.c crypto/hash_sha256.c"

# What WP proves of a function stands in its place in what follows (-eva-use-spec).
prove_area() { wp area fits,in_area core/area.c; }
prove_cipher() { wp cipher ob_cipher_apply core/cipher.c; }

prove_image() { eva image 6 "$plain" -eva-use-spec in_area $image; }
prove_encrypted() { eva encrypted 4 "$encrypted" -eva-use-spec in_area,ob_cipher_apply $image; }
prove_unwrap() { # libraries that come to anything in their place
    eva unwrap 3 "$encrypted -Ibuild/deps/mbedtls/library -Ibuild/deps/monocypher" tests/prove/digest.c core/cipher.c $wraps
}
prove_trailer() { eva trailer 8 "$plain" -eva-use-spec in_area $area core/trailer.c; }
prove_sfdp() { eva sfdp 6 "" drivers/flash/sfdp.c; }
prove_smp() { # zcbor's contract in its place
    eva smp 2 "$plain -Ibuild/deps/zcbor/include -DZCBOR_CANONICAL" tests/prove/zcbor.c app/smp/smp.c app/smp/cbor.c app/smp/console.c app/smp/raw.c
}

for part in "${@:-area cipher image encrypted unwrap trailer sfdp smp}"; do
    for name in $part; do
        echo "== $name"
        if ! "prove_$name"; then
            echo "$name: NOT PROVED, see $folder/$name.log"
            failed=1
        fi
    done
done
[ $failed = 0 ] && echo "proved: 0 alarms"
exit $failed
