/* SPDX-License-Identifier: Apache-2.0 */
#include "beliefs.h"

#include <string.h>

static void add(struct sim_beliefs *beliefs, const struct sim_belief *belief)
{
    for (unsigned i = 0; i < beliefs->count; i++) {
        if (memcmp(&beliefs->belief[i], belief, sizeof(*belief)) == 0) {
            return;
        }
    }
    if (beliefs->count == SIM_BELIEFS) {
        beliefs->overflow = true;
        return;
    }
    beliefs->belief[beliefs->count++] = *belief;
}

void sim_beliefs_set(struct sim_beliefs *beliefs, const struct sim_belief *only)
{
    memset(beliefs, 0, sizeof(*beliefs));
    add(beliefs, only);
}

void sim_beliefs_join(struct sim_beliefs *beliefs, const struct sim_beliefs *more)
{
    for (unsigned i = 0; i < more->count; i++) {
        add(beliefs, &more->belief[i]);
    }
    beliefs->overflow |= more->overflow;
}

static void forget_request(struct sim_belief *belief)
{
    belief->requested = SIM_IMAGE_NO;
    belief->request = SIM_NO;
    belief->permanent = false;
}

static void settle_on(struct sim_belief *belief, uint8_t image)
{
    belief->running = image;
    belief->previous = SIM_IMAGE_NO;
    belief->previous_lost = false;
    belief->confirmed = SIM_NO;
}

/* The request is honoured. */
static struct sim_belief installed(struct sim_belief belief, const struct sim_rules *rules)
{
    uint8_t previous = belief.running;
    bool trial = rules->revertible && !belief.permanent && previous != SIM_IMAGE_NO && !rules->one_way[previous];

    settle_on(&belief, belief.requested);
    belief.previous = trial ? previous : SIM_IMAGE_NO;
    forget_request(&belief);
    return belief;
}

/* A start without a request. */
static void add_quiet(struct sim_beliefs *out, struct sim_belief belief)
{
    if (belief.previous == SIM_IMAGE_NO || belief.confirmed == SIM_YES) {
        add(out, &belief);
        return;
    }
    struct sim_belief reverted = belief;
    settle_on(&reverted, belief.previous);
    add(out, &reverted);
    if (belief.confirmed == SIM_TORN || belief.previous_lost) {
        add(out, &belief);
    }
}

enum sim_image_id sim_belief_kept(const struct sim_belief *belief, const struct sim_rules *rules)
{
    bool trial = belief->previous != SIM_IMAGE_NO && belief->confirmed != SIM_YES;

    if (!rules->revertible) {
        return SIM_IMAGE_NO; /* without a way back, trials are not told apart here */
    }
    return (enum sim_image_id)(trial ? belief->previous : belief->running);
}

/* May it be installed? may_refuse: it need not be. */
static bool may_install(const struct sim_belief *belief, const struct sim_rules *rules, bool *may_refuse)
{
    uint8_t rank = rules->rank[belief->requested];
    bool old = rules->guarded && rank < rules->rank[sim_belief_kept(belief, rules)];
    bool valid = rules->valid[belief->requested] && !old;

    *may_refuse = !valid || belief->request == SIM_TORN || rules->refusal_possible ||
                  (rules->guarded && rank < rules->rank[belief->running]);
    return valid;
}

static void add_start(struct sim_beliefs *out, struct sim_belief belief, const struct sim_rules *rules)
{
    bool refused;
    bool valid = may_install(&belief, rules, &refused);
    struct sim_belief without = belief;

    if (belief.request == SIM_NO) {
        add_quiet(out, belief);
        return;
    }
    if (valid) {
        struct sim_belief next = installed(belief, rules);
        add(out, &next);
    }
    if ((rules->same[belief.running] >> belief.requested & 1) != 0) {
        forget_request(&without);
        add(out, &without); /* what was stated of the very same bytes before may still hold */
    }
    if (refused) {
        forget_request(&without);
        add_quiet(out, without);
    }
    if (belief.request == SIM_TORN) {
        add_quiet(out, belief); /* not seen this time, perhaps the next time */
    }
}

void sim_beliefs_start(struct sim_beliefs *beliefs, const struct sim_rules *rules)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        add_start(&after, beliefs->belief[i], rules);
    }
    *beliefs = after;
}

/* An image that a start would put into the primary slot. */
static bool may_come(const struct sim_belief *belief, const bool same[SIM_IMAGES])
{
    return (belief->request != SIM_NO && same[belief->requested]) ||
           (belief->previous != SIM_IMAGE_NO && belief->confirmed != SIM_YES && same[belief->previous]);
}

static void see(struct sim_beliefs *beliefs, const bool same[SIM_IMAGES], bool copied)
{
    struct sim_beliefs kept = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        if (same[belief->running] || (copied && may_come(belief, same))) {
            add(&kept, belief);
        }
    }
    *beliefs = kept;
}

void sim_beliefs_see_image(struct sim_beliefs *beliefs, const bool same[SIM_IMAGES])
{
    see(beliefs, same, false);
}

void sim_beliefs_see_copied(struct sim_beliefs *beliefs, const bool same[SIM_IMAGES])
{
    see(beliefs, same, true);
}

void sim_beliefs_see_confirmed(struct sim_beliefs *beliefs, bool confirmed)
{
    struct sim_beliefs kept = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        bool trial = belief.previous != SIM_IMAGE_NO;
        if (trial && belief.confirmed == SIM_TORN) {
            belief.confirmed = confirmed ? SIM_YES : SIM_TORN;
            add(&kept, &belief);
        } else if (trial && belief.previous_lost) {
            /* Whether there still is something to go back to may depend on the day. */
            add(&kept, &belief);
            if (confirmed) {
                settle_on(&belief, belief.running);
                add(&kept, &belief);
            }
        } else if (confirmed == (!trial || belief.confirmed == SIM_YES)) {
            add(&kept, &belief);
        }
    }
    *beliefs = kept;
}

void sim_beliefs_request(struct sim_beliefs *beliefs, enum sim_image_id image, bool permanent, enum sim_fact fact)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        belief.requested = (uint8_t)image;
        belief.request = (uint8_t)fact;
        belief.permanent = permanent;
        add(&after, &belief);
    }
    if (fact == SIM_TORN) {
        sim_beliefs_join(&after, beliefs);
    }
    *beliefs = after;
}

void sim_beliefs_confirm(struct sim_beliefs *beliefs, enum sim_fact fact)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        if (belief.previous != SIM_IMAGE_NO && belief.confirmed != SIM_YES) {
            belief.confirmed = (uint8_t)fact;
        }
        add(&after, &belief);
    }
    *beliefs = after;
}

void sim_beliefs_erase(struct sim_beliefs *beliefs, bool loses_previous, enum sim_fact fact)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        if (belief.request != SIM_NO) {
            belief.request = SIM_TORN;
        }
        if (fact == SIM_TORN && belief.permanent) { /* image_ok may be erased, and the magic not yet */
            struct sim_belief as_test = belief;
            as_test.permanent = false;
            as_test.previous_lost |= loses_previous && belief.previous != SIM_IMAGE_NO;
            add(&after, &as_test);
        }
        if (fact == SIM_YES) {
            forget_request(&belief);
        }
        if (loses_previous && belief.previous != SIM_IMAGE_NO) {
            belief.previous_lost = true;
        }
        add(&after, &belief);
    }
    *beliefs = after;
}

void sim_beliefs_replace(struct sim_beliefs *beliefs, enum sim_image_id image)
{
    struct sim_beliefs after = *beliefs;

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        if (belief.request != SIM_NO) {
            belief.requested = (uint8_t)image;
            belief.request = SIM_TORN;
            add(&after, &belief);
        }
    }
    *beliefs = after;
}

void sim_beliefs_forge(struct sim_beliefs *beliefs, enum sim_image_id image)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        forget_request(&belief);
        belief.previous_lost = belief.previous != SIM_IMAGE_NO;
        for (unsigned permanent = 0; permanent < (image == SIM_IMAGE_NO ? 1u : 2u); permanent++) {
            belief.requested = (uint8_t)image;
            belief.request = image == SIM_IMAGE_NO ? SIM_NO : SIM_TORN;
            belief.permanent = permanent != 0;
            add(&after, &belief);
        }
    }
    *beliefs = after;
}

bool sim_beliefs_blank(const struct sim_beliefs *beliefs)
{
    bool blank = true;

    for (unsigned i = 0; i < beliefs->count; i++) {
        blank = blank && beliefs->belief[i].running == SIM_IMAGE_NO;
    }
    return blank;
}

bool sim_beliefs_one_way(const struct sim_beliefs *beliefs, const struct sim_rules *rules)
{
    bool one_way = !rules->revertible;

    for (unsigned i = 0; i < beliefs->count; i++) {
        one_way = one_way || rules->one_way[beliefs->belief[i].running];
    }
    return one_way;
}

bool sim_beliefs_idle(const struct sim_beliefs *beliefs)
{
    bool idle = true;

    for (unsigned i = 0; i < beliefs->count; i++) {
        idle = idle && beliefs->belief[i].request == SIM_NO;
    }
    return idle;
}

enum sim_fact sim_beliefs_on_trial(const struct sim_beliefs *beliefs)
{
    unsigned trials = 0;
    unsigned settled = 0;

    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        bool trial = belief->previous != SIM_IMAGE_NO && belief->confirmed != SIM_YES;
        trials += trial && belief->confirmed == SIM_NO && !belief->previous_lost;
        settled += !trial;
    }
    return settled == beliefs->count ? SIM_NO : trials == beliefs->count ? SIM_YES : SIM_TORN;
}

void sim_beliefs_doubt_previous(struct sim_beliefs *beliefs)
{
    struct sim_beliefs after = {.overflow = beliefs->overflow};

    for (unsigned i = 0; i < beliefs->count; i++) {
        struct sim_belief belief = beliefs->belief[i];
        belief.previous_lost = belief.previous != SIM_IMAGE_NO;
        add(&after, &belief);
    }
    *beliefs = after;
}

bool sim_beliefs_confirming(const struct sim_beliefs *beliefs)
{
    for (unsigned i = 0; i < beliefs->count; i++) {
        if (beliefs->belief[i].confirmed == SIM_TORN) {
            return true;
        }
    }
    return false;
}

bool sim_beliefs_restless(const struct sim_beliefs *beliefs)
{
    bool all = true;

    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        all = all && (belief->request == SIM_YES ||
                      (belief->previous != SIM_IMAGE_NO && belief->confirmed == SIM_NO && !belief->previous_lost));
    }
    return all;
}
