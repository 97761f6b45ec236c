/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the record, which applications and service people read, says what happened. */
#include <string.h>

#include "judge.h"

/* The newest events, and the job that they must fit. */
struct record {
    struct ob_ledger ledger;
    struct ob_event event[OB_LEDGER_EVENTS];
    uint32_t count;
};

/* As it reads if metastable cells read like this. */
static bool read_record(struct sim_world *world, enum sim_force force, struct record *out)
{
    out->count = 0;
    sim_machine_force(&world->machine, force);
    enum ob_err err = ob_ledger_read(&world->ledger, world->config.updateable, &out->ledger);
    while (err == OB_OK && out->count < OB_LEDGER_EVENTS) {
        err = ob_ledger_event(&out->ledger, out->count, &out->event[out->count]);
        out->count += err == OB_OK;
    }
    sim_machine_force(&world->machine, SIM_FORCE_NOT);
    return out->ledger.now.counts && ob_ledger_kind(&out->ledger) == OB_RECORD_QUIET;
}

/* The events' numbers go up by one, but for those that a cut or a fault cost; each bank that is left leaves its newest.
 */
static void check_order(struct sim_world *world, const struct record *record)
{
    const uint32_t lost = world->events;

    for (uint32_t i = 1; i < record->count; i++) {
        const struct ob_event *newer = &record->event[i - 1];
        const struct ob_event *older = &record->event[i];
        if (newer->number <= older->number || newer->number - older->number > 1 + lost || newer->start < older->start) {
            sim_world_fail(world, "the record's events %u and %u are out of order", older->number, newer->number);
        }
    }
    const uint32_t newest = record->count == 0 ? 0 : record->event[0].number;
    if (record->count + lost < OB_MIN(newest, OB_LEDGER_LOG)) {
        sim_world_fail(world, "the record of %u events shows %u", newest, record->count);
    }
}

/* The image is one that somebody made for this device. */
static bool is_known(const struct sim_world *world, const struct ob_event *event)
{
    bool known = false;

    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES && event->image < world->config.updateable; i++) {
        const struct sim_image *image = &world->image[event->image][i];
        known = known || (image->bytes != NULL &&
                          memcmp(image->bytes + OB_IMAGE_VERSION_OFFSET, &event->version, sizeof(event->version)) == 0);
    }
    return known;
}

static bool is_of_job(const struct ob_event *event)
{
    return event->kind == OB_EVENT_BEGUN || event->kind == OB_EVENT_GOES_BACK || event->kind == OB_EVENT_INSTALLED;
}

static bool is_same_job(const struct ob_event *a, const struct ob_event *b)
{
    return a->image == b->image && a->what == b->what && memcmp(&a->version, &b->version, sizeof(a->version)) == 0;
}

/* The newest event of a job from the i-th on; count: there is none. */
static uint32_t find_job(const struct record *record, uint32_t i)
{
    while (i < record->count && !is_of_job(&record->event[i])) {
        i++;
    }
    return i;
}

/* What was installed was asked for before, or going back was decided on. */
static void check_begun(struct sim_world *world, const struct record *record, uint32_t installed)
{
    const struct ob_event *event = &record->event[installed];
    uint32_t begun = find_job(record, installed + 1);

    while (begun < record->count && record->event[begun].kind == OB_EVENT_INSTALLED) { /* noted again after a cut */
        begun = find_job(record, begun + 1);
    }
    bool found = begun < record->count && is_same_job(event, &record->event[begun]) &&
                 (record->event[begun].kind == OB_EVENT_GOES_BACK) == (event->what == OB_JOB_REVERT);
    bool oldest = begun == record->count && record->count >= OB_LEDGER_LOG;
    if (!found && !oldest) {
        sim_world_fail(world, "the record does not say why image %u, kind %u, was installed", event->image,
                       event->what);
    }
}

/* The last thing that the record says of a job is the job that the head names. */
static void check_job(struct sim_world *world, const struct record *record)
{
    const struct ob_head *head = &record->ledger.head;
    uint32_t last = find_job(record, 0);
    uint32_t image = 0;

    while (last < record->count && record->event[last].kind != OB_EVENT_INSTALLED) { /* begun, and taken back */
        last = find_job(record, last + 1);
    }
    while (image + 1 < world->config.updateable && (head->set >> image & 1) == 0) {
        image++;
    }
    const struct ob_part *part = &head->part[image];
    if (part->in_size == 0) {
        if (last < record->count) {
            sim_world_fail(world, "the record names an installation, and there never was one");
        }
        return;
    }
    const struct ob_event job = {.image = (uint8_t)image, .what = part->kind, .version = part->version};
    bool long_ago = last == record->count && record->count >= OB_LEDGER_LOG;
    if (!long_ago && (last == record->count || !is_same_job(&record->event[last], &job))) {
        sim_world_fail(world, "the record does not tell the last installation");
        return;
    }
    if (!long_ago) {
        check_begun(world, record, last);
    }
}

void sim_judge_told_why(struct sim_world *world)
{
    struct record record;
    bool told = false;

    if (sim_world_disturbed(world) || !read_record(world, SIM_FORCE_NEW, &record)) {
        return;
    }
    for (uint32_t n = 0; n < record.count; n++) {
        const uint8_t kind = record.event[n].kind;
        told = told || kind == OB_EVENT_CHIP || kind == OB_EVENT_REFUSED || kind == OB_EVENT_GOES_BACK;
    }
    if (!told) {
        sim_world_fail(world, "a request came to nothing, and the record does not say why");
    }
}

void sim_judge_record(struct sim_world *world)
{
    static const enum sim_force views[] = {SIM_FORCE_OLD, SIM_FORCE_NEW};

    bool steady = sim_chip_steady(&world->machine.chip[SIM_INTERNAL], world->ledger.start, world->ledger.size);

    for (unsigned i = 0; i < (steady ? 1 : OB_ARRAY_SIZE(views)); i++) {
        struct record record;
        if (!read_record(world, views[i], &record)) {
            continue;
        }
        check_order(world, &record);
        for (uint32_t n = 0; n < record.count; n++) {
            const struct ob_event *event = &record.event[n];
            bool told = event->kind > 0 && event->kind < OB_EVENT_KINDS;
            if (!told || (is_of_job(event) && !is_known(world, event))) {
                sim_world_fail(world, "the record's event %u makes no sense", event->number);
            }
        }
        if (world->events <= 1) { /* an event that is met twice may get lost: docs/SIMULATOR.md, "What is checked" */
            check_job(world, &record);
        }
    }
}
