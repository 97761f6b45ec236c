/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/signature.h>
#include <outboard/tlv.h>

#include "ed25519.h"

/* The digest is the message. */
static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    return ob_ed25519_verify(key, digest, ob_hash_sha512.size, signature, len);
}

const struct ob_signature ob_signature_ed25519_sha512 = {
    .kind = OB_KIND_ED25519_SHA512,
    .tlv = OB_TLV_ED25519,
    .size_max = ED25519_SIGNATURE_SIZE,
    .hash = &ob_hash_sha512,
    .verify = verify,
};
