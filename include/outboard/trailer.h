/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TRAILER_H
#define OUTBOARD_TRAILER_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/area.h>

/*
 * The trailer at the end of a slot, exactly MCUboot's: magic, image_ok, copy_done and swap_info, so that applications
 * and tools that know them keep working. In the secondary slot it carries a request from the application; in the
 * primary it is the window through which an application sees what became of it, and confirms what runs. What the
 * bootloader does is decided by the ledger. Byte by byte in docs/SPEC.md.
 *
 * Every field has a write unit of its own (align bytes apart) and is programmed once between two erases.
 */

#define OB_MAGIC_SIZE 16u

enum ob_magic { OB_MAGIC_UNSET, OB_MAGIC_GOOD, OB_MAGIC_BAD };
enum ob_flag { OB_FLAG_UNSET, OB_FLAG_SET, OB_FLAG_BAD };

/** What the bootloader shall do next; the numbers are those of swap_info. */
enum ob_swap { OB_SWAP_NONE = 1, OB_SWAP_TEST = 2, OB_SWAP_PERMANENT = 3, OB_SWAP_REVERT = 4 };

struct ob_trailer {
    enum ob_magic magic;
    enum ob_flag image_ok;
    enum ob_flag
        copy_done; /* primary: a job wrote it. In the secondary, where clients of MCUboot never write: a member */
};

/** Bytes from the first field to the slot's end. */
uint32_t ob_trailer_size(uint32_t align);

/** As clients of MCUboot read it. */
OB_MUST_CHECK enum ob_err ob_trailer_read(const struct ob_area *slot, uint32_t align, struct ob_trailer *out);

/** A request, as it was meant: one worn cell in the magic, or in image_ok, makes no difference. */
OB_MUST_CHECK enum ob_err ob_trailer_read_request(const struct ob_area *secondary, uint32_t align,
                                                  struct ob_trailer *out);

/** An image on trial, as clients of MCUboot see it in the primary: unless it is confirmed, a revert follows. */
static inline bool ob_trailer_on_trial(const struct ob_trailer *primary)
{
    return primary->magic == OB_MAGIC_GOOD && primary->copy_done == OB_FLAG_SET && primary->image_ok != OB_FLAG_SET;
}

/** A request that an application stated in a secondary. */
static inline bool ob_trailer_asks(const struct ob_trailer *secondary)
{
    return secondary->magic == OB_MAGIC_GOOD && secondary->image_ok != OB_FLAG_BAD;
}

/** What it asks for: OB_SWAP_TEST or OB_SWAP_PERMANENT; OB_SWAP_NONE: nothing. */
static inline enum ob_swap ob_trailer_swap(const struct ob_trailer *secondary)
{
    return !ob_trailer_asks(secondary)          ? OB_SWAP_NONE
           : secondary->image_ok == OB_FLAG_SET ? OB_SWAP_PERMANENT
                                                : OB_SWAP_TEST;
}

/** A request that waits until a lower image is asked for as well: the last of several that are asked for as one. */
static inline bool ob_trailer_is_member(const struct ob_trailer *secondary)
{
    return secondary->copy_done != OB_FLAG_UNSET; /* an erase that is cut must not make it ask for itself alone */
}

/** Nobody asked for anything, nor began to. */
static inline bool ob_trailer_is_blank(const struct ob_trailer *secondary)
{
    return secondary->magic == OB_MAGIC_UNSET && secondary->image_ok == OB_FLAG_UNSET &&
           secondary->copy_done == OB_FLAG_UNSET;
}

/** Each writes one field, which must be erased. OB_ERR_*: the field is undefined. */
OB_MUST_CHECK enum ob_err ob_trailer_set_magic(const struct ob_area *slot, uint32_t align);
OB_MUST_CHECK enum ob_err ob_trailer_set_image_ok(const struct ob_area *slot, uint32_t align);
OB_MUST_CHECK enum ob_err ob_trailer_set_copy_done(const struct ob_area *slot, uint32_t align);
OB_MUST_CHECK enum ob_err ob_trailer_set_swap_info(const struct ob_area *slot, uint32_t align, uint8_t image,
                                                   enum ob_swap swap);

/**
 * Before a request is erased: its magic goes first. An erase that is cut may take what a request says (for good; as a
 * member) and leave the magic, or show it again when something else lies in the slot, and a device would do what nobody
 * asked for. Nothing is written where nothing stands, nor, but for a member's, where programs of a word are counted:
 * a client may have programmed the magic twice, after a cut.
 */
OB_MUST_CHECK enum ob_err ob_trailer_spoil(const struct ob_area *slot, uint32_t align);

#define OB_TRAILER_ENCODED_MAX 128u

/** What a finished job leaves in the primary. */
struct ob_window {
    uint8_t image;
    enum ob_swap swap;
    bool copy_done; /* false: clients see an image that is not confirmed, and no revert */
    bool image_ok;
};

/**
 * Make the fields of a window, to be programmed at the slot's end.
 *
 * @param out  OB_TRAILER_ENCODED_MAX bytes
 * @return how many of them to program
 */
uint32_t ob_trailer_encode(uint32_t align, uint8_t erased_value, const struct ob_window *window, uint8_t *out);

#endif
