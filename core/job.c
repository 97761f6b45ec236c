/* SPDX-License-Identifier: Apache-2.0 */
/* The job that the ledger names: going on with it, what is done behind it, and what if its image is gone. */
#include <outboard/util.h>

#include "job.h"

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

enum ob_swap ob_job_swap(const struct ob_part *part)
{
    return (enum ob_swap)(part->kind + (OB_SWAP_TEST - OB_JOB_TEST)); /* same order */
}

void ob_job_note_fault(const struct ob_start *start, uint32_t image, enum ob_err err)
{
    ob_start_note(start, &(struct ob_event){.kind = OB_EVENT_CHIP,
                                            .image = (uint8_t)image,
                                            .reason = (uint8_t)-err,
                                            .address = start->fault.address,
                                            .version = ob_start_part(start, image)->version});
}

/** Nothing is destroyed for the sake of a chip that does not answer: what the primary holds may be complete. */
static enum ob_err ask_chips(const struct ob_start *start)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        struct ob_part *part = ob_start_part(start, image);
        if (ob_start_steps(start, image) > 0) {
            struct ob_trailer trailer;
            struct ob_task task;
            err = ob_start_task(start, image, part, &task);
            if (err == OB_OK) {
                err = ob_trailer_read(ob_secondary(task.slots, part->source), task.layout.align, &trailer);
            }
        }
    }
    return err;
}

static enum ob_err go_on(struct ob_start *start)
{
    struct ob_job_ciphers pair = {0};
    enum ob_err err = ob_start_undoes(start) ? ob_job_undo(start, &pair) : ob_job_do_steps(start, &pair);

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
        if (ob_start_concerns(start->ledger->head.set, image)) {
            ob_start_found(start, image)->primary = OB_PRIMARY_UNREAD; /* it changes now */
            OB_LOG_INF("Image index: %u, Swap type: %s", (unsigned)image,
                       ob_swap_text(ob_job_swap(ob_start_part(start, image))));
        }
    }
    err = go_on(start);
    bool copied = ob_job_goes_on(start) && ob_ledger_steps(start->ledger) >= ob_start_total(start);
    return err == OB_OK && copied ? ob_job_end(start) : err;
}

enum ob_err ob_job_clean(struct ob_start *start)
{
    struct ob_ledger *ledger = start->ledger;
    enum ob_err err = OB_OK;

    ob_start_note_job(start, &ledger->head, OB_EVENT_INSTALLED, OB_OK);
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        const struct ob_part *part = &ledger->head.part[image];
        if (ob_start_concerns(ledger->head.set, image)) {
            err = ob_unlist(start, image, part->source);
            err = err == OB_OK ? ob_withdraw(start, image, part->source) : err;
        }
        if (ob_start_concerns(ledger->head.set, image) && part->kind == OB_JOB_REVERT &&
            OB_BOOT_MODE(start->boot)->id == OB_MODE_DUAL && err == OB_OK) { /* what led to the job that it undoes */
            err = ob_withdraw(start, image, 1u - part->source);
        }
    }
    if (err == OB_OK) {
        start->found.fresh = true; /* also if a start before this one finished the job: it may have been cut then */
        err = ob_ledger_settle(ledger, OB_RECORD_QUIET | ob_ledger_kept(ledger));
    }
    return err;
}

enum ob_err ob_job_void(struct ob_start *start)
{
    const uint32_t done = ob_ledger_steps(start->ledger);
    struct ob_job_ciphers pair = {0};

    OB_LOG_WRN("What was to be installed is not there any more");
    ob_start_note_job(start, &start->ledger->head, OB_EVENT_VOID, OB_OK);
    enum ob_err err = ob_job_is_doubtful(start, &pair)
                          ? ob_job_turn_round(start, start->found.touching, done, &pair, OB_ERR_DIGEST)
                          : ob_ledger_void(start->ledger);
    if (ob_start_encrypts(start)) {
        ob_wipe(&pair, sizeof(pair));
    }
    return err;
}
