/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/signature.h>
#include <outboard/tlv.h>

#include "rsa.h"

#define BYTES (2048 / 8)

static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    return len == BYTES ? ob_rsa_verify(key, digest, signature, BYTES) : OB_VERDICT_REJECTED;
}

const struct ob_signature ob_signature_rsa2048 = {
    .kind = OB_KIND_RSA2048,
    .tlv = OB_TLV_RSA2048,
    .size_max = BYTES,
    .hash = &ob_hash_sha256,
    .verify = verify,
};
