/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SEARCH_H
#define OUTBOARD_VBOARD_SEARCH_H

#include "history.h"

/* The power cut everywhere: in each operation of an uncut history, with each tear. */

#define VB_TEARS_MAX 16u

struct vb_search_options {
    struct sim_tear tears[VB_TEARS_MAX];
    unsigned tear_count;
    uint64_t every;        /* each so many-th operation */
    unsigned depth;        /* cuts in a row */
    unsigned again;        /* times that the same operation is cut */
    unsigned instructions; /* cuts between operations, spread over the history */
    unsigned part, parts;  /* this one of so many, from 0 */
    bool foresees;         /* a history is over where it comes to a state that an earlier one came through */
};

/** What came of one cut, or of several in a row. */
struct vb_search_result {
    struct vb_cuts cuts;
    struct vb_history history;
};

/** What an uncut history did. */
struct vb_golden {
    struct vb_history history;
    struct vb_log log;
};

/** @return NULL, or what is wrong with it */
const char *vb_golden_run(struct vb_campaign *campaign, struct vb_golden *golden, struct vb_cells_state *starts);
void vb_golden_free(struct vb_golden *golden);

/** How many cuts a search of depth 1 makes, all parts together. */
uint64_t vb_search_count(const struct vb_golden *golden, const struct vb_search_options *options);

/** Cut, and tell each result. The board's chips hold what the scenario says. @return NULL, or why it could not begin */
const char *vb_search_run(struct vb_campaign *campaign, const struct vb_search_options *options,
                          void (*tell)(void *ctx, const struct vb_search_result *result), void *ctx);

#endif
