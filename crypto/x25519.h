/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_X25519_H
#define OB_CRYPTO_X25519_H

#include <outboard/digest.h>

/** Unwrap a content key that X25519 was used for, with this hash function. Else as struct ob_key_wrap has it. */
OB_MUST_CHECK bool ob_x25519_unwrap(const struct ob_hash *hash, const uint8_t *key, const uint8_t *wrapped,
                                    uint32_t len, uint8_t *out, uint32_t size);

#endif
