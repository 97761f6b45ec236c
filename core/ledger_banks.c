/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_parts.h"

#define ERASE_TRIES 2u

/* ---- erasing ---- */

/** Is there something left in a bank that could count, or, in more slots than may be worn, where events go? */
/*@ assigns \result \from \nothing;
    ensures \result == 0 || \result < 0; */
static enum ob_err look_for_remains(const struct ob_ledger *ledger, uint32_t bank, uint32_t worn)
{
    struct ob_records left = {0};
    struct ob_events events = {.used = 0};
    enum ob_err err = ob_ledger_read_records(ledger, bank, ledger->images, &left);

    if (err == OB_OK) {
        err = ob_ledger_look_at_events(ledger, bank, UINT32_MAX, &events);
    }
    for (uint32_t place = 0; place < OB_HEAD_PLACES && err == OB_OK; place++) {
        uint8_t magic[4];
        err = ob_area_read(ledger->area, bank * ob_ledger_bank_size(ledger) + place * ob_head_size(ledger->images),
                           magic, sizeof(magic));
        left.count += err == OB_OK && ob_head_begins_with(magic);
    }
    return err == OB_OK && (left.count > 0 || events.used > worn) ? OB_ERR_VERIFY : err;
}

/** An erase that was dropped would leave another job. */
static enum ob_err erase_bank(const struct ob_ledger *ledger, uint32_t bank)
{
    const uint32_t size = ob_ledger_bank_size(ledger);
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t tries = 0; tries < ERASE_TRIES && err == OB_ERR_VERIFY; tries++) {
        err = ob_area_erase(ledger->area, bank * size, size);
        err = err == OB_OK ? look_for_remains(ledger, bank, tries == 0 ? 1 : OB_LEDGER_EVENTS) : err;
    }
    return err;
}

/* ---- what a start relies on ---- */

/** It will read the same for good: enough units hold it, and nothing stands behind them that may read as a record. */
static bool is_settled(const struct ob_records *records)
{
    return records->same >= OB_LEDGER_SETTLED && records->end == records->last;
}

/** What lurks in the other bank goes for good, before anything can rely on its absence. */
static enum ob_err discard_other(struct ob_ledger *ledger)
{
    uint8_t kept = ob_ledger_kept(ledger);
    enum ob_err err = ob_ledger_settle(ledger, OB_RECORD_DISCARD | kept);

    if (err == OB_OK && ledger->other.counts && ob_ledger_phase(&ledger->other) == OB_RECORD_VOID) {
        err = ob_ledger_rescue_events(ledger);
    }
    if (err == OB_OK) {
        err = erase_bank(ledger, ob_ledger_other_bank(ledger));
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

    older.bank = (uint8_t)ob_ledger_other_bank(ledger);
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
    if (lasts || ledger->now.end + OB_LEDGER_STATED_MAX + reserve > ob_ledger_units(ledger, ledger->head.count)) {
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
    next->count = ledger->images;
    ob_head_seal(next);
    enum ob_err err = erase_bank(ledger, bank);
    if (err == OB_OK && ledger->now.counts) {
        err = ob_ledger_carry_events(ledger, bank, next->count, event);
    }
    if (err == OB_OK) {
        err = ob_ledger_write_head(ledger, bank, next);
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
    return err == OB_OK ? make_bank(ledger, ob_ledger_other_bank(ledger), next, value, event) : err;
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
    return ob_ledger_phase(&ledger->now) == OB_RECORD_QUIET;
}

enum ob_err ob_ledger_begin(struct ob_ledger *ledger, struct ob_head *next, uint16_t value, struct ob_event *event)
{
    struct ob_events seen = {.free = 0};
    enum ob_err err = ledger->now.counts ? OB_OK : found(ledger);

    if (err == OB_OK) {
        err = ob_ledger_look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
    }
    /* The bank that is left may count again: then it takes what is to be remembered of the job. */
    if (err == OB_OK && seen.free > OB_LEDGER_EVENTS - OB_LEDGER_EVENTS_OF_JOB && is_quiet(ledger)) {
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
    struct ob_events seen;
    enum ob_err err = ledger->now.counts ? OB_OK : found(ledger);

    if (err == OB_OK) {
        err = ob_ledger_look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
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
            err = ob_ledger_look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);
        }
    }
    if (err == OB_OK) {
        err = ob_ledger_add_event(ledger, &seen, event);
    }
    return err;
}
