/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032): the curve is Monocypher's, SHA-512 is Mbed TLS'. */
#include "ed25519.h"

#include <outboard/verdict.h>

#include "monocypher.h"

#define REDUCED_SIZE 32u

enum ob_verdict ob_ed25519_verify_hashed(const uint8_t *key, const uint8_t hash[ED25519_HASH_SIZE],
                                         const uint8_t *signature, uint32_t len)
{
    uint8_t reduced[REDUCED_SIZE];

    if (len != ED25519_SIGNATURE_SIZE) {
        return OB_VERDICT_REJECTED;
    }
    crypto_eddsa_reduce(reduced, hash);
    const int first = crypto_eddsa_check_equation(signature, key, reduced);
    const int second = OB_FIH_TWICE ? crypto_eddsa_check_equation(signature, key, reduced) : first;
    return ob_verdict_of_two(first == 0, second == 0);
}

enum ob_verdict ob_ed25519_verify(const uint8_t *key, const uint8_t *message, uint32_t message_len,
                                  const uint8_t *signature, uint32_t len)
{
    uint8_t hash[ED25519_HASH_SIZE];
    struct ob_sha512 sha;

    if (len != ED25519_SIGNATURE_SIZE) {
        return OB_VERDICT_REJECTED;
    }
    ob_sha512_start(&sha);
    ob_sha512_add(&sha, signature, ED25519_KEY_SIZE); /* R */
    ob_sha512_add(&sha, key, ED25519_KEY_SIZE);
    ob_sha512_add(&sha, message, message_len);
    ob_sha512_finish(&sha, hash);
    return ob_ed25519_verify_hashed(key, hash, signature, len);
}
