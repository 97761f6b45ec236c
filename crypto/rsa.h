/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_RSA_H
#define OB_CRYPTO_RSA_H

#include <outboard/digest.h>

/**
 * Check an RSA signature, PSS with SHA-256 and a salt of 32 bytes, with the exponent 65537.
 *
 * @param key  modulus, then 2^(16 * len) mod it: len bytes each, little endian, aligned to 8 bytes
 * @param len  bytes of the modulus and of the signature, a multiple of 8
 */
OB_MUST_CHECK enum ob_verdict ob_rsa_verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature,
                                            uint32_t len);

#endif
