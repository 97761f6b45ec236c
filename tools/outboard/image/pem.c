/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include <outboard/digest.h>
#include <outboard/util.h>

#include "ed25519.h"
#include "monocypher.h"

#include "../common/file.h"

#define PEM_MAX (64u << 10)
#define RSA_EXPONENT 65537

int image_random(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

static bool parse(mbedtls_pk_context *pk, const char *pem, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)pem;
    return mbedtls_pk_parse_key(pk, bytes, len + 1, NULL, 0, image_random, NULL) == 0 ||
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
        {MBEDTLS_PK_ECKEY, 384, IMAGE_KEY_P384},
        {MBEDTLS_PK_RSA, 2048, IMAGE_KEY_RSA2048},
        {MBEDTLS_PK_RSA, 3072, IMAGE_KEY_RSA3072},
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

/* Turn big endian into little endian. */
static void reverse(uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[len - 1 - i];
        bytes[len - 1 - i] = byte;
    }
}

/* An RSA key: its modulus, and the number that brings others into Montgomery's form, which the device need not compute.
 */
static bool export_modulus(const mbedtls_rsa_context *rsa, struct image_key *out)
{
    const uint32_t len = (uint32_t)mbedtls_rsa_get_len(rsa);
    mbedtls_mpi modulus, exponent, square;
    mbedtls_mpi_init(&modulus);
    mbedtls_mpi_init(&exponent);
    mbedtls_mpi_init(&square);
    bool done = mbedtls_rsa_export(rsa, &modulus, NULL, NULL, NULL, &exponent) == 0 &&
                mbedtls_mpi_cmp_int(&exponent, RSA_EXPONENT) == 0 && mbedtls_mpi_set_bit(&square, 16 * len, 1) == 0 &&
                mbedtls_mpi_mod_mpi(&square, &square, &modulus) == 0 &&
                mbedtls_mpi_write_binary(&modulus, out->data, len) == 0 &&
                mbedtls_mpi_write_binary(&square, out->data + len, len) == 0;
    mbedtls_mpi_free(&square);
    mbedtls_mpi_free(&exponent);
    mbedtls_mpi_free(&modulus);
    reverse(out->data, len);
    reverse(out->data + len, len);
    out->data_len = 2 * len;
    return done;
}

/* imgtool hashes RSA keys in the form of PKCS #1. */
static bool export_rsa(mbedtls_pk_context *pk, struct image_key *out)
{
    unsigned char *end = out->der + sizeof(out->der);
    int len = mbedtls_pk_write_pubkey(&end, out->der, pk);
    if (len <= 0) {
        return false;
    }
    memmove(out->der, end, (size_t)len);
    out->der_len = (uint32_t)len;
    return export_modulus(mbedtls_pk_rsa(*pk), out);
}

static bool export_public(mbedtls_pk_context *pk, struct image_key *out)
{
    if (!find_algorithm(pk, &out->algorithm)) {
        return false;
    }
    return mbedtls_pk_get_type(pk) == MBEDTLS_PK_RSA ? export_rsa(pk, out) : export_point(pk, out);
}

/* Mbed TLS does not know Ed25519. Both forms (RFC 8410) are a fixed head and 32 bytes. */
static const uint8_t ed25519_public_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t ed25519_private_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                               0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

static void make_ed25519(const uint8_t public[ED25519_KEY_SIZE], struct image_key *out)
{
    out->algorithm = IMAGE_KEY_ED25519;
    memcpy(out->der, ed25519_public_head, sizeof(ed25519_public_head));
    memcpy(out->der + sizeof(ed25519_public_head), public, ED25519_KEY_SIZE);
    out->der_len = sizeof(ed25519_public_head) + ED25519_KEY_SIZE;
    memcpy(out->data, public, ED25519_KEY_SIZE);
    out->data_len = ED25519_KEY_SIZE;
}

/* The public half of a private key (RFC 8032, 5.1.5): the base point times the first half of its hash. */
static void public_from_seed(const uint8_t seed[ED25519_KEY_SIZE], uint8_t public[ED25519_KEY_SIZE])
{
    uint8_t expanded[OB_HASH_MAX];
    struct ob_sha512 sha;
    ob_sha512_start(&sha);
    ob_sha512_add(&sha, seed, ED25519_KEY_SIZE);
    ob_sha512_finish(&sha, expanded);
    crypto_eddsa_trim_scalar(expanded, expanded);
    crypto_eddsa_scalarbase(public, expanded);
    mbedtls_platform_zeroize(expanded, sizeof(expanded));
}

static bool is_ed25519(const uint8_t *der, size_t len, const uint8_t *head, size_t head_len)
{
    return len == head_len + ED25519_KEY_SIZE && memcmp(der, head, head_len) == 0;
}

static bool parse_ed25519(const char *pem, const char *begin, const char *end, struct image_key *out)
{
    mbedtls_pem_context context;
    uint8_t public[ED25519_KEY_SIZE];
    size_t used;
    size_t len;
    bool found = false;
    mbedtls_pem_init(&context);
    if (mbedtls_pem_read_buffer(&context, begin, end, (const unsigned char *)pem, NULL, 0, &used) == 0) {
        const uint8_t *der = mbedtls_pem_get_buffer(&context, &len);
        if (is_ed25519(der, len, ed25519_public_head, sizeof(ed25519_public_head))) {
            make_ed25519(der + sizeof(ed25519_public_head), out);
            found = true;
        } else if (is_ed25519(der, len, ed25519_private_head, sizeof(ed25519_private_head))) {
            public_from_seed(der + sizeof(ed25519_private_head), public);
            make_ed25519(public, out);
            found = true;
        }
    }
    mbedtls_pem_free(&context);
    return found;
}

static bool read_ed25519(const char *pem, struct image_key *out)
{
    return parse_ed25519(pem, "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", out) ||
           parse_ed25519(pem, "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", out);
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
    *out = (struct image_key){.is_private = strstr(pem, "PRIVATE KEY") != NULL};
    mbedtls_pk_init(&pk);
    if (strstr(pem, "ENCRYPTED") != NULL) {
        ob_diag_error(&at, "is protected by a password; give its public half (imgtool getpub -e pem), or to sign with "
                           "it write it without one");
        status = OB_EXIT_USAGE;
    } else if (!image_key_is_alone(path, pem)) {
        status = OB_EXIT_USAGE;
    } else if (!read_ed25519(pem, out) && (!parse(&pk, pem, len) || !export_public(&pk, out))) {
        char other[80];
        image_other_key_text(pem, len, IMAGE_KEY_SIGNS, other, sizeof(other));
        ob_diag_error(&at,
                      "holds %s, where an RSA-2048, RSA-3072, ECDSA P-256, ECDSA P-384 or Ed25519 key in PEM format is "
                      "needed; make one: imgtool keygen -t ecdsa-p256",
                      other);
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
