/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>

/* Mbed TLS' results are ignored, as in sha256.c. */

void ob_sha512_start(struct ob_sha512 *sha)
{
    mbedtls_sha512_init(&sha->ctx);
    (void)mbedtls_sha512_starts(&sha->ctx, 0);
}

void ob_sha384_start(struct ob_sha512 *sha)
{
    mbedtls_sha512_init(&sha->ctx);
    (void)mbedtls_sha512_starts(&sha->ctx, 1);
}

void ob_sha512_add(struct ob_sha512 *sha, const void *data, uint32_t len)
{
    (void)mbedtls_sha512_update(&sha->ctx, data, len);
}

void ob_sha512_finish(struct ob_sha512 *sha, uint8_t *digest)
{
    (void)mbedtls_sha512_finish(&sha->ctx, digest);
}
