/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_FUTURES_H
#define OUTBOARD_VBOARD_FUTURES_H

#include "history.h"

/*
 * From the same state of the whole board it goes on the same way. So states that histories come through are kept, with
 * who ran at their ends, and a history that comes to one of them is over. States are looked at behind flash operations:
 * most cuts lead to what another one has led to, as soon as a page was erased again.
 *
 * What a state leaves out is time. So some of the histories that could end there are lived through all the same.
 */

struct vb_futures;

struct vb_future_counts {
    uint64_t known, compared; /* histories that came to such a state; that were lived through all the same */
};

/** Listen to the board from now on: how deep the stack comes. NULL: out of memory */
struct vb_futures *vb_futures_new(struct vb_board *board);

/** Enough was heard: what lies below the stack's pointer does not belong to a state. */
void vb_futures_measured(struct vb_futures *futures);
void vb_futures_free(struct vb_futures *futures);

/** A history begins. */
void vb_futures_begin(struct vb_futures *futures);

/** @return the operation of this start behind which to look next */
uint64_t vb_futures_next(const struct vb_futures *futures);

/** The run stands behind an operation. @return VB_OUTCOME_FAILED: it is not known how it ends */
enum vb_outcome vb_futures_look(struct vb_futures *futures);

/** The run stands behind an operation. Was this asked in the same state before, with as many cuts to come? */
bool vb_futures_searched(struct vb_futures *futures, unsigned depth);

/** A history that came to a known state is lived through all the same: is this one? */
bool vb_futures_compares(struct vb_futures *futures);

/** A history ended well. */
void vb_futures_end(struct vb_futures *futures, enum vb_outcome outcome);

struct vb_future_counts vb_futures_counts(const struct vb_futures *futures);

#endif
