/* SPDX-License-Identifier: Apache-2.0 */
/* Zephyr takes the properties of a node before and behind its child nodes, dtc only before: here they are moved to the
 * front. */
#include "dt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"
#include "../common/linemarks.h"

#define DEPTH_MAX 64
#define SOURCE_MAX (16 << 20)

/* In the text. */
struct place {
    size_t at;
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 0 */
};

struct cursor {
    struct place now;
    const char *text;
    size_t len;
    struct ob_linemarks marks; /* those that are still to come */
};

/* What stands in the text is left out there, and put before the first child of its node. */
struct move {
    struct place from, behind, to;
};

struct moves {
    struct move *items;
    size_t count;
};

static void step(struct cursor *cursor)
{
    bool newline = cursor->text[cursor->now.at++] == '\n';
    cursor->now.line += newline;
    cursor->now.column = newline ? 0 : cursor->now.column + 1;
}

static bool skip_mark(struct cursor *cursor)
{
    while (cursor->marks.count != 0 && cursor->marks.v->at < cursor->now.line) { /* skipped, or in quotes */
        cursor->marks.v++;
        cursor->marks.count--;
    }
    if (cursor->marks.count == 0 || cursor->marks.v->at != cursor->now.line || cursor->now.column != 0) {
        return false;
    }
    const char *newline = strchr(cursor->text + cursor->now.at, '\n');
    cursor->now.at = newline == NULL ? cursor->len : (size_t)(newline + 1 - cursor->text);
    cursor->now.line++;
    return true;
}

static void skip_blank(struct cursor *cursor)
{
    while (cursor->now.at < cursor->len &&
           (skip_mark(cursor) || isspace((unsigned char)cursor->text[cursor->now.at]))) {
        if (cursor->now.at < cursor->len && isspace((unsigned char)cursor->text[cursor->now.at])) {
            step(cursor);
        }
    }
}

static void skip_quoted(struct cursor *cursor)
{
    char quote = cursor->text[cursor->now.at];
    step(cursor);
    while (cursor->now.at < cursor->len && cursor->text[cursor->now.at] != quote) {
        if (cursor->text[cursor->now.at] == '\\' && cursor->now.at + 1 < cursor->len) {
            step(cursor);
        }
        step(cursor);
    }
    if (cursor->now.at < cursor->len) {
        step(cursor);
    }
}

/* Past the next brace or `;`, which is returned; 0 at the end of the text. */
static char next_mark(struct cursor *cursor)
{
    while (cursor->now.at < cursor->len) {
        char c = cursor->text[cursor->now.at];
        if (skip_mark(cursor)) {
            continue;
        }
        if (c == '"' || c == '\'') {
            skip_quoted(cursor);
            continue;
        }
        step(cursor);
        if (c == '{' || c == '}' || c == ';') {
            return c;
        }
    }
    return 0;
}

/* What is to be moved; nothing if braces do not match, which dtc tells. */
static struct moves find_moves(struct ob_arena *arena, struct cursor cursor)
{
    struct place first_child[DEPTH_MAX]; /* of each open node; its line is 0 before there is one */
    struct moves moves = {.items = NULL};
    size_t depth = 0;
    bool closed = false; /* the statement is what is left of a node: its `;` */
    char mark;
    do {
        skip_blank(&cursor);
        struct place start = cursor.now;
        bool deletes = strncmp(cursor.text + start.at, "/delete-node/", 13) == 0;
        mark = next_mark(&cursor);
        if (mark == '{') {
            if (depth > 0 && first_child[depth - 1].line == 0) {
                first_child[depth - 1] = start;
            }
            if (depth == DEPTH_MAX) {
                return (struct moves){.items = NULL};
            }
            first_child[depth++] = (struct place){.line = 0};
        } else if (mark == '}' && depth-- == 0) {
            return (struct moves){.items = NULL};
        } else if (mark == ';' && !closed && !deletes && depth > 0 && first_child[depth - 1].line != 0) {
            moves.items = ob_arena_more(arena, moves.items, moves.count, sizeof(*moves.items));
            moves.items[moves.count++] =
                (struct move){.from = start, .behind = cursor.now, .to = first_child[depth - 1]};
        }
        closed = mark == '}';
    } while (mark != 0);
    return moves;
}

static void go_on_at(FILE *out, const struct ob_linemarks *marks, const struct place *place)
{
    struct ob_loc origin = {.file = "", .line = place->line};
    ob_linemarks_apply(marks, &origin);
    fprintf(out, "\n# %u \"%s\"\n%*s", origin.line, origin.file, (int)place->column, "");
}

static void print_moved(FILE *out, const char *text, const struct ob_linemarks *marks, const struct moves *moves)
{
    size_t at = 0;
    for (;;) {
        const struct move *next = NULL; /* the first place behind `at` where something is left out or put in */
        size_t until = SIZE_MAX;
        for (size_t i = 0; i < moves->count; i++) {
            const struct move *move = &moves->items[i];
            if (move->from.at >= at && move->from.at < until) {
                next = move;
                until = move->from.at;
            }
            if (move->to.at >= at && move->to.at < until) {
                next = move;
                until = move->to.at;
            }
        }
        if (next == NULL) {
            fputs(text + at, out);
            return;
        }
        fwrite(text + at, 1, until - at, out);
        if (until == next->from.at) {
            go_on_at(out, marks, &next->behind);
            at = next->behind.at;
            continue;
        }
        for (size_t i = 0; i < moves->count; i++) {
            const struct move *move = &moves->items[i];
            if (move->to.at == until) {
                go_on_at(out, marks, &move->from);
                fwrite(text + move->from.at, 1, move->behind.at - move->from.at, out);
            }
        }
        go_on_at(out, marks, &next->to);
        fputc(text[until], out);
        at = until + 1;
    }
}

enum ob_exit dt_arrange(const char *path)
{
    struct ob_arena arena = {0};
    struct ob_file_text file = {.path = path};
    char *text;
    size_t len;
    enum ob_exit status = ob_file_read(path, SOURCE_MAX, &text, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    struct ob_linemarks marks = ob_linemarks_find(&arena, text);
    struct cursor cursor = {.text = text, .len = strlen(text), .now = {.line = 1}, .marks = marks};
    struct moves moves = find_moves(&arena, cursor);
    FILE *out = moves.count == 0 ? NULL : ob_file_text_open(&file);
    if (out != NULL) {
        print_moved(out, text, &marks, &moves);
        status = ob_file_text_write(&file, out);
    }
    free(text);
    ob_arena_free(&arena);
    return status;
}
