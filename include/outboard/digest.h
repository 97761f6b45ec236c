/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DIGEST_H
#define OUTBOARD_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#include <outboard/image.h>

#define OB_P256_POINT_SIZE 64u     /* X then Y, big endian */
#define OB_P256_SIGNATURE_SIZE 64u /* r then s, big endian */
#define OB_P256_SCALAR_SIZE 32u    /* big endian */

/* Thin over the chosen crypto libraries; crypto/ has one file per algorithm. */

/** SHA-256 in progress. */
struct ob_sha256 {
    mbedtls_sha256_context ctx;
};

void ob_sha256_start(struct ob_sha256 *sha);
void ob_sha256_add(struct ob_sha256 *sha, const void *data, uint32_t len);
void ob_sha256_finish(struct ob_sha256 *sha, uint8_t digest[OB_DIGEST_SIZE]);

/** SHA-512 or SHA-384 in progress. */
struct ob_sha512 {
    mbedtls_sha512_context ctx;
};

void ob_sha512_start(struct ob_sha512 *sha);
void ob_sha384_start(struct ob_sha512 *sha);
void ob_sha512_add(struct ob_sha512 *sha, const void *data, uint32_t len);
/** @param digest  64 bytes, of which SHA-384 fills 48 */
void ob_sha512_finish(struct ob_sha512 *sha, uint8_t *digest);

/** Bytes of the longest digest in this image. */
#ifdef CONFIG_BOOT_IMG_HASH_SIZE
#define OB_HASH_MAX CONFIG_BOOT_IMG_HASH_SIZE
#else
#define OB_HASH_MAX 64
#endif

/** A hash function in progress. */
union ob_hash_state {
    struct ob_sha256 sha256;
#if OB_HASH_MAX > 32
    struct ob_sha512 sha512;
#endif
};

/** A hash function that images are made with. */
struct ob_hash {
    uint16_t tlv;  /* type of the TLV that holds an image's digest */
    uint16_t size; /* bytes of a digest */
    void (*start)(union ob_hash_state *state);
    void (*add)(union ob_hash_state *state, const void *data, uint32_t len);
    void (*finish)(union ob_hash_state *state, uint8_t *digest);
};

extern const struct ob_hash ob_hash_sha256;
extern const struct ob_hash ob_hash_sha384;
extern const struct ob_hash ob_hash_sha512;

/** Compare in a time that does not depend on the content. */
bool ob_equal(const void *a, const void *b, uint32_t len);

#define OB_ECDSA_DER_MAX                                                                         \
    128u /* MCUboot's limit. The longest signature has 72 or 104 bytes; imgtool may append zeros \
          */

/**
 * Decode a DER SEQUENCE { INTEGER r, INTEGER s } and nothing else, except zeros after it (imgtool --pad-sig).
 * Only the one valid (DER) encoding of two positive numbers of at most scalar_size bytes is accepted.
 *
 * @param signature  2 * scalar_size bytes: r then s, big endian
 * @return false: not such a signature, and what signature holds is undefined
 */
OB_MUST_CHECK bool ob_ecdsa_from_der(const uint8_t *der, uint32_t len, uint8_t *signature, uint32_t scalar_size);

/** ECDSA over P-256. A point that is not on the curve, and r or s outside [1, n-1], are rejected. */
OB_MUST_CHECK enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE],
                                             const uint8_t digest[OB_DIGEST_SIZE],
                                             const uint8_t signature[OB_P256_SIGNATURE_SIZE]);

/** ECDH over P-256: the X of private times point. @return false: the point is not on the curve */
OB_MUST_CHECK bool ob_p256_share(const uint8_t private[OB_P256_SCALAR_SIZE], const uint8_t point[OB_P256_POINT_SIZE],
                                 uint8_t secret[OB_P256_SCALAR_SIZE]);

#endif
