/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/signature.h>
#include <outboard/tlv.h>

#include "ed25519.h"

/* The image is the message: what is computed of it is what RFC 8032 hashes. */
static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    return ob_ed25519_verify_hashed(key, digest, signature, len);
}

const struct ob_signature ob_signature_ed25519_pure = {
    .kind = OB_KIND_ED25519_PURE,
    .tlv = OB_TLV_ED25519,
    .size_max = ED25519_SIGNATURE_SIZE,
    .pure = true,
    .hash = &ob_hash_sha512,
    .verify = verify,
};
