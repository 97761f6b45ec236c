/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_MEMO_H
#define OUTBOARD_VBOARD_MEMO_H

#include "board.h"
#include "symbols.h"

/*
 * Results of P-256's scalar multiplication that are known already: 85 % of a start's instructions are spent there, and
 * a campaign verifies the same few signatures ten thousand times. The key is all that the function reads. A sample of
 * what is known is executed all the same and compared. Only for builds that have the function as p256-m has it.
 */

struct vb_memo;

/** @return NULL if the symbols do not name the function: then everything is executed */
struct vb_memo *vb_memo_new(const struct vb_symbols *symbols);
void vb_memo_free(struct vb_memo *memo);

/** vb_board_run(); memo may be NULL. */
enum vb_end vb_memo_run(struct vb_memo *memo, struct vb_board *board);

struct vb_memo_counts {
    uint64_t executed, replayed, compared;
};
struct vb_memo_counts vb_memo_counts(const struct vb_memo *memo);

#endif
