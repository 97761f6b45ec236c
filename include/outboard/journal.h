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
 * The journal of a secondary slot: how far an installation got. Two banks, the first for an installation, the second
 * for going back from it. A bank is a header (what is to be done) and records (what was done); it is only ever appended
 * to. Byte by byte in docs/SPEC.md.
 *
 * External flash is hostile, so a journal by itself starts nothing: a job runs only if the primary's trailer, in
 * internal flash, carries its tag as OB_MARK_STARTED.
 *
 * A record whose programming was cut may read as there today and as blank tomorrow, or the other way round. So before
 * anything is destroyed on the strength of the last record, it is programmed again (ob_journal_repeat()); and before a
 * step is repeated whose record may have been begun, that record is made unreadable (ob_journal_spoil()).
 * The secondary device must tolerate programming a record twice; the primary's words never see that.
 */

#define OB_JOURNAL_BANKS 2u
#define OB_BANK_INSTALL 0u
#define OB_BANK_REVERT 1u /* going back from what the other one says */
#define OB_JOURNAL_SPARES 29u

enum ob_job_kind {
    OB_JOB_TEST = 1,      /* install, and go back unless the application confirms */
    OB_JOB_PERMANENT = 2, /* install for good */
    OB_JOB_REVERT = 3,    /* put the previous image back */
    OB_JOB_REFUSED = 4,   /* a request that was not honoured: no steps, only the reason */
};

/**
 * What a bank's header says, exactly as it is stored: little endian, no padding. A header is valid if its tag is the
 * beginning of the SHA-256 of all before it.
 */
struct ob_job {
    uint8_t magic[4];
    uint8_t kind;   /* enum ob_job_kind */
    uint8_t mode;   /* enum ob_mode_id */
    uint8_t reason; /* OB_JOB_REFUSED: why, an enum ob_err with its sign changed; else 0 */
    uint8_t group;  /* images of one transaction, a bit each; bit 0 is image 0 */
    uint8_t backup; /* dual: 1: copy what runs to the other slot first */
    uint8_t unused[3];
    uint32_t unit;             /* bytes moved in one step */
    uint32_t in_size;          /* bytes of the image that comes into the primary, header to end of TLVs */
    uint32_t out_size;         /* bytes of the image that leaves it; 0: nothing worth keeping */
    struct ob_version version; /* of the image that comes in */
    uint8_t in_digest[OB_DIGEST_SIZE];
    uint8_t out_digest[OB_DIGEST_SIZE];
    uint8_t group_tag[OB_TAG_SIZE]; /* same in all images of a transaction */
    uint8_t tag[OB_TAG_SIZE];       /* identifies this job */
};

_Static_assert(sizeof(struct ob_job) == 112, "the header of a journal bank is stored as it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the header of a journal bank is stored little endian");

/** What a job that has steps does, as swap_info says it. */
static inline enum ob_swap ob_job_swap(const struct ob_job *job)
{
    return (enum ob_swap)(job->kind + (OB_SWAP_TEST - OB_JOB_TEST)); /* same order */
}

/** The journal of a secondary slot, and where it and all else lies. */
struct ob_journal {
    const struct ob_area *slot; /* borrowed */
    struct ob_layout layout;
};

/** Fails as ob_layout() does. */
OB_MUST_CHECK enum ob_err ob_journal_open(const struct ob_area *primary, const struct ob_area *secondary,
                                          uint32_t max_units, struct ob_journal *out);

/** Bytes that a record takes, for the write unit of the secondary's device. */
uint32_t ob_journal_record_size(uint32_t write_size);

/** Bytes of a bank for the write unit and BOOT_MAX_IMG_SECTORS given. */
uint32_t ob_journal_bank_size(uint32_t write_size, uint32_t max_units);

/** What a record states. Below: so many steps are complete. */
enum {
    OB_RECORD_COPIED = 0xfffe, /* all steps are */
    OB_RECORD_ENDED = 0xffff,  /* nothing remains to be done; in two units of its own, so that it stays stated */
};

/** What the records of a bank say. Units count from the first one. */
struct ob_progress {
    uint32_t next; /* what the last record states; 0: there is none */
    uint32_t last; /* the unit behind the last record; 0: there is none */
    uint32_t end;  /* the unit behind the last one that is not blank: where the next step is recorded */
    uint32_t ends; /* how many units hold OB_RECORD_ENDED */
};

/**
 * Read the header of a bank.
 * @return OB_ERR_EMPTY: there is none that is whole and known
 */
OB_MUST_CHECK enum ob_err ob_journal_read(const struct ob_journal *journal, uint32_t bank, struct ob_job *job);

/** Write the header of a bank, which must be erased or hold the same header; sets job->tag. */
OB_MUST_CHECK enum ob_err ob_journal_write(const struct ob_journal *journal, uint32_t bank, struct ob_job *job);

/**
 * Read the records, until two looks in a row agree: one look may have been misread. If they never do, the last record
 * was cut, and counts as not there.
 */
OB_MUST_CHECK enum ob_err ob_journal_progress(const struct ob_journal *journal, uint32_t bank,
                                              struct ob_progress *progress);

/**
 * Append a record, in the first unit from progress->end on that takes it: one that only looked blank does not.
 * @return OB_ERR_VERIFY: none is left that does
 */
OB_MUST_CHECK enum ob_err ob_journal_append(const struct ob_journal *journal, uint32_t bank,
                                            struct ob_progress *progress, uint32_t next);

/** Program the last record again, if there is one: then it is there for good. */
OB_MUST_CHECK enum ob_err ob_journal_repeat(const struct ob_journal *journal, uint32_t bank,
                                            const struct ob_progress *progress);

/**
 * Make all units behind the last record unreadable for good, also the blank one that a record may have been begun in,
 * and leave them out. Without effect when no unit is to spare: OB_JOURNAL_SPARES starts were cut within a record.
 */
OB_MUST_CHECK enum ob_err ob_journal_spoil(const struct ob_journal *journal, uint32_t bank,
                                           struct ob_progress *progress);

/** State that nothing remains to be done. */
OB_MUST_CHECK enum ob_err ob_journal_end(const struct ob_journal *journal, uint32_t bank);

/** Make the header of a bank unreadable for good, if it holds one: its records then state nothing. */
OB_MUST_CHECK enum ob_err ob_journal_retire(const struct ob_journal *journal, uint32_t bank);

/**
 * Forget everything: first make both headers unreadable, then erase. An erase that is cut can then never leave a
 * header without the records that belong to it.
 *
 * @param feed  called after each erase command: feed the watchdog; may be NULL
 */
OB_MUST_CHECK enum ob_err ob_journal_erase(const struct ob_journal *journal, void (*feed)(void *ctx), void *ctx);

#endif
