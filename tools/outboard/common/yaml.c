/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "linemarks.h"

#define FILE_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define DEPTH_MAX 64U
#define WEIGHT_MAX 1000000U
#define ANCHORS_MAX 4096U

/** A list or map whose end has not been seen. A map's key waits until its value is complete. */
struct frame {
    struct ob_yaml *node;
    const struct ob_yaml *key;
    const struct ob_yaml **items;
    struct ob_yaml_pair *pairs;
    uint32_t capacity;
};

struct anchor {
    const char *name;
    const struct ob_yaml *node; /* may still be open: then it is one of the frames */
};

struct builder {
    struct ob_arena *arena;
    const char *path;
    struct ob_linemarks marks;
    struct frame frames[DEPTH_MAX];
    uint32_t depth;
    struct anchor anchors[ANCHORS_MAX];
    uint32_t anchor_count;
    const struct ob_yaml *root;
    bool document_ended;
};

static bool reject(const struct ob_loc *at, const char *what)
{
    ob_diag_error(at, "%s", what);
    return false;
}

static struct ob_loc location(const struct builder *b, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    struct ob_loc at = {.file = b->path};

    if (mark != NULL) {
        at.line = (uint32_t)mark->line + 1;
        at.col = (uint32_t)mark->column + 1;
        ob_linemarks_apply(&b->marks, &at);
    }
    return at;
}

/** The parser marks quoted text and aliases behind their first character; people look for that one. */
static void step_back(struct ob_loc *at)
{
    at->col -= at->col > 1;
}

static const char *token_text(struct builder *b, struct fy_token *token, size_t *len)
{
    const char *text = token == NULL ? NULL : fy_token_get_text(token, len);

    if (text == NULL) {
        *len = 0;
        text = "";
    }
    return ob_arena_text(b->arena, text, *len);
}

static bool add_anchor(struct builder *b, struct fy_token *token, const struct ob_yaml *node)
{
    size_t len;

    if (token == NULL) {
        return true;
    }
    if (b->anchor_count == ANCHORS_MAX) {
        return reject(&node->at, "more than 4096 anchors");
    }
    b->anchors[b->anchor_count].name = token_text(b, token, &len);
    b->anchors[b->anchor_count].node = node;
    b->anchor_count++;
    return true;
}

/** @return a copy of an array with room for more; the arena keeps the old one */
static void *enlarge(struct ob_arena *arena, const void *old, uint32_t count, uint32_t capacity, size_t size)
{
    void *array = ob_arena_array(arena, capacity, size);

    if (count != 0) {
        memcpy(array, old, count * size);
    }
    return array;
}

static void reserve(struct builder *b, struct frame *frame)
{
    uint32_t count = frame->node->count;

    if (count < frame->capacity) {
        return;
    }
    frame->capacity = frame->capacity == 0 ? 4 : 2 * frame->capacity;
    if (frame->node->kind == OB_YAML_LIST) {
        frame->items = enlarge(b->arena, frame->items, count, frame->capacity, sizeof(*frame->items));
    } else {
        frame->pairs = enlarge(b->arena, frame->pairs, count, frame->capacity, sizeof(*frame->pairs));
    }
}

static bool add_weight(struct frame *frame, const struct ob_yaml *child)
{
    if (child->weight > WEIGHT_MAX - frame->node->weight) {
        return reject(&child->at, "aliases expand to more than a million nodes");
    }
    frame->node->weight += child->weight;
    return true;
}

static bool add_to_map(struct builder *b, struct frame *frame, const struct ob_yaml *node)
{
    if (frame->key == NULL) {
        if (node->kind != OB_YAML_SCALAR) {
            return reject(&node->at, "a key has to be a plain name, not a list or a mapping");
        }
        if (!node->quoted && strcmp(node->text, "<<") == 0) {
            return reject(&node->at, "merge keys are not supported; write the properties out");
        }
        frame->key = node;
        return true;
    }
    reserve(b, frame);
    frame->pairs[frame->node->count++] = (struct ob_yaml_pair){frame->key, node};
    frame->key = NULL;
    return true;
}

/** Hand a finished node to the list or map around it. */
static bool deliver(struct builder *b, const struct ob_yaml *node)
{
    if (b->depth == 0) {
        b->root = node;
        return true;
    }
    struct frame *frame = &b->frames[b->depth - 1];
    if (!add_weight(frame, node)) {
        return false;
    }
    if (frame->node->kind == OB_YAML_MAP) {
        return add_to_map(b, frame, node);
    }
    reserve(b, frame);
    frame->items[frame->node->count++] = node;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct ob_yaml *const *left = a;
    const struct ob_yaml *const *right = b;
    int order = strcmp((*left)->text, (*right)->text);

    if (order != 0) {
        return order;
    }
    return (*left)->at.line != (*right)->at.line ? ((*left)->at.line < (*right)->at.line ? -1 : 1)
                                                 : ((*left)->at.col < (*right)->at.col ? -1 : 1);
}

static bool keys_are_unique(struct builder *b, const struct ob_yaml *map)
{
    const struct ob_yaml **keys = ob_arena_array(b->arena, map->count, sizeof(*keys));

    for (uint32_t i = 0; i < map->count; i++) {
        keys[i] = map->pairs[i].key;
    }
    qsort(keys, map->count, sizeof(*keys), compare_keys);
    for (uint32_t i = 1; i < map->count; i++) {
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0) {
            ob_diag_error(&keys[i]->at, "key '%s' is already given at line %u; remove one of the two", keys[i]->text,
                          keys[i - 1]->at.line);
            return false;
        }
    }
    return true;
}

static bool open_node(struct builder *b, struct fy_event *event, enum ob_yaml_kind kind, struct fy_token *anchor)
{
    struct ob_yaml *node = ob_arena_alloc(b->arena, sizeof(*node));

    node->kind = kind;
    node->at = location(b, event);
    if (b->depth == DEPTH_MAX) {
        return reject(&node->at, "nested more than 64 deep");
    }
    b->frames[b->depth++] = (struct frame){.node = node};
    return add_anchor(b, anchor, node);
}

static bool close_node(struct builder *b)
{
    struct frame *frame = &b->frames[--b->depth];
    struct ob_yaml *node = frame->node;

    node->items = frame->items;
    node->pairs = frame->pairs;
    node->weight++;
    if (node->kind == OB_YAML_MAP && !keys_are_unique(b, node)) {
        return false;
    }
    return deliver(b, node);
}

/** A value that is left out has no place of its own (with libfyaml 0.9 one behind its key): people look for its key. */
static struct ob_loc place_of_nothing(const struct builder *b)
{
    const struct frame *frame = b->depth == 0 ? NULL : &b->frames[b->depth - 1];

    if (frame == NULL) {
        return (struct ob_loc){.file = b->path};
    }
    return frame->key != NULL ? frame->key->at : frame->node->at;
}

static bool add_scalar(struct builder *b, struct fy_event *event)
{
    struct ob_yaml *node = ob_arena_alloc(b->arena, sizeof(*node));
    struct fy_token *token = event->scalar.value;
    size_t len;

    node->kind = OB_YAML_SCALAR;
    node->weight = 1;
    node->text = token_text(b, token, &len);
    enum fy_scalar_style style = token == NULL ? FYSS_PLAIN : fy_token_scalar_style(token);
    node->at = style == FYSS_PLAIN && len == 0 ? place_of_nothing(b) : location(b, event);
    node->quoted = style != FYSS_PLAIN;
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) {
        step_back(&node->at);
    }
    if (strlen(node->text) != len) {
        return reject(&node->at, "text holds a NUL character");
    }
    return add_anchor(b, event->scalar.anchor, node) && deliver(b, node);
}

static bool is_open(const struct builder *b, const struct ob_yaml *node)
{
    for (uint32_t i = 0; i < b->depth; i++) {
        if (b->frames[i].node == node) {
            return true;
        }
    }
    return false;
}

static bool add_alias(struct builder *b, struct fy_event *event)
{
    struct ob_loc at = location(b, event);
    size_t len;
    const char *name = token_text(b, event->alias.anchor, &len);
    step_back(&at);

    for (uint32_t i = b->anchor_count; i > 0; i--) {
        if (strcmp(b->anchors[i - 1].name, name) == 0) {
            const struct ob_yaml *node = b->anchors[i - 1].node;
            if (is_open(b, node)) {
                ob_diag_error(&at, "alias '*%s' stands inside the value it names", name);
                return false;
            }
            return deliver(b, node);
        }
    }
    ob_diag_error(&at, "alias '*%s' names no anchor before it", name);
    return false;
}

static bool reject_tag(const struct builder *b, struct fy_event *event, struct fy_token *tag)
{
    struct ob_loc at = location(b, event);

    return tag == NULL || reject(&at, "tags are not supported; remove the '!...'");
}

static bool take_document_start(struct builder *b, struct fy_event *event)
{
    struct ob_loc at = location(b, event);

    return !b->document_ended || reject(&at, "a second document; put everything into one");
}

static bool take_event(struct builder *b, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return take_document_start(b, event);
    case FYET_DOCUMENT_END:
        b->document_ended = true;
        return true;
    case FYET_MAPPING_START:
        return reject_tag(b, event, event->mapping_start.tag) &&
               open_node(b, event, OB_YAML_MAP, event->mapping_start.anchor);
    case FYET_SEQUENCE_START:
        return reject_tag(b, event, event->sequence_start.tag) &&
               open_node(b, event, OB_YAML_LIST, event->sequence_start.anchor);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return close_node(b);
    case FYET_SCALAR:
        return reject_tag(b, event, event->scalar.tag) && add_scalar(b, event);
    case FYET_ALIAS:
        return add_alias(b, event);
    default:
        return true;
    }
}

static void print_parser_error(const struct builder *b, struct fy_diag *diag)
{
    void *previous = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(diag, &previous);
    struct ob_loc at = {.file = b->path};

    if (error == NULL || error->msg == NULL) {
        ob_diag_error(&at, "is not YAML");
        return;
    }
    at.line = error->line > 0 ? (uint32_t)error->line : 0;
    at.col = error->column > 0 ? (uint32_t)error->column : 1;
    ob_linemarks_apply(&b->marks, &at);
    ob_diag_error(&at, "not YAML: %s", error->msg);
}

static bool parse_events(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event = fy_parser_parse(parser);

    while (event != NULL) {
        bool ended = event->type == FYET_STREAM_END;
        bool ok = take_event(b, event);
        fy_parser_event_free(parser, event);
        if (!ok || ended) {
            return ok;
        }
        event = fy_parser_parse(parser);
    }
    print_parser_error(b, diag);
    return false;
}

static bool parse_text(struct builder *b, const char *text, size_t len)
{
    struct fy_diag_cfg diag_cfg;

    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        return reject(NULL, "out of memory");
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_JSON_NONE | FYPCF_SLOPPY_FLOW_INDENTATION, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    bool ok = false;
    if (parser != NULL && fy_parser_set_string(parser, text, len) == 0) {
        ok = parse_events(b, parser, diag);
    }
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return ok;
}

/** Bytes of the UTF-8 character that text begins with; 0: it is none. The text ends in a NUL. */
static size_t utf8_size(const char *text)
{
    const uint8_t first = (uint8_t)text[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

    for (size_t i = 1; i < size; i++) {
        if (((uint8_t)text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/** The parser would take a NUL for the end of the text, and never returns from some bytes that are not UTF-8. */
static bool is_text(const char *path, const char *text, size_t len)
{
    struct ob_loc at = {.file = path, .line = 1, .col = 1};

    for (size_t i = 0; i < len;) {
        const size_t size = text[i] == '\0' ? 0 : utf8_size(text + i);
        if (size == 0) {
            return reject(&at, text[i] == '\0' ? "not YAML: a NUL byte; is this a text file in UTF-8?"
                                               : "not YAML: a byte that is not UTF-8; is this a text file?");
        }
        at.col = text[i] == '\n' ? 1 : at.col + 1;
        at.line += text[i] == '\n';
        i += size;
    }
    return true;
}

enum ob_exit ob_yaml_read(struct ob_arena *arena, const char *path, const struct ob_yaml **root)
{
    char *text;
    size_t len;
    enum ob_exit rc = ob_file_read(path, FILE_SIZE_MAX, &text, &len);

    *root = NULL;
    if (rc != OB_EXIT_OK) {
        return rc;
    }
    struct builder *b = ob_arena_alloc(arena, sizeof(*b));
    b->arena = arena;
    b->path = ob_arena_text(arena, path, strlen(path));
    b->marks = ob_linemarks_find(arena, text);
    bool ok = len == 0 || (is_text(path, text, len) && parse_text(b, text, len));
    free(text);
    if (ok && !ob_yaml_is_null(b->root)) {
        *root = b->root;
    }
    return ok ? OB_EXIT_OK : OB_EXIT_USAGE;
}
