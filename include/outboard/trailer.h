/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TRAILER_H
#define OUTBOARD_TRAILER_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/area.h>

/*
 * The trailer at the end of a slot: MCUboot's magic, image_ok, copy_done and swap_info at MCUboot's offsets, so that
 * applications and tools that know them keep working, and below them marks of our own. Byte by byte in docs/SPEC.md.
 *
 * Every field has a write unit of its own (align bytes apart) and is programmed once between two erases.
 */

#define OB_MAGIC_SIZE 16u
#define OB_TAG_SIZE 8u
#define OB_MARKS 4u         /* write units for one mark: see ob_trailer_settle() */
#define OB_MARKS_SETTLED 2u /* so many that hold the tag state a fact for good */

enum ob_magic { OB_MAGIC_UNSET, OB_MAGIC_GOOD, OB_MAGIC_BAD };
enum ob_flag { OB_FLAG_UNSET, OB_FLAG_SET, OB_FLAG_BAD };

/** What the bootloader shall do next; the numbers are those of swap_info. */
enum ob_swap { OB_SWAP_NONE = 1, OB_SWAP_TEST = 2, OB_SWAP_PERMANENT = 3, OB_SWAP_REVERT = 4 };

/** Facts that the bootloader must be able to rely on although the write that stated them may have been cut. */
enum ob_mark {
    OB_MARK_STARTED,   /* primary: the job with this tag was begun on verified images; finish it */
    OB_MARK_DONE,      /* primary: the job with this tag is complete */
    OB_MARK_CONFIRMED, /* primary: what that job installed stays */
    OB_MARK_KINDS,
};

struct ob_trailer {
    enum ob_magic magic;
    enum ob_flag image_ok;
};

/** Bytes from the first field to the slot's end. */
uint32_t ob_trailer_size(uint32_t align);

OB_MUST_CHECK enum ob_err ob_trailer_read(const struct ob_area *slot, uint32_t align, struct ob_trailer *out);

/** copy_done is written for those who know MCUboot's trailer; here the marks decide. */
OB_MUST_CHECK enum ob_err ob_trailer_copy_done(const struct ob_area *slot, uint32_t align, enum ob_flag *out);

/** Each writes one field, which must be erased. OB_ERR_*: the field is undefined. */
OB_MUST_CHECK enum ob_err ob_trailer_set_magic(const struct ob_area *slot, uint32_t align);
OB_MUST_CHECK enum ob_err ob_trailer_set_image_ok(const struct ob_area *slot, uint32_t align);
/** @param member  of a transaction: the bootloader waits until a lower image is asked for as well */
OB_MUST_CHECK enum ob_err ob_trailer_set_swap_info(const struct ob_area *slot, uint32_t align, uint8_t image,
                                                   enum ob_swap swap, bool member);

/** Was the slot's image asked for as a member of a transaction? An error leaves *member alone. */
OB_MUST_CHECK enum ob_err ob_trailer_is_member(const struct ob_area *slot, uint32_t align, bool *member);

#define OB_TRAILER_ENCODED_MAX 128u

/**
 * The fields that state a finished installation, to be programmed at the slot's end: magic, copy_done, swap_info, and
 * image_ok unless it is a test.
 *
 * @param out  OB_TRAILER_ENCODED_MAX bytes
 * @return how many of them to program
 */
uint32_t ob_trailer_encode(uint32_t align, uint8_t erased_value, uint8_t image, enum ob_swap swap, uint8_t *out);

/**
 * Withdraw a request without an erase: program the magic to all zeros, and read it back. Repeating it is harmless.
 */
OB_MUST_CHECK enum ob_err ob_trailer_clear_magic(const struct ob_area *slot);

/** How many units of each mark hold exactly this tag. On an error the counts are undefined. */
OB_MUST_CHECK enum ob_err ob_trailer_marks(const struct ob_area *slot, uint32_t align, const uint8_t tag[OB_TAG_SIZE],
                                           uint32_t counts[OB_MARK_KINDS]);

/** Is there a trace of a job that was begun and is not finished? It erases what tells so when it ends. */
bool ob_trailer_begun(const struct ob_area *slot, uint32_t align);

/**
 * State a fact so that it stays stated: afterwards two units hold the tag.
 *
 * A unit whose programming was cut may read as the tag today and as something else tomorrow. With two units that
 * read as the tag the first of them was complete, for the second is only begun after it. So a start that finds one adds
 * another in a fresh unit (a word is never programmed twice), and a start that finds two need not write.
 *
 * @param units  how many shall hold the tag, if so many are fresh
 * @return OB_ERR_FAILED: no unit holds the tag and none is fresh: erase the trailer first
 */
OB_MUST_CHECK enum ob_err ob_trailer_settle_in(const struct ob_area *slot, uint32_t align, enum ob_mark mark,
                                               const uint8_t tag[OB_TAG_SIZE], uint32_t units);

OB_MUST_CHECK static inline enum ob_err ob_trailer_settle(const struct ob_area *slot, uint32_t align, enum ob_mark mark,
                                                          const uint8_t tag[OB_TAG_SIZE])
{
    return ob_trailer_settle_in(slot, align, mark, tag, OB_MARKS_SETTLED);
}

#endif
