/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_HMAC_H
#define OB_CRYPTO_HMAC_H

#include <outboard/digest.h>

#define OB_HMAC_BLOCK_MAX 128u /* bytes that SHA-512 takes at once */

/** HMAC (RFC 2104) in progress. */
struct ob_hmac {
    const struct ob_hash *hash;
    union ob_hash_state state;
    uint8_t pad[OB_HMAC_BLOCK_MAX];
};

/** @param len  of the key, at most a block: 64 bytes with SHA-256, 128 with SHA-512 */
void ob_hmac_start(struct ob_hmac *hmac, const struct ob_hash *hash, const uint8_t *key, uint32_t len);
void ob_hmac_add(struct ob_hmac *hmac, const void *data, uint32_t len);
/** Wipes what it was made of. @param mac  hash->size bytes */
void ob_hmac_finish(struct ob_hmac *hmac, uint8_t *mac);

/** HKDF (RFC 5869) without a salt. @param len  of out, at most 255 * hash->size */
void ob_hkdf(const struct ob_hash *hash, const uint8_t *secret, uint32_t secret_len, const void *info,
             uint32_t info_len, uint8_t *out, uint32_t len);

#endif
