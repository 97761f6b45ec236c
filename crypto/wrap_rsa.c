/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA-2048 with OAEP, SHA-256 and no label (RFC 8017, 7.1.2), on Mbed TLS' arithmetic without memory management. What
 * was wrong is not told, nor does the time tell it: the length of the message is known beforehand, so every byte of the
 * encoding has one right value.
 */
#include <string.h>

#include <outboard/cipher.h>
#include <outboard/tlv.h>

#include "bignum_core.h"
#include "rsa.h"

#define BYTES (2048 / 8)
#define LIMBS (BYTES / sizeof(mbedtls_mpi_uint))
#define WORKING_LIMBS                                                                               \
    (((1u << MBEDTLS_MPI_WINDOW_SIZE) + 3) * LIMBS + 1) /* mbedtls_mpi_core_exp_mod_working_limbs() \
                                                         */
#define SEED_OFF 1u
#define DATA_OFF (SEED_OFF + OB_DIGEST_SIZE)
#define DATA_SIZE (BYTES - DATA_OFF)

static const uint8_t hash_of_no_label[OB_DIGEST_SIZE] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

struct work {
    mbedtls_mpi_uint base[LIMBS];
    mbedtls_mpi_uint scratch[WORKING_LIMBS];
};

/* work->base = wrapped ^ exponent mod modulus, big endian. false: it is no number below the modulus. */
static bool raise(struct work *work, const uint8_t *key, const uint8_t *wrapped)
{
    const mbedtls_mpi_uint *modulus = (const mbedtls_mpi_uint *)(const void *)key;
    const mbedtls_mpi_uint *square = modulus + LIMBS;
    const mbedtls_mpi_uint *exponent = square + LIMBS;
    const mbedtls_mpi_uint mm = mbedtls_mpi_core_montmul_init(modulus);

    ob_rsa_reverse(work->base, wrapped, BYTES);
    if (mbedtls_mpi_core_lt_ct(work->base, modulus, LIMBS) == MBEDTLS_CT_FALSE) {
        return false;
    }
    mbedtls_mpi_core_to_mont_rep(work->base, work->base, modulus, LIMBS, mm, square, work->scratch);
    mbedtls_mpi_core_exp_mod(work->base, work->base, modulus, LIMBS, exponent, LIMBS, square, work->scratch);
    mbedtls_mpi_core_from_mont_rep(work->base, work->base, modulus, LIMBS, mm, work->scratch);
    ob_rsa_reverse(work->scratch, work->base, BYTES);
    memcpy(work->base, work->scratch, BYTES);
    return true;
}

static bool decode(uint8_t encoded[BYTES], uint8_t *out, uint32_t size)
{
    uint8_t *seed = encoded + SEED_OFF;
    uint8_t *data = encoded + DATA_OFF;
    const uint32_t one = DATA_SIZE - size - 1;
    uint8_t seen = encoded[0];

    ob_rsa_unmask(seed, OB_DIGEST_SIZE, data, DATA_SIZE);
    ob_rsa_unmask(data, DATA_SIZE, seed, OB_DIGEST_SIZE);
    for (uint32_t i = 0; i < OB_DIGEST_SIZE; i++) {
        seen |= (uint8_t)(data[i] ^ hash_of_no_label[i]);
    }
    for (uint32_t i = OB_DIGEST_SIZE; i < one; i++) {
        seen |= data[i];
    }
    seen |= (uint8_t)(data[one] ^ 1);
    memcpy(out, data + one + 1, size);
    return seen == 0;
}

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    struct work work;

    bool done = len == BYTES && raise(&work, key, wrapped) && decode((uint8_t *)work.base, out, size);
    ob_wipe(&work, sizeof(work));
    return done;
}

const struct ob_key_wrap ob_wrap_rsa = {.kind = OB_KIND_WRAP_RSA, .tlv = OB_TLV_ENC_RSA2048, .unwrap = unwrap};
