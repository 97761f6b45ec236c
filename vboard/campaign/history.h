/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_HISTORY_H
#define OUTBOARD_VBOARD_HISTORY_H

#include "../cuts.h"
#include "../snapshot.h"
#include "campaign.h"

/*
 * What a device lives through: starts, one after the other, each until an image is entered, until one changes nothing.
 * Cuts fall into it, and at its end old or new must run. Judged by what is in flash and where the CPU goes, not by the
 * console.
 */

#define VB_STARTS_MAX 12u
#define VB_HISTORY_WHY 360u

/** Who runs at the end. */
enum vb_outcome { VB_OUTCOME_FAILED, VB_OUTCOME_OLD, VB_OUTCOME_NEW };

struct vb_history {
    enum vb_outcome outcome;
    bool entered_new;         /* at some time */
    enum vb_outcome foreseen; /* by an earlier one; VB_OUTCOME_FAILED: none that was compared with this one */
    uint32_t starts;
    uint32_t cuts;            /* that the power failed in */
    uint64_t operations;      /* in all starts */
    uint64_t instructions;    /* in all starts but the last, which changes nothing */
    char why[VB_HISTORY_WHY]; /* VB_OUTCOME_FAILED: in which start, and what is wrong */
};

/** What is to happen in a history, and who looks. */
struct vb_history_plan {
    struct vb_cuts cuts;              /* one after the other, each counts operations since the one before */
    const struct vb_operation *again; /* NULL, or: cut this operation ... */
    unsigned again_count;             /* ... so many times more, torn like the last of cuts */
    struct sim_tear again_tear;
    uint64_t seed;                 /* of torn cells */
    uint32_t first_nth;            /* number of the first start: not 0 if some were lived through already */
    struct vb_snapshot *place;     /* NULL, or: where in the first start it begins */
    struct vb_cells_state *starts; /* NULL, or VB_STARTS_MAX: what the cells hold before each start */
    unsigned cuts_to_come;         /* in operations of this history: it is over where the same ones fell before */
    void (*starting)(void *ctx, uint32_t start); /* NULL, or: a start begins, 0 is the first */
    void (*ended)(void *ctx, const char *why);   /* NULL, or: it ended so */
    void *ctx;
};

/** Go through the plan's first start without a cut, until so many operations have begun. @return false: it ended before
 */
bool vb_history_come_to(struct vb_campaign *campaign, const struct vb_history_plan *plan, uint64_t operations);

/** Live on from what the cells hold now. */
void vb_history_run(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out);

#endif
