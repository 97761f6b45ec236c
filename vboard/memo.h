/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_MEMO_H
#define OUTBOARD_VBOARD_MEMO_H

#include "board.h"
#include "symbols.h"

/*
 * Results of P-256's multiplication and inversion and of SHA-256's blocks that are known already: nine tenths of a
 * start's instructions are spent there, and a campaign verifies the same few images ten thousand times. The key is all
 * that the function reads. A sample of what is known is executed all the same and compared. Only for builds that have
 * the functions as p256-m, P256-Cortex-M4 and Mbed TLS have them.
 */

struct vb_memo;

/** @return NULL if the symbols do not name the function: then everything is executed */
struct vb_memo *vb_memo_new(const struct vb_symbols *symbols);
void vb_memo_free(struct vb_memo *memo);

/** Free it, and let the board execute everything from now on. */
void vb_memo_forget(struct vb_memo *memo, struct vb_board *board);

/** From now on nothing that is known is executed for comparison: two runs of the same input are the same, instruction
 * by instruction. */
void vb_memo_trust(struct vb_memo *memo);

/** vb_board_run(); memo may be NULL. */
enum vb_end vb_memo_run(struct vb_memo *memo, struct vb_board *board);

struct vb_memo_counts {
    uint64_t executed, replayed, compared;
};
struct vb_memo_counts vb_memo_counts(const struct vb_memo *memo);

#endif
