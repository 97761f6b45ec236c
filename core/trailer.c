/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/trailer.h>
#include <outboard/util.h>

/* Fields, counted down from the magic; each takes `align` bytes. docs/SPEC.md, "Trailer". */
enum field {
    FIELD_IMAGE_OK = 1,
    FIELD_COPY_DONE = 2,
    FIELD_SWAP_INFO = 3,
    FIELD_SWAP_SIZE = 4, /* MCUboot's; never written here */
    FIELD_MARKS = 4 + 1,
    FIELD_COUNT = FIELD_MARKS + OB_MARK_KINDS * OB_MARKS,
};

#define ALIGN_MCUBOOT 8u /* at this alignment the magic has no alignment in it */

static const uint8_t magic_align_8[OB_MAGIC_SIZE] = {
    0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80,
};
static const uint8_t magic_align_other[OB_MAGIC_SIZE] = {
    0x00, 0x00, 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a,
};

static void make_magic(uint32_t align, uint8_t magic[OB_MAGIC_SIZE])
{
    if (align == ALIGN_MCUBOOT) {
        memcpy(magic, magic_align_8, OB_MAGIC_SIZE);
    } else {
        memcpy(magic, magic_align_other, OB_MAGIC_SIZE);
        ob_put_le16(magic, (uint16_t)align);
    }
}

static uint32_t field_size(uint32_t align, uint32_t field)
{
    return OB_MAX(OB_MAGIC_SIZE, align) + field * align;
}

static uint32_t field_off(const struct ob_area *slot, uint32_t align, uint32_t field)
{
    return slot->size - field_size(align, field);
}

uint32_t ob_trailer_size(uint32_t align)
{
    return field_size(align, FIELD_COUNT - 1);
}

static enum ob_err read_magic(const struct ob_area *slot, uint32_t align, enum ob_magic *out)
{
    uint8_t stored[OB_MAGIC_SIZE];
    uint8_t good[OB_MAGIC_SIZE];
    enum ob_err err = ob_area_read(slot, slot->size - OB_MAGIC_SIZE, stored, sizeof(stored));

    if (err != OB_OK) {
        return err;
    }
    make_magic(align, good);
    if (memcmp(stored, good, sizeof(good)) == 0) {
        *out = OB_MAGIC_GOOD;
    } else if (ob_filled(stored, sizeof(stored), slot->flash->erased_value)) {
        *out = OB_MAGIC_UNSET;
    } else {
        *out = OB_MAGIC_BAD;
    }
    return OB_OK;
}

static enum ob_err read_flag(const struct ob_area *slot, uint32_t align, enum field field, enum ob_flag *out)
{
    uint8_t value;
    enum ob_err err = ob_area_read(slot, field_off(slot, align, field), &value, 1);

    if (err != OB_OK) {
        return err;
    }
    if (value == 1) {
        *out = OB_FLAG_SET;
    } else if (value == slot->flash->erased_value) {
        *out = OB_FLAG_UNSET;
    } else {
        *out = OB_FLAG_BAD;
    }
    return OB_OK;
}

enum ob_err ob_trailer_read(const struct ob_area *slot, uint32_t align, struct ob_trailer *out)
{
    struct ob_trailer trailer;
    enum ob_err err = read_magic(slot, align, &trailer.magic);

    if (err == OB_OK) {
        err = read_flag(slot, align, FIELD_IMAGE_OK, &trailer.image_ok);
    }
    if (err == OB_OK) {
        *out = trailer;
    }
    return err;
}

enum ob_err ob_trailer_copy_done(const struct ob_area *slot, uint32_t align, enum ob_flag *out)
{
    return read_flag(slot, align, FIELD_COPY_DONE, out);
}

static enum ob_err write_byte(const struct ob_area *slot, uint32_t align, enum field field, uint8_t value)
{
    return ob_area_write(slot, field_off(slot, align, field), &value, 1);
}

enum ob_err ob_trailer_set_magic(const struct ob_area *slot, uint32_t align)
{
    uint8_t magic[OB_MAGIC_SIZE];

    make_magic(align, magic);
    return ob_area_write(slot, slot->size - OB_MAGIC_SIZE, magic, sizeof(magic));
}

enum ob_err ob_trailer_set_image_ok(const struct ob_area *slot, uint32_t align)
{
    return write_byte(slot, align, FIELD_IMAGE_OK, 1);
}

#define SWAP_MEMBER 8u /* beside the type: part of a transaction whose lowest image is asked for last */

static uint8_t swap_info(uint8_t image, enum ob_swap swap)
{
    return (uint8_t)(image << 4 | swap);
}

enum ob_err ob_trailer_set_swap_info(const struct ob_area *slot, uint32_t align, uint8_t image, enum ob_swap swap,
                                     bool member)
{
    return write_byte(slot, align, FIELD_SWAP_INFO, swap_info(image, swap) | (member ? SWAP_MEMBER : 0));
}

enum ob_err ob_trailer_is_member(const struct ob_area *slot, uint32_t align, bool *member)
{
    uint8_t info;
    enum ob_err err = ob_area_read(slot, field_off(slot, align, FIELD_SWAP_INFO), &info, 1);

    if (err == OB_OK) {
        uint8_t type = info & 0xf;
        *member = type == (OB_SWAP_TEST | SWAP_MEMBER) || type == (OB_SWAP_PERMANENT | SWAP_MEMBER);
    }
    return err;
}

uint32_t ob_trailer_encode(uint32_t align, uint8_t erased_value, uint8_t image, enum ob_swap swap, uint8_t *out)
{
    uint32_t len = field_size(align, FIELD_SWAP_INFO);
    uint8_t *end = out + len;

    memset(out, erased_value, len);
    make_magic(align, end - OB_MAGIC_SIZE);
    *(end - field_size(align, FIELD_COPY_DONE)) = 1;
    *(end - field_size(align, FIELD_SWAP_INFO)) = swap_info(image, swap);
    if (swap != OB_SWAP_TEST) {
        *(end - field_size(align, FIELD_IMAGE_OK)) = 1;
    }
    return len;
}

enum ob_err ob_trailer_clear_magic(const struct ob_area *slot)
{
    uint8_t cleared[OB_MAGIC_SIZE];

    memset(cleared, (uint8_t)~slot->flash->erased_value, sizeof(cleared));
    enum ob_err err = ob_area_write(slot, slot->size - OB_MAGIC_SIZE, cleared, sizeof(cleared));
    /* Again: a magic whose programming was cut may read as cleared although this write fell short. */
    return err == OB_OK ? ob_area_write_checked(slot, slot->size - OB_MAGIC_SIZE, cleared, sizeof(cleared)) : err;
}

static uint32_t mark_off(const struct ob_area *slot, uint32_t align, enum ob_mark mark, uint32_t unit)
{
    return field_off(slot, align, FIELD_MARKS + mark * OB_MARKS + unit);
}

/** What a look at a mark's units tells. */
struct marks {
    uint32_t count; /* units that hold the tag */
    uint32_t fresh; /* first unit after the last one that is not erased; OB_MARKS if none is left */
};

static enum ob_err read_marks(const struct ob_area *slot, uint32_t align, enum ob_mark mark,
                              const uint8_t tag[OB_TAG_SIZE], struct marks *out)
{
    struct marks marks = {0};

    for (uint32_t unit = 0; unit < OB_MARKS; unit++) {
        uint8_t stored[OB_TAG_SIZE];
        enum ob_err err = ob_area_read(slot, mark_off(slot, align, mark, unit), stored, sizeof(stored));
        if (err != OB_OK) {
            return err;
        }
        if (memcmp(stored, tag, sizeof(stored)) == 0) {
            marks.count++;
        }
        if (!ob_filled(stored, sizeof(stored), slot->flash->erased_value)) {
            marks.fresh = unit + 1;
        }
    }
    *out = marks;
    return OB_OK;
}

enum ob_err ob_trailer_marks(const struct ob_area *slot, uint32_t align, const uint8_t tag[OB_TAG_SIZE],
                             uint32_t counts[OB_MARK_KINDS])
{
    enum ob_err err = OB_OK;

    for (uint32_t mark = 0; mark < OB_MARK_KINDS && err == OB_OK; mark++) {
        struct marks marks = {0};
        err = read_marks(slot, align, (enum ob_mark)mark, tag, &marks);
        counts[mark] = marks.count;
    }
    return err;
}

bool ob_trailer_begun(const struct ob_area *slot, uint32_t align)
{
    const uint8_t *any_tag = magic_align_8;
    struct marks marks;

    return read_marks(slot, align, OB_MARK_STARTED, any_tag, &marks) == OB_OK && marks.fresh >= 2;
}

enum ob_err ob_trailer_settle_in(const struct ob_area *slot, uint32_t align, enum ob_mark mark,
                                 const uint8_t tag[OB_TAG_SIZE], uint32_t units)
{
    struct marks marks;
    enum ob_err err = read_marks(slot, align, mark, tag, &marks);

    /* Only what reads as the tag counts. */
    while (err == OB_OK && marks.count < units && marks.fresh < OB_MARKS) {
        err = ob_area_write_checked(slot, mark_off(slot, align, mark, marks.fresh++), tag, OB_TAG_SIZE);
        marks.count += err == OB_OK;
        err = err == OB_ERR_VERIFY ? OB_OK : err;
    }
    return err == OB_OK && marks.count == 0 ? OB_ERR_FAILED : err;
}
