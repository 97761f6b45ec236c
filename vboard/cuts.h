/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CUTS_H
#define OUTBOARD_VBOARD_CUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "board.h"

/* How power cuts are written: `152`, `152:bits`, `152:bits1`, or as replay words have it, `c152b1`. */

#define VB_CUTS_MAX 8u
#define VB_CUT_TEXT 24u

struct vb_cuts {
    struct vb_cut items[VB_CUTS_MAX]; /* one after the other: each counts the operations since the start before it */
    unsigned count;
};

/** @return false: the text is none of these */
bool vb_cuts_parse(const char *text, struct vb_cuts *out);

/** As in a replay word. */
void vb_cut_print(const struct vb_cut *cut, char text[VB_CUT_TEXT]);

#endif
