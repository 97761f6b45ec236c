/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/cipher.h>
#include <outboard/tlv.h>

#include "ecies.h"

#define UNCOMPRESSED 0x04 /* X and Y follow */
#define POINT_OFF 1u
#define TAG_OFF (POINT_OFF + OB_P256_POINT_SIZE)

static bool unwrap(const uint8_t *key, const uint8_t *wrapped, uint32_t len, uint8_t *out, uint32_t size)
{
    uint8_t secret[ECIES_SECRET_SIZE];

    return len == TAG_OFF + ob_hash_sha256.size + size && wrapped[0] == UNCOMPRESSED &&
           ob_p256_share(key, wrapped + POINT_OFF, secret) &&
           ob_ecies_open(&ob_hash_sha256, secret, wrapped + TAG_OFF, out, size);
}

const struct ob_key_wrap ob_wrap_ec256 = {.kind = OB_KIND_WRAP_EC256, .tlv = OB_TLV_ENC_EC256, .unwrap = unwrap};
