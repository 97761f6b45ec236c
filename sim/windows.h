/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_WINDOWS_H
#define OUTBOARD_SIM_WINDOWS_H

#include "parts.h"
#include "world.h"

/*
 * Crumbs of power: the supply lasts only so long each time, for ever. Does an update come to its end, does going back?
 * By the clock of the parts' largest times.
 */

struct sim_windows_options {
    const struct sim_case
        *config; /* a scenario without an end of its own: revert, or permanent where there is no way back */
    const struct sim_files *files;
    struct sim_timing timing[SIM_CHIPS][SIM_PACES];
    struct sim_speed speed;
    uint32_t phases; /* parts of a window that the first one may be */
    uint32_t starts; /* of one update or one going back, at most: more count as never */
};

/** What comes of windows of one length. */
struct sim_windows_result {
    bool ends;            /* whatever the phase, both come to their end */
    uint32_t most_starts; /* of one of them */
    uint32_t phase;       /* that took so many, or in which it does not end */
    char why[200];        /* it does not end */
};

/** @return NULL, or why this case is impossible */
const char *sim_windows_try(const struct sim_windows_options *options, uint64_t window_ns,
                            struct sim_windows_result *out);

#endif
