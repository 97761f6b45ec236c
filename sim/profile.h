/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_PROFILE_H
#define OUTBOARD_SIM_PROFILE_H

#include "parts.h"

/** A pair of parts, and slots on them. */
struct sim_profile {
    const char *name;
    const char *internal;  /* name of the part */
    const char *external;  /* ... */
    const char *primary;   /* geometry of a slot, as for --primary */
    const char *secondary; /* ... and for --secondary */
};

extern const struct sim_profile sim_profiles[];
extern const unsigned sim_profile_count;

/** @return NULL: there is none of this name */
const struct sim_profile *sim_profile_find(const char *name);

#endif
