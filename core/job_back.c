/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a job back that changed no primary; and handing an image over, which nobody can take back. */

#include "job.h"

#define HANDOVERS 3u /* before a receiver counts as one that does not take it */

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
        if (ob_start_has(missing, image)) {
            OB_LOG_ERR("Image index: %u is missing: %s", (unsigned)image, ob_err_text(why));
            for (uint32_t notes = 0; notes < 2; notes++) { /* one may fall short unnoticed; this is not to be lost */
                ob_start_note_image(start, image, OB_EVENT_MISSING, why, &job->part[image].version);
            }
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

    ob_start_note_job(start, &job, OB_EVENT_VOID, OB_OK);
    return take_back(start, &job, OB_ERR_DIGEST);
}

/** What led to a job that was taken back: it would only fail again. */
static enum ob_err withdraw_all(struct ob_start *start, const struct ob_head *job)
{
    enum ob_err err = OB_OK;
    uint8_t stays = 0;

    for (uint32_t i = 0; i < ob_start_images(start) && err == OB_OK; i++) {
        const struct ob_part *part = &job->part[i];
        if (ob_start_concerns(job->set, i) && part->kind != OB_JOB_REVERT) {
            err =
                ob_header_spoil(start, ob_secondary(ob_start_slots(start, i), part->source), part->in_at * part->unit);
            err = err == OB_OK ? ob_withdraw(start, i, part->source) : err;
        } else if (ob_start_concerns(job->set, i)) {
            stays |= (uint8_t)(1u << i);
        }
    }
    return err == OB_OK && stays != 0 && ob_start_revertible(start) ? ob_act_lose(start, stays) : err;
}

enum ob_err ob_job_give_up(struct ob_start *start, uint32_t image, enum ob_err why)
{
    const struct ob_head job = start->ledger->head;

    ob_job_note_fault(start, image, why);
    enum ob_err err = take_back(start, &job, why);
    return err == OB_OK ? withdraw_all(start, &job) : err;
}

/** Bring an image into RAM, look at it there, and hand it over. answer: what came of that */
static enum ob_err try_handover(struct ob_start *start, uint32_t image, const struct ob_step *step,
                                struct ob_job_ciphers *pair, enum ob_err *answer)
{
    struct ob_ciphers ciphers = {0};
    const struct ob_receiver *receiver = ob_start_receiver(start, image);
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    enum ob_err err = ob_job_find_cipher(start, image, OB_SIDE_IN, pair, &ciphers.in);

    if (err == OB_ERR_UNWRAP) {
        *answer = err;
        return OB_OK;
    }
    if (err == OB_OK) {
        err = ob_job_try_step(start, step, &ciphers, true);
    }
    if (err == OB_OK) {
        *answer = ob_start_verify(start, primary, OB_FORM_RUNNING);
        bool other = *answer == OB_OK && !ob_start_saw(start, ob_start_part(start, image)->in_digest);
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

enum ob_err ob_job_hand_over(struct ob_start *start, uint32_t image, const struct ob_step *step,
                             struct ob_job_ciphers *pair)
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
