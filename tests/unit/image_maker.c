/* SPDX-License-Identifier: Apache-2.0 */
#include "image_maker.h"

#include <assert.h>
#include <string.h>

#include <psa/crypto.h>

#include <outboard/digest.h>
#include <outboard/util.h>

#include "p256-m.h"

/* Called by p256-m for the nonce of a signature. Nobody relies on these keys: the tests want the same bytes each run.
 */
psa_status_t psa_generate_random(uint8_t *output, size_t output_size)
{
    static uint32_t state = 1;
    for (size_t i = 0; i < output_size; i++) {
        state = state * 1664525u + 1013904223u;
        output[i] = (uint8_t)(state >> 24);
    }
    return PSA_SUCCESS;
}

static void private_key(unsigned key, uint8_t out[32])
{
    memset(out, (int)(0x11 * (key + 1)), 32);
}

struct ob_key maker_key(unsigned key)
{
    static struct {
        uint8_t point[OB_P256_POINT_SIZE];
        uint8_t hash[OB_DIGEST_SIZE];
    } made[MAKER_KEYS];
    uint8_t private[32];
    struct ob_sha256 sha;
    private_key(key, private);
    int err = p256_public_from_private(made[key].point, private);
    assert(err == P256_SUCCESS);
    /* The core never looks behind the hash, so any hash that differs from key to key will do. */
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, made[key].point, sizeof(made[key].point));
    ob_sha256_finish(&sha, made[key].hash);
    return (struct ob_key){.hash = made[key].hash, .data = made[key].point};
}

static void append(struct image_maker *maker, const void *data, uint32_t len)
{
    assert(len <= MAKER_MAX - maker->len);
    memcpy(maker->bytes + maker->len, data, len);
    maker->len += len;
}

static void append_le16(struct image_maker *maker, uint16_t value)
{
    uint8_t bytes[2];
    ob_put_le16(bytes, value);
    append(maker, bytes, sizeof(bytes));
}

static void open_area(struct image_maker *maker, uint16_t magic)
{
    maker->area = maker->len;
    append_le16(maker, magic);
    append_le16(maker, OB_TLV_HEAD_SIZE);
}

void maker_begin(struct image_maker *maker, uint16_t header_size, uint32_t payload_size)
{
    memset(maker, 0, sizeof(*maker));
    assert(header_size <= MAKER_MAX && payload_size <= MAKER_MAX - header_size);
    ob_put_le32(maker->bytes, OB_IMAGE_MAGIC);
    ob_put_le16(maker->bytes + 8, header_size);
    ob_put_le32(maker->bytes + 12, payload_size);
    maker->bytes[20] = 1;
    maker->bytes[21] = 2;
    ob_put_le16(maker->bytes + 22, 3);
    ob_put_le32(maker->bytes + 24, 4);
    for (uint32_t i = 0; i < payload_size; i++) {
        maker->bytes[header_size + i] = (uint8_t)(i * 7 + (i >> 8));
    }
    maker->len = header_size + payload_size;
}

void maker_set_flags(struct image_maker *maker, uint32_t flags)
{
    ob_put_le32(maker->bytes + 16, flags);
}

void maker_add(struct image_maker *maker, uint16_t type, const void *data, uint16_t len)
{
    append_le16(maker, type);
    append_le16(maker, len);
    append(maker, data, len);
    ob_put_le16(maker->bytes + maker->area + 2, (uint16_t)(maker->len - maker->area));
}

void maker_protect(struct image_maker *maker, uint16_t type, const void *data, uint16_t len)
{
    if (maker->area == 0) {
        open_area(maker, OB_TLV_PROTECTED_MAGIC);
    }
    maker_add(maker, type, data, len);
    ob_put_le16(maker->bytes + 10, (uint16_t)(maker->len - maker->area));
}

void maker_hash(struct image_maker *maker)
{
    struct ob_sha256 sha;
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, maker->bytes, maker->len);
    ob_sha256_finish(&sha, maker->digest);
    open_area(maker, OB_TLV_MAGIC);
}

void maker_add_digest(struct image_maker *maker)
{
    maker_add(maker, OB_TLV_SHA256, maker->digest, sizeof(maker->digest));
}

void maker_add_key(struct image_maker *maker, unsigned key)
{
    struct ob_key public = maker_key(key);
    maker_add(maker, OB_TLV_KEYHASH, public.hash, OB_DIGEST_SIZE);
}

static uint8_t *put_integer(uint8_t *der, const uint8_t scalar[32])
{
    unsigned skip = 0;
    while (skip < 31 && scalar[skip] == 0) {
        skip++;
    }
    unsigned sign = scalar[skip] >= 0x80;
    *der++ = 0x02;
    *der++ = (uint8_t)(32 - skip + sign);
    if (sign) {
        *der++ = 0;
    }
    memcpy(der, scalar + skip, 32 - skip);
    return der + 32 - skip;
}

uint32_t maker_der(const uint8_t signature[OB_P256_SIGNATURE_SIZE], uint8_t der[MAKER_DER_MAX])
{
    uint8_t *end = put_integer(put_integer(der + 2, signature), signature + 32);
    der[0] = 0x30;
    der[1] = (uint8_t)(end - der - 2);
    return (uint32_t)(end - der);
}

void maker_sign(struct image_maker *maker, unsigned key, unsigned zeros)
{
    uint8_t private[32];
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
    uint8_t der[MAKER_DER_MAX + 256] = {0};
    assert(zeros <= 256);
    private_key(key, private);
    int err = p256_ecdsa_sign(signature, private, maker->digest, sizeof(maker->digest));
    assert(err == P256_SUCCESS);
    maker_add(maker, OB_TLV_ECDSA, der, (uint16_t)(maker_der(signature, der) + zeros));
}

void maker_make(struct image_maker *maker, uint16_t header_size, uint32_t payload_size)
{
    static const uint8_t counter[4] = {7};
    maker_begin(maker, header_size, payload_size);
    maker_protect(maker, OB_TLV_SEC_CNT, counter, sizeof(counter));
    maker_hash(maker);
    maker_add_digest(maker);
    maker_add_key(maker, 0);
    maker_sign(maker, 0, 0);
}
