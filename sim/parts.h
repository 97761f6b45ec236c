/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_PARTS_H
#define OUTBOARD_SIM_PARTS_H

#include "chip.h"

#define SIM_JEDEC_ID_SIZE 3u

/** A flash part, and how long its operations take. The one table of that: bench, budget and their tests share it. */
struct sim_part {
    const char *name;
    const char *controller;              /* inside a microcontroller: `compatible` of what drives it; else NULL */
    uint8_t jedec_id[SIM_JEDEC_ID_SIZE]; /* outside: what the chip answers to 0x9F */
    bool times_unconfirmed;              /* quoted without the datasheet at hand */
    bool endurance_unconfirmed;          /* the same */
    uint32_t endurance;                  /* erases that a sector is good for; 0: unknown */
    uint32_t page_size;                  /* bytes of a program command at most */
    uint32_t erase_sizes[OB_FLASH_ERASE_SIZES]; /* bytes, ascending; the order of timing's erases */
    struct sim_timing timing[SIM_PACES];
};

extern const struct sim_part sim_parts[];
extern const unsigned sim_part_count;

/** @return NULL: there is none of this name */
const struct sim_part *sim_part_find(const char *name);

/** @return the part behind a flash controller with this `compatible`; NULL: unknown */
const struct sim_part *sim_part_of_controller(const char *compatible);

/** @return the chip that answers with this id; NULL: unknown */
const struct sim_part *sim_part_of_jedec_id(const uint8_t id[SIM_JEDEC_ID_SIZE]);

/**
 * Take page size, erase sizes and times from a chip's own table, as the devicetree's `sfdp-bfp` holds it.
 *
 * @param part  written on success only
 * @return false: the table is not usable, or older than JESD216A, which has no times
 */
bool sim_part_take_bfp(const uint8_t *bfp, uint32_t len, struct sim_part *part);

/**
 * The times of a part in the order of a device's erase sizes, which may be fewer than the part has.
 * @return false: no time is known for one of the sizes
 */
bool sim_part_timing(const struct sim_part *part, const uint32_t erase_sizes[OB_FLASH_ERASE_SIZES],
                     struct sim_timing timing[SIM_PACES]);

#endif
