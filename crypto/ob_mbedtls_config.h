/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_MBEDTLS_CONFIG_H
#define OB_MBEDTLS_CONFIG_H

/* What is used of Mbed TLS. Firmware links of it what its type of signature needs. */

/* Hash functions, and its P-256 implementation made for small devices. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
#if !defined(CONFIG_BOOT_HASH_FAST)
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#endif

/* AES, of which encrypted images need one direction: the tables of that one are in flash, and a quarter of them. */
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#if defined(CONFIG_BOOT_ENCRYPT_KEY_SIZE) && CONFIG_BOOT_ENCRYPT_KEY_SIZE == 16
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#endif

/* RSA uses the arithmetic only, P-384 all of it. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_PLATFORM_C

#if !__STDC_HOSTED__ /* firmware */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_SHA256_PROCESS_ALT   /* sha256_cortex_m.S */
#define MBEDTLS_PLATFORM_ZEROIZE_ALT /* public_data.c */
#define MBEDTLS_PLATFORM_MEMORY      /* heap_static.c */
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_EXIT_MACRO(status) __builtin_trap() /* its heap is broken */
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_MPI_WINDOW_SIZE 2 /* of RSA decryption: 1 KiB of stack */
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#else /* host programs also read keys from PEM files */
#define MBEDTLS_BASE64_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_MD_C
#define MBEDTLS_OID_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_RSA_C
#endif

#endif
