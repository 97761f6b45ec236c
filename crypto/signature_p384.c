/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/signature.h>

#include <mbedtls/ecdsa.h>

#include <outboard/tlv.h>
#include <outboard/verdict.h>

#include "heap.h"

#define SCALAR_SIZE 48u
#define POINT_SIZE (2 * SCALAR_SIZE)

/* Numbers of one verification; each owns memory. */
struct work {
    mbedtls_ecp_group group;
    mbedtls_ecp_point key;
    mbedtls_mpi r;
    mbedtls_mpi s;
};

static int check(struct work *work, const uint8_t *point, const uint8_t *digest, const uint8_t *scalars)
{
    uint8_t encoded[1 + POINT_SIZE] = {0x04}; /* X and Y as they are */

    for (uint32_t i = 0; i < POINT_SIZE; i++) {
        encoded[1 + i] = point[i];
    }
    int err = mbedtls_ecp_group_load(&work->group, MBEDTLS_ECP_DP_SECP384R1);
    if (err == 0) {
        err = mbedtls_ecp_point_read_binary(&work->group, &work->key, encoded, sizeof(encoded));
    }
    if (err == 0) {
        err = mbedtls_ecp_check_pubkey(&work->group, &work->key);
    }
    if (err == 0) {
        err = mbedtls_mpi_read_binary(&work->r, scalars, SCALAR_SIZE);
    }
    if (err == 0) {
        err = mbedtls_mpi_read_binary(&work->s, scalars + SCALAR_SIZE, SCALAR_SIZE);
    }
    return err == 0 ? mbedtls_ecdsa_verify(&work->group, digest, SCALAR_SIZE, &work->key, &work->r, &work->s) : err;
}

/* 0: valid. */
static int check_once(const uint8_t *key, const uint8_t *digest, const uint8_t *scalars)
{
    struct work work;

    ob_crypto_heap_start();
    mbedtls_ecp_group_init(&work.group);
    mbedtls_ecp_point_init(&work.key);
    mbedtls_mpi_init(&work.r);
    mbedtls_mpi_init(&work.s);
    int err = check(&work, key, digest, scalars);
    mbedtls_mpi_free(&work.s);
    mbedtls_mpi_free(&work.r);
    mbedtls_ecp_point_free(&work.key);
    mbedtls_ecp_group_free(&work.group);
    return err;
}

static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    uint8_t scalars[2 * SCALAR_SIZE];

    if (!ob_ecdsa_from_der(signature, len, scalars, SCALAR_SIZE)) {
        return OB_VERDICT_REJECTED;
    }
    const int first = check_once(key, digest, scalars);
    const int second = OB_FIH_TWICE ? check_once(key, digest, scalars) : first;
    return ob_verdict_of_two(first == 0, second == 0);
}

const struct ob_signature ob_signature_p384 = {
    .kind = OB_KIND_P384,
    .tlv = OB_TLV_ECDSA,
    .size_max = OB_ECDSA_DER_MAX,
    .hash = &ob_hash_sha384,
    .verify = verify,
};
