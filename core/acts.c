/* SPDX-License-Identifier: Apache-2.0 */
/* What a start does about requests and trials. Nothing here moves an image: a job does, once it is begun. */
#include <string.h>

#include <outboard/util.h>
#include <outboard/verdict.h>

#include "start.h"

/* ---- trials ---- */

static enum ob_err keep(struct ob_start *start, uint8_t set)
{
    return ob_ledger_settle(start->ledger, OB_RECORD_QUIET | ob_ledger_kept(start->ledger) | set);
}

enum ob_err ob_act_keep(struct ob_start *start, uint8_t set)
{
    OB_LOG_INF("What runs is confirmed");
    return keep(start, set);
}

enum ob_err ob_act_lose(struct ob_start *start, uint8_t set)
{
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (ob_start_concerns(set, image)) {
            OB_LOG_WRN("Image index: %u was not confirmed, and there is nothing to go back to: it stays",
                       (unsigned)image);
            ob_start_note_image(start, image, OB_EVENT_NO_WAY_BACK, OB_OK, &ob_start_part(start, image)->version);
        }
    }
    return keep(start, set);
}

/** The sectors of a slot's trailer. */
static enum ob_err erase_trailer(const struct ob_start *start, const struct ob_area *slot, uint32_t align)
{
    const uint32_t limit = ob_layout_limit(slot, align);

    return ob_start_erase(start, slot, limit, slot->size - limit);
}

enum ob_err ob_window_erase(const struct ob_start *start, uint32_t image)
{
    const struct ob_slots *slots = ob_start_slots(start, image);

    return erase_trailer(start, &slots->primary, ob_layout_align(&slots->primary, &slots->secondary[0]));
}

enum ob_err ob_act_clear(struct ob_start *start, uint8_t set)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        if (ob_start_concerns(set, image)) {
            err = ob_window_erase(start, image);
        }
    }
    return err;
}

/* ---- requests ---- */

enum ob_err ob_header_spoil(const struct ob_start *start, const struct ob_area *secondary, uint32_t at)
{
    const struct ob_flash *flash = secondary->flash;
    uint8_t magic[4];
    enum ob_err err;

    memset(magic, (uint8_t)~flash->erased_value, sizeof(magic));
    err = flash->may_program_again ? ob_area_write(secondary, at, magic, sizeof(magic))
                                   : ob_start_erase(start, secondary, at, ob_flash_erase_size(flash));
    if (err == OB_OK) {
        err = ob_area_read(secondary, at, magic, sizeof(magic));
    }
    return err == OB_OK && ob_get_le32(magic) == OB_IMAGE_MAGIC ? OB_ERR_VERIFY : err;
}

/** Erase a secondary's trailer, and see what it reads as then. */
static enum ob_err try_erase_request(const struct ob_start *start, const struct ob_area *secondary, uint32_t align,
                                     struct ob_trailer *out, bool *blank)
{
    enum ob_err err = ob_trailer_spoil(secondary, align);

    if (err == OB_OK) {
        err = erase_trailer(start, secondary, align);
    }
    return err == OB_OK ? ob_request_read(secondary, align, out, blank) : err;
}

enum ob_err ob_withdraw(const struct ob_start *start, uint32_t image, uint32_t source)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const struct ob_area *secondary = ob_secondary(slots, source);
    const uint32_t align = ob_layout_align(&slots->primary, &slots->secondary[0]);
    const uint32_t address = secondary->start + ob_layout_limit(secondary, align);
    struct ob_trailer trailer;
    bool blank = false;
    enum ob_err err = OB_OK;

    for (uint32_t tries = 0; tries < 2 && err == OB_OK && !blank; tries++) {
        err = try_erase_request(start, secondary, align, &trailer, &blank);
    }
    if (err == OB_OK && !blank && !ob_start_is_worn_at(start, address)) {
        OB_LOG_WRN("Image index: %u: the secondary's trailer has a worn cell: clients may fail to ask",
                   (unsigned)image);
        ob_start_note(start, &(struct ob_event){.kind = OB_EVENT_CHIP,
                                                .image = (uint8_t)image,
                                                .reason = (uint8_t)-OB_ERR_VERIFY,
                                                .address = address});
    }
    return err == OB_OK && ob_trailer_asks(&trailer) ? OB_ERR_VERIFY : err;
}

enum ob_err ob_act_tidy(struct ob_start *start, uint8_t set)
{
    enum ob_err err = OB_OK;

    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        for (uint32_t source = 0; source < OB_SECONDARIES && err == OB_OK && ob_start_concerns(set, image); source++) {
            if (ob_secondary(ob_start_slots(start, image), source)->flash != NULL) {
                err = ob_withdraw(start, image, source);
            }
        }
    }
    return err;
}

/** What was refused is not listed any more. Where nothing was found, an erase that was cut may show it again. */
static bool outlives_refusal(const struct ob_candidate *candidate, uint32_t at)
{
    return candidate->reason != OB_ERR_EMPTY && at != candidate->at;
}

/**
 * An image that was consumed must not be listed as if it still lay there, nor one that was passed over for it; one that
 * was parked there may. Inside of the image that came in no other one begins.
 */
static bool outlives_job(const struct ob_start *start, uint32_t image, uint32_t at)
{
    const struct ob_part *part = ob_start_part(start, image);
    const uint32_t in = at - part->in_at * part->unit; /* wraps below it */
    const uint32_t out = at - part->out_at * part->unit;
    bool moved = ob_start_steps(start, image) > 0;
    bool consumed = in == 0 && moved && ob_start_mode(start, image)->id != OB_MODE_DUAL;
    bool parked =
        moved && OB_BOOT_MODE(start->boot)->id == OB_MODE_SLIDE && out < ob_align_up(part->out_size, part->unit);

    return parked || (in < part->in_size && !consumed);
}

enum ob_err ob_unlist(struct ob_start *start, uint32_t image, uint32_t source)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const struct ob_area *secondary = ob_secondary(slots, source);
    const uint32_t limit = ob_layout_limit(secondary, ob_layout_align(&slots->primary, &slots->secondary[0]));
    bool done = start->found.progress == OB_PROGRESS_DONE;
    enum ob_err err = OB_OK;

    for (uint32_t i = 0; i < OB_PLACES && err == OB_OK; i++) {
        const uint32_t at = ob_place(secondary, limit, i);
        if (at != UINT32_MAX &&
            !(done ? outlives_job(start, image, at) : outlives_refusal(ob_start_candidate(start, image), at))) {
            err = ob_header_spoil(start, secondary, at);
        }
    }
    return err;
}

static enum ob_err refuse(struct ob_start *start, uint32_t image)
{
    const struct ob_candidate *candidate = ob_start_candidate(start, image);
    const struct ob_part *part = ob_start_next(start, image);
    enum ob_err reason = candidate->reason == OB_OK ? OB_ERR_STATE : candidate->reason;

    OB_LOG_ERR("Image in the secondary slot is not valid!");
    if (candidate->image_kind == OB_KIND_NONE) {
        OB_LOG_ERR("Image index: %u refused: %s", (unsigned)image, ob_err_text(reason));
    } else {
        OB_LOG_ERR("Image index: %u, version %u.%u.%u, %s, refused: %s", (unsigned)image, part->version.major,
                   part->version.minor, part->version.revision, ob_image_kind_text(candidate->image_kind),
                   ob_err_text(reason));
    }
    ob_start_note(start, &(struct ob_event){.kind = OB_EVENT_REFUSED,
                                            .image = (uint8_t)image,
                                            .reason = (uint8_t)-reason,
                                            .what = (uint8_t)candidate->image_kind,
                                            .version = part->version});
    enum ob_err err = ob_unlist(start, image, part->source);
    return err == OB_OK ? ob_withdraw(start, image, part->source) : err;
}

/** Of a transaction those at fault last: seen again after a cut, they refuse the rest again. */
enum ob_err ob_act_refuse(struct ob_start *start, uint8_t set)
{
    enum ob_err err = OB_OK;

    for (uint32_t turn = 0; turn < 2; turn++) {
        for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
            bool at_fault = ob_start_candidate(start, image)->reason != OB_OK;
            if (ob_start_concerns(set, image) && at_fault == (turn == 1)) {
                err = refuse(start, image);
            }
        }
    }
    return err;
}

/* ---- jobs ---- */

void ob_carry_parts(const struct ob_start *start, uint8_t set)
{
    struct ob_head *next = start->next;

    next->set = set;
    next->kept = ob_ledger_kept(start->ledger);
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        if (!ob_start_has(set, image)) {
            next->part[image] = start->ledger->head.part[image];
            next->part[image].floor = ob_start_floor(start, image);
        }
    }
}

/** Of images that are installed as one, one whose receiver keeps no old image decides for all. */
static bool hands_over(const struct ob_start *start, uint8_t set)
{
    bool any = false;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        any = any || (ob_start_concerns(set, image) && ob_start_receiver(start, image) != NULL);
    }
    return any;
}

static void warn_for_good(uint32_t image, bool handover, bool fits)
{
    const unsigned index = (unsigned)image;

    if (OB_RECEIVERS && handover) {
        OB_LOG_WRN("Image index: %u goes with an image whose receiver keeps no old one: this update is for good",
                   index);
    } else if (OB_ENCRYPTS && fits) {
        OB_LOG_WRN("Image index: %u replaces one without a key to leave with: this update is for good", index);
    } else {
        OB_LOG_WRN("Image index: %u is too large to come back: this update is for good", index);
    }
}

/** Is what runs kept, to go back to? If not, that is said before anything is touched. */
static enum ob_job_kind kind_of(struct ob_start *start, uint32_t image, bool handover, bool fits)
{
    const enum ob_job_kind kind = ob_start_candidate(start, image)->kind;
    bool kept = !ob_start_revertible(start) || ob_start_next(start, image)->out_size != 0;

    if (kind == OB_JOB_PERMANENT || (kept && !handover)) {
        return kind;
    }
    warn_for_good(image, handover, fits);
    ob_start_note_image(start, image, OB_EVENT_NO_WAY_BACK, OB_OK, &ob_start_next(start, image)->version);
    return OB_JOB_PERMANENT;
}

static enum ob_err choose_kind(struct ob_start *start, uint32_t image, bool handover)
{
    struct ob_part *part = ob_start_next(start, image);
    bool fits = part->out_size != 0;
    enum ob_err err = ob_ciphers_note(start, image);

    if (err == OB_OK) {
        part->kind = (uint8_t)kind_of(start, image, handover, fits);
    } else if (err == OB_ERR_UNWRAP) { /* its key was read when it was verified, and flickers */
        ob_start_candidate(start, image)->reason = err;
    }
    return err;
}

/** Then nothing that may be needed yet is thrown away. */
static bool is_rescue(const struct ob_start *start)
{
    bool broken = false;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        broken = broken || start->found.image[OB_IMAGE_AT(image)].primary == OB_PRIMARY_BROKEN;
    }
    return broken;
}

/** Would each image of a set find the versions of the others that it needs? */
static bool depends_on_nothing_missing(struct ob_start *start, uint8_t set)
{
    bool met = true;

    for (uint32_t image = 0; ob_start_images(start) > 1 && image < ob_start_images(start); image++) {
        struct ob_candidate *candidate = ob_start_candidate(start, image);
        bool mine = !ob_start_concerns(set, image) || !candidate->needs_unknown;
        for (uint32_t other = 0; other < ob_start_images(start) && mine && ob_start_concerns(set, image); other++) {
            const struct ob_version *there =
                ob_start_concerns(set, other) ? &ob_start_next(start, other)->version : &start->running[other];
            mine = !ob_version_is_older(there, &candidate->needs[other]);
        }
        candidate->reason = mine ? candidate->reason : OB_ERR_DEPENDS;
        met = met && mine;
    }
    return met;
}

/** What runs for good is the floor from now on, also if it came from the factory or a programmer. */
static enum ob_err raise_floors(struct ob_start *start, uint8_t set)
{
    struct ob_head raised = start->ledger->head;
    bool higher = false;

    raised.kept = ob_ledger_kept(start->ledger);
    for (uint32_t image = 0; image < ob_start_images(start) && OB_BOOT_GUARD(start->boot) != OB_GUARD_NONE; image++) {
        const struct ob_floor *runs = &ob_start_next(start, image)->floor;
        struct ob_floor now = ob_start_floor(start, image);
        if (ob_start_concerns(set, image) && ob_floor_raise(&now, &runs->version, runs->counter)) {
            raised.part[image].floor = now;
            higher = true;
        }
    }
    return higher ? ob_ledger_begin(start->ledger, &raised, OB_RECORD_QUIET | raised.kept, NULL) : OB_OK;
}

/** Begin the job that is planned. */
static enum ob_err begin(struct ob_start *start, uint8_t set, enum ob_event_kind kind, enum ob_err why)
{
    ob_carry_parts(start, set);
    struct ob_event event;
    ob_event_of_job(start->next, kind, why, &event);
    enum ob_err err = ob_ledger_begin(start->ledger, start->next, OB_RECORD_STEPS, &event);
    start->begun_now = err == OB_OK;
    return err;
}

/** In a job of its own, which is about no image: a cut leaves the old floor or the new one. */
enum ob_err ob_act_raise(struct ob_start *start, uint8_t set)
{
    OB_LOG_INF("The floor rises to what runs");
    return raise_floors(start, set);
}

/** Nothing that was refused comes here, unless something went wrong on the way. */
static bool is_still_acceptable(struct ob_start *start, uint8_t set)
{
    bool acceptable = true;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        struct ob_candidate *candidate = ob_start_candidate(start, image);
        if (ob_start_concerns(set, image) && ob_start_downgrades(start, image)) {
            candidate->reason = OB_ERR_OLD;
        }
        acceptable = acceptable && !(ob_start_concerns(set, image) && candidate->reason != OB_OK);
    }
    return acceptable;
}

enum ob_err ob_act_install(struct ob_start *start, uint8_t set)
{
    if (!depends_on_nothing_missing(start, set) || (OB_FIH && !is_still_acceptable(start, set))) {
        return ob_act_refuse(start, set);
    }
    const bool handover = hands_over(start, set);
    enum ob_err err = OB_OK;
    for (uint32_t image = 0; image < ob_start_images(start) && err == OB_OK; image++) {
        err = ob_start_concerns(set, image) ? choose_kind(start, image, handover) : OB_OK;
    }
    if (err == OB_ERR_UNWRAP && !is_rescue(start)) {
        return ob_act_refuse(start, set);
    }
    return err == OB_OK ? begin(start, set, OB_EVENT_BEGUN, OB_OK) : err;
}

enum ob_err ob_act_revert(struct ob_start *start, uint8_t set, enum ob_err why)
{
    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        struct ob_part *part = ob_start_next(start, image);
        if (ob_start_concerns(set, image)) {
            const struct ob_version version = part->version;
            const uint32_t counter = part->counter;
            *part = start->ledger->head.part[image];
            part->floor = ob_start_floor(start, image);
            part->version = version;
            part->counter = counter;
            ob_part_exchange(part);
            OB_BOOT_MODE(start->boot)->turn(part);
            ob_ciphers_turn(start, image);
            if (start->found.image[image].primary == OB_PRIMARY_BROKEN) {
                part->out_size = 0; /* not worth keeping; and what is put back stays where it is, for another try */
            }
        }
    }
    return begin(start, set, OB_EVENT_GOES_BACK, why);
}
