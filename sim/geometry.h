/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_GEOMETRY_H
#define OUTBOARD_SIM_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>

#include "chip.h"

/**
 * Read `SIZE:ERASE[,ERASE...]:WRITE[:PROGRAM]`. Numbers are decimal, 0x... or end in K or M.
 *
 * PROGRAM is what one program command takes at most; left out: one word for an internal chip (as nRF's NVMC), 256
 * bytes for an external one. Behind it, for a secondary slot: `b`, a driver that only has blocking
 * operations; `i`, flash like the internal one (a slot inside).
 *
 * @return NULL, or what is wrong with the text
 */
const char *sim_geometry_parse(const char *text, bool internal, struct sim_geometry *out);

/** Write it as sim_geometry_parse() reads it. */
void sim_geometry_print(const struct sim_geometry *geometry, char *text, size_t size);

/** Two slots that can be used together. */
struct sim_pair {
    const char *primary;
    const char *secondary;
    bool tiny; /* few operations: for exhaustive searches of pairs of cuts */
};

extern const struct sim_pair sim_pairs[];
extern const unsigned sim_pair_count;

#endif
