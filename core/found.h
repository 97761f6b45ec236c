/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_FOUND_H
#define OB_FOUND_H

/*
 * What a start can find out, in three files: the job and all of it (found.c), primaries and what lies ready to go back
 * to (found_primary.c), what is asked for and offered (found_offer.c). Nothing here writes: it fills start->found and
 * the parts that would be planned.
 */
#include "start.h"

/** Is a job begun and not done? */
static inline bool ob_is_job(const struct ob_ledger *ledger)
{
    return ledger->now.counts && ob_ledger_kind(ledger) != OB_RECORD_QUIET;
}

/** Is what runs on trial, confirmed, or is its window wrong? */
void ob_find_trial(struct ob_start *start, uint32_t image);

/** Verify what runs. */
void ob_find_primary(struct ob_start *start, uint32_t image);

/** The same of one that makes way: what it states is verified when it is to come back. */
void ob_find_stated(struct ob_start *start, uint32_t image);

/** Nothing was ever known to run there for good. */
bool ob_is_floor_unstated(const struct ob_start *start, uint32_t image);

/** Is there what to go back to? @return a flash error */
OB_MUST_CHECK enum ob_err ob_find_previous(struct ob_start *start, uint32_t image);

/** Is an update asked for? @param led a lower image asks for one. @return a flash error */
OB_MUST_CHECK enum ob_err ob_find_asks(struct ob_start *start, uint32_t image, bool led);

/** What lies in a secondary, and does it fit? @return a flash error */
OB_MUST_CHECK enum ob_err ob_find_offer(struct ob_start *start, uint32_t image);

#endif
