/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LEDGER_PARTS_H
#define CORE_LEDGER_PARTS_H

#include <stddef.h>
#include <string.h>

#include <outboard/digest.h>
#include <outboard/ledger.h>
#include <outboard/util.h>

/*
 * What the files of the ledger need of each other: heads and records, and which bank counts (ledger.c); the events of a
 * bank (ledger_events.c); banks that are made, held and given up (ledger_banks.c). Each uses only those before it.
 */

#define OB_LEDGER_STATED_MAX (OB_LEDGER_SETTLED + 1) /* units that a start needs to state what it found */
#define OB_LEDGER_EVENTS_OF_JOB 6u                   /* that a bank keeps room for: those of a job that is taken back */

/* ---- ledger.c ---- */

static inline uint32_t ob_ledger_bank_size(const struct ob_ledger *ledger)
{
    return ledger->area->size / OB_LEDGER_BANKS;
}

static inline uint32_t ob_ledger_other_bank(const struct ob_ledger *ledger)
{
    return OB_LEDGER_BANKS - 1 - ledger->bank;
}

static inline uint16_t ob_ledger_phase(const struct ob_records *records)
{
    return records->value & OB_RECORD_PHASE;
}

/** The check of something that is stored, which begins at check_off and is left out. */
void ob_ledger_check(const void *what, uint32_t check_off, uint32_t size, uint8_t check[OB_LEDGER_CHECK_SIZE]);

/** Fill in its magic and its check. */
void ob_head_seal(struct ob_head *head);

/** Is there the magic of one? What is behind it may not be whole. */
bool ob_head_begins_with(const uint8_t magic[4]);

/** In the first place that takes it. @return OB_ERR_VERIFY: none does */
OB_MUST_CHECK enum ob_err ob_ledger_write_head(const struct ob_ledger *ledger, uint32_t bank,
                                               const struct ob_head *head);

/** How many records a bank has room for, behind a head with so many parts. */
uint32_t ob_ledger_units(const struct ob_ledger *ledger, uint32_t count);

/*@ requires \valid(out);
    assigns \result \from \nothing;
    assigns out->value, out->same, out->before, out->count, out->last, out->end \from \nothing;
    ensures \result == 0 || \result < 0; */
OB_MUST_CHECK enum ob_err ob_ledger_read_records(const struct ob_ledger *ledger, uint32_t bank, uint32_t count,
                                                 struct ob_records *out);

/* ---- ledger_events.c ---- */

/** What a look at the events of a bank tells. Each slot is read once: one that a cut left behind reads differently. */
struct ob_events {
    struct ob_event newest; /* of those older than `before`; number 0: there is none */
    uint32_t free;          /* the slot behind the last one that is not blank */
    uint32_t used;          /* slots that are not blank */
};

OB_MUST_CHECK enum ob_err ob_ledger_look_at_events(const struct ob_ledger *ledger, uint32_t bank, uint32_t before,
                                                   struct ob_events *out);

/**
 * Add an event to the bank that counts, behind those that were seen. number, start and check are filled in.
 * @return OB_ERR_VERIFY: no slot takes it
 */
OB_MUST_CHECK enum ob_err ob_ledger_add_event(struct ob_ledger *ledger, struct ob_events *seen, struct ob_event *event);

/** Take the newest events along to the other bank, and this one with them. */
OB_MUST_CHECK enum ob_err ob_ledger_carry_events(struct ob_ledger *ledger, uint32_t bank, uint32_t count,
                                                 struct ob_event *event);

/** What is remembered of a job that was taken back moves to the bank that counts, the oldest first. */
OB_MUST_CHECK enum ob_err ob_ledger_rescue_events(const struct ob_ledger *ledger);

#endif
