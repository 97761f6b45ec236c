/* SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/aes.h>

#include <outboard/cipher.h>

#define BLOCK 16u

/* The counter, big endian. Mbed TLS' results are ignored: a key of these sizes cannot fail. */
static void make_stream(mbedtls_aes_context *aes, uint32_t counter, uint8_t stream[BLOCK])
{
    uint8_t block[BLOCK] = {0};

    for (uint32_t i = 0; i < sizeof(counter); i++) {
        block[BLOCK - 1 - i] = (uint8_t)(counter >> 8 * i);
    }
    (void)mbedtls_internal_aes_encrypt(aes, block, stream);
}

void ob_aes_ctr(const uint8_t *key, uint32_t key_size, uint32_t pos, uint8_t *data, uint32_t len)
{
    mbedtls_aes_context aes;
    uint8_t stream[BLOCK];

    mbedtls_aes_init(&aes);
    (void)mbedtls_aes_setkey_enc(&aes, key, 8 * key_size);
    for (uint32_t i = 0; i < len; i++) {
        if (i == 0 || (pos + i) % BLOCK == 0) {
            make_stream(&aes, (pos + i) / BLOCK, stream);
        }
        data[i] ^= stream[(pos + i) % BLOCK];
    }
    ob_wipe(&aes, sizeof(aes));
    ob_wipe(stream, sizeof(stream));
}
