/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/signature.h>
#include <outboard/tlv.h>

static enum ob_verdict verify(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    uint8_t scalars[OB_P256_SIGNATURE_SIZE];

    if (!ob_ecdsa_from_der(signature, len, scalars, OB_P256_SIGNATURE_SIZE / 2)) {
        return OB_VERDICT_REJECTED;
    }
    return ob_p256_verify(key, digest, scalars);
}

const struct ob_signature ob_signature_p256 = {
    .kind = OB_KIND_P256,
    .tlv = OB_TLV_ECDSA,
    .size_max = OB_ECDSA_DER_MAX,
    .hash = &ob_hash_sha256,
    .verify = verify,
};
