/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>

void ob_cipher_apply(const struct ob_cipher *cipher, uint32_t off, uint8_t *data, uint32_t len)
{
    const uint32_t skip = off < cipher->start ? OB_MIN(cipher->start - off, len) : 0;
    const uint32_t pos = off + skip - cipher->start; /* in the payload, if there is any left */

    if (skip < len && pos < cipher->size) {
        ob_aes_ctr(cipher->key, cipher->key_size, pos, data + skip, OB_MIN(len - skip, cipher->size - pos));
    }
}

void ob_cipher_check(const struct ob_cipher *cipher, uint8_t check[OB_CIPHER_CHECK_SIZE])
{
    struct ob_sha256 sha;
    uint8_t digest[OB_DIGEST_SIZE] = {0};

    if (cipher->size > 0) {
        ob_sha256_start(&sha);
        ob_sha256_add(&sha, cipher, offsetof(struct ob_cipher, key) + cipher->key_size);
        ob_sha256_finish(&sha, digest);
        ob_wipe(&sha, sizeof(sha));
    }
    memcpy(check, digest, OB_CIPHER_CHECK_SIZE);
}
