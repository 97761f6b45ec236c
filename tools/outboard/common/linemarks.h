/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_COMMON_LINEMARKS_H
#define OUTBOARD_COMMON_LINEMARKS_H

#include "arena.h"
#include "diag.h"

/*
 * What the C preprocessor says about where the lines of its output come from: `# <line> "<file>" <flags>`, which holds
 * for the line below. In YAML that is a comment.
 */

struct ob_linemark {
    uint32_t at;      /* line that holds it, from 1 */
    uint32_t line;    /* of the line below, in file */
    const char *file; /* NULL: nothing that a person wrote */
};

struct ob_linemarks {
    const struct ob_linemark *v;
    uint32_t count;
};

/** Find all of a text. */
struct ob_linemarks ob_linemarks_find(struct ob_arena *arena, const char *text);

/** Change a place in the text into the place that its line comes from, if that is known. */
void ob_linemarks_apply(const struct ob_linemarks *marks, struct ob_loc *at);

#endif
