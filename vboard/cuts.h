/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CUTS_H
#define OUTBOARD_VBOARD_CUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "board.h"

/* How power cuts are written: `152`, `152:bits`, `152:bits1`, or as replay words have it, `c152b1`;
 * `i4711b0` between two operations, behind that many instructions; `r4711` the reset pin is pulled there;
 * `c152b1x3` three times in a row. */

#define VB_CUTS_MAX 8u
#define VB_CUTS_TEXT 256u

struct vb_cuts {
    struct vb_cut items[VB_CUTS_MAX]; /* one after the other: each counts the operations since the start before it */
    unsigned count;
    unsigned again; /* times that the last one's operation is cut in a row, itself included; 0 means 1 */
};

/** @return false: the text is none of these */
bool vb_cuts_parse(const char *text, struct vb_cuts *out);

/** As a replay word. */
void vb_cuts_print(const struct vb_cuts *cuts, char text[VB_CUTS_TEXT]);

/** Decides how cells are torn: of the first cut, so that a word is repeated exactly whatever follows it. */
uint64_t vb_cuts_seed(const struct vb_cuts *cuts);

#endif
