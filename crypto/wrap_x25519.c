/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/cipher.h>
#include <outboard/tlv.h>

#include "x25519.h"

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    return ob_x25519_unwrap(&ob_hash_sha256, key, wrapped, len, out, size);
}

const struct ob_key_wrap ob_wrap_x25519 = {
    .kind = OB_KIND_WRAP_X25519,
    .tlv = OB_TLV_ENC_X25519,
    .unwrap = unwrap,
};
