/* SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/platform_util.h>

/*
 * In firmware Mbed TLS hashes and verifies what everybody may read, and wiping its intermediate values would take a
 * fifth of a start. Whoever handles a secret wipes it with means of their own.
 */
void mbedtls_platform_zeroize(void *buf, size_t len)
{
    (void)buf;
    (void)len;
}
