/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stddef.h>
#include <string.h>

#include <outboard/ledger.h>
#include <outboard/util.h>

#include "rng.h"

#define RECORD_SIZE 4u /* SPEC, "Records": a value and its complement */

struct bank {
    const struct sim_chip *chip;
    uint32_t off, end;                       /* bytes from the start of the chip */
    uint32_t count;                          /* of parts */
    struct ob_head head;                     /* the first that is whole ... */
    bool counts;                             /* ... and steady; false: there is none */
    struct ob_event event[OB_LEDGER_EVENTS]; /* the slots */
    bool whole[OB_LEDGER_EVENTS];            /* ... and steady */
};

/* ---- heads ---- */

static uint32_t head_off(const struct bank *bank, uint32_t place)
{
    return bank->off + place * ob_head_size(bank->count);
}

static void read_heads(struct bank *bank)
{
    const uint32_t len = offsetof(struct ob_head, part) + bank->count * (uint32_t)sizeof(struct ob_part);

    for (uint32_t place = 0; place < OB_HEAD_PLACES && !bank->counts; place++) {
        sim_chip_peek(bank->chip, head_off(bank, place), &bank->head, len);
        bank->counts = bank->head.count == bank->count && ob_head_is_whole(&bank->head) &&
                       sim_chip_steady(bank->chip, head_off(bank, 0), (place + 1) * ob_head_size(bank->count));
    }
}

/* newest: of the sequences */
static uint64_t hash_heads(const struct bank *bank, uint64_t hash, uint32_t newest)
{
    struct ob_head head = bank->head;

    if (!bank->counts) {
        return sim_chip_hash_range(bank->chip, hash, bank->off, OB_HEAD_PLACES * ob_head_size(bank->count));
    }
    head.sequence = newest - head.sequence;
    memset(head.check, 0, sizeof(head.check));
    return sim_hash(hash, &head, offsetof(struct ob_head, part) + bank->count * (uint32_t)sizeof(struct ob_part));
}

/* ---- events ---- */

static uint32_t event_off(const struct bank *bank, uint32_t slot)
{
    return head_off(bank, OB_HEAD_PLACES) + slot * (uint32_t)sizeof(struct ob_event);
}

static void read_events(struct bank *bank)
{
    for (uint32_t slot = 0; slot < OB_LEDGER_EVENTS; slot++) {
        sim_chip_peek(bank->chip, event_off(bank, slot), &bank->event[slot], sizeof(bank->event[slot]));
        bank->whole[slot] = bank->event[slot].number != UINT32_MAX && /* else it is blank */
                            sim_chip_steady(bank->chip, event_off(bank, slot), sizeof(bank->event[slot])) &&
                            ob_event_is_whole(&bank->event[slot]);
    }
}

/* How the events of both banks are numbered. */
struct numbers {
    uint32_t newest;
    uint32_t starts[OB_LEDGER_BANKS * OB_LEDGER_EVENTS]; /* different ones */
    uint32_t count;
};

static void add_start(struct numbers *numbers, uint32_t start)
{
    bool there = false;

    for (uint32_t i = 0; i < numbers->count && !there; i++) {
        there = numbers->starts[i] == start;
    }
    if (!there) {
        numbers->starts[numbers->count++] = start;
    }
}

static uint32_t rank_of_start(const struct numbers *numbers, uint32_t start)
{
    uint32_t later = 0;

    for (uint32_t i = 0; i < numbers->count; i++) {
        later += numbers->starts[i] > start;
    }
    return later;
}

static void collect_numbers(const struct bank *bank, struct numbers *numbers)
{
    for (uint32_t slot = 0; slot < OB_LEDGER_EVENTS; slot++) {
        if (bank->whole[slot]) {
            numbers->newest = OB_MAX(numbers->newest, bank->event[slot].number);
            add_start(numbers, bank->event[slot].start);
        }
    }
}

static uint64_t hash_event(const struct bank *bank, uint64_t hash, uint32_t slot, const struct numbers *numbers)
{
    struct ob_event event = bank->event[slot];
    bool blank = ob_filled((const uint8_t *)&event, sizeof(event), bank->chip->flash.erased_value);

    if (blank || !sim_chip_steady(bank->chip, event_off(bank, slot), sizeof(event))) {
        return sim_chip_hash_range(bank->chip, hash, event_off(bank, slot), sizeof(event));
    }
    if (!bank->whole[slot]) {
        return sim_mix(hash, 1);
    }
    event.number = numbers->newest - event.number;
    event.start = rank_of_start(numbers, event.start);
    return sim_hash(hash, &event, offsetof(struct ob_event, check));
}

/* ---- records ---- */

static bool read_value(const struct bank *bank, uint32_t off, uint16_t *value)
{
    uint8_t stored[RECORD_SIZE];

    sim_chip_peek(bank->chip, off, stored, sizeof(stored));
    *value = ob_get_le16(stored);
    return (*value ^ ob_get_le16(stored + 2)) == UINT16_MAX && sim_chip_steady(bank->chip, off, sizeof(stored));
}

/* The last value that stands for good. */
struct settled {
    uint32_t from;   /* its first unit */
    uint32_t behind; /* the unit behind its last one; 0: there is none */
};

static struct settled find_settled(const struct bank *bank, uint32_t records, uint32_t end, uint32_t unit)
{
    struct settled settled = {0};
    uint32_t run = 0; /* units with the same value, up to the one looked at */
    uint16_t last = 0;

    for (uint32_t off = records; off < end; off += unit) {
        uint16_t value;
        bool good = read_value(bank, off, &value);
        run = !good ? 0 : run > 0 && value == last ? run + 1 : 1;
        last = value;
        if (run >= OB_LEDGER_SETTLED) {
            settled = (struct settled){off - (run - 1) * unit, off + unit};
        }
    }
    return settled;
}

/* A start reads the last value, and the one that was stated before it. */
static uint64_t hash_settled(const struct bank *bank, uint64_t hash, const struct settled *settled, uint32_t records,
                             uint32_t unit)
{
    const uint32_t sector = (settled->behind - 1) / ob_flash_erase_size(&bank->chip->flash);
    bool found = false;
    uint16_t value;

    hash = sim_mix(sim_chip_hash_range(bank->chip, hash, settled->from, RECORD_SIZE), sector);
    for (uint32_t off = settled->from; off > records && !found;) {
        off -= unit;
        found = read_value(bank, off, &value);
        if (found || !sim_chip_steady(bank->chip, off, unit)) {
            hash = sim_chip_hash_range(bank->chip, hash, off, unit);
        }
    }
    return hash;
}

static uint64_t hash_records(const struct bank *bank, uint64_t hash)
{
    const uint32_t unit = OB_MAX(RECORD_SIZE, bank->chip->flash.write_size);
    const uint32_t records = bank->off + ob_ledger_records_off(bank->count);
    const uint32_t end = records + ob_align_up(sim_chip_used(bank->chip, records, bank->end) - records, unit);
    struct settled settled = {0};

    if (bank->counts) {
        settled = find_settled(bank, records, end, unit);
    }
    if (settled.behind == 0) {
        return sim_chip_hash_range(bank->chip, hash, records, end - records);
    }
    hash = hash_settled(bank, hash, &settled, records, unit);
    return sim_chip_hash_range(bank->chip, hash, settled.behind, end - settled.behind);
}

uint64_t sim_ledger_hash(const struct sim_world *world)
{
    const uint32_t size = world->ledger.size / OB_LEDGER_BANKS;
    struct bank banks[OB_LEDGER_BANKS] = {0};
    struct numbers numbers = {0};
    uint32_t newest = 0;
    uint64_t hash = 0;

    for (uint32_t i = 0; i < OB_LEDGER_BANKS; i++) {
        struct bank *bank = &banks[i];
        bank->chip = &world->machine.chip[SIM_INTERNAL];
        bank->off = world->ledger.start + i * size;
        bank->end = bank->off + size;
        bank->count = world->config.updateable;
        read_heads(bank);
        read_events(bank);
        collect_numbers(bank, &numbers);
        newest = OB_MAX(newest, bank->counts ? bank->head.sequence : 0);
    }
    for (uint32_t i = 0; i < OB_LEDGER_BANKS; i++) {
        hash = hash_heads(&banks[i], hash, newest);
        for (uint32_t slot = 0; slot < OB_LEDGER_EVENTS; slot++) {
            hash = hash_event(&banks[i], hash, slot, &numbers);
        }
        hash = hash_records(&banks[i], hash);
    }
    return hash;
}
