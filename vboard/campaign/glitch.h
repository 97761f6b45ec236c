/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_GLITCH_H
#define OUTBOARD_VBOARD_GLITCH_H

#include "fault.h"
#include "history.h"

/*
 * A start in which something goes wrong in one instruction: every execution of every instruction, from the first one
 * behind the reset to the jump, and a sample of the executions inside the cryptography. What runs in the primary slot
 * then must be what may.
 */

enum vb_glitch_end {
    VB_GLITCH_HALTED,  /* it sleeps, and nothing was started */
    VB_GLITCH_STARTED, /* it started the image that may run */
    VB_GLITCH_REFUSED, /* it did what the part forbids or the model does not know */
    VB_GLITCH_FAULT,   /* the CPU would have faulted */
    VB_GLITCH_HANG,    /* it neither starts anything nor sleeps */
    VB_GLITCH_BYPASS,  /* it executed something in the primary slot that may not run */
    VB_GLITCH_ENDS
};

/** Which trials. */
struct vb_glitch_options {
    unsigned models;       /* a bit for each of enum vb_fault_model */
    const char *functions; /* NULL: everywhere; else in those whose names begin so, with commas */
    uint64_t every;        /* each so many-th execution */
    uint64_t visits;       /* of those: the first so many of each instruction; 0: all */
    uint64_t sample;       /* trials inside the cryptography */
    uint64_t pairs;        /* trials with two faults apart from each other */
    unsigned part, parts;  /* this one of so many, from 0 */
};

/** Where a fault falls: before the step-th instruction behind the reset, from 0. */
struct vb_glitch_place {
    uint64_t step;
    bool inner; /* steps are counted with all of the cryptography; else P-256's multiplication is not executed */
    struct vb_fault fault;
};

/** What came of one trial. */
struct vb_glitch_result {
    struct vb_glitch_place place;
    uint64_t second_step; /* 0: there was one fault only; else instructions behind the first */
    struct vb_fault second;
    uint8_t end; /* enum vb_glitch_end */
    bool later;  /* in a start after the one with the fault */
    bool seen;   /* it came to a state from which it is known how it goes on */
    bool wild;   /* VB_GLITCH_BYPASS: not at the image's reset vector, but somewhere in it */
    uint32_t pc; /* where it ended */
    char why[VB_WHY_SIZE];
};

struct vb_glitch_counts {
    uint64_t executions;           /* chosen, outside the cryptography */
    uint64_t trials;               /* with one fault */
    uint64_t ends[VB_GLITCH_ENDS]; /* of those */
    uint64_t models[VB_FAULT_MODELS];
    uint64_t seen;                 /* of them: ended early, in a state of the start itself or of an earlier trial */
    uint64_t compared, otherwise;  /* of those: run to the end all the same, which was that one */
    uint64_t inner;                /* of the trials: inside the cryptography */
    uint64_t pairs, pair_bypasses; /* with two faults */
    uint64_t nulls;                /* with none, each of them as the start without a campaign */
};

struct vb_glitch;

/**
 * Learn what a start without a fault does.
 * @return NULL after setting *why: the board does not even then what it should
 */
struct vb_glitch *vb_glitch_new(struct vb_campaign *campaign, bool inner, const char **why);
void vb_glitch_free(struct vb_glitch *glitch);

/** Instructions of the start without a fault, and how many executions a campaign chooses, all parts together. */
uint64_t vb_glitch_steps(const struct vb_glitch *glitch);
uint64_t vb_glitch_executions(struct vb_glitch *glitch, const struct vb_glitch_options *options);

/**
 * Try all faults; tell() gets those that led to a bypass, and counts from time to time.
 * @return NULL, or what shows that the campaign itself is wrong
 */
const char *vb_glitch_run(struct vb_glitch *glitch, const struct vb_glitch_options *options,
                          void (*tell)(void *ctx, const struct vb_glitch_result *bypass,
                                       const struct vb_glitch_counts *counts),
                          void *ctx);

/** One trial. @return NULL, or why there is no such place */
const char *vb_glitch_try(struct vb_glitch *glitch, const struct vb_glitch_place *place, struct vb_glitch_result *out);

#endif
