/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P-256 in C. The library's own verification ends in one comparison and one branch; here the same arithmetic ends in a
 * verdict, so its file becomes a part of this one.
 */
#include <outboard/digest.h>
#include <outboard/verdict.h>

#include <p256-m.c>

#define WORDS OB_VERDICT_WORDS

/**
 * x of the point u1 G + u2 Q, as a number modulo the order, in place of u1. FIPS 186-5, 6.4.2. All of the others are
 * used up: the stack has no room for more numbers.
 */
static void find_r(uint32_t u1[WORDS], uint32_t u2[WORDS], uint32_t qx[WORDS], uint32_t qy[WORDS], uint32_t x[WORDS],
                   uint32_t y[WORDS])
{
    scalar_mult(x, y, qx, qy, u2);
    if (u256_diff0(u1) == 0) { /* a digest of zeros: scalar_mult() takes no zero */
        u256_cmov(u1, x, 1);
    } else {
        scalar_mult(qx, qy, p256_gx, p256_gy, u1);
        point_add_or_double_leaky(u1, u2, qx, qy, x, y);
    }
    m256_done(u1, &p256_p);
    ecdsa_m256_mod_n(u1);
}

/** u = value / s modulo the order; s is inverted already, in Montgomery form. */
static void divide(uint32_t u[WORDS], const uint32_t value[WORDS], const uint32_t inverse[WORDS])
{
    m256_mul(u, value, inverse, &p256_n);
    m256_done(u, &p256_n);
}

enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE], const uint8_t digest[OB_DIGEST_SIZE],
                               const uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    uint32_t r[WORDS];
    uint32_t s[WORDS];
    uint32_t u1[WORDS];
    uint32_t u2[WORDS];
    uint32_t qx[WORDS];
    uint32_t qy[WORDS];
    uint32_t x[WORDS];

    if (scalar_from_bytes(r, signature) != 0 || scalar_from_bytes(s, signature + OB_P256_SIGNATURE_SIZE / 2) != 0 ||
        point_from_bytes(qx, qy, point) != 0) {
        return OB_VERDICT_REJECTED;
    }
    m256_prep(s, &p256_n);
    m256_inv(s, s, &p256_n);
    ecdsa_m256_from_hash(u1, digest, OB_DIGEST_SIZE);
    divide(u1, u1, s);
    u256_cmov(u2, r, 1);
    m256_prep(u2, &p256_n);
    divide(u2, u2, s);
    find_r(u1, u2, qx, qy, x, s);
    return ob_verdict_compare(u1, r);
}

bool ob_p256_share(const uint8_t private[OB_P256_SCALAR_SIZE], const uint8_t point[OB_P256_POINT_SIZE],
                   uint8_t secret[OB_P256_SCALAR_SIZE])
{
    return p256_ecdh_shared_secret(secret, private, point) == P256_SUCCESS;
}
