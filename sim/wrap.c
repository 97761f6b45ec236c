/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/cipher.h>

#include "hmac.h"
#include "p256-m.h"

const uint8_t sim_device_key[OB_P256_SCALAR_SIZE] = "the key that our devices all had";

static void check(bool done)
{
    if (!done) {
        abort();
    }
}

void sim_wrap(const uint8_t ephemeral[OB_P256_SCALAR_SIZE], const uint8_t key[SIM_CONTENT_KEY_SIZE],
              uint8_t out[SIM_WRAPPED_SIZE])
{
    static const char info[] = "MCUBoot_ECIES_v1";
    uint8_t device[OB_P256_POINT_SIZE];
    uint8_t secret[OB_P256_SCALAR_SIZE];
    uint8_t keys[SIM_CONTENT_KEY_SIZE + OB_DIGEST_SIZE];
    uint8_t *tag = out + 1 + OB_P256_POINT_SIZE;
    uint8_t *wrapped = tag + OB_DIGEST_SIZE;
    struct ob_hmac hmac;

    check(p256_public_from_private(device, sim_device_key) == P256_SUCCESS);
    check(p256_public_from_private(out + 1, ephemeral) == P256_SUCCESS);
    check(ob_p256_share(ephemeral, device, secret));
    out[0] = 0x04;
    ob_hkdf(&ob_hash_sha256, secret, sizeof(secret), info, sizeof(info) - 1, keys, sizeof(keys));
    memcpy(wrapped, key, SIM_CONTENT_KEY_SIZE);
    ob_aes_ctr(keys, SIM_CONTENT_KEY_SIZE, 0, wrapped, SIM_CONTENT_KEY_SIZE);
    ob_hmac_start(&hmac, &ob_hash_sha256, keys + SIM_CONTENT_KEY_SIZE, OB_DIGEST_SIZE);
    ob_hmac_add(&hmac, wrapped, SIM_CONTENT_KEY_SIZE);
    ob_hmac_finish(&hmac, tag);
}
