/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/image.h>
#include <outboard/trailer.h>
#include <outboard/util.h>

/* Fields, counted down from the magic; each takes `align` bytes. docs/SPEC.md, "Trailer". */
enum field {
    FIELD_IMAGE_OK = 1,
    FIELD_COPY_DONE = 2,
    FIELD_SWAP_INFO = 3,
    FIELD_SWAP_SIZE = 4, /* MCUboot's; here a mark, see ob_trailer_spoil() */
    FIELD_COUNT,
};

#define MARK_SIZE 4u /* a word */
#define MARKS 2u     /* no alignment is smaller than both */

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

/** Are these bytes what they should be, but for so many cells? */
static bool is_close(const uint8_t *stored, const uint8_t *meant, uint32_t len, uint32_t cells)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < len; i++) {
        for (uint32_t bits = stored[i] ^ meant[i]; bits != 0; bits &= bits - 1) {
            wrong++;
        }
    }
    return wrong <= cells;
}

static enum ob_err read_magic(const struct ob_area *slot, uint32_t align, uint32_t worn, enum ob_magic *out)
{
    uint8_t stored[OB_MAGIC_SIZE];
    uint8_t good[OB_MAGIC_SIZE];
    uint8_t erased[OB_MAGIC_SIZE];
    enum ob_err err = ob_area_read(slot, slot->size - OB_MAGIC_SIZE, stored, sizeof(stored));

    if (err != OB_OK) {
        return err;
    }
    make_magic(align, good);
    memset(erased, slot->flash->erased_value, sizeof(erased));
    if (is_close(stored, good, sizeof(good), worn)) {
        *out = OB_MAGIC_GOOD;
    } else if (is_close(stored, erased, sizeof(erased), worn)) {
        *out = OB_MAGIC_UNSET;
    } else {
        *out = OB_MAGIC_BAD;
    }
    return OB_OK;
}

static enum ob_err read_flag(const struct ob_area *slot, uint32_t align, enum field field, uint32_t worn,
                             enum ob_flag *out)
{
    static const uint8_t set = 1;
    uint8_t value;
    enum ob_err err = ob_area_read(slot, field_off(slot, align, field), &value, 1);

    if (err != OB_OK) {
        return err;
    }
    if (is_close(&value, &set, 1, worn)) {
        *out = OB_FLAG_SET;
    } else if (is_close(&value, &slot->flash->erased_value, 1, worn)) {
        *out = OB_FLAG_UNSET;
    } else {
        *out = OB_FLAG_BAD;
    }
    return OB_OK;
}

static enum ob_err read_fields(const struct ob_area *slot, uint32_t align, uint32_t worn, struct ob_trailer *out)
{
    struct ob_trailer trailer;
    enum ob_err err = read_magic(slot, align, worn, &trailer.magic);

    if (err == OB_OK) {
        err = read_flag(slot, align, FIELD_IMAGE_OK, worn, &trailer.image_ok);
    }
    if (err == OB_OK) {
        err = read_flag(slot, align, FIELD_COPY_DONE, 0, &trailer.copy_done);
    }
    if (err == OB_OK) {
        *out = trailer;
    }
    return err;
}

enum ob_err ob_trailer_read(const struct ob_area *slot, uint32_t align, struct ob_trailer *out)
{
    return read_fields(slot, align, 0, out);
}

enum ob_err ob_trailer_read_request(const struct ob_area *secondary, uint32_t align, struct ob_trailer *out)
{
    return read_fields(secondary, align, 1, out);
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

/** Is it a magic, or what a program of one that was cut leaves? What is spoilt is neither. */
static bool is_begun(const uint8_t *stored, uint32_t align, uint8_t erased_value)
{
    uint8_t magic[OB_MAGIC_SIZE];
    bool begun = true;

    make_magic(align, magic);
    for (uint32_t i = 0; i < OB_MAGIC_SIZE; i++) {
        const uint8_t programmed = stored[i] ^ erased_value;
        begun = begun && (programmed & (magic[i] ^ erased_value)) == programmed;
    }
    return begun;
}

/** A word of up to four bytes may be programmed twice; a member's magic was once: only the library here makes them. */
static bool may_once_more(const struct ob_flash *flash, const struct ob_trailer *trailer)
{
    return OB_IMAGES_MAX > 1 && flash->write_size <= 4 && ob_trailer_is_member(trailer);
}

/** A word that takes the mark: the first, if it is blank; the second, if power failed in the first. */
static bool is_mark_free(const uint8_t mark[MARKS * MARK_SIZE], uint8_t erased_value, uint32_t *at)
{
    const bool whole = ob_filled(mark, MARK_SIZE, (uint8_t)~erased_value);

    *at = ob_filled(mark, MARK_SIZE, erased_value) ? 0 : MARK_SIZE;
    return !whole && ob_filled(mark + MARK_SIZE, MARK_SIZE, erased_value);
}

/**
 * The second time is marked before it is begun, for after a cut nobody could tell. may: it was not begun before, and
 * the mark reads back
 */
static enum ob_err mark_second_time(const struct ob_area *slot, uint32_t align, bool *may)
{
    uint8_t bytes[OB_MAGIC_SIZE];
    const uint8_t erased_value = slot->flash->erased_value;
    const uint32_t mark_off = field_off(slot, align, FIELD_SWAP_SIZE);
    uint32_t at;
    enum ob_err err = ob_area_read(slot, slot->size - OB_MAGIC_SIZE, bytes, sizeof(bytes));

    *may = err == OB_OK && is_begun(bytes, align, erased_value);
    if (err == OB_OK) {
        err = ob_area_read(slot, mark_off, bytes, MARKS * MARK_SIZE);
    }
    *may = *may && err == OB_OK && is_mark_free(bytes, erased_value, &at);
    if (!*may) {
        return err;
    }
    memset(bytes, (uint8_t)~erased_value, MARK_SIZE);
    err = ob_area_write_checked(slot, mark_off + at, bytes, MARK_SIZE);
    *may = err == OB_OK;
    return err == OB_ERR_VERIFY ? OB_OK : err; /* a worn cell: without its mark there is no second time */
}

enum ob_err ob_trailer_spoil(const struct ob_area *slot, uint32_t align)
{
    uint8_t spoilt[OB_MAGIC_SIZE];
    struct ob_trailer trailer;
    bool may = slot->flash->may_program_again;
    enum ob_err err = ob_trailer_read(slot, align, &trailer);

    if (err == OB_OK && !may && may_once_more(slot->flash, &trailer)) {
        err = mark_second_time(slot, align, &may);
    }
    if (err != OB_OK || !may || ob_trailer_is_blank(&trailer)) {
        return err;
    }
    memset(spoilt, (uint8_t)~slot->flash->erased_value, sizeof(spoilt));
    return ob_area_write(slot, slot->size - OB_MAGIC_SIZE, spoilt, sizeof(spoilt));
}

static uint8_t swap_info(uint8_t image, enum ob_swap swap)
{
    return (uint8_t)(image << 4 | swap);
}

enum ob_err ob_trailer_set_copy_done(const struct ob_area *slot, uint32_t align)
{
    return write_byte(slot, align, FIELD_COPY_DONE, 1);
}

enum ob_err ob_trailer_set_swap_info(const struct ob_area *slot, uint32_t align, uint8_t image, enum ob_swap swap)
{
    return write_byte(slot, align, FIELD_SWAP_INFO, swap_info(image, swap));
}

/*@ requires align <= 32 && \valid(out + (0 .. OB_TRAILER_ENCODED_MAX - 1));
    requires \valid_read(window); */
uint32_t ob_trailer_encode(uint32_t align, uint8_t erased_value, const struct ob_window *window, uint8_t *out)
{
    uint32_t len = field_size(align, FIELD_SWAP_INFO);
    uint8_t *end = out + len;

    memset(out, erased_value, len);
    make_magic(align, end - OB_MAGIC_SIZE);
    *(end - field_size(align, FIELD_SWAP_INFO)) = swap_info(window->image, window->swap);
    if (window->copy_done) {
        *(end - field_size(align, FIELD_COPY_DONE)) = 1;
    }
    if (window->image_ok) {
        *(end - field_size(align, FIELD_IMAGE_OK)) = 1;
    }
    return len;
}
