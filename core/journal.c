/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/digest.h>
#include <outboard/journal.h>
#include <outboard/util.h>

#define HEADER_SIZE ((uint32_t)sizeof(struct ob_job))
_Static_assert(sizeof(struct ob_job) <= OB_CHECKED_MAX, "a header is written at once");

#define RECORDS_OFF 128u /* where the records of a bank begin: a multiple of every write unit */
#define RECORD_SIZE 4u   /* what a record takes of its unit: the number, and its complement */
#define LOOKS 32u        /* a record that was cut may read differently each time */
#define END_UNITS 2u     /* behind all other records: OB_RECORD_ENDED, and nothing else is ever begun there */

uint32_t ob_journal_record_size(uint32_t write_size)
{
    return OB_MAX(RECORD_SIZE, write_size);
}

/** Units for the steps and OB_RECORD_COPIED. */
static uint32_t record_count(uint32_t max_units)
{
    return 2 * max_units + 1 + OB_JOURNAL_SPARES;
}

uint32_t ob_journal_bank_size(uint32_t write_size, uint32_t max_units)
{
    return RECORDS_OFF + (record_count(max_units) + END_UNITS) * ob_journal_record_size(write_size);
}

enum ob_err ob_journal_open(const struct ob_area *primary, const struct ob_area *secondary, uint32_t max_units,
                            struct ob_journal *out)
{
    out->slot = secondary;
    return ob_layout(primary, secondary, max_units, &out->layout);
}

static uint32_t header_off(const struct ob_journal *journal, uint32_t bank)
{
    return journal->layout.secondary_limit + bank * journal->layout.bank_size;
}

static uint32_t record_off(const struct ob_journal *journal, uint32_t bank, uint32_t record)
{
    uint32_t size = journal->layout.record_size;

    return header_off(journal, bank) + RECORDS_OFF + record * size;
}

static const uint8_t magic[] = {'O', 'B', 'J', '1'};

static void make_tag(const struct ob_job *job, uint8_t tag[OB_TAG_SIZE])
{
    struct ob_sha256 sha;
    uint8_t digest[OB_DIGEST_SIZE];

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, job, offsetof(struct ob_job, tag));
    ob_sha256_finish(&sha, digest);
    memcpy(tag, digest, OB_TAG_SIZE);
}

/**
 * A header that is whole was written by a bootloader of ours, or by somebody who holds the external chip's wires.
 * Whatever it says, no step leaves a slot: core/area.c sees to that. But the records must be able to count the steps.
 */
static bool job_possible(const struct ob_journal *journal, const struct ob_job *job)
{
    uint32_t size = OB_MAX(job->in_size, job->out_size);

    if (job->kind == OB_JOB_REFUSED) {
        return true;
    }
    return job->kind >= OB_JOB_TEST && job->kind <= OB_JOB_REVERT && job->unit != 0 &&
           ob_div_up(size, job->unit) <= journal->layout.max_units;
}

enum ob_err ob_journal_read(const struct ob_journal *journal, uint32_t bank, struct ob_job *job)
{
    enum ob_err err = OB_ERR_EMPTY;

    for (uint32_t look = 0; look < 2 && err == OB_ERR_EMPTY; look++) { /* one byte misread must not cost a job */
        struct ob_job found;
        uint8_t tag[OB_TAG_SIZE];
        err = ob_area_read(journal->slot, header_off(journal, bank), &found, sizeof(found));
        if (err != OB_OK) {
            return err;
        }
        make_tag(&found, tag);
        if (memcmp(found.magic, magic, sizeof(magic)) != 0 || memcmp(found.tag, tag, sizeof(tag)) != 0 ||
            !job_possible(journal, &found)) {
            err = OB_ERR_EMPTY;
        } else {
            *job = found;
        }
    }
    return err;
}

enum ob_err ob_journal_write(const struct ob_journal *journal, uint32_t bank, struct ob_job *job)
{
    memcpy(job->magic, magic, sizeof(magic));
    make_tag(job, job->tag);
    return ob_area_write_checked(journal->slot, header_off(journal, bank), job, sizeof(*job));
}

enum ob_err ob_journal_append(const struct ob_journal *journal, uint32_t bank, struct ob_progress *progress,
                              uint32_t next)
{
    enum ob_err err = OB_ERR_VERIFY;

    progress->next = next;
    while (err == OB_ERR_VERIFY && progress->end < record_count(journal->layout.max_units)) {
        progress->last = ++progress->end;
        err = ob_journal_repeat(journal, bank, progress);
    }
    return err;
}

enum ob_err ob_journal_repeat(const struct ob_journal *journal, uint32_t bank, const struct ob_progress *progress)
{
    uint8_t record[RECORD_SIZE];

    if (progress->last == 0) {
        return OB_OK;
    }
    ob_put_le16(record, (uint16_t)progress->next);
    ob_put_le16(record + 2, (uint16_t)~progress->next);
    return ob_area_write_checked(journal->slot, record_off(journal, bank, progress->last - 1), record, sizeof(record));
}

/*
 * Only the number is cleared. Whatever a cut left of the record, and whatever a cut leaves of this, can then at most
 * read as a lower number than the record had: scan() takes the highest.
 */
enum ob_err ob_journal_spoil(const struct ob_journal *journal, uint32_t bank, struct ob_progress *progress)
{
    static const uint8_t spoiled[2] = {0};
    enum ob_err err = OB_OK;

    if ((int32_t)(progress->end - progress->next) >= (int32_t)OB_JOURNAL_SPARES) { /* the rest is for the steps */
        return OB_OK;
    }
    for (uint32_t unit = progress->last; unit <= progress->end && err == OB_OK; unit++) {
        err = ob_area_write_checked(journal->slot, record_off(journal, bank, unit), spoiled, sizeof(spoiled));
    }
    progress->end++;
    return err;
}

/** Look for the last unit that is not blank, and for the highest record: a torn or spoiled one is none, or lower. */
static enum ob_err scan(const struct ob_journal *journal, uint32_t bank, struct ob_progress *progress)
{
    const uint32_t records = record_count(journal->layout.max_units);

    *progress = (struct ob_progress){0};
    for (uint32_t unit = records + END_UNITS; unit > 0; unit--) {
        uint8_t record[RECORD_SIZE];
        enum ob_err err = ob_area_read(journal->slot, record_off(journal, bank, unit - 1), record, sizeof(record));
        if (err != OB_OK) {
            return err;
        }
        uint32_t number = ob_get_le16(record);
        if (progress->end == 0 && unit <= records &&
            !ob_filled(record, sizeof(record), journal->slot->flash->erased_value)) {
            progress->end = unit;
        }
        if ((number ^ ob_get_le16(record + 2)) != UINT16_MAX) {
            continue;
        }
        progress->ends += number == OB_RECORD_ENDED;
        if (number > progress->next) {
            progress->next = number;
            progress->last = unit;
        }
    }
    return OB_OK;
}

enum ob_err ob_journal_progress(const struct ob_journal *journal, uint32_t bank, struct ob_progress *progress)
{
    struct ob_progress before = {.end = UINT32_MAX}; /* unlike any */
    enum ob_err err = OB_OK;
    bool agree = false;

    for (uint32_t look = 0; look < LOOKS && err == OB_OK && !agree; look++) {
        err = scan(journal, bank, progress);
        agree = progress->last == before.last && progress->end == before.end;
        before = *progress;
    }
    return err;
}

/* Both, however they read: a cut may have left one that reads as a record today. Programmed again, it is one. */
enum ob_err ob_journal_end(const struct ob_journal *journal, uint32_t bank)
{
    struct ob_progress progress = {
        .next = OB_RECORD_ENDED,
        .last = record_count(journal->layout.max_units),
    };
    enum ob_err err = OB_OK;

    for (uint32_t unit = 0; unit < END_UNITS && err == OB_OK; unit++) {
        progress.last++;
        err = ob_journal_repeat(journal, bank, &progress);
    }
    return err;
}

enum ob_err ob_journal_retire(const struct ob_journal *journal, uint32_t bank)
{
    struct ob_job job;
    uint8_t cleared[HEADER_SIZE];
    enum ob_err err = ob_journal_read(journal, bank, &job);

    if (err == OB_OK) {
        memset(cleared, (uint8_t)~journal->slot->flash->erased_value, sizeof(cleared));
        err = ob_area_write(journal->slot, header_off(journal, bank), cleared, sizeof(cleared));
    } else if (err == OB_ERR_EMPTY) {
        err = OB_OK;
    }
    return err;
}

enum ob_err ob_journal_erase(const struct ob_journal *journal, void (*feed)(void *ctx), void *ctx)
{
    enum ob_err err = OB_OK;

    for (uint32_t bank = 0; bank < OB_JOURNAL_BANKS && err == OB_OK; bank++) {
        err = ob_journal_retire(journal, bank);
    }
    if (err == OB_OK) {
        err =
            ob_area_erase_fed(journal->slot, journal->layout.secondary_limit, journal->layout.journal_size, feed, ctx);
    }
    return err;
}
