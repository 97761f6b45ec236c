/* SPDX-License-Identifier: Apache-2.0 */
/* AES key wrap (RFC 3394, 2.2.2, by index), with a key as long as the content key. */
#include <string.h>

#include <mbedtls/aes.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>
#include <outboard/tlv.h>

#define HALF 8u /* of a block */
#define ROUNDS 6u

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    static const uint8_t expected[HALF] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};
    const uint32_t count = size / HALF;
    mbedtls_aes_context aes;
    uint8_t block[2 * HALF];

    if (len != HALF + size) {
        return false;
    }
    mbedtls_aes_init(&aes);
    (void)mbedtls_aes_setkey_dec(&aes, key, 8 * size); /* a key of these sizes cannot fail */
    memcpy(block, wrapped, HALF);
    memcpy(out, wrapped + HALF, size);
    for (uint32_t step = ROUNDS * count; step > 0; step--) {
        uint8_t *half = out + HALF * ((step - 1) % count);
        block[HALF - 1] ^= (uint8_t)step;
        memcpy(block + HALF, half, HALF);
        (void)mbedtls_internal_aes_decrypt(&aes, block, block);
        memcpy(half, block + HALF, HALF);
    }
    bool genuine = ob_equal(block, expected, HALF);
    ob_wipe(&aes, sizeof(aes));
    ob_wipe(block, sizeof(block));
    return genuine;
}

const struct ob_key_wrap ob_wrap_kw = {.kind = OB_KIND_WRAP_KW, .tlv = OB_TLV_ENC_KW, .unwrap = unwrap};
