/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_LAYOUT_H
#define OUTBOARD_LAYOUT_H

#include <stdint.h>

#include <outboard/area.h>

/*
 * Where everything lies in the slots of one image. The one definition: the bootloader, the application library, the
 * partition manager's checks, the signer's limits and the simulator all ask here. docs/SPEC.md draws it.
 *
 *   primary     | image ...                       [ reserved ] | trailer |
 *   secondary   | image ... one or two units of room to slide  | trailer |
 *
 * Trailers have erase sectors of their own.
 */

/** The ways to install. The numbers are stored in the ledger. */
enum ob_mode_id {
    OB_MODE_SLIDE = 1,     /* old and new swap places through spare units; revertible */
    OB_MODE_OVERWRITE = 2, /* the new image replaces the old one; no way back */
    OB_MODE_DUAL = 3,      /* two external slots, one always keeps a copy of what runs; revertible */
    OB_MODE_HANDOVER = 4,  /* of an image with a receiver, beside any of the others: it is handed over; no way back */
};

#define OB_MAX_UNITS 8000u /* upper bound of BOOT_MAX_IMG_SECTORS: two steps each, counted in 14 bits */

struct ob_layout {
    uint32_t align;           /* BOOT_MAX_ALIGN of this pair of slots: 8, 16 or 32 bytes; spacing of trailer fields */
    uint32_t max_units;       /* BOOT_MAX_IMG_SECTORS: how many units the ledger can record */
    uint32_t primary_limit;   /* offset in the primary where its trailer sectors begin, or what is reserved before them */
    uint32_t secondary_limit; /* offset in the secondary where its trailer sectors begin */
};

/** Bytes that a field of the trailer takes in both slots; as far as known, if the secondary's device is absent. */
uint32_t ob_layout_align(const struct ob_area *primary, const struct ob_area *secondary);

/** Offset in a slot where its trailer sectors begin; slot->size if it is too small for one. */
uint32_t ob_layout_limit(const struct ob_area *slot, uint32_t align);

/**
 * What is reserved in a slot. It begins at the same place whatever the other slot's device is, and none needs its
 * trailer larger.
 */
struct ob_area ob_layout_reserved(const struct ob_area *slot);

/** Offset in a slot up to which an image may reach: what is reserved begins there, or the trailer sectors. */
uint32_t ob_layout_image_limit(const struct ob_area *slot, uint32_t align);

/**
 * Lay out a pair of slots.
 *
 * @param max_units  BOOT_MAX_IMG_SECTORS, at most OB_MAX_UNITS; 0: as many as these slots need
 * @return OB_ERR_SIZE: a slot is too small for its own trailer; OB_ERR_RANGE: max_units
 */
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

/** The same of slots whatever they are: 0 also if there is no layout for them, or the device of one is absent. */
uint32_t ob_layout_room(const struct ob_area *primary, const struct ob_area *secondary, uint32_t max_units,
                        enum ob_mode_id mode);

/** BOOT_MAX_IMG_SECTORS that this pair of slots needs so that the ledger never limits the image. */
uint32_t ob_layout_units_needed(const struct ob_area *primary, const struct ob_area *secondary);

/** Steps of the longest job of a pair of slots, which the ledger must be able to record, whatever max_units allows. */
uint32_t ob_layout_steps(const struct ob_layout *layout, const struct ob_area *primary, const struct ob_area *secondary,
                         enum ob_mode_id mode);

#endif
