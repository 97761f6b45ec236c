/* SPDX-License-Identifier: Apache-2.0 */
/* What runs, and what there is to go back to. */
#include <string.h>

#include <outboard/util.h>
#include <outboard/verdict.h>

#include "found.h"

static bool is_trailer_free(const struct ob_start *start, uint32_t image)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    const uint32_t limit = ob_layout_limit(&slots->primary, align);
    struct ob_image *running = &start->boot->work->image;

    /* A factory image may reach into it: then there is no trailer, and nobody erases it before the image goes. */
    return ob_image_parse(&slots->primary, slots->primary.size, running) != OB_OK || running->size <= limit;
}

/** What was installed as one is confirmed as one: by the lowest image. */
static uint32_t speaker(const struct ob_start *start, uint32_t image)
{
    const uint8_t set = start->ledger->head.set;
    uint32_t lowest = 0;

    while (ob_start_has(set, image) && !ob_start_has(set, lowest)) {
        lowest++;
    }
    return ob_start_has(set, image) ? lowest : image;
}

/** What a window says, and may say at another look: a confirmation that was cut reads differently each time. */
struct window_seen {
    bool confirming; /* image_ok is not erased: that a confirmation was begun is enough */
    bool damaged;    /* nobody can confirm by it any more */
    bool on_trial;
    bool open; /* a job wrote it, and it is not confirmed */
};

static struct window_seen look_at_window(const struct ob_start *start, uint32_t image)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    struct window_seen seen = {0};

    for (uint32_t look = 0; look < OB_WINDOW_LOOKS; look++) {
        struct ob_trailer window;
        enum ob_err err = ob_trailer_read(&slots->primary, align, &window);
        seen.damaged = seen.damaged || (err == OB_OK && window.magic == OB_MAGIC_BAD);
        if (err == OB_OK && window.magic == OB_MAGIC_GOOD) {
            seen.confirming = seen.confirming || window.image_ok != OB_FLAG_UNSET;
            seen.damaged = seen.damaged || window.image_ok == OB_FLAG_BAD;
            seen.on_trial = seen.on_trial || ob_trailer_on_trial(&window);
            seen.open = seen.open || window.image_ok != OB_FLAG_SET;
        }
    }
    return seen;
}

void ob_find_trial(struct ob_start *start, uint32_t image)
{
    if (ob_start_receiver(start, image) != NULL) {
        return; /* it is never on trial */
    }
    const struct window_seen own = look_at_window(start, image);
    const struct window_seen speakers = OB_IMAGES_MAX > 1 ? look_at_window(start, speaker(start, image)) : own;
    struct ob_found *found = ob_start_found(start, image);
    bool known = ob_start_part(start, image)->in_size != 0; /* a job brought it: else it is not on trial */
    bool kept = !known || ob_start_has(ob_ledger_kept(start->ledger), image);
    /* Where another image's confirmation counts, one that was cut could not be given again. */
    bool torn = OB_IMAGES_MAX > 1 && own.confirming && own.open;
    bool wrong = own.damaged || torn || (kept && (own.on_trial || (known && own.open)));

    found->trial = kept ? OB_TRIAL_NO : speakers.confirming ? OB_TRIAL_CONFIRMED : OB_TRIAL_OPEN;
    found->stale = wrong && is_trailer_free(start, image);
}

/** Too large to be installed, or to leave: it can be replaced, but there is no way back to it. */
static bool is_big(const struct ob_start *start, uint32_t image, uint32_t size)
{
    const uint32_t capacity = ob_boot_capacity(start->boot, image);

    return capacity != 0 && size > capacity;
}

/** Image 0 carries its own. */
static void note_verdict(struct ob_start *start, uint32_t image, uint32_t verdict)
{
    if (OB_IMAGES_MAX > 1 && image > 0) {
        start->result->further[image - 1] = verdict;
    }
}

/** What the last job brought there counts as what runs there; which version a factory put there nobody knows. */
static void presume_primary(struct ob_start *start, uint32_t image)
{
    const struct ob_part *last = ob_start_part(start, image);
    struct ob_part *next = ob_start_next(start, image);

    *next = (struct ob_part){.floor = ob_start_floor(start, image), .source = next->source};
    start->running[OB_IMAGE_AT(image)] = last->in_size != 0 ? last->version : (struct ob_version){0};
    ob_start_found(start, image)->primary = OB_PRIMARY_WHOLE;
    note_verdict(start, image, (uint32_t)OB_VERDICT_ACCEPTED);
}

/** Is what was seen the image that the job takes out, or brings in? In the middle of it with the key that it leaves
 * with. */
static bool is_whole_of_job(const struct ob_start *start, uint32_t image, enum ob_side side)
{
    const struct ob_part *part = ob_start_part(start, image);
    bool seen = ob_start_saw(start, side == OB_SIDE_IN ? part->in_digest : part->out_digest);

    return seen && (!ob_is_job(start->ledger) || ob_cipher_compare(start, image, side) == OB_OK);
}

/**
 * What runs for good raises the floor. By the number that verification left: an image that was taken for broken by
 * mistake is no way around its version.
 *
 * @return it is to be stated: what came from a factory or a programmer is not known to the ledger yet
 */
static bool raise_floor(const struct ob_start *start, uint32_t image)
{
    const struct ob_image *running = &start->boot->work->image;
    struct ob_floor *floor = &ob_start_next(start, image)->floor;

    if (start->found.image[OB_IMAGE_AT(image)].trial != OB_TRIAL_NO || !ob_start_is_authentic(start) ||
        ob_start_belongs(start, image) != OB_OK) {
        return false;
    }
    return ob_floor_raise(floor, &running->version, running->counter) && OB_BOOT_GUARD(start->boot) != OB_GUARD_NONE;
}

bool ob_is_floor_unstated(const struct ob_start *start, uint32_t image)
{
    const struct ob_floor stated = ob_start_floor(start, image);
    struct ob_floor none = {0};

    return OB_BOOT_GUARD(start->boot) != OB_GUARD_NONE && !ob_floor_raise(&none, &stated.version, stated.counter);
}

/** What would be planned if nothing were known of what is there. */
static void plan_nothing(struct ob_start *start, uint32_t image)
{
    struct ob_part *next = ob_start_next(start, image);

    *next = (struct ob_part){.floor = ob_start_floor(start, image), .source = next->source};
    ob_start_found(start, image)->offer = OB_OFFER_UNREAD;
}

/** What was seen is what goes out, if something comes in. */
static void plan_to_leave(struct ob_start *start, uint32_t image)
{
    const struct ob_image *running = &start->boot->work->image;
    struct ob_part *next = ob_start_next(start, image);

    memcpy(next->out_digest, running->digest, OB_DIGEST_SIZE);
    next->out_size = is_big(start, image, running->size) ? 0 : running->size;
}

void ob_find_primary(struct ob_start *start, uint32_t image)
{
    if (ob_start_receiver(start, image) != NULL) {
        presume_primary(start, image);
        return;
    }
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;
    struct ob_found *found = ob_start_found(start, image);
    const struct ob_image *running = &start->boot->work->image;
    bool planned = found->primary == OB_PRIMARY_STATED; /* what is offered was looked at */
    enum ob_err err = ob_start_verify(start, primary, OB_FORM_RUNNING);

    if (err != OB_OK) {
        err = ob_start_verify(start, primary, OB_FORM_RUNNING); /* nor must one byte start a rescue */
    }
    err = err == OB_OK ? ob_start_belongs(start, image) : err;
    if (!planned || err != OB_OK) {
        plan_nothing(start, image);
    }
    if (err == OB_OK && OB_BOOT_GUARD(start->boot) == OB_GUARD_ENFORCED) {
        err = ob_start_check_floor(start, &ob_start_next(start, image)->floor, running);
    }
    found->primary = err == OB_OK ? OB_PRIMARY_WHOLE : OB_PRIMARY_BROKEN;
    found->above = raise_floor(start, image);
    if (err != OB_OK) {
        start->why_broken = err;
        OB_LOG_ERR("Image in the primary slot is not valid!");
        OB_LOG_ERR("Image index: %u: %s", (unsigned)image, ob_err_text(err));
        return;
    }
    plan_to_leave(start, image);
    if (found->trial == OB_TRIAL_NO) {
        start->ran[OB_IMAGE_AT(image)] = (struct ob_floor){.version = running->version, .counter = running->counter};
    }
    found->outgoing = is_whole_of_job(start, image, OB_SIDE_OUT);
    found->incoming = is_whole_of_job(start, image, OB_SIDE_IN);
    start->running[OB_IMAGE_AT(image)] = running->version;
    note_verdict(start, image, running->seal);
    if (image == 0) {
        start->result->image = *running;
    }
}

void ob_find_stated(struct ob_start *start, uint32_t image)
{
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;

    if (ob_image_stated(primary, primary->size, start->boot->keys, &start->boot->work->image) != OB_OK) {
        ob_find_primary(start, image);
        return;
    }
    plan_nothing(start, image);
    plan_to_leave(start, image);
    ob_start_found(start, image)->primary = OB_PRIMARY_STATED;
}

enum ob_err ob_find_previous(struct ob_start *start, uint32_t image)
{
    struct ob_part *part = ob_start_part(start, image);
    struct ob_found *found = ob_start_found(start, image);
    const struct ob_image *previous = &start->boot->work->image;
    struct ob_task task;
    enum ob_err err = OB_OK;

    found->previous = OB_PREVIOUS_GONE;
    if (!ob_start_revertible(start) || part->in_size == 0 || part->out_size == 0 ||
        part->mode != OB_BOOT_MODE(start->boot)->id) {
        return OB_OK;
    }
    if (memcmp(part->in_digest, part->out_digest, OB_DIGEST_SIZE) == 0) { /* the same: it runs */
        found->previous = found->primary == OB_PRIMARY_WHOLE ? OB_PREVIOUS_WHOLE : OB_PREVIOUS_GONE;
        ob_start_next(start, image)->version = part->version;
        ob_start_next(start, image)->counter = part->counter;
        return OB_OK;
    }
    err = ob_start_task(start, image, part, &task);
    for (uint32_t look = 0; look < 2 && err == OB_OK && found->previous == OB_PREVIOUS_GONE; look++) {
        const struct ob_area area = OB_BOOT_MODE(start->boot)->previous(&task);
        enum ob_err why = ob_start_verify(start, &area, OB_FORM_STORED);
        bool old = ob_start_check_floor(start, &ob_start_next(start, image)->floor, previous) != OB_OK;
        if (why == OB_OK && !old && ob_start_saw(start, part->out_digest)) {
            found->previous = OB_PREVIOUS_WHOLE;
            ob_start_next(start, image)->version = previous->version;
            ob_start_next(start, image)->counter = previous->counter;
        }
        err = ob_err_is_device(why) ? why : OB_OK;
    }
    return err;
}
