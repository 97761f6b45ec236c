/* SPDX-License-Identifier: Apache-2.0 */
/* What a start can find out. Nothing here writes. */
#include <string.h>

#include <outboard/util.h>
#include <outboard/verdict.h>

#include "start.h"

#define LOOKS 8u
#define PLACE_MAX \
    0x10000u /* an image may lie one erase unit up: clients of swap-using-offset leave the first one free */

/* ---- the job ---- */

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

static bool is_job(const struct ob_ledger *ledger)
{
    return ledger->now.counts && ob_ledger_kind(ledger) != OB_RECORD_QUIET;
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
    if (kind == OB_RECORD_UNDONE) {
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
    bool job = is_job(ledger) && ob_start_concerns(ledger->head.set, image);
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

/* ---- the primary ---- */

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

    for (uint32_t look = 0; look < LOOKS; look++) {
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

static void find_trial(struct ob_start *start, uint32_t image)
{
    if (ob_start_receiver(start, image) != NULL) {
        return; /* it is never on trial */
    }
    const struct window_seen own = look_at_window(start, image);
    const struct window_seen speakers = OB_IMAGES_MAX > 1 ? look_at_window(start, speaker(start, image)) : own;
    struct ob_found *found = ob_start_found(start, image);
    bool known = ob_start_part(start, image)->in_size != 0; /* a job brought it: else it is not on trial */
    bool kept = !known || ob_start_has(ob_ledger_kept(start->ledger), image);
    bool wrong = own.damaged || (kept && (own.on_trial || (known && own.open)));

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

    return seen && (!is_job(start->ledger) || ob_cipher_compare(start, image, side) == OB_OK);
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

/** Nothing was ever known to run there for good. */
static bool is_floor_unstated(const struct ob_start *start, uint32_t image)
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

static void find_primary(struct ob_start *start, uint32_t image)
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

/** The same of one that makes way: what it states is verified when it is to come back. */
static void find_stated(struct ob_start *start, uint32_t image)
{
    const struct ob_area *primary = &ob_start_slots(start, image)->primary;

    if (ob_image_stated(primary, primary->size, start->boot->keys, &start->boot->work->image) != OB_OK) {
        find_primary(start, image);
        return;
    }
    plan_nothing(start, image);
    plan_to_leave(start, image);
    ob_start_found(start, image)->primary = OB_PRIMARY_STATED;
}

/* ---- what is asked for, or offered ---- */

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

    for (uint32_t look = 0; look < LOOKS; look++) {
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

static enum ob_err find_asks(struct ob_start *start, uint32_t image, bool led)
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
    const struct ob_area area = ob_area_part(secondary, candidate->at, task->layout.secondary_limit - candidate->at);
    const struct ob_image *incoming = &start->boot->work->image;
    struct ob_part *part = task->part;
    enum ob_err err = ob_start_verify(start, &area, OB_FORM_STORED);

    if (err != OB_OK) {
        err = ob_start_verify(start, &area, OB_FORM_STORED); /* one byte misread must not cost the request */
    }
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

static enum ob_err find_offer(struct ob_start *start, uint32_t image)
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
        find_primary(start, image); /* it stays where it is */
    }
    return err;
}

/* ---- what there is to go back to ---- */

static enum ob_err find_previous(struct ob_start *start, uint32_t image)
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

/* ---- all of it ---- */

void ob_find(struct ob_start *start)
{
    struct ob_findings *found = &start->found;
    enum ob_err err = OB_OK;
    bool led = false;

    found->revertible = ob_start_revertible(start);
    found->count = (uint8_t)ob_start_images(start);
    /* Where neither a floor nor a key hangs on it. */
    found->swaps_unseen = OB_BOOT_GUARD(start->boot) == OB_GUARD_NONE && !ob_start_encrypts(start);
    /* Where nothing is kept, what was misread when the job was begun is to be seen before anything is touched. */
    found->view = start->begun_now && found->revertible ? OB_VIEW_MATCHES : OB_VIEW_UNREAD;
    found->progress = find_progress(start, &found->touching);
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        struct ob_found *one = &found->image[image];
        /* What a primary holds was read, unless a job went on in between: that takes long. */
        *one = (struct ob_found){
            .primary = one->primary, .outgoing = one->outgoing, .incoming = one->incoming, .above = one->above};
        one->unstated = is_floor_unstated(start, image);
        find_trial(start, image);
        if (ob_start_receiver(start, image) != NULL) {
            find_receiver(start, image, one);
        }
        if (found->progress == OB_PROGRESS_NONE && err == OB_OK && !found->chip_fails) {
            err = find_asks(start, image, led);
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
        return find_offer(start, need.image);
    case OB_NEED_PREVIOUS:
        return find_previous(start, need.image);
    case OB_NEED_STATED:
        find_stated(start, need.image);
        return OB_OK;
    default:
        find_primary(start, need.image);
        return OB_OK;
    }
}
