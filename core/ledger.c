/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/digest.h>
#include <outboard/ledger.h>
#include <outboard/util.h>

#define ALIGNED 32u                        /* the largest write unit: heads and events begin on multiples of it */
#define RECORD_SIZE 4u                     /* what a record takes of its unit: the value, and its complement */
#define RECORD_TRIES 8u                    /* units that do not take a record are passed over */
#define STATED_MAX (OB_LEDGER_SETTLED + 1) /* units that a start needs to state what it found */
#define GAP_MAX 4u       /* what is not blank further behind the end is no record that was begun, but a worn cell */
#define EVENTS_OF_JOB 6u /* that a bank keeps room for: those of a job that is taken back */
#define ERASE_TRIES 2u
#define NO_UNITS 0u

static const uint8_t magic[] = {'O', 'B', 'L', '1'};

/** Bytes of a head with so many parts that are stored. For one image they are a constant, as all that follows from it.
 */
static uint32_t stored_size(uint32_t count)
{
    return offsetof(struct ob_head, part) + (OB_IMAGES_MAX == 1 ? 1 : count) * (uint32_t)sizeof(struct ob_part);
}

uint32_t ob_head_size(uint32_t count)
{
    return ob_align_up(stored_size(count), ALIGNED);
}

static uint32_t unit_size(const struct ob_flash *flash)
{
    return OB_MAX(RECORD_SIZE, flash->write_size);
}

uint32_t ob_ledger_records_off(uint32_t count)
{
    return OB_HEAD_PLACES * ob_head_size(count) + OB_LEDGER_EVENTS * (uint32_t)sizeof(struct ob_event);
}

uint32_t ob_ledger_size(const struct ob_flash *flash, uint32_t images, uint32_t steps)
{
    uint32_t records = steps + STATED_MAX * OB_LEDGER_STARTS + 2 * RECORD_TRIES;

    return OB_LEDGER_BANKS *
           ob_align_up(ob_ledger_records_off(images) + records * unit_size(flash), ob_flash_erase_size(flash));
}

static uint32_t bank_size(const struct ob_ledger *ledger)
{
    return ledger->area->size / OB_LEDGER_BANKS;
}

static uint32_t other_bank(const struct ob_ledger *ledger)
{
    return OB_LEDGER_BANKS - 1 - ledger->bank;
}

/* ---- heads ---- */

static void make_check(const void *what, uint32_t check_off, uint32_t size, uint8_t check[OB_LEDGER_CHECK_SIZE])
{
    const uint8_t *bytes = what;
    const uint32_t behind = check_off + OB_LEDGER_CHECK_SIZE;
    struct ob_sha256 sha;
    uint8_t digest[OB_DIGEST_SIZE];

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, bytes, check_off);
    if (size > behind) {
        ob_sha256_add(&sha, bytes + behind, size - behind);
    }
    ob_sha256_finish(&sha, digest);
    memcpy(check, digest, OB_LEDGER_CHECK_SIZE);
}

bool ob_head_is_whole(const struct ob_head *head)
{
    uint8_t check[OB_LEDGER_CHECK_SIZE];

    if (memcmp(head->magic, magic, sizeof(magic)) != 0 || head->count == 0 || head->count > OB_IMAGES_MAX) {
        return false;
    }
    make_check(head, offsetof(struct ob_head, check), stored_size(head->count), check);
    return memcmp(head->check, check, sizeof(check)) == 0;
}

/* Write and read back, piece by piece. */
static enum ob_err write_checked(const struct ob_area *area, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *bytes = src;
    enum ob_err err = OB_OK;

    for (uint32_t done = 0; done < len && err == OB_OK;) {
        uint32_t size = OB_MIN(len - done, OB_CHECKED_MAX);
        err = ob_area_write_checked(area, off + done, bytes + done, size);
        done += size;
    }
    return err;
}

/* ---- records ---- */

static uint32_t record_off(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, uint32_t unit)
{
    return bank * bank_size(ledger) + ob_ledger_records_off(count) + unit * unit_size(ledger->area->flash);
}

static uint32_t record_units(const struct ob_ledger *ledger, uint32_t count)
{
    uint32_t before = ob_ledger_records_off(count);

    return before < bank_size(ledger) ? (bank_size(ledger) - before) / unit_size(ledger->area->flash) : NO_UNITS;
}

static void see_value(struct ob_records *records, uint32_t unit, uint16_t value)
{
    bool again = records->count > 0 && records->value == value && records->last == unit;

    if (!again) {
        records->before = records->count > 0 ? records->value : records->before;
        records->same = 0;
    }
    records->value = value;
    records->same++;
    records->count++;
    records->last = (uint16_t)(unit + 1);
    records->end = records->last;
}

static void see_unit(struct ob_records *records, uint32_t unit, const uint8_t *stored, uint8_t erased_value)
{
    const uint16_t value = ob_get_le16(stored);

    if ((value ^ ob_get_le16(stored + 2)) == UINT16_MAX) {
        see_value(records, unit, value);
    } else if (!ob_filled(stored, RECORD_SIZE, erased_value) && unit <= records->end + GAP_MAX) {
        records->end = (uint16_t)(unit + 1);
    }
}

/** It will read the same for good: enough units hold it, and nothing stands behind them that may read as a record. */
static bool is_settled(const struct ob_records *records)
{
    return records->same >= OB_LEDGER_SETTLED && records->end == records->last;
}

/*@ requires \valid(out);
    assigns \result \from \nothing;
    assigns out->value, out->same, out->before, out->count, out->last, out->end \from \nothing;
    ensures \result == 0 || \result < 0; */
static enum ob_err read_records(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, struct ob_records *out)
{
    const struct ob_flash *flash = ledger->area->flash;
    const uint32_t step = unit_size(flash);
    const uint32_t units = record_units(ledger, count);
    uint8_t chunk[64];
    enum ob_err err = OB_OK;

    for (uint32_t unit = 0; unit < units && err == OB_OK;) {
        uint32_t now = OB_MIN(units - unit, (uint32_t)sizeof(chunk) / step);
        //@ split now;
        err = ob_area_read(ledger->area, record_off(ledger, bank, count, unit), chunk, now * step);
        //@ split err;
        for (uint32_t i = 0; i < now && err == OB_OK; i++) {
            see_unit(out, unit + i, chunk + i * step, flash->erased_value);
        }
        //@ merge now;
        //@ merge err;
        unit += now;
    }
    return err;
}

/** OB_ERR_EMPTY: there is none at this place. */
static enum ob_err read_head(const struct ob_ledger *ledger, uint32_t off, struct ob_head *head)
{
    enum ob_err err = ob_area_read(ledger->area, off, head, offsetof(struct ob_head, part));

    if (err == OB_OK && head->count <= OB_IMAGES_MAX) {
        err = ob_area_read(ledger->area, off, head, stored_size(head->count));
    }
    return err == OB_OK && !ob_head_is_whole(head) ? OB_ERR_EMPTY : err;
}

static enum ob_err write_head(const struct ob_ledger *ledger, uint32_t bank, const struct ob_head *head)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t place = 0; place < OB_HEAD_PLACES && err == OB_ERR_VERIFY; place++) {
        uint32_t off = bank * bank_size(ledger) + place * ob_head_size(head->count);
        err = write_checked(ledger->area, off, head, stored_size(head->count));
    }
    return err;
}

/** Read a bank. head is valid if it counts. */
static enum ob_err read_bank(const struct ob_ledger *ledger, uint32_t bank, struct ob_head *head,
                             struct ob_records *out)
{
    enum ob_err err = OB_ERR_EMPTY;

    *out = (struct ob_records){0};
    /* Behind a head with so many parts lies its second place: an application need not know how many there are. */
    for (uint32_t count = 0; count <= OB_IMAGES_MAX && err == OB_ERR_EMPTY; count++) {
        err = read_head(ledger, bank * bank_size(ledger) + (count == 0 ? 0 : ob_head_size(count)), head);
        err = err == OB_OK && count > 0 && head->count != count ? OB_ERR_EMPTY : err;
    }
    if (err != OB_OK) {
        return err == OB_ERR_EMPTY ? OB_OK : err;
    }
    out->sequence = head->sequence;
    out->as_found = true;
    err = read_records(ledger, bank, head->count, out);
    out->counts = err == OB_OK && out->count > 0;
    //@ split out->counts;
    return err;
}

static uint16_t phase_of(const struct ob_records *records)
{
    return records->value & OB_RECORD_PHASE;
}

/* In the first unit that takes it. The one at the end that was found may have been begun before: it is left out. */
enum ob_err ob_ledger_state(struct ob_ledger *ledger, uint16_t value)
{
    struct ob_records *now = &ledger->now;
    const uint32_t units = record_units(ledger, ledger->head.count);
    uint32_t unit = now->end + now->as_found;
    uint8_t record[RECORD_SIZE];
    enum ob_err err = OB_ERR_VERIFY;

    ob_put_le16(record, value);
    ob_put_le16(record + 2, (uint16_t)~value);
    for (uint32_t tries = 0; tries < RECORD_TRIES && err == OB_ERR_VERIFY && unit < units; tries++) {
        uint32_t off = record_off(ledger, ledger->bank, ledger->head.count, unit++);
        err = ob_area_write_checked(ledger->area, off, record, sizeof(record));
    }
    now->as_found = false;
    now->end = (uint16_t)unit;
    if (err == OB_OK) {
        see_value(now, unit - 1, value);
    }
    return err;
}

enum ob_err ob_ledger_settle(struct ob_ledger *ledger, uint16_t value)
{
    enum ob_err err = OB_OK;

    for (uint32_t units = 0; units < OB_LEDGER_SETTLED && err == OB_OK; units++) {
        err = ob_ledger_state(ledger, value);
    }
    return err;
}

/* ---- which bank counts ---- */

static void choose(struct ob_ledger *ledger, const struct ob_records bank[OB_LEDGER_BANKS])
{
    bool second = bank[1].counts && (!bank[0].counts || bank[1].sequence > bank[0].sequence);
    const struct ob_records *newer = &bank[second];
    const struct ob_records *older = &bank[!second];

    /* A bank that shall not count, and one that was taken back, do not. */
    if (older->counts && (phase_of(older) == OB_RECORD_DISCARD || phase_of(newer) == OB_RECORD_VOID)) {
        second = !second;
        ledger->lurking = true;
    }
    ledger->bank = second;
    ledger->now = bank[second];
    ledger->other = bank[!second];
    if (!ledger->other.counts &&
        (phase_of(&ledger->now) == OB_RECORD_PLANS || phase_of(&ledger->now) == OB_RECORD_DISCARD)) {
        ledger->lurking = true;
    }
}

enum ob_err ob_ledger_read(const struct ob_area *area, uint32_t images, struct ob_ledger *ledger)
{
    struct ob_records bank[OB_LEDGER_BANKS];
    struct ob_head first;

    *ledger = (struct ob_ledger){.area = area, .images = (uint8_t)images};
    enum ob_err err = read_bank(ledger, 0, &first, &bank[0]);
    //@ split bank[0].counts;
    if (err == OB_OK) {
        err = read_bank(ledger, 1, &ledger->head, &bank[1]);
    }
    if (err == OB_OK) {
        //@ split bank[1].counts;
        choose(ledger, bank);
    }
    if (err != OB_OK || !ledger->now.counts) {
        ledger->head = (struct ob_head){0};
    } else if (ledger->bank == 0) {
        ledger->head = first; /* what was checked, not what it may read as now */
    }
    return err;
}

uint8_t ob_ledger_kept(const struct ob_ledger *ledger)
{
    bool phase = ob_ledger_kind(ledger) == OB_RECORD_QUIET;

    if (!ledger->now.counts) {
        return OB_RECORD_KEPT;
    }
    return (uint8_t)(phase ? ledger->now.value : ledger->head.kept);
}

/* ---- events ---- */

static uint32_t event_off(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, uint32_t slot)
{
    return bank * bank_size(ledger) + OB_HEAD_PLACES * ob_head_size(count) + slot * (uint32_t)sizeof(struct ob_event);
}

bool ob_event_is_whole(const struct ob_event *event)
{
    uint8_t check[OB_LEDGER_CHECK_SIZE];

    make_check(event, offsetof(struct ob_event, check), sizeof(*event), check);
    return memcmp(event->check, check, sizeof(check)) == 0;
}

/** What a look at the events of a bank tells. Each slot is read once: one that a cut left behind reads differently. */
struct events {
    struct ob_event newest; /* of those older than `before`; number 0: there is none */
    uint32_t free;          /* the slot behind the last one that is not blank */
    uint32_t used;          /* slots that are not blank */
};

static enum ob_err look_at_events(const struct ob_ledger *ledger, uint32_t bank, uint32_t before, struct events *out)
{
    const uint8_t erased = ledger->area->flash->erased_value;

    *out = (struct events){0};
    for (uint32_t slot = 0; slot < OB_LEDGER_EVENTS; slot++) {
        uint32_t off = event_off(ledger, bank, ledger->head.count, slot);
        struct ob_event event;
        enum ob_err err = ob_area_read(ledger->area, off, &event, sizeof(event));
        if (err != OB_OK) {
            return err;
        }
        if (!ob_filled((const uint8_t *)&event, sizeof(event), erased)) {
            out->free = slot + 1;
            out->used++;
        }
        if (event.number < before && event.number > out->newest.number && ob_event_is_whole(&event)) {
            out->newest = event;
        }
    }
    return OB_OK;
}

/** Is there something left in a bank that could count, or, in more slots than may be worn, where events go? */
/*@ assigns \result \from \nothing;
    ensures \result == 0 || \result < 0; */
static enum ob_err look_for_remains(const struct ob_ledger *ledger, uint32_t bank, uint32_t worn)
{
    struct ob_records left = {0};
    struct events events = {.used = 0};
    enum ob_err err = read_records(ledger, bank, ledger->images, &left);

    if (err == OB_OK) {
        err = look_at_events(ledger, bank, UINT32_MAX, &events);
    }
    for (uint32_t place = 0; place < OB_HEAD_PLACES && err == OB_OK; place++) {
        uint8_t found[sizeof(magic)];
        err = ob_area_read(ledger->area, bank * bank_size(ledger) + place * ob_head_size(ledger->images), found,
                           sizeof(found));
        left.count += err == OB_OK && memcmp(found, magic, sizeof(magic)) == 0;
    }
    return err == OB_OK && (left.count > 0 || events.used > worn) ? OB_ERR_VERIFY : err;
}

/** An erase that was dropped would leave another job. */
static enum ob_err erase_bank(const struct ob_ledger *ledger, uint32_t bank)
{
    const uint32_t size = bank_size(ledger);
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < ERASE_TRIES && err == OB_ERR_VERIFY; tries++) {
        err = ob_area_erase(ledger->area, bank * size, size);
        err = err == OB_OK ? look_for_remains(ledger, bank, tries == 0 ? 1 : OB_LEDGER_EVENTS) : err;
    }
    return err;
}

enum ob_err ob_ledger_event(const struct ob_ledger *ledger, uint32_t n, struct ob_event *event)
{
    struct events seen = {.newest.number = UINT32_MAX};
    enum ob_err err = ledger->now.counts ? OB_OK : OB_ERR_NOENT;

    for (uint32_t i = 0; i <= n && err == OB_OK; i++) {
        err = look_at_events(ledger, ledger->bank, seen.newest.number, &seen);
        err = err == OB_OK && seen.newest.number == 0 ? OB_ERR_NOENT : err;
    }
    if (err == OB_OK) {
        *event = seen.newest;
    }
    return err;
}

/**
 * In the first slot from *slot on that takes it; *slot is the one behind it then.
 * @return OB_ERR_VERIFY: none does
 */
static enum ob_err write_event(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, uint32_t *slot,
                               struct ob_event *event)
{
    enum ob_err err = OB_ERR_VERIFY;

    make_check(event, offsetof(struct ob_event, check), sizeof(*event), event->check);
    while (err == OB_ERR_VERIFY && *slot < OB_LEDGER_EVENTS) {
        err = ob_area_write_checked(ledger->area, event_off(ledger, bank, count, (*slot)++), event, sizeof(*event));
    }
    return err;
}

/** Number an event that comes behind those that were seen. */
static void number_event(struct ob_ledger *ledger, const struct events *seen, struct ob_event *event)
{
    if (ledger->start == 0) {
        ledger->start = seen->newest.start + 1;
    }
    event->number = seen->newest.number + 1;
    event->start = ledger->start;
}

/** Take the newest events along to the other bank, and this one with them. */
static enum ob_err carry_events(struct ob_ledger *ledger, uint32_t bank, uint32_t count, struct ob_event *event)
{
    struct events seen;
    uint32_t slot = 0;
    enum ob_err err = look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);

    if (err == OB_OK && event != NULL) {
        number_event(ledger, &seen, event);
        err = write_event(ledger, bank, count, &slot, event);
    }
    for (uint32_t carried = 0; carried < OB_LEDGER_LOG && err == OB_OK && seen.newest.number != 0; carried++) {
        err = write_event(ledger, bank, count, &slot, &seen.newest);
        if (err == OB_OK) {
            err = look_at_events(ledger, ledger->bank, seen.newest.number, &seen);
        }
    }
    return err == OB_ERR_VERIFY ? OB_OK : err; /* worn cells there must not stand in the way of a job */
}

/** What is remembered of a job that was taken back moves to the bank that counts, the oldest first. */
static enum ob_err rescue_events(const struct ob_ledger *ledger)
{
    struct events own;
    struct events seen = {.newest.number = UINT32_MAX};
    struct ob_event found[EVENTS_OF_JOB];
    uint32_t count = 0;
    enum ob_err err = look_at_events(ledger, ledger->bank, UINT32_MAX, &own);

    //@ dynamic_split count;
    while (err == OB_OK && count < EVENTS_OF_JOB && seen.newest.number > own.newest.number + 1) {
        err = look_at_events(ledger, other_bank(ledger), seen.newest.number, &seen);
        if (err == OB_OK && seen.newest.number > own.newest.number) {
            found[count++] = seen.newest;
        }
    }
    own.free += 1; /* as in ob_ledger_note() */
    while (err == OB_OK && count > 0) {
        err = write_event(ledger, ledger->bank, ledger->head.count, &own.free, &found[--count]);
    }
    return err == OB_ERR_VERIFY ? OB_OK : err;
}

/* ---- what a start relies on ---- */

/** What lurks in the other bank goes for good, before anything can rely on its absence. */
static enum ob_err discard_other(struct ob_ledger *ledger)
{
    uint8_t kept = ob_ledger_kept(ledger);
    enum ob_err err = ob_ledger_settle(ledger, OB_RECORD_DISCARD | kept);

    if (err == OB_OK && ledger->other.counts && phase_of(&ledger->other) == OB_RECORD_VOID) {
        err = rescue_events(ledger);
    }
    if (err == OB_OK) {
        err = erase_bank(ledger, other_bank(ledger));
    }
    if (err == OB_OK) {
        err = ob_ledger_settle(ledger, OB_RECORD_QUIET | kept);
        ledger->lurking = false;
        ledger->other = (struct ob_records){0};
    }
    return err;
}

/** A start before this one may have begun to state that this bank shall not count. It does. */
static enum ob_err hold_plan(struct ob_ledger *ledger)
{
    struct ob_ledger older = *ledger;

    older.bank = (uint8_t)other_bank(ledger);
    older.now = ledger->other;
    older.head.count = ledger->head.count;
    enum ob_err err = ob_ledger_settle(&older, ledger->other.value);
    ledger->other = older.now;
    return err;
}

enum ob_err ob_ledger_hold(struct ob_ledger *ledger, uint32_t reserve)
{
    enum ob_err err = OB_OK;

    if (!ledger->now.counts) {
        return OB_OK;
    }
    if (ledger->lurking) {
        return discard_other(ledger);
    }
    bool begun = ob_ledger_kind(ledger) != OB_RECORD_QUIET;
    bool lasts = is_settled(&ledger->now) && !(begun && ledger->now.as_found);
    if (lasts || ledger->now.end + STATED_MAX + reserve > record_units(ledger, ledger->head.count)) {
        return OB_OK;
    }
    if (ledger->now.count < OB_LEDGER_SETTLED && ledger->other.counts) {
        err = hold_plan(ledger);
    }
    return err == OB_OK ? ob_ledger_settle(ledger, ledger->now.value) : err;
}

/* ---- jobs ---- */

/** Make a bank, and state that it counts. */
static enum ob_err make_bank(struct ob_ledger *ledger, uint32_t bank, struct ob_head *next, uint16_t value,
                             struct ob_event *event)
{
    memcpy(next->magic, magic, sizeof(magic));
    next->count = ledger->images;
    make_check(next, offsetof(struct ob_head, check), stored_size(next->count), next->check);
    enum ob_err err = erase_bank(ledger, bank);
    if (err == OB_OK && ledger->now.counts) {
        err = carry_events(ledger, bank, next->count, event);
    }
    if (err == OB_OK) {
        err = write_head(ledger, bank, next);
    }
    if (err != OB_OK) {
        return err;
    }
    ledger->other = ledger->now;
    ledger->bank = (uint8_t)bank;
    ledger->head = *next;
    /* Should no unit take it, what is held next is this, and not whatever zero says. */
    ledger->now = (struct ob_records){.counts = true, .value = value, .sequence = next->sequence};
    ledger->lurking = false;
    return ob_ledger_settle(ledger, value);
}

/** The first bank of a device: nothing is known, nothing is on trial. */
static enum ob_err found(struct ob_ledger *ledger)
{
    struct ob_head first = {.kept = OB_RECORD_KEPT};
    enum ob_err err = make_bank(ledger, 0, &first, OB_RECORD_QUIET | OB_RECORD_KEPT, NULL);

    ledger->now.counts = err == OB_OK;
    return err;
}

/** A job in the other bank. */
static enum ob_err begin(struct ob_ledger *ledger, struct ob_head *next, uint16_t value, struct ob_event *event)
{
    enum ob_err err = ob_ledger_settle(ledger, OB_RECORD_PLANS | ob_ledger_kept(ledger));

    ledger->lurking = true;
    next->sequence = ledger->head.sequence + 1;
    return err == OB_OK ? make_bank(ledger, other_bank(ledger), next, value, event) : err;
}

/** The same head in the other bank: of the events only the newest are taken along. */
static enum ob_err turn_page(struct ob_ledger *ledger)
{
    struct ob_head same = ledger->head;

    same.kept = ob_ledger_kept(ledger);
    return begin(ledger, &same, OB_RECORD_QUIET | same.kept, NULL);
}

/** Whether the other bank may be begun without an order for it. */
static bool is_quiet(const struct ob_ledger *ledger)
{
    return phase_of(&ledger->now) == OB_RECORD_QUIET;
}

enum ob_err ob_ledger_begin(struct ob_ledger *ledger, struct ob_head *next, uint16_t value, struct ob_event *event)
{
    struct events seen = {.free = 0};
    enum ob_err err = ledger->now.counts ? OB_OK : found(ledger);

    if (err == OB_OK) {
        err = look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
    }
    /* The bank that is left may count again: then it takes what is to be remembered of the job. */
    if (err == OB_OK && seen.free > OB_LEDGER_EVENTS - EVENTS_OF_JOB && is_quiet(ledger)) {
        err = turn_page(ledger);
    }
    return err == OB_OK ? begin(ledger, next, value, event) : err;
}

enum ob_err ob_ledger_void(struct ob_ledger *ledger)
{
    const uint32_t start = ledger->start;
    enum ob_err err = ob_ledger_settle(ledger, OB_RECORD_VOID | ledger->head.kept);

    if (err == OB_OK) {
        err = ob_ledger_read(ledger->area, ledger->images, ledger);
        ledger->start = start;
    }
    return err == OB_OK ? ob_ledger_hold(ledger, 0) : err;
}

static bool same_event(const struct ob_event *a, const struct ob_event *b)
{
    return a->address == b->address && a->kind == b->kind && a->image == b->image && a->reason == b->reason &&
           a->what == b->what && memcmp(&a->version, &b->version, sizeof(a->version)) == 0;
}

enum ob_err ob_ledger_note(struct ob_ledger *ledger, struct ob_event *event)
{
    struct ob_event before = {0};
    struct events seen;
    enum ob_err err = ledger->now.counts ? OB_OK : found(ledger);

    if (err == OB_OK) {
        err = look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
    }
    /* Of two that say the same, one may have been cut. */
    bool noted = err == OB_OK && same_event(event, &seen.newest) && ob_ledger_event(ledger, 1, &before) == OB_OK &&
                 same_event(event, &before);
    if (err != OB_OK || noted) {
        return err;
    }
    seen.free += ledger->start == 0; /* an event that was cut may lie there, and read as blank */
    if (seen.free >= OB_LEDGER_EVENTS && is_quiet(ledger)) {
        err = turn_page(ledger);
        if (err == OB_OK) {
            err = look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
        }
    }
    if (err == OB_OK) {
        number_event(ledger, &seen, event);
        err = write_event(ledger, ledger->bank, ledger->head.count, &seen.free, event);
    }
    return err;
}
