/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_CRYPTO_ED25519_H
#define OB_CRYPTO_ED25519_H

#include <outboard/digest.h>

#define ED25519_KEY_SIZE 32u
#define ED25519_SIGNATURE_SIZE 64u
#define ED25519_HASH_SIZE 64u

/** Check a signature over a message. */
OB_MUST_CHECK enum ob_verdict ob_ed25519_verify(const uint8_t *key, const uint8_t *message, uint32_t message_len,
                                                const uint8_t *signature, uint32_t len);

/** The same, where the SHA-512 of the signature's first half, the key and the message is known. */
OB_MUST_CHECK enum ob_verdict ob_ed25519_verify_hashed(const uint8_t *key, const uint8_t hash[ED25519_HASH_SIZE],
                                                       const uint8_t *signature, uint32_t len);

#endif
