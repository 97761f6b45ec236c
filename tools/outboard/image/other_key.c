/* SPDX-License-Identifier: Apache-2.0 */
/* What a file holds that no key was found in: by name, as far as it says so itself. */
#include "image.h"

#include <stdio.h>
#include <string.h>

#include <mbedtls/pem.h>
#include <mbedtls/pk.h>

#include <outboard/util.h>

#define LABEL_MAX 40u
#define RSA_EXPONENT 65537
#define DASHES "-----"
#define BEGIN DASHES "BEGIN "

/* Object identifiers as DER has them: RFC 8410, RFC 5480, RFC 4055, SEC 2, RFC 5639, X9.62. */
static const struct {
    const char *oid;
    size_t len;
    const char *text;
    unsigned uses; /* whoever looks for a key with this use knows such keys: then this one is damaged */
} oids[] = {
    {"\x06\x03\x2b\x65\x6e", 5, "an X25519 key, which encrypts", IMAGE_KEY_ENCRYPTS},
    {"\x06\x03\x2b\x65\x70", 5, "an Ed25519 key, which signs", IMAGE_KEY_SIGNS},
    {"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10, "an ECDSA P-256 key", IMAGE_KEY_SIGNS | IMAGE_KEY_ENCRYPTS},
    {"\x06\x05\x2b\x81\x04\x00\x22", 7, "an ECDSA P-384 key, which signs", IMAGE_KEY_SIGNS},
    {"\x06\x05\x2b\x81\x04\x00\x23", 7, "a key of the curve P-521", 0},
    {"\x06\x05\x2b\x81\x04\x00\x0a", 7, "a key of the curve secp256k1", 0},
    {"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01", 10, "a key of a Brainpool curve", 0},
    {"\x06\x07\x2a\x86\x48\xce\x3d\x01\x01", 9, "a key that gives its curve by numbers, not by name", 0},
    {"\x06\x03\x2b\x65\x6f", 5, "an X448 key", 0},
    {"\x06\x03\x2b\x65\x71", 5, "an Ed448 key", 0},
    {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 11, "a key for RSA-PSS only", 0},
};

/* PEM blocks that are other things than keys, or keys in a form of somebody's own. */
static const struct {
    const char *label;
    const char *text;
} labels[] = {
    {"OPENSSH PRIVATE KEY", "a key in the form of OpenSSH"},
    {"CERTIFICATE", "a certificate"},
    {"CERTIFICATE REQUEST", "a request for a certificate"},
};

static const char *text_of_der(const uint8_t *der, size_t len, unsigned use)
{
    for (size_t i = 0; i < OB_ARRAY_SIZE(oids); i++) {
        if (memmem(der, len, oids[i].oid, oids[i].len) != NULL) {
            return (oids[i].uses & use) == 0 ? oids[i].text : NULL;
        }
    }
    return NULL;
}

static bool has_usual_exponent(const mbedtls_pk_context *pk)
{
    mbedtls_mpi exponent;

    mbedtls_mpi_init(&exponent);
    bool usual = mbedtls_rsa_export(mbedtls_pk_rsa(*pk), NULL, NULL, NULL, NULL, &exponent) == 0 &&
                 mbedtls_mpi_cmp_int(&exponent, RSA_EXPONENT) == 0;
    mbedtls_mpi_free(&exponent);
    return usual;
}

/* Mbed TLS reads RSA keys of any size. */
static bool describe_rsa(const char *pem, size_t len, char *out, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)pem;
    mbedtls_pk_context pk;

    mbedtls_pk_init(&pk);
    bool is_rsa = (mbedtls_pk_parse_key(&pk, bytes, len + 1, NULL, 0, image_random, NULL) == 0 ||
                   mbedtls_pk_parse_public_key(&pk, bytes, len + 1) == 0) &&
                  mbedtls_pk_get_type(&pk) == MBEDTLS_PK_RSA;
    if (is_rsa) {
        snprintf(out, size, "an RSA key of %zu bits%s", mbedtls_pk_get_bitlen(&pk),
                 has_usual_exponent(&pk) ? "" : " whose exponent is not 65537");
    }
    mbedtls_pk_free(&pk);
    return is_rsa;
}

static const char *text_of_block(const char *pem, const char *label, unsigned use)
{
    char begin[LABEL_MAX + 20];
    char end[LABEL_MAX + 20];
    mbedtls_pem_context context;
    const char *text = NULL;
    size_t used;
    size_t len;

    for (size_t i = 0; i < OB_ARRAY_SIZE(labels); i++) {
        text = strcmp(label, labels[i].label) == 0 ? labels[i].text : text;
    }
    snprintf(begin, sizeof(begin), BEGIN "%s" DASHES, label);
    snprintf(end, sizeof(end), DASHES "END %s" DASHES, label);
    if (strstr(pem, end) == NULL) {
        return "a key that is cut short";
    }
    mbedtls_pem_init(&context);
    if (text == NULL &&
        mbedtls_pem_read_buffer(&context, begin, end, (const unsigned char *)pem, NULL, 0, &used) == 0) {
        const uint8_t *der = mbedtls_pem_get_buffer(&context, &len);
        text = text_of_der(der, len, use);
    }
    mbedtls_pem_free(&context);
    return text != NULL ? text : "something that cannot be read as a key";
}

void image_other_key_text(const char *pem, size_t len, enum image_key_use use, char *out, size_t size)
{
    const char *begin = strstr(pem, BEGIN);
    char label[LABEL_MAX + 1];

    if (len == 0) {
        snprintf(out, size, "nothing");
    } else if (begin == NULL) {
        snprintf(out, size, "no text in PEM format");
    } else if (!describe_rsa(pem, len, out, size)) {
        const size_t label_len = strcspn(begin + strlen(BEGIN), "-\r\n");
        snprintf(label, sizeof(label), "%.*s", (int)OB_MIN(label_len, LABEL_MAX), begin + strlen(BEGIN));
        snprintf(out, size, "%s", text_of_block(pem, label, use));
    }
}

static unsigned count_of(const char *pem, const char *what)
{
    unsigned count = 0;

    for (const char *at = strstr(pem, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

bool image_key_is_alone(const char *path, const char *pem)
{
    bool alone = count_of(pem, "PRIVATE KEY" DASHES) <= 2 && count_of(pem, "PUBLIC KEY" DASHES) <= 2; /* begin, end */

    if (!alone) {
        ob_diag_error(&(struct ob_loc){.file = path}, "holds several keys; write each into a file of its own");
    }
    return alone;
}
