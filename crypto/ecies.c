/* SPDX-License-Identifier: Apache-2.0 */
#include "ecies.h"

#include <string.h>

#include <outboard/cipher.h>

#include "hmac.h"

static const char info[] = {'M', 'C', 'U', 'B', 'o', 'o', 't', '_', 'E', 'C', 'I', 'E', 'S', '_', 'v', '1'};

bool ob_ecies_open(const struct ob_hash *hash, uint8_t secret[ECIES_SECRET_SIZE], const uint8_t *tag, uint8_t *out,
                   uint32_t size)
{
    const uint8_t *wrapped = tag + hash->size;
    uint8_t keys[OB_CONTENT_KEY_MAX + OB_HASH_MAX]; /* one to decrypt with, then one for the tag */
    uint8_t expected[OB_HASH_MAX];
    struct ob_hmac hmac;

    ob_hkdf(hash, secret, ECIES_SECRET_SIZE, info, sizeof(info), keys, size + hash->size);
    ob_hmac_start(&hmac, hash, keys + size, hash->size);
    ob_hmac_add(&hmac, wrapped, size);
    ob_hmac_finish(&hmac, expected);
    bool genuine = ob_equal(expected, tag, hash->size);
    if (genuine) {
        memcpy(out, wrapped, size);
        ob_aes_ctr(keys, size, 0, out, size);
    }
    ob_wipe(keys, sizeof(keys));
    ob_wipe(secret, ECIES_SECRET_SIZE);
    return genuine;
}
