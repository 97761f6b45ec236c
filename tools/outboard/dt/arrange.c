/* SPDX-License-Identifier: Apache-2.0 */
/* Zephyr takes the properties of a node before and behind its child nodes, dtc only before: here they are moved to the
 * front. */
#include "dt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"

#define DEPTH_MAX 64
#define SOURCE_MAX (16 << 20)

struct place {
    size_t at;        /* in the text */
    uint32_t line;    /* as the preprocessor's line marks count */
    uint32_t column;  /* from 0 */
    const char *file; /* in the text, with its quotes */
    int file_len;
};

struct cursor {
    struct place now;
    const char *text;
    size_t len;
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

/* `# 12 "file" 2` at the start of a line: that line's number is one less than what follows has. */
static bool take_mark(struct cursor *cursor)
{
    const char *mark = cursor->text + cursor->now.at;
    if (cursor->now.column != 0 || strncmp(mark, "# ", 2) != 0 || !isdigit((unsigned char)mark[2])) {
        return false;
    }
    char *end;
    uint32_t line = (uint32_t)strtoul(mark + 2, &end, 10);
    const char *quoted = end + strspn(end, " ");
    const char *close = *quoted == '"' ? strchr(quoted + 1, '"') : NULL;
    const char *newline = strchr(mark, '\n');
    if (newline == NULL || close == NULL || close > newline) {
        return false;
    }
    cursor->now = (struct place){.at = (size_t)(newline + 1 - cursor->text),
                                 .line = line,
                                 .file = quoted,
                                 .file_len = (int)(close + 1 - quoted)};
    return true;
}

static void skip_blank(struct cursor *cursor)
{
    while (cursor->now.at < cursor->len &&
           (take_mark(cursor) || isspace((unsigned char)cursor->text[cursor->now.at]))) {
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
        if (take_mark(cursor)) {
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
    size_t depth = 0, room = 0;
    bool closed = false; /* the statement is what is left of a node: its `;` */
    char mark;
    for (size_t i = 0; i < cursor.len; i++) {
        room += cursor.text[i] == ';';
    }
    moves.items = ob_arena_alloc(arena, (room + 1) * sizeof(*moves.items));
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
            moves.items[moves.count++] =
                (struct move){.from = start, .behind = cursor.now, .to = first_child[depth - 1]};
        }
        closed = mark == '}';
    } while (mark != 0);
    return moves;
}

static void go_on_at(FILE *out, const struct place *place)
{
    fprintf(out, "\n# %u %.*s\n%*s", place->line, place->file_len, place->file, (int)place->column, "");
}

static void print_moved(FILE *out, const char *text, const struct moves *moves)
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
            go_on_at(out, &next->behind);
            at = next->behind.at;
            continue;
        }
        for (size_t i = 0; i < moves->count; i++) {
            const struct move *move = &moves->items[i];
            if (move->to.at == until) {
                go_on_at(out, &move->from);
                fwrite(text + move->from.at, 1, move->behind.at - move->from.at, out);
            }
        }
        go_on_at(out, &next->to);
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
    static const char unknown[] = "\"\"";
    struct cursor cursor = {.text = text, .len = strlen(text), .now = {.line = 1, .file = unknown, .file_len = 2}};
    struct moves moves = find_moves(&arena, cursor);
    FILE *out = moves.count == 0 ? NULL : ob_file_text_open(&file);
    if (out != NULL) {
        print_moved(out, text, &moves);
        status = ob_file_text_write(&file, out);
    }
    free(text);
    ob_arena_free(&arena);
    return status;
}
