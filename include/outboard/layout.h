/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_LAYOUT_H
#define OUTBOARD_LAYOUT_H

#include <stdint.h>

#include <outboard/area.h>

/*
 * Where everything lies in the slots of one image. The one definition: the bootloader, the application library, the
 * partition manager's checks, the signer's limits and the simulator all ask here. docs/SPEC.md draws it.
 *
 *   primary     | image ...                                             | trailer |
 *   secondary   | image ... one unit of room for a slide ...  | journal | trailer |
 *
 * Trailer and journal have erase sectors of their own: the trailer is written by the application (request, confirm),
 * the journal by the bootloader, and each can be erased without the other.
 */

/** The ways to install. The numbers are stored in journals. */
enum ob_mode_id {
    OB_MODE_SLIDE = 1,     /* old and new swap places with one spare unit; revertible */
    OB_MODE_OVERWRITE = 2, /* the new image replaces the old one; no way back */
    OB_MODE_DUAL = 3,      /* two external slots, one always keeps a copy of what runs; revertible */
};

#define OB_MAX_UNITS 32000u /* upper bound of BOOT_MAX_IMG_SECTORS: two steps each, numbered in 16 bits */

struct ob_layout {
    uint32_t align;           /* BOOT_MAX_ALIGN of this pair of slots: 8, 16 or 32 bytes; spacing of trailer fields */
    uint32_t max_units;       /* BOOT_MAX_IMG_SECTORS: how many units the journal can record */
    uint32_t primary_limit;   /* offset in the primary where its trailer sectors begin */
    uint32_t secondary_limit; /* offset in the secondary where its journal begins */
    uint32_t journal_size;    /* bytes, whole sectors */
    uint32_t bank_size;       /* bytes; a journal has OB_JOURNAL_BANKS of them */
    uint32_t record_size;     /* bytes from one record to the next */
    uint32_t trailer_size;    /* bytes of the secondary's trailer sectors */
};

/**
 * Lay out a pair of slots.
 *
 * @param max_units  BOOT_MAX_IMG_SECTORS, at most OB_MAX_UNITS; 0: as many as these slots need
 * @return OB_ERR_SIZE: a slot is too small for its own trailer and journal; OB_ERR_RANGE: max_units
 */
/** Bytes that a field of the trailer takes in both slots; as far as known, if the secondary's device is absent. */
uint32_t ob_layout_align(const struct ob_area *primary, const struct ob_area *secondary);

OB_MUST_CHECK enum ob_err ob_layout(const struct ob_area *primary, const struct ob_area *secondary, uint32_t max_units,
                                    struct ob_layout *out);

/** The smallest unit that both slots can erase: the larger of their erase sizes. */
uint32_t ob_layout_unit(const struct ob_area *primary, const struct ob_area *secondary);

/**
 * The largest image (header to end of TLVs, bytes) that can be installed, and be swapped back where the mode can.
 * 0: none, the slots do not fit each other.
 */
uint32_t ob_layout_capacity(const struct ob_layout *layout, const struct ob_area *primary,
                            const struct ob_area *secondary, enum ob_mode_id mode);

/** BOOT_MAX_IMG_SECTORS that this pair of slots needs so that the journal never limits the image. */
uint32_t ob_layout_units_needed(const struct ob_area *primary, const struct ob_area *secondary);

#endif
