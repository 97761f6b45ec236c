/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CAMPAIGN_H
#define OUTBOARD_VBOARD_CAMPAIGN_H

#include "../target.h"

/* A target, the images that it may run, and what lies in its chips at first: what all campaigns begin with. */

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
    struct vb_image decrypted;      /* what new is where it runs; path NULL: what it is in the update slot */
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

/** Read old and new, and put into the target's chips what the scenario says. */
enum ob_exit vb_campaign_prepare(struct vb_campaign *campaign);

/** Is the bootloader executed in flash, whose instructions `what` looks at? false after printing that it is not. */
bool vb_campaign_is_in_flash(const struct vb_campaign *campaign, const char *what);
void vb_campaign_free(struct vb_campaign *campaign);

/** Make the board of this process. */
enum ob_exit vb_campaign_make(struct vb_campaign *campaign);

/** Does it begin with a header of MCUboot's format? */
bool vb_image_has_header(const uint8_t *data, uint32_t size);

#endif
