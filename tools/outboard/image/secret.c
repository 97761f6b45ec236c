/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that content keys of encrypted images are unwrapped with. */
#include "image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/base64.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include <outboard/digest.h>
#include <outboard/tlv.h>
#include <outboard/util.h>

#include "../common/file.h"

#define FILE_MAX (64u << 10)
#define SCALAR_SIZE 32u
#define RSA_SIZE 256u

static const struct image_wrap wraps[] = {
    {"ecies-p256", "ob_wrap_ec256", &ob_wrap_ec256, IMAGE_SECRET_P256},
    {"ecies-x25519", "ob_wrap_x25519", &ob_wrap_x25519, IMAGE_SECRET_X25519},
    {"ecies-x25519-sha512", "ob_wrap_x25519_sha512", &ob_wrap_x25519_sha512, IMAGE_SECRET_X25519},
    {"rsa-2048", "ob_wrap_rsa", &ob_wrap_rsa, IMAGE_SECRET_RSA},
    {"aes-kw", "ob_wrap_kw", &ob_wrap_kw, IMAGE_SECRET_KW},
};

const struct image_wrap *image_wrap_named(const char *name)
{
    return image_row_named(wraps, OB_ARRAY_SIZE(wraps), sizeof(wraps[0]), name);
}

const struct image_wrap *image_wrap_for(enum image_secret_kind kind, uint16_t tlv)
{
    const struct image_wrap *first = NULL;

    for (size_t i = OB_ARRAY_SIZE(wraps); i-- > 0;) {
        if (wraps[i].kind == kind && (first == NULL || first->wrap->tlv != tlv)) {
            first = &wraps[i];
        }
    }
    return first;
}

void image_wrap_names(char *out, size_t size)
{
    image_row_names(wraps, OB_ARRAY_SIZE(wraps), sizeof(wraps[0]), out, size);
}

const char *image_secret_text(enum image_secret_kind kind)
{
    static const char *const text[] = {
        [IMAGE_SECRET_P256] = "an ECDSA P-256 key",
        [IMAGE_SECRET_X25519] = "an X25519 key",
        [IMAGE_SECRET_RSA] = "an RSA-2048 key",
        [IMAGE_SECRET_KW] = "an AES key",
    };

    return text[kind];
}

const char *image_secret_demo(const struct image_secret *secret)
{
    struct ob_sha256 sha;
    uint8_t hash[OB_DIGEST_SIZE];

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, secret->bytes, secret->len);
    ob_sha256_finish(&sha, hash);
    return image_demo_key_of(hash);
}

static bool export_scalar(const mbedtls_pk_context *pk, struct image_secret *out)
{
    const mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*pk);
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi number;

    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&number);
    bool done = mbedtls_ecp_export(pair, &group, &number, &point) == 0 &&
                mbedtls_mpi_write_binary(&number, out->bytes, SCALAR_SIZE) == 0;
    mbedtls_mpi_free(&number);
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
    out->kind = IMAGE_SECRET_P256;
    out->len = SCALAR_SIZE;
    return done;
}

/* Modulus, the number that brings others into Montgomery's form, and the exponent: all little endian. */
static bool export_rsa(const mbedtls_pk_context *pk, struct image_secret *out)
{
    mbedtls_mpi modulus, exponent, square;

    mbedtls_mpi_init(&modulus);
    mbedtls_mpi_init(&exponent);
    mbedtls_mpi_init(&square);
    bool done = mbedtls_rsa_export(mbedtls_pk_rsa(*pk), &modulus, NULL, NULL, &exponent, NULL) == 0 &&
                mbedtls_mpi_set_bit(&square, 16 * RSA_SIZE, 1) == 0 &&
                mbedtls_mpi_mod_mpi(&square, &square, &modulus) == 0 &&
                mbedtls_mpi_write_binary_le(&modulus, out->bytes, RSA_SIZE) == 0 &&
                mbedtls_mpi_write_binary_le(&square, out->bytes + RSA_SIZE, RSA_SIZE) == 0 &&
                mbedtls_mpi_write_binary_le(&exponent, out->bytes + 2 * RSA_SIZE, RSA_SIZE) == 0;
    mbedtls_mpi_free(&square);
    mbedtls_mpi_free(&exponent);
    mbedtls_mpi_free(&modulus);
    out->kind = IMAGE_SECRET_RSA;
    out->len = 3 * RSA_SIZE;
    return done;
}

/* Mbed TLS reads no X25519 key. Its private form (RFC 8410) is a fixed head and 32 bytes. */
static bool read_x25519(const char *pem, struct image_secret *out)
{
    static const uint8_t head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                   0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20};
    mbedtls_pem_context context;
    size_t used;
    size_t len;
    bool found = false;

    mbedtls_pem_init(&context);
    if (mbedtls_pem_read_buffer(&context, "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
                                (const unsigned char *)pem, NULL, 0, &used) == 0) {
        const uint8_t *der = mbedtls_pem_get_buffer(&context, &len);
        if (len == sizeof(head) + SCALAR_SIZE && memcmp(der, head, sizeof(head)) == 0) {
            memcpy(out->bytes, der + sizeof(head), SCALAR_SIZE);
            out->kind = IMAGE_SECRET_X25519;
            out->len = SCALAR_SIZE;
            found = true;
        }
    }
    mbedtls_pem_free(&context);
    return found;
}

static bool read_other(const char *pem, size_t len, struct image_secret *out)
{
    mbedtls_pk_context pk;
    bool found = false;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_key(&pk, (const unsigned char *)pem, len + 1, NULL, 0, image_random, NULL) == 0) {
        if (mbedtls_pk_get_type(&pk) == MBEDTLS_PK_ECKEY && mbedtls_pk_get_bitlen(&pk) == 256) {
            found = export_scalar(&pk, out);
        } else if (mbedtls_pk_get_type(&pk) == MBEDTLS_PK_RSA && mbedtls_pk_get_bitlen(&pk) == 8 * RSA_SIZE) {
            found = export_rsa(&pk, out);
        }
    }
    mbedtls_pk_free(&pk);
    return found;
}

/* A key for AES-KW is no more than its bytes, in base64 as MCUboot's are, or as they are. */
static bool read_kw(const char *data, size_t len, struct image_secret *out)
{
    size_t decoded = strcspn(data, "\r\n");

    if (len == 16 || len == 32) {
        memcpy(out->bytes, data, len);
    } else if (mbedtls_base64_decode(out->bytes, sizeof(out->bytes), &len, (const unsigned char *)data, decoded) != 0 ||
               (len != 16 && len != 32)) {
        return false;
    }
    out->kind = IMAGE_SECRET_KW;
    out->len = (uint32_t)len;
    return true;
}

enum ob_exit image_secret_read(const char *path, struct image_secret *out)
{
    struct ob_loc at = {.file = path};
    char *text;
    size_t len;
    enum ob_exit status = ob_file_read(path, FILE_MAX, &text, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    *out = (struct image_secret){0};
    if (strstr(text, "ENCRYPTED") != NULL) {
        ob_diag_error(&at, "is protected by a password; write it without one, into a file that nobody else can read");
        status = OB_EXIT_USAGE;
    } else if (strstr(text, "PUBLIC KEY") != NULL && strstr(text, "PRIVATE KEY") == NULL) {
        ob_diag_error(&at,
                      "is a public key, and images are decrypted with the private one; name the private key's file");
        status = OB_EXIT_USAGE;
    } else if (!image_key_is_alone(path, text)) {
        status = OB_EXIT_USAGE;
    } else if (!read_kw(text, len, out) && !read_x25519(text, out) && !read_other(text, len, out)) {
        char other[80];
        image_other_key_text(text, len, IMAGE_KEY_ENCRYPTS, other, sizeof(other));
        ob_diag_error(
            &at,
            "holds %s, where a private ECDSA P-256, X25519 or RSA-2048 key in PEM format is needed, or the 16 "
            "or 32 bytes of an AES key; make one: imgtool keygen -t ecdsa-p256",
            other);
        status = OB_EXIT_USAGE;
    }
    mbedtls_platform_zeroize(text, len);
    free(text);
    return status;
}

/* The type of the TLV that holds the content key; 0: there is none. */
static uint16_t wrapped_tlv(const struct image_file *file)
{
    struct image_facts facts;
    struct image_tlv tlv;
    uint32_t off = 0;

    if (image_facts_read(file, &facts) != NULL) {
        return 0;
    }
    while (image_tlv_next(file, facts.unprotected_area, facts.unprotected_size, &off, &tlv)) {
        if (tlv.type >= OB_TLV_ENC_RSA2048 && tlv.type <= OB_TLV_ENC_X25519_SHA512) {
            return tlv.type;
        }
    }
    return 0;
}

const struct image_wrap *image_wrap_of(const struct image_file *file)
{
    const uint16_t tlv = wrapped_tlv(file);
    const struct image_wrap *found = NULL;

    for (size_t i = 0; i < OB_ARRAY_SIZE(wraps); i++) {
        found = wraps[i].wrap->tlv == tlv ? &wraps[i] : found;
    }
    return found;
}

static uint8_t key_size(const struct image_file *file)
{
    return file->len >= OB_IMAGE_HEADER_SIZE && (ob_get_le32(file->bytes + 16) & OB_IMAGE_AES256) != 0 ? 32 : 16;
}

enum ob_exit image_decryption_read(const char *path, const struct image_file *file, struct image_secret *secret,
                                   struct ob_decryption *out)
{
    enum ob_exit status = image_secret_read(path, secret);

    if (status != OB_EXIT_OK) {
        return status;
    }
    *out = (struct ob_decryption){
        .wrap = image_wrap_for(secret->kind, wrapped_tlv(file))->wrap, .key = secret->bytes, .size = key_size(file)};
    if (secret->kind == IMAGE_SECRET_KW && secret->len != out->size) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "has %" PRIu32 " bytes, but this image is encrypted with AES-%u; name a key as long as that",
                      secret->len, 8u * out->size);
        status = OB_EXIT_USAGE;
    }
    return status;
}
