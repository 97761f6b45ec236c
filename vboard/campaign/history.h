/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_HISTORY_H
#define OUTBOARD_VBOARD_HISTORY_H

#include "../cuts.h"
#include "../snapshot.h"
#include "../target.h"

/*
 * What a device lives through: starts, one after the other, each until an image is entered, until one changes nothing.
 * Cuts fall into it, and at its end old or new must run. Judged by what is in flash and where the CPU goes, not by the
 * console.
 */

#define VB_STARTS_MAX 12u
#define VB_HISTORY_WHY 360u
#define VB_RESTS_MAX 1024u

/** What lies in the update slot. */
enum vb_scenario {
    VB_SCENARIO_UPDATE,
    VB_SCENARIO_DAMAGED,  /* a bit of it differs */
    VB_SCENARIO_OLDER,    /* the device runs the update, and is asked to go to what the build holds */
    VB_SCENARIO_EMPTY,    /* nothing, and nothing is asked for */
    VB_SCENARIO_UNSIGNED, /* the same, and a bit of the signature of what lies in the primary slot is wrong; or, if
                             there is one, of the network core's update, which is asked for */
};

/** An image as it lies in a file. */
struct vb_image {
    const char *path;
    uint8_t *data;
    uint32_t size;
};

/** States of both chips from which a start changes nothing, and the image that it enters: such a start is not repeated.
 */
struct vb_rests {
    uint64_t states[VB_RESTS_MAX];
    uint8_t outcomes[VB_RESTS_MAX];
    uint32_t count;
};

struct vb_campaign {
    struct vb_target target;
    struct vb_rests rests;
    struct vb_image old, new;       /* of the application; new.path NULL: none is asked for */
    struct vb_image network_update; /* path NULL: none is asked for */
    enum vb_scenario scenario;
    bool permanent;
    bool started_before;        /* once, before anything was asked for: `board glitch` only */
    uint32_t vectors;           /* offset in the slot of an image's vector table */
    bool slot_is_given;         /* by --slot: somebody else's bootloader */
    double limit_s;             /* of a start, of the board's time */
    struct vb_memo *memo;       /* NULL: every instruction is executed */
    struct vb_futures *futures; /* NULL: every history is lived through to its end */
};

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
    char why[VB_HISTORY_WHY]; /* VB_OUTCOME_FAILED: what is wrong */
};

/** Read old and new, and put into the target's chips what the scenario says. */
enum ob_exit vb_campaign_prepare(struct vb_campaign *campaign);

/** Is the bootloader executed in flash, whose instructions `what` looks at? false after printing that it is not. */
bool vb_campaign_is_in_flash(const struct vb_campaign *campaign, const char *what);
void vb_campaign_free(struct vb_campaign *campaign);

/** Make the board of this process. */
enum ob_exit vb_campaign_make(struct vb_campaign *campaign);

/** What the network core holds: the new image as far as it checks one, all that it held at first, or neither. */
enum vb_outcome vb_campaign_network_holds(const struct vb_campaign *campaign);

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
