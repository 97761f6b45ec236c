/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DIGEST_H
#define OUTBOARD_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/sha256.h>

#include <outboard/image.h>

#define OB_P256_POINT_SIZE 64u     /* X then Y, big endian */
#define OB_P256_SIGNATURE_SIZE 64u /* r then s, big endian */

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
 * Decode a DER SEQUENCE { INTEGER r, INTEGER s } and nothing else, except zeros after it (imgtool --pad-sig).
 * Only the one valid (DER) encoding of two positive numbers of at most 256 bits is accepted.
 *
 * @return false: not such a signature, and what signature holds is undefined
 */
OB_MUST_CHECK bool ob_p256_signature_from_der(const uint8_t *der, uint32_t len,
                                              uint8_t signature[OB_P256_SIGNATURE_SIZE]);

/** ECDSA over P-256. A point that is not on the curve, and r or s outside [1, n-1], are rejected. */
OB_MUST_CHECK enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE],
                                             const uint8_t digest[OB_DIGEST_SIZE],
                                             const uint8_t signature[OB_P256_SIGNATURE_SIZE]);

#endif
