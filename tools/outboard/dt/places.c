/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <stdlib.h>
#include <string.h>

#include "../common/file.h"

#define TEXT_MAX_SIZE (16u << 20)
#define DEPTH_MAX 32

/*
 * What `dtc -T -T -O dts` prints: a line for each property and for the begin and end of each node, with the places that
 * it came from, the last of them the one that had the last word:
 *
 *     fmc: spi@7e620000 { // /x/soc.dtsi:20:27-26:11, /x/board.dts:27:6-38:3      (in a comment of the other kind)
 *         status = "okay"; // /x/board.dts:28:5-28:21
 *     }; // ...
 */

struct reader {
    struct ob_arena *arena;
    struct dt_places *places;
    const char *path[DEPTH_MAX]; /* of the nodes that are open */
    uint32_t depth;
};

/** Take `:<number>` off the end of a text. */
static bool take_number(char *text, uint32_t *number)
{
    char *colon = strrchr(text, ':');
    char *end;
    if (colon == NULL) {
        return false;
    }
    *number = (uint32_t)strtoul(colon + 1, &end, 10);
    bool whole = end != colon + 1 && *end == '\0';
    *colon = '\0';
    return whole;
}

/** The last place of a comment's text, `<file>:<line>:<column>-<line>:<column>`. */
static bool parse_place(char *comment, struct ob_loc *at)
{
    char *last = strstr(comment, ", /");
    for (char *next = last; next != NULL; next = strstr(next + 1, ", /")) {
        last = next;
    }
    char *file = last == NULL ? comment : last + strlen(", ");
    char *end = strrchr(file, '-');
    if (end == NULL) {
        return false;
    }
    *end = '\0';
    at->file = file;
    return take_number(file, &at->col) && take_number(file, &at->line);
}

/** Cut the comment off a line. @return its text, or NULL */
static char *cut_comment(char *line)
{
    char *begin = NULL;
    for (char *next = strstr(line, " /* "); next != NULL; next = strstr(next + 1, " /* ")) {
        begin = next; /* a string may hold such a thing, too: the comment is the last */
    }
    char *end = begin == NULL ? NULL : strstr(begin, " */");
    if (end == NULL) {
        return NULL;
    }
    *begin = '\0';
    *end = '\0';
    return begin + strlen(" /* ");
}

static void add(struct reader *reader, const char *path, const char *prop, char form, char *comment)
{
    struct dt_places *places = reader->places;
    struct dt_place place = {.path = path, .prop = prop, .form = form};
    if (comment != NULL && parse_place(comment, &place.at)) {
        places->items = ob_arena_more(reader->arena, places->items, places->count, sizeof(*places->items));
        places->items[places->count++] = place;
    }
}

/** `label: name {`, without the comment. */
static void open_node(struct reader *reader, char *line, char *comment)
{
    char *end = strrchr(line, ' ');
    *end = '\0';
    char *space = strrchr(line, ' '); /* before it are labels */
    const char *name = space == NULL ? line : space + 1;
    const char *path = "/";
    if (reader->depth == DEPTH_MAX) {
        return;
    }
    if (reader->depth > 0) {
        const char *parent = reader->path[reader->depth - 1];
        path = ob_arena_printf(reader->arena, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name);
    }
    reader->path[reader->depth++] = path;
    add(reader, path, NULL, 0, comment);
}

static void read_line(struct reader *reader, char *line)
{
    line += strspn(line, "\t");
    char *comment = cut_comment(line);
    size_t len = strlen(line);
    if (strncmp(line, "};", 2) == 0) {
        reader->depth -= reader->depth > 0;
    } else if (len > 2 && strcmp(line + len - 2, " {") == 0) {
        open_node(reader, line, comment);
    } else if (reader->depth > 0 && len > 0) {
        size_t end = strcspn(line, " ;=");
        char *name = ob_arena_text(reader->arena, line, end);
        char form = strncmp(line + end, " = ", 3) == 0 ? line[end + 3] : 0;
        add(reader, reader->path[reader->depth - 1], name, form, comment);
    }
}

enum ob_exit dt_places_read(struct ob_arena *arena, const char *file, struct dt_places *places)
{
    char *data;
    size_t len;
    char *rest;
    enum ob_exit status = ob_file_read(file, TEXT_MAX_SIZE, &data, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    char *text = ob_arena_text(arena, data, len); /* places point into it */
    free(data);
    struct reader reader = {.arena = arena, .places = places};
    *places = (struct dt_places){0};
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        read_line(&reader, line);
    }
    return OB_EXIT_OK;
}

struct ob_loc dt_place_of(const struct dt_tree *tree, const char *path, const char *prop)
{
    struct ob_loc at = {.file = tree->file};
    for (uint32_t i = 0; i < tree->places.count; i++) {
        const struct dt_place *place = &tree->places.items[i];
        if (strcmp(place->path, path) != 0) {
            continue;
        }
        if (place->prop == NULL) {
            at = place->at; /* the node, in case that it has no such property */
        } else if (prop != NULL && strcmp(place->prop, prop) == 0) {
            return place->at;
        }
    }
    return at;
}

char dt_form_of(const struct dt_tree *tree, const char *path, const char *prop)
{
    for (uint32_t i = 0; i < tree->places.count; i++) {
        const struct dt_place *place = &tree->places.items[i];
        if (place->prop != NULL && strcmp(place->prop, prop) == 0 && strcmp(place->path, path) == 0) {
            return place->form;
        }
    }
    return 0;
}
