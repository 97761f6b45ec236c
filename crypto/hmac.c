/* SPDX-License-Identifier: Apache-2.0 */
#include "hmac.h"

#include <string.h>

#include <outboard/util.h>

#define INNER 0x36u
#define OUTER 0x5cu

static uint32_t block_size(const struct ob_hash *hash)
{
    return hash->size > 32 ? 128 : 64;
}

static void turn_pad(struct ob_hmac *hmac, uint8_t mask)
{
    for (uint32_t i = 0; i < block_size(hmac->hash); i++) {
        hmac->pad[i] ^= mask;
    }
    hmac->hash->start(&hmac->state);
    hmac->hash->add(&hmac->state, hmac->pad, block_size(hmac->hash));
}

void ob_hmac_start(struct ob_hmac *hmac, const struct ob_hash *hash, const uint8_t *key, uint32_t len)
{
    hmac->hash = hash;
    memset(hmac->pad, 0, sizeof(hmac->pad));
    memcpy(hmac->pad, key, len);
    turn_pad(hmac, INNER);
}

void ob_hmac_add(struct ob_hmac *hmac, const void *data, uint32_t len)
{
    hmac->hash->add(&hmac->state, data, len);
}

void ob_hmac_finish(struct ob_hmac *hmac, uint8_t *mac)
{
    hmac->hash->finish(&hmac->state, mac);
    turn_pad(hmac, INNER ^ OUTER);
    hmac->hash->add(&hmac->state, mac, hmac->hash->size);
    hmac->hash->finish(&hmac->state, mac);
    ob_wipe(hmac, sizeof(*hmac));
}

void ob_hkdf(const struct ob_hash *hash, const uint8_t *secret, uint32_t secret_len, const void *info,
             uint32_t info_len, uint8_t *out, uint32_t len)
{
    static const uint8_t no_salt[OB_HASH_MAX];
    uint8_t extracted[OB_HASH_MAX];
    uint8_t block[OB_HASH_MAX];
    struct ob_hmac hmac;
    uint8_t number = 1;

    ob_hmac_start(&hmac, hash, no_salt, hash->size);
    ob_hmac_add(&hmac, secret, secret_len);
    ob_hmac_finish(&hmac, extracted);
    for (uint32_t done = 0; done < len; number++) {
        const uint32_t part = OB_MIN(len - done, hash->size);
        ob_hmac_start(&hmac, hash, extracted, hash->size);
        ob_hmac_add(&hmac, block, number == 1 ? 0 : hash->size);
        ob_hmac_add(&hmac, info, info_len);
        ob_hmac_add(&hmac, &number, sizeof(number));
        ob_hmac_finish(&hmac, block);
        memcpy(out + done, block, part);
        done += part;
    }
    ob_wipe(extracted, sizeof(extracted));
    ob_wipe(block, sizeof(block));
}
