/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parse and verify whatever lies in a slot. The first byte of the input chooses: the rest is the slot's content, or a
 * list of changes to a good image. Nothing may be accepted whose hashed part differs from what was signed.
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

static enum ob_verdict verify(struct ob_image *image)
{
    const struct ob_keys keys = {.key = &target.key, .count = 1, .type = &ob_signature_p256};
    enum ob_err why;
    enum ob_verdict verdict = ob_image_verify(&target.slot, SLOT_SIZE, &keys, NULL, image, &why);
    if ((verdict == OB_VERDICT_ACCEPTED) != (why == OB_OK)) {
        abort();
    }
    return verdict;
}

static void prepare(void)
{
    maker_make(&target.good, HEADER_SIZE, PAYLOAD_SIZE);
    target.key = maker_key(0);
    ram_flash_init(&target.ram);
    target.slot = (struct ob_area){.flash = &target.ram.flash, .start = 0, .size = SLOT_SIZE};
    memcpy(target.ram.bytes, target.good.bytes, target.good.len);
    if (verify(&target.image) != OB_VERDICT_ACCEPTED) {
        abort();
    }
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ob_image image;
    if (target.image.size == 0) {
        prepare();
    }
    memset(target.ram.bytes, 0xff, SLOT_SIZE);
    if (size > 0 && data[0] % 8 == 0) {
        memcpy(target.ram.bytes, data + 1, OB_MIN(size - 1, SLOT_SIZE));
    } else {
        memcpy(target.ram.bytes, target.good.bytes, target.good.len);
        change(data, size);
    }
    if (verify(&image) == OB_VERDICT_ACCEPTED &&
        (image.hashed_size != target.image.hashed_size ||
         memcmp(target.ram.bytes, target.good.bytes, target.image.hashed_size) != 0)) {
        abort();
    }
    return 0;
}
