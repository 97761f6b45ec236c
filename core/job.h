/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JOB_H
#define CORE_JOB_H

#include "start.h"

/* What the files about a job need of each other: job.c, its steps (job_steps.c), its end (job_end.c), the way back
 * (job_back.c). */

#define OB_JOB_TRIES 3u /* of what does not take what is written, before it counts as worn */

/** A cell does not take what is written, a chip answers differently, a key is lost: it does not pass with a reset. */
static inline bool ob_job_is_worn(enum ob_err err)
{
    return err == OB_ERR_FAILED || err == OB_ERR_VERIFY || err == OB_ERR_UNWRAP;
}

/** Are there steps to be done, forth? */
static inline bool ob_job_goes_on(const struct ob_start *start)
{
    return ob_ledger_kind(start->ledger) != OB_RECORD_QUIET && !ob_start_undoes(start);
}

/** The ciphers of a job's image, as far as its steps have needed them in this start. */
struct ob_job_ciphers {
    bool known[2]; /* by enum ob_side */
    uint32_t image;
    struct ob_cipher cipher[2];
};

/* ---- job.c ---- */

/** What a part of a job is called in the log. */
enum ob_swap ob_job_swap(const struct ob_part *part);

/** A device failed, at start->fault, for good. */
void ob_job_note_fault(const struct ob_start *start, uint32_t image, enum ob_err err);

/* ---- job_steps.c ---- */

/**
 * The cipher of an image that a job takes out or brings in.
 *
 * @param out  NULL if it is not encrypted
 */
OB_MUST_CHECK enum ob_err ob_job_find_cipher(struct ob_start *start, uint32_t image, enum ob_side side,
                                             struct ob_job_ciphers *pair, const struct ob_cipher **out);

/** Until it succeeds, or counts as worn. whole: also where the destination looks good */
OB_MUST_CHECK enum ob_err ob_job_try_step(struct ob_start *start, const struct ob_step *step,
                                          const struct ob_ciphers *ciphers, bool whole);

/** All that remain, or up to a turning point. */
OB_MUST_CHECK enum ob_err ob_job_do_steps(struct ob_start *start, struct ob_job_ciphers *pair);

/** All steps that were done, back again; then the job is taken back. */
OB_MUST_CHECK enum ob_err ob_job_undo(struct ob_start *start, struct ob_job_ciphers *pair);

/** The primary does not take what comes in: put back what was there, if it was kept. */
OB_MUST_CHECK enum ob_err ob_job_turn_round(struct ob_start *start, uint32_t image, uint32_t done,
                                            struct ob_job_ciphers *pair, enum ob_err why);

/** In the unit that the first step may have begun to change, cells may read right only now: is it kept, to be written
 * anew? */
bool ob_job_is_doubtful(struct ob_start *start, struct ob_job_ciphers *pair);

/* ---- job_back.c ---- */

/** A device has failed, and of the job nothing is to be seen in any primary. */
OB_MUST_CHECK enum ob_err ob_job_give_up(struct ob_start *start, uint32_t image, enum ob_err why);

/** The step that makes a receiver take an image; if it does not, the job is taken back. */
OB_MUST_CHECK enum ob_err ob_job_hand_over(struct ob_start *start, uint32_t image, const struct ob_step *step,
                                           struct ob_job_ciphers *pair);

/* ---- job_end.c ---- */

/**
 * The key is lost with which the rest was to be copied. If all of it lies there, as it was verified, no step is left.
 * @return why: it does not
 */
OB_MUST_CHECK enum ob_err ob_job_skip(struct ob_start *start, enum ob_err why);

/** All steps are done. */
OB_MUST_CHECK enum ob_err ob_job_end(struct ob_start *start);

#endif
