/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for, or offered. */
#include <string.h>

#include <outboard/util.h>

#include "found.h"

#define PLACE_MAX \
    0x10000u /* an image may lie one erase unit up: clients of swap-using-offset leave the first one free */

enum ob_err ob_request_read(const struct ob_area *secondary, uint32_t align, struct ob_trailer *out, bool *blank)
{
    enum ob_err err = ob_trailer_read(secondary, align, out);

    *blank = err == OB_OK && ob_trailer_is_blank(out);
    return err == OB_OK && !*blank ? ob_trailer_read_request(secondary, align, out) : err;
}

/**
 * Look at a secondary's trailer, more than once: one byte misread must not cost a request, nor make one. A member that
 * looks like one that asks for itself once, because its erase was cut, is still a member.
 */
static enum ob_err find_request(struct ob_start *start, uint32_t image, uint32_t source, bool led)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const struct ob_area *secondary = ob_secondary(slots, source);
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    struct ob_found *found = ob_start_found(start, image);
    enum ob_asks asks = OB_ASKS_NO;
    bool member = false;
    uint32_t remains = 0;

    for (uint32_t look = 0; look < OB_LOOKS; look++) {
        struct ob_trailer trailer;
        bool blank;
        enum ob_err err = ob_request_read(secondary, align, &trailer, &blank);
        if (err != OB_OK) {
            return err;
        }
        if (ob_trailer_asks(&trailer)) {
            asks = trailer.image_ok == OB_FLAG_SET ? OB_ASKS_PERMANENT : OB_ASKS_TEST;
        } else if (!blank) {
            remains++;
        }
        member = member || ob_trailer_is_member(&trailer);
    }
    if (asks != OB_ASKS_NO && (image == 0 || led || !member)) {
        found->asks = asks;
        ob_start_next(start, image)->source = (uint8_t)source;
    }
    if (remains > 1 && !ob_start_is_worn_at(start, secondary->start + ob_layout_limit(secondary, align))) {
        found->spoilt = true; /* not by one byte misread; a cell that is worn out stays so */
    }
    return OB_OK;
}

enum ob_err ob_find_asks(struct ob_start *start, uint32_t image, bool led)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    enum ob_err err = slots->secondary[0].flash == NULL ? OB_ERR_NODEV : OB_OK;

    for (uint32_t i = OB_SECONDARIES; i-- > 0 && err == OB_OK;) { /* of two the first one counts */
        if (ob_secondary(slots, i)->flash != NULL) {
            err = find_request(start, image, i, led);
        }
    }
    return err;
}

/** In dual mode: does the other slot hold a copy of what runs? Then there it is what to go back to. */
static enum ob_err find_backup(const struct ob_start *start, const struct ob_task *task)
{
    const struct ob_part *last = &start->ledger->head.part[task->slots - start->boot->images];
    struct ob_part *part = task->part;

    if (OB_BOOT_MODE(start->boot)->id != OB_MODE_DUAL || part->out_size == 0) {
        return OB_OK;
    }
    const struct ob_area *other = ob_secondary(task->slots, 1u - part->source);
    if (other->flash == NULL) {
        return OB_ERR_NODEV;
    }
    part->out_at = last->source == 1 - part->source && last->in_size != 0 ? last->in_at : 0;
    const struct ob_area area = OB_BOOT_MODE(start->boot)->previous(task);
    enum ob_err err = ob_start_verify(start, &area, OB_FORM_STORED);
    part->backup = err != OB_OK || !ob_start_saw(start, part->out_digest);
    part->out_at = part->backup ? 0 : part->out_at;
    return ob_err_is_device(err) ? err : OB_OK;
}

/** Is an image that verifies one that can be installed now? Completes the part. */
static enum ob_err judge(const struct ob_start *start, const struct ob_task *task, uint32_t at)
{
    const struct ob_area *secondary = ob_secondary(task->slots, task->part->source);
    const struct ob_mode *mode = ob_start_mode(start, (uint32_t)(task->slots - start->boot->images));
    struct ob_part *part = task->part;

    if (part->in_size > ob_layout_capacity(&task->layout, &task->slots->primary, secondary, mode->id)) {
        return OB_ERR_SIZE;
    }
    enum ob_err err = ob_start_check_floor(start, &part->floor, &start->boot->work->image);
    if (err != OB_OK) {
        return err;
    }
    part->mode = (uint8_t)mode->id;
    part->unit = ob_layout_unit(&task->slots->primary, secondary); /* for what asks where the previous image lies */
    err = find_backup(start, task);
    return err == OB_OK ? mode->prepare(task, at) : err;
}

/** Judge the image at one place of a secondary, as a candidate and as a part of a job. */
static enum ob_err look_at(const struct ob_start *start, uint32_t image, const struct ob_task *task,
                           struct ob_candidate *candidate)
{
    const struct ob_area *secondary = ob_secondary(task->slots, task->part->source);
    struct ob_area area = ob_area_part(secondary, candidate->at, task->layout.secondary_limit - candidate->at);
    const struct ob_image *incoming = &start->boot->work->image;
    struct ob_part *part = task->part;

    area.twice = !ob_start_revertible(start); /* what reads differently each time must not cost what is not kept */
    enum ob_err err = ob_start_verify(start, &area, OB_FORM_STORED);
    if (err != OB_OK) {
        err = ob_start_verify(start, &area, OB_FORM_STORED); /* one byte misread must not cost the request */
    }
    err = err == OB_ERR_VERIFY ? OB_ERR_DIGEST : err; /* it is there, and not what was verified */
    candidate->image_kind = incoming->kind;
    candidate->needs_unknown = incoming->needs_unknown;
    memcpy(candidate->needs, incoming->needs, sizeof(candidate->needs));
    part->version = incoming->version; /* also of one that is refused */
    part->counter = incoming->counter;
    if (err == OB_OK) {
        part->in_size = incoming->size;
        memcpy(part->in_digest, incoming->digest, OB_DIGEST_SIZE);
        err = ob_start_belongs(start, image);
    }
    return err == OB_OK ? judge(start, task, candidate->at) : err;
}

/** Of two images that fit, which is meant? */
enum rank {
    RANK_NONE,
    RANK_RUNS,   /* it runs already */
    RANK_PARKED, /* the last job put it there: a download over a part of it may have left the rest */
    RANK_NEW,
};

static enum rank rank_of(const struct ob_start *start, uint32_t image, const struct ob_candidate *candidate)
{
    const struct ob_part *part = ob_start_next(start, image);
    bool slides = OB_BOOT_MODE(start->boot)->id == OB_MODE_SLIDE;

    if (candidate->reason != OB_OK) {
        return RANK_NONE;
    }
    if (memcmp(part->out_digest, part->in_digest, OB_DIGEST_SIZE) == 0) {
        return RANK_RUNS;
    }
    bool parked = memcmp(ob_start_part(start, image)->out_digest, part->in_digest, OB_DIGEST_SIZE) == 0;
    return slides && parked ? RANK_PARKED : RANK_NEW;
}

uint32_t ob_place(const struct ob_area *secondary, uint32_t limit, uint32_t i)
{
    const uint32_t at = i == 0 ? 0 : i <= OB_FLASH_ERASE_SIZES ? secondary->flash->erase_sizes[i - 1] : 0;

    return i > 0 && (at == 0 || at > PLACE_MAX || at >= limit) ? UINT32_MAX : at;
}

/**
 * Look at the places of one secondary where an image may lie.
 *
 * @param candidate  what is there: the first of the highest rank; if none fits, the first image. If it fits the part
 *                   that is planned is complete
 * @return a flash error
 */
static enum ob_err look_through(const struct ob_start *start, uint32_t image, struct ob_candidate *candidate)
{
    struct ob_part *part = ob_start_next(start, image);
    const struct ob_area *secondary = ob_secondary(ob_start_slots(start, image), part->source);
    struct ob_candidate best = {.reason = OB_ERR_EMPTY};
    enum rank highest = RANK_NONE;
    struct ob_task task;
    bool done = false;
    enum ob_err err = ob_start_task(start, image, part, &task);

    for (uint32_t i = 0; err == OB_OK && !done; i++) {
        candidate->at = ob_place(secondary, task.layout.secondary_limit, i);
        bool last = candidate->at == UINT32_MAX;
        candidate->at = last ? best.at : candidate->at; /* once more: the part is to be about it */
        candidate->reason = look_at(start, image, &task, candidate);
        err = ob_err_is_device(candidate->reason) ? candidate->reason : OB_OK;
        enum rank rank = rank_of(start, image, candidate);
        if (best.reason == OB_ERR_EMPTY || rank > highest) {
            best = *candidate;
            highest = rank;
        }
        done = last || rank == RANK_NEW;
    }
    return err;
}

enum ob_err ob_find_offer(struct ob_start *start, uint32_t image)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    struct ob_found *found = ob_start_found(start, image);
    struct ob_candidate *candidate = ob_start_candidate(start, image);
    struct ob_part *part = ob_start_next(start, image);
    bool rescue = found->primary == OB_PRIMARY_BROKEN;
    enum ob_err err = look_through(start, image, candidate);

    if (err == OB_OK && candidate->reason != OB_OK && rescue && OB_SECONDARIES > 1 &&
        slots->secondary[1].flash != NULL) {
        part->source = 1 - part->source;
        err = look_through(start, image, candidate);
    }
    found->offer = candidate->reason == OB_OK ? OB_OFFER_FITS : OB_OFFER_REFUSED;
    candidate->kind = found->asks == OB_ASKS_TEST && !rescue ? OB_JOB_TEST : OB_JOB_PERMANENT;
    if (found->primary == OB_PRIMARY_STATED && memcmp(part->in_digest, part->out_digest, OB_DIGEST_SIZE) == 0) {
        ob_find_primary(start, image); /* it stays where it is */
    }
    return err;
}
