/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* All that a virtual board wants of Mbed TLS. */
#define MBEDTLS_SHA256_C
