/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a job: each of them forth and back, and what is done instead of one that fails. */
#include <outboard/util.h>

#include "job.h"

enum ob_err ob_job_find_cipher(struct ob_start *start, uint32_t image, enum ob_side side, struct ob_job_ciphers *pair,
                               const struct ob_cipher **out)
{
    enum ob_err err = OB_OK;

    if (!ob_start_encrypts(start)) {
        return OB_OK;
    }
    if (pair->image != image) {
        *pair = (struct ob_job_ciphers){.image = image};
    }
    if (!pair->known[side]) {
        err = ob_cipher_find(start, image, side, &pair->cipher[side]);
        pair->known[side] = err == OB_OK;
    }
    *out = pair->cipher[side].size > 0 ? &pair->cipher[side] : NULL;
    if (err != OB_OK) { /* an image whose key is lost cannot leave, or cannot be brought in */
        const struct ob_part *part = ob_start_part(start, image);
        start->fault = (struct ob_fault){
            .place = err != OB_ERR_UNWRAP  ? OB_FAULT_SECONDARY
                     : side == OB_SIDE_OUT ? OB_FAULT_ROOM
                                           : OB_FAULT_PRIMARY,
            .address = ob_secondary(ob_start_slots(start, image), part->source)->start,
        };
    }
    return err;
}

static enum ob_err find_ciphers(struct ob_start *start, uint32_t image, const struct ob_step *step,
                                struct ob_job_ciphers *pair, struct ob_ciphers *out)
{
    enum ob_err err = OB_OK;

    if (step->out.len > 0) {
        err = ob_job_find_cipher(start, image, OB_SIDE_OUT, pair, &out->out);
    }
    return err == OB_OK && step->in.len > 0 ? ob_job_find_cipher(start, image, OB_SIDE_IN, pair, &out->in) : err;
}

enum ob_err ob_job_try_step(struct ob_start *start, const struct ob_step *step, const struct ob_ciphers *ciphers,
                            bool whole)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < OB_JOB_TRIES && ob_job_is_worn(err); tries++) {
        err = ob_step_run(step, ciphers, whole || tries > 0, start->boot->hooks, start->boot->work, &start->fault);
    }
    if (err != OB_OK) {
        OB_LOG_ERR("Installation interrupted at 0x%x: %s", (unsigned)start->fault.address, ob_err_text(err));
    }
    return err;
}

/** What puts back what was in the primary before a step. */
struct undo {
    struct ob_step step; /* in.len 0: there is nothing to do */
    struct ob_ciphers ciphers;
    struct ob_area saved; /* where it was kept */
};

static enum ob_err find_undo(struct ob_start *start, uint32_t k, struct ob_job_ciphers *pair, struct undo *undo)
{
    struct ob_move *in = &undo->step.in;
    struct ob_task task;
    uint32_t image;
    enum ob_err err = ob_start_step(start, k, &image, &undo->step);

    undo->ciphers = (struct ob_ciphers){0};
    undo->step.out = (struct ob_move){0};
    if (err != OB_OK || in->len == 0) {
        return err;
    }
    struct ob_part *part = ob_start_part(start, image);
    bool kept = ob_start_receiver(start, image) == NULL && OB_BOOT_MODE(start->boot)->revertible;
    in->len = kept ? ob_unit_part(part->out_size, part->unit, in->to_off / part->unit) : 0;
    in->erase_len = ob_align_up(in->len, ob_flash_erase_size(in->to->flash));
    if (in->len == 0) {
        return OB_OK;
    }
    err = ob_start_task(start, image, part, &task);
    if (err == OB_OK) {
        undo->saved = OB_BOOT_MODE(start->boot)->previous(&task);
        in->from = &undo->saved;
        in->from_off = in->to_off;
        err = ob_job_find_cipher(start, image, OB_SIDE_OUT, pair, &undo->ciphers.in);
    }
    return err;
}

/** What a step brought into the primary leaves again, and what was there before comes back from where it was saved. */
static enum ob_err undo_step(struct ob_start *start, uint32_t k, struct ob_job_ciphers *pair)
{
    struct undo undo;
    enum ob_err err = find_undo(start, k, pair, &undo);

    return err == OB_OK && undo.step.in.len > 0 ? ob_job_try_step(start, &undo.step, &undo.ciphers, true) : err;
}

enum ob_err ob_job_undo(struct ob_start *start, struct ob_job_ciphers *pair)
{
    enum ob_err err = OB_OK;
    uint32_t image = 0;

    for (uint32_t left = ob_ledger_steps(start->ledger); left > 0 && err == OB_OK; left--) {
        err = undo_step(start, left - 1, pair);
        if (err == OB_OK) {
            err = ob_ledger_state(start->ledger, (uint16_t)(OB_RECORD_UNDONE | (left - 1)));
        }
    }
    while (image + 1 < ob_start_images(start) && !ob_start_concerns(start->ledger->head.set, image)) {
        image++;
    }
    return err == OB_OK ? ob_job_give_up(start, image, OB_ERR_FAILED) : err;
}

/** Nothing can be put where the outgoing image has to go: whatever else can be done is. */
static enum ob_err no_room(struct ob_start *start, uint32_t image, uint32_t done, const struct ob_step *step,
                           enum ob_err why)
{
    bool untouched = start->found.progress == OB_PROGRESS_UNTOUCHED || start->found.progress == OB_PROGRESS_MAYBE;

    if (untouched && step->in.len == 0) {
        return ob_job_give_up(start, image, why);
    }
    OB_LOG_WRN("Image index: %u: the old image cannot be kept: there is no way back", (unsigned)image);
    ob_job_note_fault(start, image, why);
    return ob_ledger_settle(start->ledger, (uint16_t)(OB_RECORD_UNSAVED | done));
}

enum ob_err ob_job_turn_round(struct ob_start *start, uint32_t image, uint32_t done, struct ob_job_ciphers *pair,
                              enum ob_err why)
{
    bool saved = ob_ledger_kind(start->ledger) == OB_RECORD_STEPS && ob_start_revertible(start) &&
                 ob_start_part(start, image)->out_size != 0;

    if (!saved) {
        return OB_ENCRYPTS && why == OB_ERR_UNWRAP ? ob_job_skip(start, why) : why;
    }
    OB_LOG_WRN("Image index: %u: going back to the old image", (unsigned)image);
    ob_start_note_job(start, &start->ledger->head, OB_EVENT_GOES_BACK, why);
    enum ob_err err = ob_ledger_settle(start->ledger, (uint16_t)(OB_RECORD_UNDONE | (done + 1)));
    return err == OB_OK ? ob_job_undo(start, pair) : err;
}

/** Do the step behind `done`, and state it; or state what is done instead. */
static enum ob_err next_step(struct ob_start *start, uint32_t done, bool first, struct ob_job_ciphers *pair)
{
    const uint16_t kind = ob_ledger_kind(start->ledger);
    struct ob_ciphers ciphers = {0};
    struct ob_step step;
    uint32_t image;
    enum ob_err err = ob_start_step(start, done, &image, &step);

    if (err != OB_OK) {
        return err;
    }
    if (ob_start_receiver(start, image) != NULL) { /* in another kind of job it has been taken before */
        bool hands = step.in.len > 0 && kind == OB_RECORD_STEPS;
        return hands ? ob_job_hand_over(start, image, &step, pair)
                     : ob_ledger_state(start->ledger, (uint16_t)(kind | (done + 1)));
    }
    if (kind == OB_RECORD_UNSAVED) {
        step.out = (struct ob_move){0};
    }
    err = find_ciphers(start, image, &step, pair, &ciphers);
    if (err == OB_OK) {
        err = ob_job_try_step(start, &step, &ciphers, first);
    }
    if (err == OB_OK) {
        if (step.in.len > 0) {
            start->found.progress = OB_PROGRESS_TOUCHED;
        }
        return ob_ledger_state(start->ledger, (uint16_t)(kind | (done + 1)));
    }
    if (ob_start_revertible(start) && ob_job_is_worn(err) && start->fault.place == OB_FAULT_ROOM) {
        return no_room(start, image, done, &step, err);
    }
    if (ob_job_is_worn(err) && start->fault.place == OB_FAULT_PRIMARY) {
        return ob_job_turn_round(start, image, done, pair, err);
    }
    return err;
}

/** Behind what was handed over, what is still to be brought in is looked at again: no primary was touched yet. */
static bool is_turning_point(const struct ob_start *start, uint32_t done)
{
    struct ob_step step;
    uint32_t image;
    bool handed = done > 0 && ob_start_step(start, done - 1, &image, &step) == OB_OK && step.in.len > 0 &&
                  ob_start_receiver(start, image) != NULL;

    return handed && ob_ledger_kind(start->ledger) == OB_RECORD_STEPS;
}

enum ob_err ob_job_do_steps(struct ob_start *start, struct ob_job_ciphers *pair)
{
    const struct ob_hooks *hooks = start->boot->hooks;
    const uint32_t total = ob_start_total(start);
    bool first = true;
    enum ob_err err = OB_OK;

    while (err == OB_OK && ob_job_goes_on(start)) {
        const uint32_t done = ob_ledger_steps(start->ledger);
        if (done >= total || (!first && is_turning_point(start, done))) {
            break;
        }
        err = next_step(start, done, first, pair);
        first = false;
        if (err == OB_OK && hooks->progress != NULL) {
            hooks->progress(hooks->ctx, done + 1, total);
        }
    }
    return err;
}

bool ob_job_is_doubtful(struct ob_start *start, struct ob_job_ciphers *pair)
{
    struct undo undo;
    bool kept = false;

    if (start->found.progress != OB_PROGRESS_MAYBE) {
        return false;
    }
    enum ob_err err = find_undo(start, ob_ledger_steps(start->ledger), pair, &undo);
    if (err == OB_OK && undo.step.in.len > 0) {
        err = ob_step_is_done(&undo.step, &undo.ciphers, start->boot->hooks, start->boot->work, &start->fault, &kept);
    }
    return err == OB_OK && kept;
}
