/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a job: what arrived is verified and stated, or makes way for something else. */
#include <string.h>

#include <outboard/util.h>

#include "job.h"

#define RESTARTS 2u /* of a job whose end does not verify, in one start */

_Static_assert(OB_TRAILER_ENCODED_MAX <= OB_BUFFER_SIZE, "a window is made in the workspace");

/** What arrived must be what was verified when the job was begun. */
static enum ob_err check_arrived(struct ob_start *start, uint32_t image)
{
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    const struct ob_part *part = ob_start_part(start, image);
    enum ob_err err = OB_ERR_DIGEST;

    for (uint32_t look = 0; look < 2 && err != OB_OK; look++) {
        err = ob_start_verify(start, primary, OB_FORM_RUNNING);
        err = err == OB_OK && !ob_start_saw(start, part->in_digest) ? OB_ERR_DIGEST : err;
        err = err == OB_OK ? ob_cipher_compare(start, image, OB_SIDE_IN) : err;
    }
    if (err == OB_OK) {
        ob_start_found(start, image)->primary = OB_PRIMARY_WHOLE;
        ob_start_found(start, image)->incoming = true; /* should the end not be stated, it starts all the same */
        if (image == 0) {
            start->result->image = start->boot->work->image;
        }
    } else {
        ob_start_found(start, image)->primary = OB_PRIMARY_BROKEN;
    }
    return err;
}

/** The primary's trailer, from its erase: a cut anywhere in it repeats all of it, so no word is programmed twice. */
static enum ob_err try_window(const struct ob_start *start, uint32_t image)
{
    const struct ob_part *part = ob_start_part(start, image);
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    const uint32_t align = ob_layout_align(primary, &ob_start_slots(start, image)->secondary[0]);
    uint8_t *fields = start->boot->work->in;
    uint8_t *stored = start->boot->work->out;
    const struct ob_window window = {
        .image = (uint8_t)image,
        .swap = ob_job_swap(part),
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
    bool needed = ob_start_part(start, image)->kind == OB_JOB_TEST && ob_start_revertible(start);
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < OB_JOB_TRIES && ob_job_is_worn(err); tries++) {
        err = try_window(start, image);
    }
    if (ob_job_is_worn(err)) {
        const struct ob_area *primary = &ob_start_slots(start, image)->primary;
        OB_LOG_ERR("The primary slot's trailer does not take what is written: %s", ob_err_text(err));
        start->fault.address = primary->start + primary->size;
        ob_job_note_fault(start, image, err);
    }
    return ob_job_is_worn(err) ? (needed ? OB_ERR_STATE : OB_OK) : err;
}

static uint8_t kept_after(const struct ob_start *start)
{
    const struct ob_head *head = &start->ledger->head;
    uint8_t kept = head->kept;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (ob_start_concerns(head->set, image)) {
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
        if (ob_start_concerns(head->set, image)) {
            start->result->swap = ob_job_swap(&head->part[image]);
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
        if (ob_start_concerns(set, image) && *all) {
            err = ob_find_more(start, (struct ob_need){OB_NEED_PREVIOUS, (uint8_t)image});
            *all = start->found.image[image].previous == OB_PREVIOUS_WHOLE;
        }
    }
    return err;
}

/** What did not arrive was not confirmed either; nor may it be started, should it be some other image that verifies. */
static enum ob_err clear_away(struct ob_start *start, uint32_t image, enum ob_err why)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const struct ob_area *primary = &slots->primary;
    enum ob_err err = ob_window_erase(start, image);

    if (err == OB_OK && check_arrived(start, image) != OB_OK) {
        start->fault.address = ob_secondary(slots, ob_start_part(start, image)->source)->start;
        ob_job_note_fault(start, image, why);
        err = ob_start_erase(start, primary, 0, ob_flash_erase_size(primary->flash));
    }
    ob_start_found(start, image)->primary = OB_PRIMARY_UNREAD;
    return err;
}

/** The job is over, and brought nothing that counts: from now on anything that verifies may take its place. */
static enum ob_err end_without(struct ob_start *start, enum ob_err why)
{
    const uint8_t home = at_home(start);
    enum ob_err err = OB_OK;

    OB_LOG_ERR("The installation has failed for good");
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_concerns(home, image) ? clear_away(start, image, why) : OB_OK;
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
        if (ob_start_concerns(job.set, image) && job.part[image].kind != OB_JOB_REVERT) {
            ob_start_note_image(start, image, OB_EVENT_REFUSED, why, &job.part[image].version);
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

enum ob_err ob_job_skip(struct ob_start *start, enum ob_err why)
{
    const uint8_t set = start->ledger->head.set;
    bool arrived = true;

    for (uint32_t image = 0; image < ob_start_images(start) && arrived; image++) {
        if (ob_start_receiver(start, image) != NULL) {
            arrived = ob_start_done(start, image) == ob_start_steps(start, image);
        } else if (ob_start_concerns(set, image)) {
            arrived = check_arrived(start, image) == OB_OK;
            ob_start_found(start, image)->primary = OB_PRIMARY_UNREAD; /* it may be what was there before */
        }
    }
    return arrived ? ob_ledger_settle(start->ledger, (uint16_t)(ob_ledger_kind(start->ledger) | ob_start_total(start)))
                   : why;
}

enum ob_err ob_job_end(struct ob_start *start)
{
    const uint8_t set = at_home(start);
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_concerns(set, image) ? write_window(start, image) : OB_OK;
    }
    /* Behind the last erase inside: its neighbours may have changed. */
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_concerns(set, image) ? check_arrived(start, image) : OB_OK;
    }
    if (err != OB_OK && !ob_err_is_device(err)) {
        OB_LOG_ERR("What arrived in the primary slot cannot stay: %s", ob_err_text(err));
        return end_badly(start, err);
    }
    return err == OB_OK ? state_done(start, kept_after(start)) : err;
}
