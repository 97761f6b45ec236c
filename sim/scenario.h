/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_SCENARIO_H
#define OUTBOARD_SIM_SCENARIO_H

#include "world.h"

struct sim_updater;

/** What the application does, start after start, and what the device looks like before. */
struct sim_scenario {
    const char *name;
    const char *summary;
    /** Before the first start. NULL: the primary holds image A, the external chip is blank. */
    void (*factory)(struct sim_world *world);
    /**
     * What the application does after a start. It knows what runs and world->watch.script, which survives cuts.
     * @return true: it did something, or will at the next start; false: it has nothing to do any more
     */
    bool (*app)(struct sim_world *world);
    const struct sim_updater *updater; /* the application is one of MCUboot's world: sim/updaters.h; else NULL */
    bool needs_confirmation;           /* makes sense only where an installation can be undone */
    enum ob_guard guard;               /* of downgrades; images carry counters where those count */
    bool asks_older;                   /* ... and the application asks for an older image */
    bool without_external;             /* the application copes with an absent external chip, and cuts make it absent */
};

extern const struct sim_scenario sim_scenarios[];
extern const unsigned sim_scenario_count;

/** @return NULL: there is none of this name */
const struct sim_scenario *sim_scenario_find(const char *name);

#endif
