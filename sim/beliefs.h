/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_BELIEFS_H
#define OUTBOARD_SIM_BELIEFS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What may be true about the requests of the application, after any history of cuts.
 *
 * Somebody who watches from outside knows which calls of the application returned. A call that did not return may have
 * had its effect, or not, or one that reads differently from start to start. So the watcher keeps all the truths that
 * are possible, advances each of them over a start of the machine, and drops those that what is seen contradicts.
 * When none is left, the bootloader broke a promise.
 */

enum sim_image_id { SIM_IMAGE_NO, SIM_IMAGE_A, SIM_IMAGE_B, SIM_IMAGE_C, SIM_IMAGE_BAD, SIM_IMAGE_OLD, SIM_IMAGES };

/** A fact in flash that is there, is not there, or whose writing was cut. */
enum sim_fact { SIM_NO, SIM_YES, SIM_TORN };

struct sim_belief {
    uint8_t running;       /* enum sim_image_id */
    uint8_t previous;      /* what an unconfirmed installation replaced; SIM_IMAGE_NO: nothing to go back from */
    uint8_t previous_lost; /* bool: the copy to go back to was destroyed, wholly or in part */
    uint8_t confirmed;     /* enum sim_fact; SIM_NO unless there is a previous */
    uint8_t requested;     /* enum sim_image_id */
    uint8_t request;       /* enum sim_fact; SIM_NO: none */
    uint8_t permanent;     /* bool: of the request */
};

#define SIM_BELIEFS 64u

struct sim_beliefs {
    uint8_t count;
    uint8_t overflow; /* bool: more than fit; then nothing can be concluded, which counts as a failure */
    struct sim_belief belief[SIM_BELIEFS];
};

/** What the rules of a mode and of this start are. */
struct sim_rules {
    bool revertible;
    bool refusal_possible; /* a request can be refused without being at fault: its data was read wrongly */
    bool guarded;          /* an image older than the one that was confirmed last is refused */
    bool valid[SIM_IMAGES];
    bool one_way[SIM_IMAGES]; /* it is too large to be kept: who leaves it does so for good */
    uint8_t rank[SIM_IMAGES]; /* by version: the newer, the higher */
    uint8_t same[SIM_IMAGES]; /* the images with just these bytes, a bit each */
};

/** The image that was confirmed last, by one truth: what a guarded device may not fall below. SIM_IMAGE_NO: not known.
 */
enum sim_image_id sim_belief_kept(const struct sim_belief *belief, const struct sim_rules *rules);

void sim_beliefs_set(struct sim_beliefs *beliefs, const struct sim_belief *only);

/** All that can be true after a start that came to its end with the external chip at work. */
void sim_beliefs_start(struct sim_beliefs *beliefs, const struct sim_rules *rules);

/** Also everything that `more` holds. */
void sim_beliefs_join(struct sim_beliefs *beliefs, const struct sim_beliefs *more);

/** Keep what agrees with the image that runs: same[i] says whether its bytes are those of image i. */
void sim_beliefs_see_image(struct sim_beliefs *beliefs, const bool same[SIM_IMAGES]);

/** The same after a start in which something failed: a job may have copied its image, and still have to be finished. */
void sim_beliefs_see_copied(struct sim_beliefs *beliefs, const bool same[SIM_IMAGES]);

/** The application asked whether what runs is confirmed, and this is the answer. */
void sim_beliefs_see_confirmed(struct sim_beliefs *beliefs, bool confirmed);

/** The application makes a statement: first with SIM_TORN, and again with SIM_YES once the call returned. */
void sim_beliefs_request(struct sim_beliefs *beliefs, enum sim_image_id image, bool permanent, enum sim_fact fact);
void sim_beliefs_confirm(struct sim_beliefs *beliefs, enum sim_fact fact);

/** The application erases a slot: SIM_TORN before, SIM_YES after. loses_previous: what one could go back to was there.
 */
void sim_beliefs_erase(struct sim_beliefs *beliefs, bool loses_previous, enum sim_fact fact);

/** What lies in the slot changes under a request that may still be there: it may be honoured for this image too. */
void sim_beliefs_replace(struct sim_beliefs *beliefs, enum sim_image_id image);

/** Somebody asks for this image who may do so or not: it may be honoured, refused, or not be seen. SIM_IMAGE_NO: he
 * takes back what was asked for. */
void sim_beliefs_forge(struct sim_beliefs *beliefs, enum sim_image_id image);

/** Every truth says that nothing runs: a blank device. */
bool sim_beliefs_blank(const struct sim_beliefs *beliefs);

/** Every truth says that nothing is asked for. */
bool sim_beliefs_idle(const struct sim_beliefs *beliefs);

/** An update may be for good whatever was asked for: in this mode, or because what runs is too large to be kept. */
bool sim_beliefs_one_way(const struct sim_beliefs *beliefs, const struct sim_rules *rules);

/** Every truth says that what runs is on trial and will be gone back from: SIM_YES. None does: SIM_NO. Else SIM_TORN.
 */
enum sim_fact sim_beliefs_on_trial(const struct sim_beliefs *beliefs);

/** What there is to go back to may be lost. */
void sim_beliefs_doubt_previous(struct sim_beliefs *beliefs);

/** A confirmation may have been begun before. */
bool sim_beliefs_confirming(const struct sim_beliefs *beliefs);

/** Every truth says that the next start has something to do. */
bool sim_beliefs_restless(const struct sim_beliefs *beliefs);

#endif
