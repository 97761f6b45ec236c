/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_MBEDTLS_CONFIG_H
#define OB_MBEDTLS_CONFIG_H

/* What the firmware uses of Mbed TLS: hash functions, and its P-256 implementation made for small devices. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED

#if !__STDC_HOSTED__
#define MBEDTLS_PLATFORM_ZEROIZE_ALT /* public_data.c */
#endif

/* Host programs also read keys from PEM files. */
#if defined(OB_MBEDTLS_HOST)
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_MD_C
#define MBEDTLS_OID_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_PLATFORM_C
#endif

#endif
