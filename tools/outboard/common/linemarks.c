/* SPDX-License-Identifier: Apache-2.0 */
#include "linemarks.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** Files in angle brackets are the compiler's own. */
static bool read_mark(struct ob_arena *arena, const char *line, struct ob_linemark *mark)
{
    size_t len = strcspn(line, "\r\n");
    const char *end = memrchr(line, '"', len);
    char *quote;

    if (strncmp(line, "# ", 2) != 0 || !isdigit((unsigned char)line[2])) {
        return false;
    }
    mark->line = (uint32_t)strtoul(line + 2, &quote, 10);
    if (strncmp(quote, " \"", 2) != 0 || end <= quote + 2 || end + 1 + strspn(end + 1, " 1234") != line + len) {
        return false;
    }
    mark->file = quote[2] == '<' ? NULL : ob_arena_text(arena, quote + 2, (size_t)(end - quote - 2));
    return true;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');

    return end == NULL ? NULL : end + 1;
}

static uint32_t count_candidates(const char *text)
{
    uint32_t count = 0;

    for (const char *line = text; line != NULL; line = next_line(line)) {
        count += line[0] == '#';
    }
    return count;
}

struct ob_linemarks ob_linemarks_find(struct ob_arena *arena, const char *text)
{
    struct ob_linemark *v = ob_arena_array(arena, count_candidates(text), sizeof(*v));
    struct ob_linemarks marks = {.v = v};
    uint32_t number = 1;

    for (const char *line = text; line != NULL; line = next_line(line), number++) {
        if (line[0] == '#' && read_mark(arena, line, &v[marks.count])) {
            v[marks.count++].at = number;
        }
    }
    return marks;
}

void ob_linemarks_apply(const struct ob_linemarks *marks, struct ob_loc *at)
{
    for (uint32_t i = marks->count; i > 0; i--) {
        const struct ob_linemark *mark = &marks->v[i - 1];
        if (mark->at < at->line) {
            if (mark->file != NULL) {
                at->line = mark->line + (at->line - mark->at - 1);
                at->file = mark->file;
            }
            return;
        }
    }
}
