/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/digest.h>
#include <outboard/journal.h>
#include <outboard/util.h>

#define HEADER_SIZE ((uint32_t)sizeof(struct ob_job))
#define RECORDS_OFF 128u   /* where the records of a bank begin: a multiple of every write unit */
#define RECORDS_MORE 3u    /* besides the steps: copied, and the end twice */
#define WRITE_SIZE_MAX 32u /* struct ob_flash */
#define SCAN_SIZE 64u      /* bytes read at once when looking for records */

uint32_t ob_journal_bank_size(uint32_t write_size, uint32_t max_units)
{
    uint32_t records = 2 * max_units + RECORDS_MORE;

    return RECORDS_OFF + records * write_size;
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

static uint8_t programmed_value(const struct ob_journal *journal)
{
    return (uint8_t)~journal->slot->flash->erased_value;
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
 * A header that is whole was written by a bootloader of ours, or by somebody who holds the external chip's wires. So
 * its numbers are checked as well: no step may leave a slot, and the number of steps must be one that the records can
 * count.
 */
static bool job_possible(const struct ob_journal *journal, const struct ob_job *job)
{
    const struct ob_layout *layout = &journal->layout;
    uint32_t size = OB_MAX(job->in_size, job->out_size);

    if (job->kind == OB_JOB_REFUSED) {
        return true;
    }
    return job->kind >= OB_JOB_TEST && job->kind <= OB_JOB_REVERT && job->unit != 0 &&
           job->unit % ob_flash_erase_size(journal->slot->flash) == 0 && job->in_size != 0 &&
           size <= layout->primary_limit && ob_div_up(size, job->unit) <= layout->max_units;
}

enum ob_err ob_journal_read(const struct ob_journal *journal, uint32_t bank, struct ob_job *job)
{
    struct ob_job found;
    uint8_t tag[OB_TAG_SIZE];
    enum ob_err err = ob_area_read(journal->slot, header_off(journal, bank), &found, sizeof(found));

    if (err != OB_OK) {
        return err;
    }
    make_tag(&found, tag);
    if (memcmp(found.magic, magic, sizeof(magic)) != 0 || memcmp(found.tag, tag, sizeof(tag)) != 0 ||
        !job_possible(journal, &found)) {
        return OB_ERR_EMPTY;
    }
    *job = found;
    return OB_OK;
}

/** Program and read back: what the journal says must be there before anything relies on it. */
static enum ob_err write_checked(const struct ob_journal *journal, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *data = src;
    enum ob_err err = ob_area_write(journal->slot, off, data, len);

    for (uint32_t done = 0; done < len && err == OB_OK;) {
        uint8_t stored[SCAN_SIZE];
        uint32_t chunk = OB_MIN(len - done, SCAN_SIZE);
        err = ob_area_read(journal->slot, off + done, stored, chunk);
        if (err == OB_OK && memcmp(stored, data + done, chunk) != 0) {
            err = OB_ERR_VERIFY;
        }
        done += chunk;
    }
    return err;
}

enum ob_err ob_journal_write(const struct ob_journal *journal, uint32_t bank, struct ob_job *job)
{
    memcpy(job->magic, magic, sizeof(magic));
    make_tag(job, job->tag);
    return write_checked(journal, header_off(journal, bank), job, sizeof(*job));
}

enum ob_err ob_journal_record(const struct ob_journal *journal, uint32_t bank, uint32_t record)
{
    uint8_t unit[WRITE_SIZE_MAX];
    uint32_t size = journal->layout.record_size;

    memset(unit, programmed_value(journal), size);
    return write_checked(journal, record_off(journal, bank, record), unit, size);
}

static bool is_record(const struct ob_journal *journal, const uint8_t *unit)
{
    for (uint32_t i = 0; i < journal->layout.record_size; i++) {
        if (unit[i] != programmed_value(journal)) {
            return false;
        }
    }
    return true;
}

enum ob_err ob_journal_next(const struct ob_journal *journal, uint32_t bank, uint32_t *next)
{
    uint8_t units[SCAN_SIZE];
    uint32_t size = journal->layout.record_size;

    /* From the end, a buffer full at a time; [0, above) is what has not been looked at. */
    for (uint32_t above = ob_record_ended(&journal->layout) + 1; above > 0;) {
        uint32_t count = OB_MIN(above, SCAN_SIZE / size);
        above -= count;
        enum ob_err err = ob_area_read(journal->slot, record_off(journal, bank, above), units, count * size);
        if (err != OB_OK) {
            return err;
        }
        for (uint32_t i = count; i > 0; i--) {
            if (is_record(journal, units + (i - 1) * size)) {
                *next = above + i;
                return OB_OK;
            }
        }
    }
    *next = 0;
    return OB_OK;
}

enum ob_err ob_journal_end(const struct ob_journal *journal, uint32_t bank)
{
    uint32_t ended = ob_record_ended(&journal->layout);
    enum ob_err err = ob_journal_record(journal, bank, ended - 1);

    return err == OB_OK ? ob_journal_record(journal, bank, ended) : err;
}

static enum ob_err retire(const struct ob_journal *journal, uint32_t bank)
{
    struct ob_job job;
    uint8_t cleared[HEADER_SIZE];
    enum ob_err err = ob_journal_read(journal, bank, &job);

    if (err == OB_OK) {
        memset(cleared, programmed_value(journal), sizeof(cleared));
        err = ob_area_write(journal->slot, header_off(journal, bank), cleared, sizeof(cleared));
    } else if (err == OB_ERR_EMPTY) {
        err = OB_OK;
    }
    return err;
}

enum ob_err ob_journal_erase(const struct ob_journal *journal)
{
    enum ob_err err = OB_OK;

    for (uint32_t bank = 0; bank < OB_JOURNAL_BANKS && err == OB_OK; bank++) {
        err = retire(journal, bank);
    }
    if (err == OB_OK) {
        err = ob_area_erase(journal->slot, journal->layout.secondary_limit, journal->layout.journal_size);
    }
    return err;
}
