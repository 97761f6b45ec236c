/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DIGEST_H
#define OUTBOARD_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/sha256.h>

#include <outboard/image.h>

/* Thin over the chosen crypto libraries; crypto/ has one file per algorithm. */

/** SHA-256 in progress. */
struct ob_sha256 {
    mbedtls_sha256_context ctx;
};

void ob_sha256_start(struct ob_sha256 *sha);
void ob_sha256_add(struct ob_sha256 *sha, const void *data, uint32_t len);
void ob_sha256_finish(struct ob_sha256 *sha, uint8_t digest[OB_DIGEST_SIZE]);

/** Compare in a time that does not depend on the content. */
bool ob_equal(const void *a, const void *b, uint32_t len);

/**
 * ECDSA over P-256.
 * @param signature  r then s, 32 bytes each, big endian
 * @param point      public key: X then Y, big endian
 */
OB_MUST_CHECK enum ob_verdict ob_p256_verify(const uint8_t point[64], const uint8_t digest[OB_DIGEST_SIZE],
                                             const uint8_t signature[64]);

#endif
