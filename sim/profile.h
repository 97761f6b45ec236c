/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_PROFILE_H
#define OUTBOARD_SIM_PROFILE_H

#include "chip.h"

/** A pair of parts, with the time their operations take. Typical values, not worst cases. */
struct sim_profile {
    const char *name;
    const char *summary;
    const char *primary;   /* geometry of a slot, as for --primary */
    const char *secondary; /* ... and for --secondary */
    struct sim_timing internal;
    struct sim_timing external;
};

extern const struct sim_profile sim_profiles[];
extern const unsigned sim_profile_count;

/** @return NULL: there is none of this name */
const struct sim_profile *sim_profile_find(const char *name);

#endif
