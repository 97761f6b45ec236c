/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"

#include <stdlib.h>
#include <string.h>

#include <psa/crypto.h>

#include <outboard/cipher.h>
#include <outboard/digest.h>
#include <outboard/tlv.h>
#include <outboard/util.h>

#include "p256-m.h"

#include "rng.h"

/* Signatures always take the room of the longest, filled up with zeros as imgtool --pad-sig does. */
#define SIGNATURE_ROOM 72u
#define TLV_SIZE                                                                                             \
    (OB_TLV_HEAD_SIZE + 3 * OB_TLV_ENTRY_SIZE + OB_DIGEST_SIZE /* SHA256 */ + OB_DIGEST_SIZE /* KEYHASH */ + \
     SIGNATURE_ROOM)

static const uint8_t private_key[32] = "this key protects nothing at all";

static uint64_t nonce;

/* p256-m asks for the nonce of a signature here. The same images every time make histories repeatable. */
psa_status_t psa_generate_random(uint8_t *output, size_t output_size)
{
    for (size_t i = 0; i < output_size; i++) {
        output[i] = (uint8_t)sim_rng_next(&nonce);
    }
    return PSA_SUCCESS;
}

static void sha256(const void *data, uint32_t len, uint8_t digest[OB_DIGEST_SIZE])
{
    struct ob_sha256 sha;

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, data, len);
    ob_sha256_finish(&sha, digest);
}

struct ob_key sim_image_key(void)
{
    static uint8_t point[OB_P256_POINT_SIZE];
    static uint8_t hash[OB_DIGEST_SIZE];
    static bool made;

    if (!made) {
        if (p256_public_from_private(point, private_key) != P256_SUCCESS) {
            abort();
        }
        sha256(point, sizeof(point), hash); /* the core compares it and never looks behind it */
        made = true;
    }
    return (struct ob_key){.hash = hash, .data = point};
}

uint32_t sim_image_overhead(void)
{
    return OB_IMAGE_HEADER_SIZE + TLV_SIZE;
}

static uint8_t *put_head(uint8_t *at, uint16_t type, uint16_t len)
{
    ob_put_le16(at, type);
    ob_put_le16(at + 2, len);
    return at + OB_TLV_ENTRY_SIZE;
}

static uint8_t *put_entry(uint8_t *at, uint16_t type, const void *data, uint16_t len)
{
    at = put_head(at, type, len);
    memcpy(at, data, len);
    return at + len;
}

/* One scalar of a signature as a DER INTEGER. */
static uint8_t *put_integer(uint8_t *at, const uint8_t scalar[32])
{
    uint32_t skip = 0;

    while (skip < 31 && scalar[skip] == 0) {
        skip++;
    }
    uint32_t sign = scalar[skip] >= 0x80;
    *at++ = 0x02;
    *at++ = (uint8_t)(32 - skip + sign);
    if (sign != 0) {
        *at++ = 0;
    }
    memcpy(at, scalar + skip, 32 - skip);
    return at + 32 - skip;
}

/* The cases of a search share most of their images: each is signed once. */
struct signed_digest {
    uint8_t digest[OB_DIGEST_SIZE];
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
};

static const uint8_t *raw_signature(const uint8_t digest[OB_DIGEST_SIZE])
{
    static struct signed_digest known[64];
    static unsigned count;

    for (unsigned i = 0; i < count && i < OB_ARRAY_SIZE(known); i++) {
        if (memcmp(known[i].digest, digest, OB_DIGEST_SIZE) == 0) {
            return known[i].signature;
        }
    }
    struct signed_digest *next = &known[count++ % OB_ARRAY_SIZE(known)];
    nonce = sim_hash(0, digest, OB_DIGEST_SIZE); /* whatever was signed before: an image has one signature */
    memcpy(next->digest, digest, OB_DIGEST_SIZE);
    if (p256_ecdsa_sign(next->signature, private_key, digest, OB_DIGEST_SIZE) != P256_SUCCESS) {
        abort();
    }
    return next->signature;
}

static void sign(const uint8_t digest[OB_DIGEST_SIZE], uint8_t der[SIGNATURE_ROOM])
{
    const uint8_t *raw = raw_signature(digest);

    memset(der, 0, SIGNATURE_ROOM);
    der[0] = 0x30;
    der[1] = (uint8_t)(put_integer(put_integer(der + 2, raw), raw + 32) - (der + 2));
}

static bool is_encrypted(const struct sim_image *image)
{
    return image->stored != image->bytes;
}

static uint32_t tlv_size(const struct sim_image *image)
{
    return TLV_SIZE + (is_encrypted(image) ? SIM_IMAGE_ENCRYPTED_SIZE : 0);
}

/* Something that only this image has. */
static void derive(const struct sim_image *image, const char *what, uint8_t out[OB_DIGEST_SIZE])
{
    struct ob_sha256 sha;
    uint8_t digest[OB_DIGEST_SIZE];

    sim_image_digest(image, digest);
    ob_sha256_start(&sha);
    ob_sha256_add(&sha, what, (uint32_t)strlen(what));
    ob_sha256_add(&sha, digest, sizeof(digest));
    ob_sha256_finish(&sha, out);
}

/* Write its last TLV, and make what lies outside. */
static void encrypt(struct sim_image *image)
{
    uint8_t key[OB_DIGEST_SIZE];
    uint8_t ephemeral[OB_DIGEST_SIZE];
    uint8_t wrapped[SIM_WRAPPED_SIZE];

    derive(image, "content", key);
    derive(image, "ephemeral", ephemeral);
    sim_wrap(ephemeral, key, wrapped);
    put_entry(image->bytes + image->size - SIM_IMAGE_ENCRYPTED_SIZE, OB_TLV_ENC_EC256, wrapped, sizeof(wrapped));
    memcpy(image->stored, image->bytes, image->size);
    ob_aes_ctr(key, SIM_CONTENT_KEY_SIZE, 0, image->stored + OB_IMAGE_HEADER_SIZE, ob_get_le32(image->bytes + 12));
}

/* Write the TLVs behind header and payload. */
static void finish(struct sim_image *image)
{
    uint32_t hashed = image->size - tlv_size(image);
    uint8_t *at = image->bytes + hashed;
    uint8_t digest[OB_DIGEST_SIZE];
    uint8_t signature[SIGNATURE_ROOM];
    struct ob_key key = sim_image_key();

    sha256(image->bytes, hashed, digest);
    sign(digest, signature);
    at = put_head(at, OB_TLV_MAGIC, (uint16_t)tlv_size(image));
    at = put_entry(at, OB_TLV_SHA256, digest, sizeof(digest));
    at = put_entry(at, OB_TLV_KEYHASH, key.hash, OB_DIGEST_SIZE);
    put_entry(at, OB_TLV_ECDSA, signature, sizeof(signature));
    if (is_encrypted(image)) {
        encrypt(image);
    }
}

/* The protected TLVs: a security counter. */
static void protect(struct sim_image *image, uint32_t counter)
{
    uint8_t *at = image->bytes + image->size - tlv_size(image) - SIM_IMAGE_COUNTER_SIZE;
    uint8_t stored[4];

    ob_put_le16(image->bytes + 10, SIM_IMAGE_COUNTER_SIZE);
    ob_put_le32(stored, counter);
    put_entry(put_head(at, OB_TLV_PROTECTED_MAGIC, SIM_IMAGE_COUNTER_SIZE), OB_TLV_SEC_CNT, stored, sizeof(stored));
    image->counter = counter;
}

struct sim_image sim_image_make(uint32_t size, uint32_t seed, struct ob_version version, uint32_t counter)
{
    struct sim_image image = {.bytes = calloc(1, size), .size = size, .valid = true};
    uint32_t payload = size - sim_image_overhead() - (counter != 0 ? SIM_IMAGE_COUNTER_SIZE : 0);
    uint64_t rng = seed;

    if (image.bytes == NULL) {
        abort();
    }
    image.stored = image.bytes;
    ob_put_le32(image.bytes, OB_IMAGE_MAGIC);
    ob_put_le16(image.bytes + 8, OB_IMAGE_HEADER_SIZE);
    ob_put_le32(image.bytes + 12, payload);
    image.bytes[20] = version.major;
    image.bytes[21] = version.minor;
    ob_put_le16(image.bytes + 22, version.revision);
    ob_put_le32(image.bytes + 24, version.build);
    for (uint32_t i = 0; i < payload; i++) {
        image.bytes[OB_IMAGE_HEADER_SIZE + i] = (uint8_t)sim_rng_next(&rng);
    }
    if (counter != 0) {
        protect(&image, counter);
    }
    finish(&image);
    return image;
}

void sim_image_encrypt(struct sim_image *image)
{
    image->stored = malloc(image->size);
    if (image->stored == NULL) {
        abort();
    }
    ob_put_le32(image->bytes + 12, ob_get_le32(image->bytes + 12) - SIM_IMAGE_ENCRYPTED_SIZE);
    ob_put_le32(image->bytes + 16, OB_IMAGE_AES128);
    if (image->counter != 0) {
        protect(image, image->counter);
    }
    finish(image);
}

static uint8_t *copy_bytes(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size);

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, size);
    return copy;
}

struct sim_image sim_image_copy(const struct sim_image *image)
{
    struct sim_image copy = *image;

    copy.bytes = copy_bytes(image->bytes, image->size);
    copy.stored = is_encrypted(image) ? copy_bytes(image->stored, image->size) : copy.bytes;
    return copy;
}

void sim_image_damage(struct sim_image *image)
{
    image->bytes[OB_IMAGE_HEADER_SIZE] ^= 0x10;
    if (is_encrypted(image)) {
        image->stored[OB_IMAGE_HEADER_SIZE] ^= 0x10;
    }
    image->valid = false;
}

struct sim_image sim_image_vary(const struct sim_image *image)
{
    struct sim_image other = sim_image_copy(image);

    other.bytes[OB_IMAGE_HEADER_SIZE] ^= 0x10;
    finish(&other);
    return other;
}

void sim_image_digest(const struct sim_image *image, uint8_t digest[OB_DIGEST_SIZE])
{
    uint32_t hashed = ob_get_le16(image->bytes + 8) + ob_get_le32(image->bytes + 12) + ob_get_le16(image->bytes + 10);

    sha256(image->bytes, hashed, digest);
}

/* Major, minor, revision, build as one number. */
static uint64_t version_number(const struct sim_image *image)
{
    const uint8_t *at = image->bytes + 20;

    return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)ob_get_le16(at + 2) << 32 | ob_get_le32(at + 4);
}

int sim_image_compare_counters(const struct sim_image *a, const struct sim_image *b)
{
    return a->counter < b->counter ? -1 : a->counter > b->counter;
}

int sim_image_compare_versions(const struct sim_image *a, const struct sim_image *b)
{
    uint64_t first = version_number(a);
    uint64_t second = version_number(b);

    return first < second ? -1 : first > second;
}

void sim_image_free(struct sim_image *image)
{
    if (is_encrypted(image)) {
        free(image->stored);
    }
    free(image->bytes);
    image->bytes = NULL;
    image->stored = NULL;
}
