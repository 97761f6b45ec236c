/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 in assembler for CPUs with the DSP extension: a twentieth of the instructions of p256.c, for more bytes. */
#include <outboard/digest.h>
#include <outboard/verdict.h>
#include <outboard/util.h>

#include "p256-cortex-m4.h"

#define WORDS 8u

/* A 256-bit number as the library wants it: words, the lowest first. */
static void load(uint32_t number[WORDS], const uint8_t bytes[4 * WORDS])
{
    p256_convert_endianness(number, bytes, 4 * WORDS);
}

enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE], const uint8_t digest[OB_DIGEST_SIZE],
                               const uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    uint32_t x[WORDS];
    uint32_t y[WORDS];
    uint32_t r[WORDS];
    uint32_t s[WORDS];

    load(x, point);
    load(y, point + OB_P256_POINT_SIZE / 2);
    load(r, signature);
    load(s, signature + OB_P256_SIGNATURE_SIZE / 2);
    const uint32_t first = p256_verify(x, y, digest, OB_DIGEST_SIZE, r, s);
    const uint32_t second = OB_FIH_TWICE ? p256_verify(x, y, digest, OB_DIGEST_SIZE, r, s) : first;
    return ob_verdict_of_two(first, second);
}

bool ob_p256_share(const uint8_t private[OB_P256_SCALAR_SIZE], const uint8_t point[OB_P256_POINT_SIZE],
                   uint8_t secret[OB_P256_SCALAR_SIZE])
{
    uint32_t scalar[WORDS];
    uint32_t x[WORDS];
    uint32_t y[WORDS];

    load(scalar, private);
    load(x, point);
    load(y, point + OB_P256_POINT_SIZE / 2);
    bool shared = p256_ecdh_calc_shared_secret(secret, scalar, x, y);
    ob_wipe(scalar, sizeof(scalar));
    return shared;
}
