/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parse and verify whatever lies in a slot. The first byte of the input chooses: the rest is the slot's content, or a
 * list of changes to a good image. Nothing may be accepted whose hashed part differs from what was signed.
 *
 * ECDSA would take all the time, and stops nothing but forgeries. It is replaced by what it promises: exactly the
 * digests that were signed are accepted. For content from the input even the digest is, so that everything behind is
 * reached.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/image.h>
#include <outboard/signature.h>
#include <outboard/util.h>

#include "image_maker.h"
#include "ram_flash.h"

#define HEADER_SIZE 64u
#define PAYLOAD_SIZE 100u
#define SLOT_SIZE 0x1000u

struct target {
    struct image_maker good;
    struct ob_key key;
    struct ob_image image; /* what the good image says */
    struct ram_flash ram;
    struct ob_area slot;
};

static struct target target;

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static enum ob_verdict verify_signed(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    uint8_t scalars[OB_P256_SIGNATURE_SIZE];

    require(key == target.key.data && len <= OB_SIGNATURE_MAX);
    return ob_ecdsa_from_der(signature, len, scalars, sizeof(scalars) / 2) &&
                   memcmp(digest, target.good.digest, OB_DIGEST_SIZE) == 0
               ? OB_VERDICT_ACCEPTED
               : OB_VERDICT_REJECTED;
}

static enum ob_verdict verify_any(const uint8_t *key, const uint8_t *digest, const uint8_t *signature, uint32_t len)
{
    uint8_t seen = 0;

    for (uint32_t i = 0; i < len; i++) {
        seen ^= signature[i]; /* a sanitizer watches */
    }
    require(key == target.key.data && digest != NULL);
    return seen == 0xa5 ? OB_VERDICT_REJECTED : OB_VERDICT_ACCEPTED;
}

static void no_start(union ob_hash_state *state)
{
    memset(state, 0, sizeof(*state));
}

static void no_add(union ob_hash_state *state, const void *data, uint32_t len)
{
    (void)state;
    (void)data;
    (void)len;
}

static void no_finish(union ob_hash_state *state, uint8_t *digest)
{
    (void)state;
    memset(digest, 0, OB_DIGEST_SIZE);
}

/* Every image has the digest zero, and the key's hash is all zeros: both are easily hit upon. */
static const struct ob_hash no_hash = {0x10, OB_DIGEST_SIZE, no_start, no_add, no_finish};
static const uint8_t zeros[OB_DIGEST_SIZE];

static enum ob_verdict verify(const struct ob_signature *type, const struct ob_key *key, struct ob_image *image)
{
    const struct ob_keys keys = {.key = key, .count = 1, .type = type};
    enum ob_err why;
    enum ob_verdict verdict = ob_image_verify(&target.slot, SLOT_SIZE, OB_FORM_STORED, &keys, NULL, image, &why);

    require((verdict == OB_VERDICT_ACCEPTED) == (why == OB_OK));
    require(image->kind <= OB_KIND_BIG_ENDIAN);
    return verdict;
}

/* What an accepted image says must hold together, and every look at it must see the same. */
static void check_accepted(const struct ob_image *image)
{
    const struct ob_home home = {0x1000, image->header_size, 0x20000000, 0x10000};
    struct ob_image parsed;

    require(image->header_size >= OB_IMAGE_HEADER_SIZE && image->header_size <= image->hashed_size);
    require(image->payload_size <= image->hashed_size - image->header_size);
    require(image->hashed_size < image->size && image->size <= SLOT_SIZE);
    require(ob_image_parse(&target.slot, SLOT_SIZE, &parsed) == OB_OK);
    require(parsed.size == image->size && parsed.hashed_size == image->hashed_size);
    if (ob_image_belongs(image, &home) == OB_OK) {
        require(image->stack > 0x20000000 && image->stack <= 0x20010000);
        require(image->entry - home.address < home.header_size + image->payload_size + 1);
    }
}

static void prepare(void)
{
    maker_make(&target.good, HEADER_SIZE, PAYLOAD_SIZE);
    target.key = maker_key(0);
    ram_flash_init(&target.ram);
    target.slot = (struct ob_area){.flash = &target.ram.flash, .start = 0, .size = SLOT_SIZE};
    memcpy(target.ram.bytes, target.good.bytes, target.good.len);
    require(verify(&ob_signature_p256, &target.key, &target.image) == OB_VERDICT_ACCEPTED);
}

/* Each change: where, in the header or from the protected TLVs on or anywhere, and the new byte. */
static void change(const uint8_t *data, size_t size)
{
    const uint32_t tlvs = HEADER_SIZE + PAYLOAD_SIZE;
    uint32_t count = size == 0 ? 0 : 1 + data[0] % 4;

    for (uint32_t i = 0; i < count && size >= 4 * (i + 1); i++) {
        const uint8_t *edit = data + 4 * i;
        uint32_t where = edit[2];
        if (edit[1] % 4 == 0) {
            where %= OB_IMAGE_HEADER_SIZE;
        } else if (edit[1] % 4 == 1) {
            where = tlvs + where % (target.good.len - tlvs);
        } else {
            where = (where << 8 | edit[1]) % target.good.len;
        }
        target.ram.bytes[where] = edit[3];
    }
}

static void try_content(const uint8_t *data, size_t size)
{
    static const struct ob_signature any = {
        .kind = OB_KIND_P256, .tlv = 0x22, .size_max = OB_ECDSA_DER_MAX, .hash = &no_hash, .verify = verify_any};
    static const struct ob_signature pure = {.kind = OB_KIND_ED25519_PURE,
                                             .tlv = 0x24,
                                             .size_max = 64,
                                             .pure = true,
                                             .hash = &no_hash,
                                             .verify = verify_any};
    const struct ob_key key = {.hash = zeros, .data = target.key.data};
    struct ob_image image;

    memcpy(target.ram.bytes, data, OB_MIN(size, SLOT_SIZE));
    if (verify(&any, &key, &image) == OB_VERDICT_ACCEPTED) {
        check_accepted(&image);
    }
    if (verify(&pure, &key, &image) == OB_VERDICT_ACCEPTED) {
        check_accepted(&image);
    }
}

static void try_changes(const uint8_t *data, size_t size)
{
    struct ob_signature exact = ob_signature_p256;
    struct ob_image image;

    exact.verify = verify_signed;
    memcpy(target.ram.bytes, target.good.bytes, target.good.len);
    change(data, size);
    if (verify(&exact, &target.key, &image) == OB_VERDICT_ACCEPTED) {
        check_accepted(&image);
        require(image.hashed_size == target.image.hashed_size);
        require(memcmp(target.ram.bytes, target.good.bytes, target.image.hashed_size) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (target.image.size == 0) {
        prepare();
    }
    memset(target.ram.bytes, 0xff, SLOT_SIZE);
    target.ram.flash.mapped = size > 0 && data[0] % 2 != 0 ? target.ram.bytes : NULL;
    if (size > 0 && data[0] % 8 < 4) {
        try_content(data + 1, size - 1);
    } else {
        try_changes(data, size);
    }
    return 0;
}
