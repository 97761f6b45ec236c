/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any TLV with a content key, of any length, for any key of the device: unwrapping it, in each way that there is, and
 * decrypting with what it holds neither reads nor writes where it must not.
 *
 * What it does not show: the libraries' arithmetic, in whose place functions stand that read what they are given and
 * come to anything.
 */
#include <__fc_builtin.h>

#include <mbedtls/aes.h>
#include <monocypher.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>

#include "any.h"

#define KEY_SIZE 768u /* the longest: RSA's */

bool ob_p256_share(const uint8_t private[OB_P256_SCALAR_SIZE], const uint8_t point[OB_P256_POINT_SIZE],
                   uint8_t secret[OB_P256_SCALAR_SIZE])
{
    //@ assert \valid_read(private + (0 .. OB_P256_SCALAR_SIZE - 1));
    //@ assert \valid_read(point + (0 .. OB_P256_POINT_SIZE - 1));
    (void)private;
    (void)point;
    Frama_C_make_unknown((char *)secret, OB_P256_SCALAR_SIZE);
    return any_bool();
}

void crypto_x25519(uint8_t shared[32], const uint8_t private[32], const uint8_t public[32])
{
    //@ assert \valid_read(private + (0 .. 31)) && \valid_read(public + (0 .. 31));
    (void)private;
    (void)public;
    Frama_C_make_unknown((char *)shared, 32);
}

void mbedtls_aes_init(mbedtls_aes_context *aes)
{
    Frama_C_make_unknown((char *)aes, sizeof(*aes));
}

int mbedtls_aes_setkey_enc(mbedtls_aes_context *aes, const unsigned char *key, unsigned int bits)
{
    //@ assert \valid_read(key + (0 .. bits / 8 - 1)) && \initialized(key + (0 .. bits / 8 - 1));
    (void)key;
    (void)bits;
    Frama_C_make_unknown((char *)aes, sizeof(*aes));
    return 0;
}

int mbedtls_aes_setkey_dec(mbedtls_aes_context *aes, const unsigned char *key, unsigned int bits)
{
    return mbedtls_aes_setkey_enc(aes, key, bits);
}

int mbedtls_internal_aes_encrypt(mbedtls_aes_context *aes, const unsigned char in[16], unsigned char out[16])
{
    //@ assert \valid_read(in + (0 .. 15)) && \initialized(in + (0 .. 15));
    (void)aes;
    (void)in;
    Frama_C_make_unknown((char *)out, 16);
    return 0;
}

int mbedtls_internal_aes_decrypt(mbedtls_aes_context *aes, const unsigned char in[16], unsigned char out[16])
{
    return mbedtls_internal_aes_encrypt(aes, in, out);
}

static void unwrap(const struct ob_key_wrap *wrap)
{
    static uint64_t key[KEY_SIZE / sizeof(uint64_t)];
    static uint8_t wrapped[OB_WRAPPED_MAX];
    static uint8_t data[100];

    Frama_C_make_unknown((char *)key, sizeof(key));
    Frama_C_make_unknown((char *)wrapped, sizeof(wrapped));
    Frama_C_make_unknown((char *)data, sizeof(data));
    for (uint32_t size = 16; size <= 32; size += 16) {
        struct ob_cipher cipher = {.start = any_u32(), .size = any_u32(), .key_size = size};
        uint8_t check[OB_CIPHER_CHECK_SIZE];
        const uint32_t len = any_u32() % (OB_WRAPPED_MAX + 1); /* longer ones are refused before: image.c */
        //@ split len;
        if (wrap->unwrap((const uint8_t *)key, wrapped + sizeof(wrapped) - len, len, cipher.key, size)) {
            ob_cipher_check(&cipher, check);
            ob_aes_ctr(cipher.key, size, any_u32(), data, any_u32() % (sizeof(data) + 1));
        }
        //@ merge len;
    }
}

int main(void)
{
    unwrap(&ob_wrap_ec256);
    unwrap(&ob_wrap_x25519);
    unwrap(&ob_wrap_x25519_sha512);
    unwrap(&ob_wrap_kw);
    unwrap(&ob_wrap_rsa);
    return 0;
}
