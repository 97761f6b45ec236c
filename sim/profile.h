/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_PROFILE_H
#define OUTBOARD_SIM_PROFILE_H

#include "machine.h"
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

/** How the bootloader was built, or the bus that it talks to the external chip on. */
struct sim_choice {
    const char *name;
    struct sim_speed speed; /* of a build: the CPU's part; of a bus: the bus's */
};

extern const struct sim_choice sim_builds[], sim_buses[];
extern const unsigned sim_build_count, sim_bus_count;

/** What both together cost. @return false: there is no such build, or bus */
bool sim_speed_find(const char *build, const char *bus, struct sim_speed *out);

/** @return NULL: there is none of this name */
const struct sim_profile *sim_profile_find(const char *name);

#endif
