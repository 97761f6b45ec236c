/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_parts.h"

static uint32_t event_off(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, uint32_t slot)
{
    return bank * ob_ledger_bank_size(ledger) + OB_HEAD_PLACES * ob_head_size(count) +
           slot * (uint32_t)sizeof(struct ob_event);
}

bool ob_event_is_whole(const struct ob_event *event)
{
    uint8_t check[OB_LEDGER_CHECK_SIZE];

    ob_ledger_check(event, offsetof(struct ob_event, check), sizeof(*event), check);
    return memcmp(event->check, check, sizeof(check)) == 0;
}

enum ob_err ob_ledger_look_at_events(const struct ob_ledger *ledger, uint32_t bank, uint32_t before,
                                     struct ob_events *out)
{
    const uint8_t erased = ledger->area->flash->erased_value;

    *out = (struct ob_events){0};
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

enum ob_err ob_ledger_event(const struct ob_ledger *ledger, uint32_t n, struct ob_event *event)
{
    struct ob_events seen = {.newest.number = UINT32_MAX};
    enum ob_err err = ledger->now.counts ? OB_OK : OB_ERR_NOENT;

    for (uint32_t i = 0; i <= n && err == OB_OK; i++) {
        err = ob_ledger_look_at_events(ledger, ledger->bank, seen.newest.number, &seen);
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

    ob_ledger_check(event, offsetof(struct ob_event, check), sizeof(*event), event->check);
    while (err == OB_ERR_VERIFY && *slot < OB_LEDGER_EVENTS) {
        err = ob_area_write_checked(ledger->area, event_off(ledger, bank, count, (*slot)++), event, sizeof(*event));
    }
    return err;
}

/** Number an event that comes behind those that were seen. */
static void number_event(struct ob_ledger *ledger, const struct ob_events *seen, struct ob_event *event)
{
    if (ledger->start == 0) {
        ledger->start = seen->newest.start + 1;
    }
    event->number = seen->newest.number + 1;
    event->start = ledger->start;
}

enum ob_err ob_ledger_add_event(struct ob_ledger *ledger, struct ob_events *seen, struct ob_event *event)
{
    number_event(ledger, seen, event);
    return write_event(ledger, ledger->bank, ledger->head.count, &seen->free, event);
}

enum ob_err ob_ledger_carry_events(struct ob_ledger *ledger, uint32_t bank, uint32_t count, struct ob_event *event)
{
    struct ob_events seen;
    uint32_t slot = 0;
    enum ob_err err = ob_ledger_look_at_events(ledger, ledger->bank, UINT32_MAX, &seen);

    if (err == OB_OK && event != NULL) {
        number_event(ledger, &seen, event);
        err = write_event(ledger, bank, count, &slot, event);
    }
    for (uint32_t carried = 0; carried < OB_LEDGER_LOG && err == OB_OK && seen.newest.number != 0; carried++) {
        err = write_event(ledger, bank, count, &slot, &seen.newest);
        if (err == OB_OK) {
            err = ob_ledger_look_at_events(ledger, ledger->bank, seen.newest.number, &seen);
        }
    }
    return err == OB_ERR_VERIFY ? OB_OK : err; /* worn cells there must not stand in the way of a job */
}

enum ob_err ob_ledger_rescue_events(const struct ob_ledger *ledger)
{
    struct ob_events own;
    struct ob_events seen = {.newest.number = UINT32_MAX};
    struct ob_event found[OB_LEDGER_EVENTS_OF_JOB];
    uint32_t count = 0;
    enum ob_err err = ob_ledger_look_at_events(ledger, ledger->bank, UINT32_MAX, &own);

    //@ dynamic_split count;
    while (err == OB_OK && count < OB_LEDGER_EVENTS_OF_JOB && seen.newest.number > own.newest.number + 1) {
        err = ob_ledger_look_at_events(ledger, ob_ledger_other_bank(ledger), seen.newest.number, &seen);
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
