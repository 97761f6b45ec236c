/* SPDX-License-Identifier: Apache-2.0 */
/* The job, and all that a start can find out. */
#include "found.h"

/** Does a step have a half in a primary that an image runs in? */
static bool touches(const struct ob_start *start, uint32_t image, const struct ob_step *step)
{
    return step->in.len != 0 && ob_start_receiver(start, image) == NULL;
}

/** A step that does is the first one that does. */
static bool is_first_touch(const struct ob_start *start, uint32_t done)
{
    bool first = true;

    for (uint32_t k = 0; k < done && first; k++) {
        struct ob_step step;
        uint32_t image;
        first = ob_start_step(start, k, &image, &step) == OB_OK && !touches(start, image, &step);
    }
    return first;
}

static enum ob_progress find_progress(const struct ob_start *start, uint8_t *touching)
{
    const struct ob_ledger *ledger = start->ledger;
    const uint16_t kind = ob_ledger_kind(ledger);
    struct ob_step step;
    uint32_t image;

    if (!ledger->now.counts) {
        return OB_PROGRESS_NONE;
    }
    if (kind == OB_RECORD_QUIET) {
        bool done = (ledger->now.value & OB_RECORD_PHASE) == OB_RECORD_DONE;
        return done ? OB_PROGRESS_DONE : OB_PROGRESS_NONE;
    }
    if (ob_start_undoes(start)) {
        return OB_PROGRESS_TOUCHED;
    }
    const uint32_t done = ob_ledger_steps(ledger);
    if (done >= ob_start_total(start)) {
        return OB_PROGRESS_COPIED;
    }
    if (kind != OB_RECORD_STEPS || ob_start_step(start, done, &image, &step) != OB_OK || !is_first_touch(start, done)) {
        return OB_PROGRESS_TOUCHED;
    }
    *touching = (uint8_t)image;
    return !touches(start, image, &step) || start->begun_now ? OB_PROGRESS_UNTOUCHED : OB_PROGRESS_MAYBE;
}

/** A receiver cannot be looked at: what the ledger says of it counts. It comes first of all steps. */
static void find_receiver(const struct ob_start *start, uint32_t image, struct ob_found *found)
{
    const struct ob_ledger *ledger = start->ledger;
    bool job = ob_is_job(ledger) && ob_start_concerns(ledger->head.set, image);
    const uint32_t done = ob_start_done(start, image);

    found->receiver = true;
    found->outgoing = !job || done == 0;
    found->incoming = !job || done == ob_start_steps(start, image);
}

/** Does the image that a part brings in lie where it is taken from? It was verified when the job was begun. */
static enum ob_err find_image_view(const struct ob_start *start, uint32_t image, bool *matches)
{
    struct ob_part *part = ob_start_part(start, image);
    struct ob_task task;

    *matches = true;
    if (ob_start_done(start, image) == ob_start_steps(start, image)) { /* it is not needed any more */
        return OB_OK;
    }
    enum ob_err err = ob_start_task(start, image, part, &task);
    if (err != OB_OK) {
        return err;
    }
    const uint32_t at = part->in_at * part->unit;
    const struct ob_area area =
        ob_area_part(ob_secondary(task.slots, part->source), at, task.layout.secondary_limit - at);
    err = ob_start_verify(start, &area, OB_FORM_STORED);
    *matches = err == OB_OK && ob_start_saw(start, part->in_digest);
    return ob_err_is_device(err) ? err : OB_OK;
}

static enum ob_err find_view(struct ob_start *start)
{
    enum ob_err err = OB_OK;
    bool all = true;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK && all; image++) {
        for (uint32_t look = 0; look < 2 && err == OB_OK && ob_start_concerns(start->ledger->head.set, image); look++) {
            err = find_image_view(start, image, &all); /* one byte misread must not cost the job */
            look += all;
        }
    }
    start->found.view = all ? OB_VIEW_MATCHES : OB_VIEW_DIFFERS;
    return err;
}

/* Inlined, what it reads would lie on the stack while an image is verified, where the stack is deepest. */
__attribute__((noinline)) void ob_find(struct ob_start *start)
{
    struct ob_findings *found = &start->found;
    enum ob_err err = OB_OK;
    bool led = false;

    found->revertible = ob_start_revertible(start);
    found->count = (uint8_t)ob_start_images(start);
    /* Where neither a floor nor a key hangs on it. */
    found->swaps_unseen = OB_BOOT_GUARD(start->boot) == OB_GUARD_NONE && !ob_start_encrypts(start);
    found->view = start->begun_now ? OB_VIEW_MATCHES : OB_VIEW_UNREAD;
    found->progress = find_progress(start, &found->touching);
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        struct ob_found *one = &found->image[image];
        /* What a primary holds was read, unless a job went on in between: that takes long. */
        *one = (struct ob_found){
            .primary = one->primary, .outgoing = one->outgoing, .incoming = one->incoming, .above = one->above};
        one->unstated = ob_is_floor_unstated(start, image);
        ob_find_trial(start, image);
        if (ob_start_receiver(start, image) != NULL) {
            find_receiver(start, image, one);
        }
        if (found->progress == OB_PROGRESS_NONE && err == OB_OK && !found->chip_fails) {
            err = ob_find_asks(start, image, led);
            led = led || found->image[image].asks != OB_ASKS_NO;
        }
    }
    found->chip_fails = found->chip_fails || err != OB_OK;
}

enum ob_err ob_find_more(struct ob_start *start, struct ob_need need)
{
    switch (need.kind) {
    case OB_NEED_VIEW:
        return find_view(start);
    case OB_NEED_OFFER:
        return ob_find_offer(start, need.image);
    case OB_NEED_PREVIOUS:
        return ob_find_previous(start, need.image);
    case OB_NEED_STATED:
        ob_find_stated(start, need.image);
        return OB_OK;
    default:
        ob_find_primary(start, need.image);
        return OB_OK;
    }
}
