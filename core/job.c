/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying out the job that the ledger names: its steps, its end, and taking it back. */
#include <string.h>

#include <outboard/util.h>

#include "start.h"

#define STEP_TRIES 3u /* before a cell counts as worn */
#define RESTARTS 2u   /* of a job whose end does not verify, in one start */
#define HANDOVERS 3u  /* before a receiver counts as one that does not take it */

_Static_assert(OB_TRAILER_ENCODED_MAX <= OB_BUFFER_SIZE, "a window is made in the workspace");

const char *ob_swap_text(enum ob_swap swap)
{
    static const char *const text[] = {
        [OB_SWAP_NONE] = "none",
        [OB_SWAP_TEST] = "test",
        [OB_SWAP_PERMANENT] = "perm",
        [OB_SWAP_REVERT] = "revert",
    };

    return text[swap];
}

static enum ob_swap swap_of(const struct ob_part *part)
{
    return (enum ob_swap)(part->kind + (OB_SWAP_TEST - OB_JOB_TEST)); /* same order */
}

/* ---- steps ---- */

/** A cell does not take what is written, a chip answers differently, a key is lost: it does not pass with a reset. */
static bool is_worn(enum ob_err err)
{
    return err == OB_ERR_FAILED || err == OB_ERR_VERIFY || err == OB_ERR_UNWRAP;
}

/** The ciphers of a job's image, as far as its steps have needed them in this start. */
struct pair {
    bool known[2]; /* by enum ob_side */
    uint32_t image;
    struct ob_cipher cipher[2];
};

/** *out: NULL if the image is not encrypted. */
static enum ob_err find_cipher(struct ob_start *start, uint32_t image, enum ob_side side, struct pair *pair,
                               const struct ob_cipher **out)
{
    enum ob_err err = OB_OK;

    if (!ob_start_encrypts(start)) {
        return OB_OK;
    }
    if (pair->image != image) {
        *pair = (struct pair){.image = image};
    }
    if (!pair->known[side]) {
        err = ob_cipher_find(start, image, side, &pair->cipher[side]);
        pair->known[side] = err == OB_OK;
    }
    *out = pair->cipher[side].size > 0 ? &pair->cipher[side] : NULL;
    if (err != OB_OK) { /* an image whose key is lost cannot leave, or cannot be brought in */
        const struct ob_part *part = &start->ledger->head.part[image];
        start->fault = (struct ob_fault){
            .place = err != OB_ERR_UNWRAP  ? OB_FAULT_SECONDARY
                     : side == OB_SIDE_OUT ? OB_FAULT_ROOM
                                           : OB_FAULT_PRIMARY,
            .address = start->boot->images[image].secondary[part->source].start,
        };
    }
    return err;
}

static enum ob_err find_ciphers(struct ob_start *start, uint32_t image, const struct ob_step *step, struct pair *pair,
                                struct ob_ciphers *out)
{
    enum ob_err err = OB_OK;

    if (step->out.len > 0) {
        err = find_cipher(start, image, OB_SIDE_OUT, pair, &out->out);
    }
    return err == OB_OK && step->in.len > 0 ? find_cipher(start, image, OB_SIDE_IN, pair, &out->in) : err;
}

static enum ob_err try_step(struct ob_start *start, const struct ob_step *step, const struct ob_ciphers *ciphers,
                            bool whole)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < STEP_TRIES && is_worn(err); tries++) {
        err = ob_step_run(step, ciphers, whole || tries > 0, start->boot->hooks, start->boot->work, &start->fault);
    }
    if (err != OB_OK) {
        OB_LOG_ERR("Installation interrupted at 0x%x: %s", (unsigned)start->fault.address, ob_err_text(err));
    }
    return err;
}

static void note_fault(const struct ob_start *start, uint32_t image, enum ob_err err)
{
    ob_start_note(start, (struct ob_event){.kind = OB_EVENT_CHIP,
                                           .image = (uint8_t)image,
                                           .reason = (uint8_t)-err,
                                           .address = start->fault.address,
                                           .version = start->ledger->head.part[image].version});
}

/* ---- what was handed over ---- */

/** Receivers of a job, and how far they are. */
struct handed {
    uint8_t begun; /* what they hold may be something else than before */
    uint8_t taken; /* ... and is what the job brought */
};

static struct handed what_was_handed_over(const struct ob_start *start)
{
    struct handed handed = {0};

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        const uint32_t done = ob_start_receiver(start, image) != NULL ? ob_start_done(start, image) : 0;
        bool taken = done == ob_start_steps(start, image);
        handed.begun |= (uint8_t)((done > 0) << image);
        handed.taken |= (uint8_t)((done > 0 && taken) << image);
    }
    return handed;
}

/** What is missing from now on, for whoever asks. */
static void note_missing(const struct ob_start *start, const struct ob_head *job, uint8_t missing, enum ob_err why)
{
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        const struct ob_event event = {.kind = OB_EVENT_MISSING,
                                       .image = (uint8_t)image,
                                       .reason = (uint8_t)-why,
                                       .version = job->part[image].version};
        if (ob_start_has(missing, image)) {
            OB_LOG_ERR("Image index: %u is missing: %s", (unsigned)image, ob_err_text(why));
            ob_start_note(start, event);
            ob_start_note(start, event); /* of two one may fall short unnoticed; this one is not to be lost */
        }
    }
}

/**
 * Take a job back. What receivers took they keep, so all else of the job is missing; if they took nothing, what they
 * had before may be gone.
 *
 * @param job  what the ledger's head was
 */
static enum ob_err take_back(struct ob_start *start, const struct ob_head *job, enum ob_err why)
{
    const struct handed handed = what_was_handed_over(start);
    struct ob_head *now = start->next;
    enum ob_err err = ob_ledger_void(start->ledger);

    if (err != OB_OK || handed.begun == 0) {
        return err;
    }
    ob_carry_parts(start, 0);
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (ob_start_has(handed.taken, image)) {
            now->part[image] = job->part[image];
        } else if (ob_start_has(handed.begun, image)) {
            now->part[image] = (struct ob_part){.floor = now->part[image].floor};
        }
    }
    now->kept |= handed.begun;
    err = ob_ledger_begin(start->ledger, now, OB_RECORD_QUIET | now->kept, NULL);
    if (err == OB_OK) {
        note_missing(start, job, handed.taken != 0 ? job->set & (uint8_t)~handed.taken : handed.begun, why);
    }
    return err;
}

enum ob_err ob_job_abandon(struct ob_start *start)
{
    const struct ob_head job = start->ledger->head;

    ob_start_note(start, ob_event_of_job(&job, OB_EVENT_VOID, OB_OK));
    return take_back(start, &job, OB_ERR_DIGEST);
}

/** What led to a job that was taken back: it would only fail again. */
static enum ob_err withdraw_all(struct ob_start *start, const struct ob_head *job)
{
    enum ob_err err = OB_OK;
    uint8_t stays = 0;

    for (uint32_t i = 0; i < ob_start_images(start) && err == OB_OK; i++) {
        const struct ob_part *part = &job->part[i];
        if (ob_start_has(job->set, i) && part->kind != OB_JOB_REVERT) {
            err = ob_withdraw(start, i, part->source, true, part->in_at * part->unit);
        } else if (ob_start_has(job->set, i)) {
            stays |= (uint8_t)(1u << i);
        }
    }
    return err == OB_OK && stays != 0 && ob_start_revertible(start) ? ob_act_lose(start, stays) : err;
}

/** A device has failed, and of the job nothing is to be seen in any primary. */
static enum ob_err give_up(struct ob_start *start, uint32_t image, enum ob_err why)
{
    const struct ob_head job = start->ledger->head;

    note_fault(start, image, why);
    enum ob_err err = take_back(start, &job, why);
    return err == OB_OK ? withdraw_all(start, &job) : err;
}

/** Bring an image into RAM, look at it there, and hand it over. answer: what came of that */
static enum ob_err try_handover(struct ob_start *start, uint32_t image, const struct ob_step *step, struct pair *pair,
                                enum ob_err *answer)
{
    struct ob_ciphers ciphers = {0};
    const struct ob_receiver *receiver = ob_start_receiver(start, image);
    const struct ob_area *primary = &start->boot->images[image].primary;
    enum ob_err err = find_cipher(start, image, OB_SIDE_IN, pair, &ciphers.in);

    if (err == OB_ERR_UNWRAP) {
        *answer = err;
        return OB_OK;
    }
    if (err == OB_OK) {
        err = try_step(start, step, &ciphers, true);
    }
    if (err == OB_OK) {
        *answer = ob_start_verify(start, primary, OB_FORM_RUNNING);
        bool other = *answer == OB_OK && !ob_start_saw(start, start->ledger->head.part[image].in_digest);
        *answer = other ? OB_ERR_DIGEST : *answer;
    }
    if (err == OB_OK && *answer == OB_OK) {
        OB_LOG_INF("Image index: %u is handed over", (unsigned)image);
        *answer = receiver->take(receiver->ctx, primary, &start->boot->work->image, start->boot->hooks);
    }
    return err;
}

/** It costs the update: no primary was touched, and the next one may be taken. */
static enum ob_err give_up_handover(struct ob_start *start, enum ob_err why)
{
    const struct ob_head job = start->ledger->head;
    enum ob_err err = take_back(start, &job, why);

    return err == OB_OK ? withdraw_all(start, &job) : err;
}

static enum ob_err hand_over(struct ob_start *start, uint32_t image, const struct ob_step *step, struct pair *pair)
{
    enum ob_err answer = OB_ERR_STATE;
    enum ob_err err = OB_OK;

    for (uint32_t tries = 0; tries < HANDOVERS && err == OB_OK && answer != OB_OK; tries++) {
        err = try_handover(start, image, step, pair, &answer);
        if (err == OB_OK && answer != OB_OK) {
            OB_LOG_ERR("Image index: %u was not taken: %s", (unsigned)image, ob_err_text(answer));
        }
    }
    if (err != OB_OK) {
        return err;
    }
    return answer == OB_OK ? ob_ledger_state(start->ledger, (uint16_t)(start->ledger->now.value + 1))
                           : give_up_handover(start, answer);
}

/** What puts back what was in the primary before a step. */
struct undo {
    struct ob_step step; /* in.len 0: there is nothing to do */
    struct ob_ciphers ciphers;
    struct ob_area saved; /* where it was kept */
};

static enum ob_err find_undo(struct ob_start *start, uint32_t k, struct pair *pair, struct undo *undo)
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
    struct ob_part *part = &start->ledger->head.part[image];
    bool kept = ob_start_receiver(start, image) == NULL && start->boot->mode->revertible;
    in->len = kept ? ob_unit_part(part->out_size, part->unit, in->to_off / part->unit) : 0;
    in->erase_len = ob_align_up(in->len, ob_flash_erase_size(in->to->flash));
    if (in->len == 0) {
        return OB_OK;
    }
    err = ob_start_task(start, image, part, &task);
    if (err == OB_OK) {
        undo->saved = start->boot->mode->previous(&task);
        in->from = &undo->saved;
        in->from_off = in->to_off;
        err = find_cipher(start, image, OB_SIDE_OUT, pair, &undo->ciphers.in);
    }
    return err;
}

/** What a step brought into the primary leaves again, and what was there before comes back from where it was saved. */
static enum ob_err undo_step(struct ob_start *start, uint32_t k, struct pair *pair)
{
    struct undo undo;
    enum ob_err err = find_undo(start, k, pair, &undo);

    return err == OB_OK && undo.step.in.len > 0 ? try_step(start, &undo.step, &undo.ciphers, true) : err;
}

static enum ob_err undo(struct ob_start *start, struct pair *pair)
{
    enum ob_err err = OB_OK;
    uint32_t image = 0;

    for (uint32_t left = start->ledger->now.value & OB_RECORD_COUNT; left > 0 && err == OB_OK; left--) {
        err = undo_step(start, left - 1, pair);
        if (err == OB_OK) {
            err = ob_ledger_state(start->ledger, (uint16_t)(OB_RECORD_UNDONE | (left - 1)));
        }
    }
    while (image + 1 < ob_start_images(start) && !ob_start_has(start->ledger->head.set, image)) {
        image++;
    }
    return err == OB_OK ? give_up(start, image, OB_ERR_FAILED) : err;
}

/** Nothing can be put where the outgoing image has to go: whatever else can be done is. */
static enum ob_err no_room(struct ob_start *start, uint32_t image, uint32_t done, const struct ob_step *step,
                           enum ob_err why)
{
    bool untouched = start->found.progress == OB_PROGRESS_UNTOUCHED || start->found.progress == OB_PROGRESS_MAYBE;

    if (untouched && step->in.len == 0) {
        return give_up(start, image, why);
    }
    OB_LOG_WRN("Image index: %u: the old image cannot be kept: there is no way back", (unsigned)image);
    note_fault(start, image, why);
    return ob_ledger_settle(start->ledger, (uint16_t)(OB_RECORD_UNSAVED | done));
}

/** The primary does not take what comes in: put back what was there, if it was kept. */
static enum ob_err turn_round(struct ob_start *start, uint32_t image, uint32_t done, struct pair *pair, enum ob_err why)
{
    bool saved = (start->ledger->now.value & OB_RECORD_KIND) == OB_RECORD_STEPS && ob_start_revertible(start) &&
                 start->ledger->head.part[image].out_size != 0;

    if (!saved) {
        return why;
    }
    OB_LOG_WRN("Image index: %u: going back to the old image", (unsigned)image);
    ob_start_note(start, ob_event_of_job(&start->ledger->head, OB_EVENT_GOES_BACK, why));
    enum ob_err err = ob_ledger_settle(start->ledger, (uint16_t)(OB_RECORD_UNDONE | (done + 1)));
    return err == OB_OK ? undo(start, pair) : err;
}

/** Do the step behind `done`, and state it; or state what is done instead. */
static enum ob_err next_step(struct ob_start *start, uint32_t done, bool first, struct pair *pair)
{
    const uint16_t kind = start->ledger->now.value & OB_RECORD_KIND;
    struct ob_ciphers ciphers = {0};
    struct ob_step step;
    uint32_t image;
    enum ob_err err = ob_start_step(start, done, &image, &step);

    if (err != OB_OK) {
        return err;
    }
    if (ob_start_receiver(start, image) != NULL) { /* in another kind of job it has been taken before */
        bool hands = step.in.len > 0 && kind == OB_RECORD_STEPS;
        return hands ? hand_over(start, image, &step, pair)
                     : ob_ledger_state(start->ledger, (uint16_t)(kind | (done + 1)));
    }
    if (kind == OB_RECORD_UNSAVED) {
        step.out = (struct ob_move){0};
    }
    err = find_ciphers(start, image, &step, pair, &ciphers);
    if (err == OB_OK) {
        err = try_step(start, &step, &ciphers, first);
    }
    if (err == OB_OK) {
        if (step.in.len > 0) {
            start->found.progress = OB_PROGRESS_TOUCHED;
        }
        return ob_ledger_state(start->ledger, (uint16_t)(kind | (done + 1)));
    }
    if (ob_start_revertible(start) && is_worn(err) && start->fault.place == OB_FAULT_ROOM) {
        return no_room(start, image, done, &step, err);
    }
    if (is_worn(err) && start->fault.place == OB_FAULT_PRIMARY) {
        return turn_round(start, image, done, pair, err);
    }
    return err;
}

static bool is_going_on(const struct ob_start *start)
{
    const uint16_t kind = start->ledger->now.value & OB_RECORD_KIND;

    return kind == OB_RECORD_STEPS || kind == OB_RECORD_UNSAVED;
}

/** Behind what was handed over, what is still to be brought in is looked at again: no primary was touched yet. */
static bool is_turning_point(const struct ob_start *start, uint32_t done)
{
    struct ob_step step;
    uint32_t image;
    bool handed = done > 0 && ob_start_step(start, done - 1, &image, &step) == OB_OK && step.in.len > 0 &&
                  ob_start_receiver(start, image) != NULL;

    return handed && (start->ledger->now.value & OB_RECORD_KIND) == OB_RECORD_STEPS;
}

/** All that remain, or up to a turning point. */
static enum ob_err do_steps(struct ob_start *start, struct pair *pair)
{
    const struct ob_hooks *hooks = start->boot->hooks;
    const uint32_t total = ob_start_total(start);
    bool first = true;
    enum ob_err err = OB_OK;

    while (err == OB_OK && is_going_on(start)) {
        const uint32_t done = start->ledger->now.value & OB_RECORD_COUNT;
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

/* ---- the end ---- */

/** What arrived must be what was verified when the job was begun. */
static enum ob_err check_arrived(struct ob_start *start, uint32_t image)
{
    const struct ob_area *primary = &start->boot->images[image].primary;
    const struct ob_part *part = &start->ledger->head.part[image];
    enum ob_err err = OB_ERR_DIGEST;

    for (uint32_t look = 0; look < 2 && err != OB_OK; look++) {
        err = ob_start_verify(start, primary, OB_FORM_RUNNING);
        err = err == OB_OK && !ob_start_saw(start, part->in_digest) ? OB_ERR_DIGEST : err;
        err = err == OB_OK ? ob_cipher_compare(start, image, OB_SIDE_IN) : err;
    }
    if (err == OB_OK) {
        start->found.image[image].primary = OB_PRIMARY_WHOLE;
        if (image == 0) {
            start->result->image = start->boot->work->image;
        }
    } else {
        start->found.image[image].primary = OB_PRIMARY_BROKEN;
    }
    return err;
}

/** The primary's trailer, from its erase: a cut anywhere in it repeats all of it, so no word is programmed twice. */
static enum ob_err try_window(const struct ob_start *start, uint32_t image)
{
    const struct ob_part *part = &start->ledger->head.part[image];
    const struct ob_area *primary = &start->boot->images[image].primary;
    const uint32_t align = ob_layout_align(primary, &start->boot->images[image].secondary[0]);
    uint8_t *fields = start->boot->work->in;
    uint8_t *stored = start->boot->work->out;
    const struct ob_window window = {
        .image = (uint8_t)image,
        .swap = swap_of(part),
        .copy_done = part->kind != OB_JOB_TEST || ob_start_revertible(start),
        .image_ok = part->kind != OB_JOB_TEST,
    };
    const uint32_t len = ob_trailer_encode(align, primary->flash->erased_value, &window, fields);
    enum ob_err err = ob_window_erase(start, image);

    /* Field by field: image_ok is the application's to program, and a word may not be programmed twice. */
    for (uint32_t at = 0; at < len && err == OB_OK; at += align) {
        const uint32_t size = OB_MIN(align, len - at);
        if (!ob_filled(fields + at, size, primary->flash->erased_value)) {
            err = ob_area_write(primary, primary->size - len + at, fields + at, size);
        }
    }
    if (err == OB_OK) {
        err = ob_area_read(primary, primary->size - len, stored, len);
    }
    return err == OB_OK && memcmp(fields, stored, len) != 0 ? OB_ERR_VERIFY : err;
}

/** A trial that nobody could confirm is none: then the old image comes back. Else the window is for information. */
static enum ob_err write_window(struct ob_start *start, uint32_t image)
{
    bool needed = start->ledger->head.part[image].kind == OB_JOB_TEST && ob_start_revertible(start);
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < STEP_TRIES && is_worn(err); tries++) {
        err = try_window(start, image);
    }
    if (is_worn(err)) {
        const struct ob_area *primary = &start->boot->images[image].primary;
        OB_LOG_ERR("The primary slot's trailer does not take what is written: %s", ob_err_text(err));
        start->fault.address = primary->start + primary->size;
        note_fault(start, image, err);
    }
    return is_worn(err) ? (needed ? OB_ERR_STATE : OB_OK) : err;
}

static uint8_t kept_after(const struct ob_start *start)
{
    const struct ob_head *head = &start->ledger->head;
    uint8_t kept = head->kept;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (ob_start_has(head->set, image)) {
            bool stays = head->part[image].kind != OB_JOB_TEST;
            kept = (uint8_t)((kept & ~(1u << image)) | (unsigned)stays << image);
        }
    }
    return kept;
}

/** The lowest image of a job speaks for it. */
static void announce(struct ob_start *start)
{
    const struct ob_head *head = &start->ledger->head;

    for (uint32_t image = ob_start_images(start); image-- > 0;) {
        if (ob_start_has(head->set, image)) {
            start->result->swap = swap_of(&head->part[image]);
        }
    }
}

static enum ob_err state_done(struct ob_start *start, uint8_t kept)
{
    enum ob_err err = ob_ledger_settle(start->ledger, OB_RECORD_DONE | kept);

    if (err == OB_OK) {
        announce(start);
        start->found.fresh = true;
    }
    return err;
}

/** The images of the job that lie where they run. */
static uint8_t at_home(const struct ob_start *start)
{
    uint8_t set = start->ledger->head.set;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        set &= (uint8_t) ~((unsigned)(ob_start_receiver(start, image) != NULL) << image);
    }
    return set;
}

/** Are the images that the job took out kept, all of them? */
static enum ob_err find_kept(struct ob_start *start, bool *all)
{
    const uint8_t set = start->ledger->head.set;
    enum ob_err err = OB_OK;

    *all = ob_start_revertible(start);
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        if (ob_start_has(set, image) && *all) {
            err = ob_find_more(start, (struct ob_need){OB_NEED_PREVIOUS, (uint8_t)image});
            *all = start->found.image[image].previous == OB_PREVIOUS_WHOLE;
        }
    }
    return err;
}

/** What did not arrive was not confirmed either; nor may it be started, should it be some other image that verifies. */
static enum ob_err clear_away(struct ob_start *start, uint32_t image, enum ob_err why)
{
    const struct ob_slots *slots = &start->boot->images[image];
    const struct ob_area *primary = &slots->primary;
    enum ob_err err = ob_window_erase(start, image);

    if (err == OB_OK && check_arrived(start, image) != OB_OK) {
        start->fault.address = slots->secondary[start->ledger->head.part[image].source].start;
        note_fault(start, image, why);
        err = ob_area_erase_fed(primary, 0, ob_flash_erase_size(primary->flash), start->boot->hooks->feed,
                                start->boot->hooks->ctx);
    }
    start->found.image[image].primary = OB_PRIMARY_UNREAD;
    return err;
}

/** The job is over, and brought nothing that counts: from now on anything that verifies may take its place. */
static enum ob_err end_without(struct ob_start *start, enum ob_err why)
{
    const uint8_t home = at_home(start);
    enum ob_err err = OB_OK;

    OB_LOG_ERR("The installation has failed for good");
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_has(home, image) ? clear_away(start, image, why) : OB_OK;
    }
    start->found.chip_fails = true; /* before it is asked for something else it is given time */
    return err == OB_OK ? ob_ledger_settle(start->ledger, OB_RECORD_QUIET | (kept_after(start) & (uint8_t)~home)) : err;
}

/** The old images come back, and whoever asked for the new ones is told that they were refused after all. */
static enum ob_err take_back_refused(struct ob_start *start, enum ob_err why)
{
    const struct ob_head job = start->ledger->head;
    enum ob_err err = ob_act_revert(start, job.set, why);

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK && why != OB_ERR_STATE; image++) {
        if (ob_start_has(job.set, image) && job.part[image].kind != OB_JOB_REVERT) {
            ob_start_note(start, (struct ob_event){.kind = OB_EVENT_REFUSED,
                                                   .image = (uint8_t)image,
                                                   .reason = (uint8_t)-why,
                                                   .version = job.part[image].version});
        }
    }
    return err;
}

/**
 * What arrived is not what was verified: the chip showed one thing to the check and another to the copy. Copy it once
 * more if it still lies there, else put the old images back if they were kept, else make way.
 */
static enum ob_err end_badly(struct ob_start *start, enum ob_err why)
{
    enum ob_err err = OB_OK;
    bool kept = false;

    if (why != OB_ERR_STATE && start->restarts++ < RESTARTS) {
        /* Not as if nothing had been touched, and without keeping what the primary holds now. */
        err = ob_ledger_settle(start->ledger, OB_RECORD_UNSAVED);
        err = err == OB_OK ? ob_find_more(start, (struct ob_need){OB_NEED_VIEW, 0}) : err;
        if (err != OB_OK || start->found.view == OB_VIEW_MATCHES) {
            return err;
        }
    }
    err = find_kept(start, &kept);
    if (err == OB_OK && kept) {
        return take_back_refused(start, why);
    }
    if (err == OB_OK && why == OB_ERR_STATE) { /* it is whole, but can be neither confirmed nor taken back */
        return state_done(start, kept_after(start) | start->ledger->head.set);
    }
    return err == OB_OK ? end_without(start, why) : err;
}

static enum ob_err end(struct ob_start *start)
{
    const uint8_t set = at_home(start);
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_has(set, image) ? write_window(start, image) : OB_OK;
    }
    /* Behind the last erase inside: its neighbours may have changed. */
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_has(set, image) ? check_arrived(start, image) : OB_OK;
    }
    if (err != OB_OK && !ob_err_is_device(err)) {
        OB_LOG_ERR("What arrived in the primary slot cannot stay: %s", ob_err_text(err));
        return end_badly(start, err);
    }
    return err == OB_OK ? state_done(start, kept_after(start)) : err;
}

/** Nothing is destroyed for the sake of a chip that does not answer: what the primary holds may be complete. */
static enum ob_err ask_chips(const struct ob_start *start)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        struct ob_part *part = &start->ledger->head.part[image];
        if (ob_start_steps(start, image) > 0) {
            struct ob_trailer trailer;
            struct ob_task task;
            err = ob_start_task(start, image, part, &task);
            if (err == OB_OK) {
                err = ob_trailer_read(&task.slots->secondary[part->source], task.layout.align, &trailer);
            }
        }
    }
    return err;
}

static enum ob_err go_on(struct ob_start *start)
{
    struct pair pair = {0};
    bool undoes = ob_start_revertible(start) && (start->ledger->now.value & OB_RECORD_KIND) == OB_RECORD_UNDONE;
    enum ob_err err = undoes ? undo(start, &pair) : do_steps(start, &pair);

    if (OB_ENCRYPTS) {
        ob_wipe(&pair, sizeof(pair));
    }
    return err;
}

enum ob_err ob_job_resume(struct ob_start *start)
{
    bool needs_chip = start->found.progress != OB_PROGRESS_COPIED;
    enum ob_err err = needs_chip ? ask_chips(start) : OB_OK;

    if (err != OB_OK) {
        return err;
    }
    start->begun_now = false;
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (ob_start_has(start->ledger->head.set, image)) {
            start->found.image[image].primary = OB_PRIMARY_UNREAD; /* it changes now */
            OB_LOG_INF("Image index: %u, Swap type: %s", (unsigned)image,
                       ob_swap_text(swap_of(&start->ledger->head.part[image])));
        }
    }
    err = go_on(start);
    bool copied = is_going_on(start) && (start->ledger->now.value & OB_RECORD_COUNT) >= ob_start_total(start);
    return err == OB_OK && copied ? end(start) : err;
}

/** An image that was consumed must not be listed as if it still lay there; one that was parked there may. */
static bool leaves_header(const struct ob_start *start, uint32_t image)
{
    const struct ob_part *part = &start->ledger->head.part[image];
    const enum ob_mode_id mode = ob_start_mode(start, image)->id;
    const uint32_t parked = part->unit == 0 ? 0 : ob_div_up(part->out_size, part->unit);
    bool covered = part->in_at >= part->out_at && part->in_at - part->out_at < (int32_t)parked;

    if (ob_start_steps(start, image) == 0 || mode == OB_MODE_DUAL) {
        return false;
    }
    return mode != OB_MODE_SLIDE || !covered;
}

enum ob_err ob_job_clean(struct ob_start *start)
{
    struct ob_ledger *ledger = start->ledger;
    enum ob_err err = OB_OK;

    ob_start_note(start, ob_event_of_job(&ledger->head, OB_EVENT_INSTALLED, OB_OK));
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        const struct ob_part *part = &ledger->head.part[image];
        if (ob_start_has(ledger->head.set, image)) {
            err = ob_withdraw(start, image, part->source, leaves_header(start, image), part->in_at * part->unit);
        }
        if (ob_start_has(ledger->head.set, image) && part->kind == OB_JOB_REVERT &&
            start->boot->mode->id == OB_MODE_DUAL && err == OB_OK) { /* what led to the job that it undoes */
            err = ob_withdraw(start, image, 1u - part->source, false, 0);
        }
    }
    if (err == OB_OK) {
        start->found.fresh = true; /* also if a start before this one finished the job: it may have been cut then */
        err = ob_ledger_settle(ledger, OB_RECORD_QUIET | ob_ledger_kept(ledger));
    }
    return err;
}

/** In the unit that the first step may have begun to change, cells may read right only now: is it kept, to be written
 * anew? */
static bool is_doubtful(struct ob_start *start, struct pair *pair)
{
    struct undo undo;
    bool kept = false;

    if (start->found.progress != OB_PROGRESS_MAYBE) {
        return false;
    }
    enum ob_err err = find_undo(start, start->ledger->now.value & OB_RECORD_COUNT, pair, &undo);
    if (err == OB_OK && undo.step.in.len > 0) {
        err = ob_step_is_done(&undo.step, &undo.ciphers, start->boot->hooks, start->boot->work, &start->fault, &kept);
    }
    return err == OB_OK && kept;
}

enum ob_err ob_job_void(struct ob_start *start)
{
    const uint32_t done = start->ledger->now.value & OB_RECORD_COUNT;
    struct pair pair = {0};

    OB_LOG_WRN("What was to be installed is not there any more");
    ob_start_note(start, ob_event_of_job(&start->ledger->head, OB_EVENT_VOID, OB_OK));
    enum ob_err err = is_doubtful(start, &pair) ? turn_round(start, start->found.touching, done, &pair, OB_ERR_DIGEST)
                                                : ob_ledger_void(start->ledger);
    if (ob_start_encrypts(start)) {
        ob_wipe(&pair, sizeof(pair));
    }
    return err;
}
