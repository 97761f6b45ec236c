/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include <outboard/digest.h>
#include <outboard/util.h>

#include "../common/file.h"

#define PEM_MAX (64u << 10)

/* Keys that everybody can sign with. */
static const struct {
    const char *owner;
    uint8_t hash[OB_DIGEST_SIZE];
} demo_keys[] = {
    /* keys/demo-p256.pem */
    {"outboard", {0x5d, 0x77, 0x6e, 0xd3, 0xd1, 0x6e, 0x50, 0x3b, 0xab, 0x05, 0xf2, 0xcd, 0x6c, 0x1b, 0x25, 0xeb,
                  0x13, 0x6c, 0xf4, 0xcb, 0xcf, 0x20, 0x5c, 0x41, 0x28, 0xbb, 0x9c, 0xe4, 0x1c, 0x9a, 0xd7, 0x69}},
    /* root-ec-p256.pem in MCUboot's repository, the default of several SDKs */
    {"MCUboot", {0xe4, 0xa6, 0xfa, 0x71, 0x46, 0xa2, 0x7b, 0xfc, 0x5d, 0x77, 0xbf, 0xa1, 0x1e, 0xe3, 0x22, 0x49,
                 0x27, 0x37, 0x2a, 0x95, 0x27, 0xb9, 0x43, 0xed, 0x05, 0x8f, 0xe8, 0xfa, 0xf1, 0x91, 0xcc, 0xf3}},
};

const char *image_demo_key_of(const uint8_t hash[OB_DIGEST_SIZE])
{
    for (size_t i = 0; i < OB_ARRAY_SIZE(demo_keys); i++) {
        if (memcmp(demo_keys[i].hash, hash, OB_DIGEST_SIZE) == 0) {
            return demo_keys[i].owner;
        }
    }
    return NULL;
}

/* Blinds the computation of a public half that the file does not hold. */
static int random_bytes(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

static bool parse(mbedtls_pk_context *pk, const char *pem, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)pem;
    return mbedtls_pk_parse_key(pk, bytes, len + 1, NULL, 0, random_bytes, NULL) == 0 ||
           mbedtls_pk_parse_public_key(pk, bytes, len + 1) == 0; /* PEM: the length includes the NUL */
}

/* The algorithm of a key that Mbed TLS reads. false: none that images are signed with. */
static bool find_algorithm(const mbedtls_pk_context *pk, enum image_key_algorithm *out)
{
    static const struct {
        mbedtls_pk_type_t type;
        size_t bits;
        enum image_key_algorithm algorithm;
    } known[] = {
        {MBEDTLS_PK_ECKEY, 256, IMAGE_KEY_P256},
    };

    for (size_t i = 0; i < OB_ARRAY_SIZE(known); i++) {
        if (mbedtls_pk_get_type(pk) == known[i].type && mbedtls_pk_get_bitlen(pk) == known[i].bits) {
            *out = known[i].algorithm;
            return true;
        }
    }
    return false;
}

/* An elliptic curve key: its DER form ends with the point. */
static bool export_point(mbedtls_pk_context *pk, struct image_key *out)
{
    int len = mbedtls_pk_write_pubkey_der(pk, out->der, sizeof(out->der));
    uint32_t point = 2 * (uint32_t)((mbedtls_pk_get_bitlen(pk) + 7) / 8);
    if (len <= (int)point) {
        return false;
    }
    memmove(out->der, out->der + sizeof(out->der) - len, (size_t)len); /* written at the buffer's end */
    out->der_len = (uint32_t)len;
    out->data_len = point;
    memcpy(out->data, out->der + len - point, point);
    return true;
}

static bool export_public(mbedtls_pk_context *pk, struct image_key *out)
{
    return find_algorithm(pk, &out->algorithm) && export_point(pk, out);
}

enum ob_exit image_key_read(const char *path, struct image_key *out)
{
    struct ob_loc at = {.file = path};
    mbedtls_pk_context pk;
    char *pem;
    size_t len;
    enum ob_exit status = ob_file_read(path, PEM_MAX, &pem, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    *out = (struct image_key){0};
    mbedtls_pk_init(&pk);
    if (strstr(pem, "ENCRYPTED") != NULL) {
        ob_diag_error(&at, "is protected by a password; give its public half: imgtool getpub -e pem");
        status = OB_EXIT_USAGE;
    } else if (!parse(&pk, pem, len) || !export_public(&pk, out)) {
        ob_diag_error(&at, "holds no ECDSA P-256 key in PEM format; make one: imgtool keygen -t ecdsa-p256");
        status = OB_EXIT_USAGE;
    }
    mbedtls_pk_free(&pk);
    mbedtls_platform_zeroize(pem, len);
    free(pem);
    return status;
}

void image_key_bind(struct image_key *key, const struct ob_signature *type)
{
    union ob_hash_state state;

    type->hash->start(&state);
    type->hash->add(&state, key->der, key->der_len);
    type->hash->finish(&state, key->hash);
    key->key = (struct ob_key){.hash = key->hash, .data = key->data};
}

const char *image_key_demo(const struct image_key *key)
{
    struct ob_sha256 sha;
    uint8_t hash[OB_DIGEST_SIZE];

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, key->der, key->der_len);
    ob_sha256_finish(&sha, hash);
    return image_demo_key_of(hash);
}
