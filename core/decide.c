/* SPDX-License-Identifier: Apache-2.0 */
#include "decide.h"

#include <outboard/upgrade.h>
#include <outboard/util.h>

/** Firmware for one image knows it when it is compiled. */
static uint32_t count_of(const struct ob_findings *found)
{
    return OB_IMAGES_MAX == 1 ? 1 : found->count;
}

static bool has_receiver(const struct ob_found *image)
{
    return OB_RECEIVERS && image->receiver;
}

static bool is_revertible(const struct ob_findings *found)
{
    return OB_REVERTS && found->revertible;
}

static bool all_whole(const struct ob_findings *found)
{
    bool all = true;

    for (uint32_t i = 0; i < count_of(found); i++) {
        all = all && found->image[i].primary == OB_PRIMARY_WHOLE;
    }
    return all;
}

/** In the middle of a job: what the primaries hold is what it takes out, or what it brings in, of all images alike. */
static bool belong_together(const struct ob_findings *found)
{
    uint32_t outgoing = 0;
    uint32_t incoming = 0;

    for (uint32_t i = 0; i < count_of(found); i++) {
        outgoing += found->image[i].outgoing;
        incoming += found->image[i].incoming;
    }
    return outgoing == count_of(found) || incoming == count_of(found);
}

static struct ob_need need(enum ob_need_kind kind, uint32_t image)
{
    return (struct ob_need){kind, (uint8_t)image};
}

static bool is_verified(const struct ob_found *image)
{
    return image->primary == OB_PRIMARY_BROKEN || image->primary == OB_PRIMARY_WHOLE;
}

static struct ob_need needs_primaries(const struct ob_findings *found)
{
    for (uint32_t i = 0; i < count_of(found); i++) {
        if (!is_verified(&found->image[i])) {
            return need(OB_NEED_PRIMARY, i);
        }
    }
    return need(OB_NEED_NOTHING, 0);
}

static bool is_begun(const struct ob_findings *found)
{
    return found->progress != OB_PROGRESS_NONE && found->progress != OB_PROGRESS_DONE;
}

/** Whether a job that is begun has touched anything decides whether what it brings in is looked at again. */
static bool is_untouched(const struct ob_findings *found)
{
    return found->progress == OB_PROGRESS_UNTOUCHED ||
           (found->progress == OB_PROGRESS_MAYBE && found->image[found->touching].outgoing);
}

/** Somebody may have taken something over that cannot be taken back. */
static bool is_handed_over(const struct ob_findings *found)
{
    bool handed = false;

    for (uint32_t i = 0; i < count_of(found); i++) {
        handed = handed || (has_receiver(&found->image[i]) && !found->image[i].outgoing);
    }
    return handed;
}

/** All steps are done: what remains is written to internal flash. */
static bool needs_no_chip(const struct ob_findings *found)
{
    return found->progress == OB_PROGRESS_COPIED && !found->inside_fails;
}

static struct ob_need needs_of_job(const struct ob_findings *found)
{
    if (needs_no_chip(found) || (found->chip_fails && found->patient)) {
        return need(OB_NEED_NOTHING, 0);
    }
    if (found->chip_fails) {
        return needs_primaries(found);
    }
    if (found->progress == OB_PROGRESS_MAYBE && !is_verified(&found->image[found->touching])) {
        return need(OB_NEED_PRIMARY, found->touching);
    }
    return need(is_untouched(found) && found->view == OB_VIEW_UNREAD ? OB_NEED_VIEW : OB_NEED_NOTHING, 0);
}

/** Going back is due, unless something else is asked for that can be had. */
static bool wants_previous(const struct ob_findings *found, const struct ob_found *image)
{
    bool trial = image->trial == OB_TRIAL_OPEN && !found->fresh;

    return is_revertible(found) && (image->primary == OB_PRIMARY_BROKEN || trial);
}

/** Who is on trial cannot have done for him what cannot be taken back: first it goes back, or stays. */
static bool waits_for_trial(const struct ob_findings *found)
{
    bool trial = false;
    bool handover = false;

    for (uint32_t i = 0; i < count_of(found); i++) {
        trial = trial || found->image[i].trial == OB_TRIAL_OPEN;
        handover = handover || (has_receiver(&found->image[i]) && found->image[i].asks != OB_ASKS_NO);
    }
    return is_revertible(found) && trial && handover;
}

/**
 * A request counts, and of a primary that is broken anything that may lie in its secondary; but not before a floor was
 * stated: one fault in the first start could break what a factory programmed, and make way for something older.
 */
static bool wants_offer(const struct ob_findings *found, const struct ob_found *image)
{
    if (image->primary == OB_PRIMARY_BROKEN) {
        return !image->unstated && (!wants_previous(found, image) || image->previous == OB_PREVIOUS_GONE);
    }
    return image->asks != OB_ASKS_NO && !found->fresh && !waits_for_trial(found);
}

/** Of an image that makes way for what is offered it is enough to know what it states. */
static bool makes_way(const struct ob_findings *found)
{
    const struct ob_found *image = &found->image[0];

    return found->swaps_unseen && count_of(found) == 1 && !is_verified(image) && wants_offer(found, image) &&
           image->offer != OB_OFFER_REFUSED;
}

static struct ob_need needs_of_image(const struct ob_findings *found, uint32_t i)
{
    const struct ob_found *image = &found->image[OB_IMAGE_AT(i)];
    bool offered = wants_offer(found, image);

    if (offered && image->offer == OB_OFFER_UNREAD) {
        return need(OB_NEED_OFFER, i);
    }
    bool installs = offered && image->offer == OB_OFFER_FITS;
    if (wants_previous(found, image) && !installs && image->previous == OB_PREVIOUS_UNREAD) {
        return need(OB_NEED_PREVIOUS, i);
    }
    return need(OB_NEED_NOTHING, i);
}

static uint8_t confirmed(const struct ob_findings *found)
{
    uint8_t set = 0;

    for (uint32_t i = 0; i < count_of(found); i++) {
        set |= (uint8_t)((found->image[i].trial == OB_TRIAL_CONFIRMED && !found->inside_fails) << i);
    }
    return set;
}

struct ob_need ob_needs(const struct ob_findings *found)
{
    if (is_begun(found)) {
        return needs_of_job(found);
    }
    if (found->progress == OB_PROGRESS_DONE && !found->chip_fails) {
        return need(OB_NEED_NOTHING, 0);
    }
    if (found->progress == OB_PROGRESS_NONE && confirmed(found) != 0) {
        return need(OB_NEED_NOTHING, 0);
    }
    bool reads = !found->chip_fails; /* of a job that is done nothing is read, above */
    bool stated = reads && makes_way(found);
    if (stated && found->image[0].primary == OB_PRIMARY_UNREAD) {
        return need(OB_NEED_STATED, 0);
    }
    struct ob_need next = stated ? need(OB_NEED_NOTHING, 0) : needs_primaries(found);
    for (uint32_t i = 0; i < count_of(found) && reads && next.kind == OB_NEED_NOTHING; i++) {
        next = needs_of_image(found, i);
    }
    return next;
}

static enum ob_act act_of_job(const struct ob_findings *found)
{
    if (needs_no_chip(found)) {
        return OB_ACT_RESUME;
    }
    if (found->chip_fails) {
        bool starts = !found->patient && all_whole(found) && belong_together(found);
        return starts ? OB_ACT_START : OB_ACT_WAIT;
    }
    if (is_untouched(found) && found->view == OB_VIEW_DIFFERS) {
        return is_handed_over(found) ? OB_ACT_ABANDON : OB_ACT_VOID;
    }
    return OB_ACT_RESUME;
}

/** Nothing is asked for, and nothing goes back. */
static enum ob_act act_at_rest(const struct ob_findings *found, const struct ob_found *image)
{
    return all_whole(found) && image->spoilt ? OB_ACT_TIDY : OB_ACT_START;
}

/** What one image wants, while no job is under way and the chip does its part. */
static enum ob_act act_of_image(const struct ob_findings *found, const struct ob_found *image)
{
    bool offered = wants_offer(found, image);

    /* Before all that a fault could turn against what runs. Fresh: a cut in it would cost a trial that is to come. */
    if (image->above && image->primary == OB_PRIMARY_WHOLE && !found->fresh) {
        return OB_ACT_RAISE;
    }
    if (offered && image->offer == OB_OFFER_FITS) {
        return OB_ACT_INSTALL;
    }
    if (image->primary == OB_PRIMARY_BROKEN) {
        return wants_previous(found, image) && image->previous == OB_PREVIOUS_WHOLE ? OB_ACT_REVERT : OB_ACT_STOP;
    }
    if (offered) { /* while a primary is broken nothing is thrown away: it may be needed yet */
        return all_whole(found) ? OB_ACT_REFUSE : OB_ACT_START;
    }
    if (wants_previous(found, image)) {
        return image->previous == OB_PREVIOUS_WHOLE ? OB_ACT_REVERT : OB_ACT_LOSE;
    }
    return image->stale ? OB_ACT_CLEAR : act_at_rest(found, image);
}

/** The images that ask, or in a rescue are offered, something: one transaction. */
static uint8_t asking(const struct ob_findings *found)
{
    uint8_t set = 0;

    for (uint32_t i = 0; i < count_of(found); i++) {
        set |= (uint8_t)((found->image[i].asks != OB_ASKS_NO) << i);
    }
    return set;
}

/** What was not confirmed. */
static uint8_t on_trial(const struct ob_findings *found)
{
    uint8_t set = 0;

    for (uint32_t i = 0; i < count_of(found); i++) {
        const struct ob_found *image = &found->image[i];
        set |= (uint8_t)((image->trial == OB_TRIAL_OPEN && image->primary == OB_PRIMARY_WHOLE) << i);
    }
    return set;
}

/** A transaction is refused as a whole; and what is on trial goes back as a whole, or stays. */
static uint8_t others(const struct ob_findings *found, enum ob_act act)
{
    return act == OB_ACT_REFUSE ? asking(found) : act == OB_ACT_LOSE && is_revertible(found) ? on_trial(found) : 0;
}

static struct ob_decision join(const struct ob_findings *found)
{
    /* One of these at a time, for all images that want it. While something is installed nothing goes back; nothing
     * stops as long as something can be done. */
    static const enum ob_act order[] = {OB_ACT_RAISE,   OB_ACT_CLEAR, OB_ACT_TIDY,   OB_ACT_REFUSE,
                                        OB_ACT_INSTALL, OB_ACT_LOSE,  OB_ACT_REVERT, OB_ACT_STOP};
    uint8_t sets[OB_ACTS] = {0};

    if (count_of(found) == 1) { /* it has nobody to agree with */
        return (struct ob_decision){act_of_image(found, &found->image[0]), 1};
    }
    for (uint32_t i = 0; i < count_of(found); i++) {
        sets[act_of_image(found, &found->image[i])] |= (uint8_t)(1u << i);
    }
    for (uint32_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        uint8_t set = sets[order[i]];
        if (set != 0) {
            return (struct ob_decision){order[i], set | others(found, order[i])};
        }
    }
    return (struct ob_decision){OB_ACT_START, 0};
}

struct ob_decision ob_decide(const struct ob_findings *found)
{
    if (is_begun(found)) {
        return (struct ob_decision){act_of_job(found), 0};
    }
    if (found->progress == OB_PROGRESS_DONE && !found->chip_fails) {
        return (struct ob_decision){OB_ACT_CLEAN, 0};
    }
    if (found->progress == OB_PROGRESS_NONE && confirmed(found) != 0) {
        return (struct ob_decision){OB_ACT_KEEP, confirmed(found)};
    }
    if (found->chip_fails) {
        return (struct ob_decision){all_whole(found) ? OB_ACT_START : OB_ACT_WAIT, 0};
    }
    return join(found);
}
