/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_JOURNAL_H
#define OUTBOARD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/area.h>
#include <outboard/image.h>
#include <outboard/layout.h>
#include <outboard/trailer.h>

/*
 * The journal of a secondary slot: the one truth about an installation under way. Two banks, the first for an
 * installation, the second for going back from it. A bank is a header (what is to be done) and records (how far it
 * got); it is only ever appended to. Byte by byte in docs/SPEC.md.
 *
 * A record whose programming was cut may read differently twice. Therefore, before anything is destroyed on the
 * strength of the last record, that record is programmed again (ob_journal_record() with the same index).
 * The secondary device must tolerate programming the same content again; the primary's words never see it.
 */

#define OB_JOURNAL_BANKS 2u

enum ob_job_kind {
    OB_JOB_TEST = 1,      /* install, and go back unless the application confirms */
    OB_JOB_PERMANENT = 2, /* install for good */
    OB_JOB_REVERT = 3,    /* put the previous image back */
    OB_JOB_REFUSED = 4,   /* a request that was not honoured: no steps, only the reason */
};

/** What a bank's header says. */
struct ob_job {
    enum ob_job_kind kind;
    enum ob_mode_id mode;
    enum ob_err reason;        /* OB_JOB_REFUSED: why; else OB_OK */
    uint8_t group;             /* images of one transaction, a bit each; bit 0 is image 0 */
    bool backup;               /* dual: copy what runs to the other slot first */
    uint32_t unit;             /* bytes moved in one step */
    uint32_t in_size;          /* bytes of the image that comes into the primary, header to end of TLVs */
    uint32_t out_size;         /* bytes of the image that leaves it; 0: nothing worth keeping */
    struct ob_version version; /* of the image that comes in */
    uint8_t in_digest[OB_DIGEST_SIZE];
    uint8_t out_digest[OB_DIGEST_SIZE];
    uint8_t group_tag[OB_TAG_SIZE]; /* same in all images of a transaction */
    uint8_t tag[OB_TAG_SIZE];       /* identifies this job: digest of the header, cut short */
};

struct ob_journal {
    const struct ob_area *slot; /* a secondary slot */
    const struct ob_layout *layout;
};

/** Bytes of a bank for the write unit and BOOT_MAX_IMG_SECTORS given. */
uint32_t ob_journal_bank_size(uint32_t write_size, uint32_t max_units);

/** Records of a bank: the start, then one for each step, then the end, twice (as OB_MARKS explains). */
enum { OB_RECORD_START = 0, OB_RECORD_STEP = 1 };
uint32_t ob_journal_record_end(const struct ob_journal *journal);

/**
 * Read the header of a bank.
 * @return OB_ERR_EMPTY: there is none that is whole and known
 */
OB_MUST_CHECK enum ob_err ob_journal_read(const struct ob_journal *journal, uint32_t bank, struct ob_job *job);

/** Write the header of a bank, which must be erased or hold the same header; sets job->tag. */
OB_MUST_CHECK enum ob_err ob_journal_write(const struct ob_journal *journal, uint32_t bank, struct ob_job *job);

/** Append (or program again) a record. */
OB_MUST_CHECK enum ob_err ob_journal_record(const struct ob_journal *journal, uint32_t bank, uint32_t record);

OB_MUST_CHECK enum ob_err ob_journal_has(const struct ob_journal *journal, uint32_t bank, uint32_t record, bool *has);

/** The highest record from OB_RECORD_START to `last` that is there; OB_RECORD_START if none is. */
OB_MUST_CHECK enum ob_err ob_journal_last(const struct ob_journal *journal, uint32_t bank, uint32_t last,
                                          uint32_t *record);

/**
 * Forget everything: first make both headers unreadable, then erase. An erase that is cut can then never leave a
 * header without the records that belong to it.
 */
OB_MUST_CHECK enum ob_err ob_journal_erase(const struct ob_journal *journal);

#endif
