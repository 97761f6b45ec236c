/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any signature of any length, for any key and digest, in each way that there is: decoding and judging it neither reads
 * nor writes where it must not.
 *
 * What it does not show: the libraries' arithmetic, in whose place functions stand that read what they are given and
 * come to anything; that the verdict is right; that both numbers of an ECDSA signature were written before they are
 * read: fuzz_signature under sanitizers does.
 */
#include <__fc_builtin.h>

#include <mbedtls/ecdsa.h>
#include <monocypher.h>

#include <outboard/signature.h>

#include "../../crypto/heap.h"
#include "any.h"

#define LEN_MAX 65535u /* a TLV states 16 bits */
#define KEY_SIZE 768u  /* the longest: RSA-3072's */

static volatile int any_int;
static volatile enum ob_verdict any_verdict;

/* ---- P-256 ---- */

enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE], const uint8_t digest[OB_DIGEST_SIZE],
                               const uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    //@ assert \valid_read(point + (0 .. OB_P256_POINT_SIZE - 1)) && \valid_read(digest + (0 .. OB_DIGEST_SIZE - 1));
    //@ assert \valid_read(signature + (0 .. OB_P256_SIGNATURE_SIZE - 1));
    (void)point;
    (void)digest;
    (void)signature;
    return any_verdict;
}

/* ---- P-384 ---- */

void ob_crypto_heap_start(void)
{
}

void mbedtls_ecp_group_init(mbedtls_ecp_group *grp)
{
    Frama_C_make_unknown((char *)grp, sizeof(*grp));
}

void mbedtls_ecp_point_init(mbedtls_ecp_point *pt)
{
    Frama_C_make_unknown((char *)pt, sizeof(*pt));
}

void mbedtls_mpi_init(mbedtls_mpi *X)
{
    Frama_C_make_unknown((char *)X, sizeof(*X));
}

void mbedtls_ecp_group_free(mbedtls_ecp_group *grp)
{
    //@ assert \initialized((char *)grp + (0 .. sizeof(*grp) - 1));
    (void)grp;
}

void mbedtls_ecp_point_free(mbedtls_ecp_point *pt)
{
    //@ assert \initialized((char *)pt + (0 .. sizeof(*pt) - 1));
    (void)pt;
}

void mbedtls_mpi_free(mbedtls_mpi *X)
{
    //@ assert \initialized((char *)X + (0 .. sizeof(*X) - 1));
    (void)X;
}

int mbedtls_ecp_group_load(mbedtls_ecp_group *grp, mbedtls_ecp_group_id id)
{
    (void)id;
    Frama_C_make_unknown((char *)grp, sizeof(*grp));
    return any_int;
}

int mbedtls_ecp_point_read_binary(const mbedtls_ecp_group *grp, mbedtls_ecp_point *P, const unsigned char *buf,
                                  size_t ilen)
{
    //@ assert \valid_read(buf + (0 .. ilen - 1)) && \initialized(buf + (0 .. ilen - 1));
    (void)grp;
    (void)buf;
    (void)ilen;
    Frama_C_make_unknown((char *)P, sizeof(*P));
    return any_int;
}

int mbedtls_ecp_check_pubkey(const mbedtls_ecp_group *grp, const mbedtls_ecp_point *pt)
{
    (void)grp;
    (void)pt;
    return any_int;
}

int mbedtls_mpi_read_binary(mbedtls_mpi *X, const unsigned char *buf, size_t buflen)
{
    //@ assert \valid_read(buf + (0 .. buflen - 1));
    (void)buf;
    (void)buflen;
    Frama_C_make_unknown((char *)X, sizeof(*X));
    return any_int;
}

int mbedtls_ecdsa_verify(mbedtls_ecp_group *grp, const unsigned char *buf, size_t blen, const mbedtls_ecp_point *Q,
                         const mbedtls_mpi *r, const mbedtls_mpi *s)
{
    //@ assert \valid_read(buf + (0 .. blen - 1)) && \initialized(buf + (0 .. blen - 1));
    (void)grp;
    (void)buf;
    (void)blen;
    (void)Q;
    (void)r;
    (void)s;
    return any_int;
}

/* ---- Ed25519 ---- */

void crypto_eddsa_reduce(uint8_t reduced[32], const uint8_t expanded[64])
{
    //@ assert \valid_read(expanded + (0 .. 63)) && \initialized(expanded + (0 .. 63));
    (void)expanded;
    Frama_C_make_unknown((char *)reduced, 32);
}

int crypto_eddsa_check_equation(const uint8_t signature[64], const uint8_t public_key[32], const uint8_t h[32])
{
    //@ assert \valid_read(signature + (0 .. 63)) && \valid_read(public_key + (0 .. 31));
    //@ assert \valid_read(h + (0 .. 31)) && \initialized(h + (0 .. 31));
    (void)signature;
    (void)public_key;
    (void)h;
    return any_int;
}

/* ---- each type ---- */

static void verify(const struct ob_signature *type)
{
    static uint64_t key[KEY_SIZE / sizeof(uint64_t)];
    static uint8_t signature[OB_SIGNATURE_MAX];
    static uint8_t digest[OB_HASH_MAX];
    uint32_t len = any_u32() % (LEN_MAX + 1);

    Frama_C_make_unknown((char *)key, sizeof(key));
    Frama_C_make_unknown((char *)signature, sizeof(signature));
    Frama_C_make_unknown((char *)digest, sizeof(digest));
    if (len <= type->size_max) { /* longer ones are refused before: image.c */
        (void)!type->verify((const uint8_t *)key, digest, signature + sizeof(signature) - type->size_max, len);
    }
}

int main(void)
{
    verify(&ob_signature_p256);
    verify(&ob_signature_p384);
    verify(&ob_signature_rsa2048);
    verify(&ob_signature_rsa3072);
    verify(&ob_signature_ed25519);
    verify(&ob_signature_ed25519_sha512);
    verify(&ob_signature_ed25519_pure);
    return 0;
}
