/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_parts.h"

#include <outboard/layout.h>

#define ALIGNED 32u     /* the largest write unit: heads and events begin on multiples of it */
#define RECORD_SIZE 4u  /* what a record takes of its unit: the value, and its complement */
#define RECORD_TRIES 8u /* units that do not take a record are passed over */
#define GAP_MAX 4u      /* what is not blank further behind the end is no record that was begun, but a worn cell */
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
    uint32_t records = steps + OB_LEDGER_STATED_MAX * OB_LEDGER_STARTS + 2 * RECORD_TRIES;

    return OB_LEDGER_BANKS *
           ob_align_up(ob_ledger_records_off(images) + records * unit_size(flash), ob_flash_erase_size(flash));
}

/* ---- heads ---- */

void ob_ledger_check(const void *what, uint32_t check_off, uint32_t size, uint8_t check[OB_LEDGER_CHECK_SIZE])
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

void ob_head_seal(struct ob_head *head)
{
    memcpy(head->magic, magic, sizeof(magic));
    ob_ledger_check(head, offsetof(struct ob_head, check), stored_size(head->count), head->check);
}

bool ob_head_begins_with(const uint8_t found[sizeof(magic)])
{
    return memcmp(found, magic, sizeof(magic)) == 0;
}

bool ob_head_is_whole(const struct ob_head *head)
{
    uint8_t check[OB_LEDGER_CHECK_SIZE];

    if (!ob_head_begins_with(head->magic) || head->count == 0 || head->count > OB_IMAGES_MAX) {
        return false;
    }
    ob_ledger_check(head, offsetof(struct ob_head, check), stored_size(head->count), check);
    return memcmp(head->check, check, sizeof(check)) == 0;
}

/* ---- records ---- */

static uint32_t record_off(const struct ob_ledger *ledger, uint32_t bank, uint32_t count, uint32_t unit)
{
    return bank * ob_ledger_bank_size(ledger) + ob_ledger_records_off(count) + unit * unit_size(ledger->area->flash);
}

uint32_t ob_ledger_units(const struct ob_ledger *ledger, uint32_t count)
{
    const uint32_t before = ob_ledger_records_off(count);
    const uint32_t size = ob_ledger_bank_size(ledger);

    return before < size ? (size - before) / unit_size(ledger->area->flash) : NO_UNITS;
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

enum ob_err ob_ledger_read_records(const struct ob_ledger *ledger, uint32_t bank, uint32_t count,
                                   struct ob_records *out)
{
    const struct ob_flash *flash = ledger->area->flash;
    const uint32_t step = unit_size(flash);
    const uint32_t units = ob_ledger_units(ledger, count);
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

enum ob_err ob_ledger_write_head(const struct ob_ledger *ledger, uint32_t bank, const struct ob_head *head)
{
    enum ob_err err = OB_ERR_VERIFY;

    for (uint32_t place = 0; place < OB_HEAD_PLACES && err == OB_ERR_VERIFY; place++) {
        uint32_t off = bank * ob_ledger_bank_size(ledger) + place * ob_head_size(head->count);
        err = ob_area_write_checked(ledger->area, off, head, stored_size(head->count));
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
        err = read_head(ledger, bank * ob_ledger_bank_size(ledger) + (count == 0 ? 0 : ob_head_size(count)), head);
        err = err == OB_OK && count > 0 && head->count != count ? OB_ERR_EMPTY : err;
    }
    if (err != OB_OK) {
        return err == OB_ERR_EMPTY ? OB_OK : err;
    }
    out->sequence = head->sequence;
    out->as_found = true;
    err = ob_ledger_read_records(ledger, bank, head->count, out);
    out->counts = err == OB_OK && out->count > 0;
    //@ split out->counts;
    return err;
}

/* In the first unit that takes it. The one at the end that was found may have been begun before: it is left out. */
enum ob_err ob_ledger_state(struct ob_ledger *ledger, uint16_t value)
{
    struct ob_records *now = &ledger->now;
    const uint32_t units = ob_ledger_units(ledger, ledger->head.count);
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
    if (older->counts && (ob_ledger_phase(older) == OB_RECORD_DISCARD || ob_ledger_phase(newer) == OB_RECORD_VOID)) {
        second = !second;
        ledger->lurking = true;
    }
    ledger->bank = second;
    ledger->now = bank[second];
    ledger->other = bank[!second];
    if (!ledger->other.counts &&
        (ob_ledger_phase(&ledger->now) == OB_RECORD_PLANS || ob_ledger_phase(&ledger->now) == OB_RECORD_DISCARD)) {
        ledger->lurking = true;
    }
}

enum ob_err ob_ledger_in_slot(const struct ob_area *slot, struct ob_area *ledger)
{
    struct ob_image image;

    *ledger = ob_layout_reserved(slot);
    if (ob_image_parse(slot, slot->size, &image) == OB_OK && image.size > ledger->start - slot->start) {
        return OB_ERR_SIZE;
    }
    return OB_OK;
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
