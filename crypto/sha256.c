/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <outboard/digest.h>

_Static_assert(offsetof(mbedtls_sha256_context, MBEDTLS_PRIVATE(state)) == 72, "as sha256_cortex_m.S has it");

/* Mbed TLS' results are ignored: its software SHA-256 can fail only on a null pointer or on SHA-224 switched off. */

void ob_sha256_start(struct ob_sha256 *sha)
{
    mbedtls_sha256_init(&sha->ctx);
    (void)mbedtls_sha256_starts(&sha->ctx, 0);
}

void ob_sha256_add(struct ob_sha256 *sha, const void *data, uint32_t len)
{
    (void)mbedtls_sha256_update(&sha->ctx, data, len);
}

void ob_sha256_finish(struct ob_sha256 *sha, uint8_t digest[OB_DIGEST_SIZE])
{
    (void)mbedtls_sha256_finish(&sha->ctx, digest);
}
