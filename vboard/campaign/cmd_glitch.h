/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CMD_GLITCH_H
#define OUTBOARD_VBOARD_CMD_GLITCH_H

#include <common/args.h>

#include "glitch.h"

/* `outboard board glitch`: what its command line asks for, and what has come of it. */

#define VB_GLITCH_PLACES_MAX 1000u

enum vb_goal { VB_GOAL_NONE, VB_GOAL_UNSIGNED, VB_GOAL_DOWNGRADE };

/** Bypasses by the same fault of the same instruction. */
struct vb_glitch_bypasses {
    struct vb_glitch_result first;
    uint64_t count;
};

struct vb_glitch_campaign {
    struct vb_campaign board;
    enum vb_goal goal;
    struct vb_glitch_options options;
    struct vb_glitch_place replay;
    unsigned jobs, shard, shards;
    bool json, replays;

    const struct vb_glitch_message *heard;
    struct vb_glitch_counts counts;
    struct vb_glitch_bypasses places[VB_GLITCH_PLACES_MAX];
    unsigned place_count;
    uint64_t lost_places; /* bypasses for which there was no room */
    uint64_t steps, expected;
    char why[VB_WHY_SIZE];
    double start;
};

/** Its options and those of the target. Input: struct vb_glitch_campaign, with its defaults. */
extern const struct argp vb_glitch_argp;

/** "halted", "bypass" and others */
const char *vb_glitch_end_name(enum vb_glitch_end end);

/** Print counts and bypasses, for a reader or as JSON. seconds: how long it took */
void vb_glitch_print(struct vb_glitch_campaign *campaign, double seconds);

#endif
