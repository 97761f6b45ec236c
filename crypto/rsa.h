/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_RSA_H
#define OB_CRYPTO_RSA_H

#include <outboard/digest.h>

/** Copy bytes in reverse order: big endian to little endian, and back. */
void ob_rsa_reverse(void *dst, const void *src, uint32_t len);

/** Remove the mask MGF1(seed) with SHA-256 (RFC 8017, appendix B.2.1) from data of at most 8,192 bytes. */
void ob_rsa_unmask(uint8_t *data, uint32_t len, const uint8_t *seed, uint32_t seed_len);

/**
 * Check an RSA signature, PSS with SHA-256 and a salt of 32 bytes, with the exponent 65537.
 *
 * @param key  modulus, then 2^(16 * len) mod it: len bytes each, little endian, aligned to 8 bytes
 * @param len  bytes of the modulus and of the signature, a multiple of 8
 */
OB_MUST_CHECK enum ob_verdict ob_rsa_verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature,
                                            uint32_t len);

#endif
