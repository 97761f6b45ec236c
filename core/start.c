/* SPDX-License-Identifier: Apache-2.0 */
/* What all parts of a start need to know about the job in the ledger. */
#include <string.h>

#include <outboard/util.h>
#include <outboard/verdict.h>

#include "start.h"

enum ob_err ob_start_task(const struct ob_start *start, uint32_t image, struct ob_part *part, struct ob_task *task)
{
    const struct ob_slots *slots = ob_start_slots(start, image);
    const struct ob_area *secondary = ob_secondary(slots, part->source != 0);

    *task = (struct ob_task){.slots = slots, .part = part};
    if (secondary->flash == NULL) {
        return OB_ERR_NODEV;
    }
    return ob_layout(&slots->primary, secondary, start->boot->max_units, &task->layout);
}

uint32_t ob_boot_capacity(const struct ob_boot *boot, uint32_t image)
{
    const struct ob_start start = {.boot = boot};
    const struct ob_slots *slots = ob_start_slots(&start, image);

    return ob_layout_room(&slots->primary, &slots->secondary[0], boot->max_units, ob_start_mode(&start, image)->id);
}

uint32_t ob_start_steps(const struct ob_start *start, uint32_t image)
{
    const struct ob_part *part = ob_start_part(start, image);
    bool same = memcmp(part->in_digest, part->out_digest, OB_DIGEST_SIZE) == 0;
    bool idle = !ob_start_concerns(start->ledger->head.set, image) || same || part->unit == 0;

    return idle ? 0 : ob_start_mode(start, image)->count(part);
}

uint32_t ob_start_share(const struct ob_start *start, uint32_t image, uint32_t steps)
{
    for (uint32_t before = ob_start_images(start); before-- > image + 1;) {
        steps -= OB_MIN(steps, ob_start_steps(start, before));
    }
    return OB_MIN(steps, ob_start_steps(start, image));
}

uint32_t ob_start_done(const struct ob_start *start, uint32_t image)
{
    bool forth = ob_ledger_kind(start->ledger) == OB_RECORD_STEPS;

    /* Who takes an image over has it before all that could go wrong. */
    return ob_start_receiver(start, image) != NULL && !forth
               ? ob_start_steps(start, image)
               : ob_start_share(start, image, ob_ledger_steps(start->ledger));
}

uint32_t ob_start_total(const struct ob_start *start)
{
    uint32_t total = 0;

    for (uint32_t image = 0; image < ob_start_images(start); image++) {
        total += ob_start_steps(start, image);
    }
    return total;
}

enum ob_err ob_start_step(const struct ob_start *start, uint32_t k, uint32_t *image, struct ob_step *step)
{
    *step = (struct ob_step){0};
    for (*image = ob_start_images(start); (*image)-- > 0;) {
        struct ob_part *part = ob_start_part(start, *image);
        const uint32_t steps = ob_start_steps(start, *image);
        struct ob_task task;
        if (k < steps) {
            enum ob_err err = ob_start_task(start, *image, part, &task);
            if (err == OB_OK) {
                ob_start_mode(start, *image)->step(&task, k, step);
            }
            return err;
        }
        k -= steps;
    }
    return OB_ERR_RANGE;
}

enum ob_err ob_start_verify(const struct ob_start *start, const struct ob_area *area, enum ob_form form)
{
    const struct ob_boot *boot = start->boot;
    struct ob_keys keys = *boot->keys;
    enum ob_err why = OB_ERR_AUTH;

    keys.proofs = &boot->work->proofs;
    ob_feed(boot->hooks);
    enum ob_verdict verdict = ob_image_verify(area, area->size, form, &keys, boot->hooks, &boot->work->image, &why);
    return ob_verdict_accepts((uint32_t)verdict) ? OB_OK : why;
}

bool ob_start_is_authentic(const struct ob_start *start)
{
    return ob_verdict_accepts(start->boot->work->image.seal);
}

bool ob_start_downgrades(const struct ob_start *start, uint32_t image)
{
    const struct ob_part *part = ob_start_next(start, image);
    const struct ob_floor *ran = &start->ran[OB_IMAGE_AT(image)];

    return OB_BOOT_GUARD(start->boot) == OB_GUARD_VERSION
               ? ob_version_is_older(&part->version, &ran->version)
               : OB_BOOT_GUARD(start->boot) != OB_GUARD_NONE && part->counter < ran->counter;
}

bool ob_start_saw(const struct ob_start *start, const uint8_t digest[OB_DIGEST_SIZE])
{
    return memcmp(start->boot->work->image.digest, digest, OB_DIGEST_SIZE) == 0;
}

enum ob_err ob_start_belongs(const struct ob_start *start, uint32_t image)
{
    const struct ob_receiver *receiver = ob_start_receiver(start, image);
    const struct ob_image *seen = &start->boot->work->image;
    const struct ob_home *home = image == 0 ? start->boot->home : receiver != NULL ? receiver->home : NULL;

    if (receiver != NULL && receiver->capacity != 0 && seen->payload_size > receiver->capacity) {
        return OB_ERR_SIZE;
    }
    return home != NULL ? ob_image_belongs(seen, home) : OB_OK;
}

struct ob_floor ob_start_floor(const struct ob_start *start, uint32_t image)
{
    return ob_ledger_floor(start->ledger, image);
}

enum ob_err ob_start_erase(const struct ob_start *start, const struct ob_area *area, uint32_t off, uint32_t len)
{
    return ob_area_erase_fed(area, off, len, start->boot->hooks->feed, start->boot->hooks->ctx);
}

bool ob_start_is_worn_at(const struct ob_start *start, uint32_t address)
{
    struct ob_event event;
    uint32_t notes = 0;

    for (uint32_t n = 0; n < OB_LEDGER_EVENTS && ob_ledger_event(start->ledger, n, &event) == OB_OK; n++) {
        notes += event.kind == OB_EVENT_CHIP && event.address == address;
    }
    return notes > 1;
}

void ob_event_of_job(const struct ob_head *head, enum ob_event_kind kind, enum ob_err why, struct ob_event *out)
{
    const bool several = OB_IMAGES_MAX > 1 && (head->set & (head->set - 1u)) != 0;
    uint32_t image = 0;

    while (image + 1 < OB_IMAGES_MAX && !ob_start_concerns(head->set, image)) {
        image++;
    }
    *out = (struct ob_event){.kind = (uint8_t)kind,
                             .image = (uint8_t)image,
                             .reason = (uint8_t)-why,
                             .what = head->part[image].kind,
                             .address = several ? head->set : 0,
                             .version = head->part[image].version};
}

void ob_start_note(const struct ob_start *start, struct ob_event *event)
{
    if (ob_ledger_note(start->ledger, event) != OB_OK) {
        OB_LOG_WRN("The event could not be recorded");
    }
}

void ob_start_note_image(const struct ob_start *start, uint32_t image, enum ob_event_kind kind, enum ob_err why,
                         const struct ob_version *version)
{
    struct ob_event event = {
        .kind = (uint8_t)kind, .image = (uint8_t)image, .reason = (uint8_t)-why, .version = *version};

    ob_start_note(start, &event);
}

void ob_start_note_job(const struct ob_start *start, const struct ob_head *job, enum ob_event_kind kind,
                       enum ob_err why)
{
    struct ob_event event;

    ob_event_of_job(job, kind, why, &event);
    ob_start_note(start, &event);
}

uint32_t ob_unit_part(uint32_t size, uint32_t unit, uint32_t i)
{
    return i * unit < size ? OB_MIN(unit, size - i * unit) : 0;
}

void ob_part_exchange(struct ob_part *part)
{
    uint8_t digest[OB_DIGEST_SIZE];
    const uint32_t size = part->in_size;

    memcpy(digest, part->in_digest, sizeof(digest));
    memcpy(part->in_digest, part->out_digest, sizeof(digest));
    memcpy(part->out_digest, digest, sizeof(digest));
    if (OB_ENCRYPTS) {
        memcpy(digest, part->in_check, sizeof(part->in_check));
        memcpy(part->in_check, part->out_check, sizeof(part->in_check));
        memcpy(part->out_check, digest, sizeof(part->out_check));
    }
    part->in_size = part->out_size;
    part->out_size = size;
    part->kind = OB_JOB_REVERT;
}
