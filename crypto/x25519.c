/* SPDX-License-Identifier: Apache-2.0 */
#include "x25519.h"

#include "ecies.h"
#include "monocypher.h"

#define POINT_SIZE 32u

bool ob_x25519_unwrap(const struct ob_hash *hash, const uint8_t *key, const uint8_t *wrapped, uint32_t len,
                      uint8_t *out, uint32_t size)
{
    uint8_t secret[ECIES_SECRET_SIZE];

    if (len != POINT_SIZE + hash->size + size) {
        return false;
    }
    crypto_x25519(secret, key, wrapped);
    return ob_ecies_open(hash, secret, wrapped + POINT_SIZE, out, size);
}
