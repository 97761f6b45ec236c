/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA, PSS with SHA-256 (RFC 8017, 8.1.2 and 9.1.2), on Mbed TLS' arithmetic without memory management: its own RSA
 * allocates every number. The exponent is 65537, a power of two and one: no table, no secret.
 */
#include "rsa.h"

#include <string.h>

#include <outboard/signature.h>
#include <outboard/verdict.h>

#include "bignum_core.h"

#define BYTES_MAX OB_SIGNATURE_MAX
#define LIMBS_MAX (BYTES_MAX / sizeof(mbedtls_mpi_uint))
#define SQUARINGS 16u /* 65537 = 2^16 + 1 */
#define SALT_SIZE 32u
#define TRAILER 0xbcu
#define TOP_BITS 0x7fu /* the encoded message has one bit less than the modulus */

/* Numbers of one verification. */
struct work {
    mbedtls_mpi_uint base[LIMBS_MAX];
    mbedtls_mpi_uint power[LIMBS_MAX];
    mbedtls_mpi_uint scratch[2 * LIMBS_MAX + 1];
};

void ob_rsa_reverse(void *dst, const void *src, uint32_t len)
{
    const uint8_t *from = src;
    uint8_t *to = dst;

    for (uint32_t i = 0; i < len; i++) {
        to[i] = from[len - 1 - i];
    }
}

/* work->base = signature ^ 65537 mod modulus, big endian. false: the signature is no number below the modulus. */
static bool raise(struct work *work, const uint8_t *key, const uint8_t *signature, uint32_t len)
{
    const size_t limbs = len / sizeof(mbedtls_mpi_uint);
    const mbedtls_mpi_uint *modulus = (const mbedtls_mpi_uint *)(const void *)key;
    const mbedtls_mpi_uint *square = modulus + limbs;
    const mbedtls_mpi_uint mm = mbedtls_mpi_core_montmul_init(modulus);

    ob_rsa_reverse(work->base, signature, len);
    if (mbedtls_mpi_core_lt_ct(work->base, modulus, limbs) == MBEDTLS_CT_FALSE) {
        return false;
    }
    mbedtls_mpi_core_to_mont_rep(work->power, work->base, modulus, limbs, mm, square, work->scratch);
    for (uint32_t i = 0; i < SQUARINGS; i++) {
        mbedtls_mpi_core_montmul(work->power, work->power, work->power, limbs, modulus, limbs, mm, work->scratch);
    }
    /* Times the base as it is: that leaves Montgomery's form as well. */
    mbedtls_mpi_core_montmul(work->power, work->power, work->base, limbs, modulus, limbs, mm, work->scratch);
    ob_rsa_reverse(work->base, work->power, len);
    return true;
}

void ob_rsa_unmask(uint8_t *data, uint32_t len, const uint8_t *seed, uint32_t seed_len)
{
    uint8_t counter[4] = {0};
    uint8_t mask[OB_DIGEST_SIZE];

    for (uint32_t i = 0; i < len; i++) {
        if (i % OB_DIGEST_SIZE == 0) {
            struct ob_sha256 sha;
            counter[3] = (uint8_t)(i / OB_DIGEST_SIZE);
            ob_sha256_start(&sha);
            ob_sha256_add(&sha, seed, seed_len);
            ob_sha256_add(&sha, counter, sizeof(counter));
            ob_sha256_finish(&sha, mask);
        }
        data[i] ^= mask[i % OB_DIGEST_SIZE];
    }
}

/* Is `encoded` a PSS encoding of the digest? It is the padding: zeros, 1, salt; then a hash; then the trailer. What is
 * wrong before the hash is put into it: there is one comparison, which makes the verdict. */
static enum ob_verdict judge_encoding(uint8_t *encoded, uint32_t len, const uint8_t digest[OB_DIGEST_SIZE])
{
    static const uint8_t zeros[8];
    const uint32_t masked = len - OB_DIGEST_SIZE - 1;
    const uint32_t padding = masked - SALT_SIZE - 1;
    const uint8_t *hash = encoded + masked;
    uint32_t stated[OB_VERDICT_WORDS];
    uint32_t expected[OB_VERDICT_WORDS];
    uint8_t seen = (uint8_t)(encoded[len - 1] ^ TRAILER);
    struct ob_sha256 sha;

    seen |= (uint8_t)(encoded[0] & ~TOP_BITS);
    ob_rsa_unmask(encoded, masked, hash, OB_DIGEST_SIZE);
    encoded[0] &= TOP_BITS;
    for (uint32_t i = 0; i < padding; i++) {
        seen |= encoded[i];
    }
    seen |= (uint8_t)(encoded[padding] ^ 1);
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, zeros, sizeof(zeros));
    ob_sha256_add(&sha, digest, OB_DIGEST_SIZE);
    ob_sha256_add(&sha, encoded + padding + 1, SALT_SIZE);
    ob_sha256_finish(&sha, (uint8_t *)expected);
    memcpy(stated, hash, sizeof(stated));
    stated[0] ^= seen;
    return ob_verdict_compare(expected, stated);
}

enum ob_verdict ob_rsa_verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    struct work work;

    return raise(&work, key, signature, len) ? judge_encoding((uint8_t *)work.base, len, digest) : OB_VERDICT_REJECTED;
}
