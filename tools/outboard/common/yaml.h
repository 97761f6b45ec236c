/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_COMMON_YAML_H
#define OUTBOARD_COMMON_YAML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"
#include "diag.h"

enum ob_yaml_kind {
    OB_YAML_SCALAR,
    OB_YAML_LIST,
    OB_YAML_MAP,
};

struct ob_yaml;

struct ob_yaml_pair {
    const struct ob_yaml *key; /* a scalar */
    const struct ob_yaml *value;
};

/** A value with the place it was written at. An alias is the anchored node itself, so trees may share. */
struct ob_yaml {
    enum ob_yaml_kind kind;
    struct ob_loc at;
    bool quoted;      /* scalar: written with quotes or as a block, so always text */
    uint32_t count;   /* elements of a list or pairs of a map */
    uint32_t weight;  /* nodes below and including this one, aliases counted in full */
    const char *text; /* scalar, NUL-terminated, holds no NUL */
    const struct ob_yaml *const *items;
    const struct ob_yaml_pair *pairs;
};

/**
 * Read one YAML document. In output of the C preprocessor, places are those of its sources.
 *
 * Refused, beside what is not YAML: a second document, keys that are not scalars or appear twice, merge keys,
 * tags, an alias inside its own anchor, files above 16 MiB, nesting above 64, and aliases that expand to more than
 * a million nodes.
 *
 * @param root NULL if the file is empty
 * @return OB_EXIT_USAGE after printing file, line, column and reason
 */
enum ob_exit ob_yaml_read(struct ob_arena *arena, const char *path, const struct ob_yaml **root);

/** @return the value of a key; NULL if the node is no map or has no such key */
const struct ob_yaml *ob_yaml_get(const struct ob_yaml *map, const char *key);

/** @return true for an unquoted scalar that is empty, `~` or `null` */
bool ob_yaml_is_null(const struct ob_yaml *node);

/** Read an unquoted decimal or 0x number, `_` between digits allowed. A leading zero is refused: YAML versions disagree
 * on it. */
bool ob_yaml_to_u64(const struct ob_yaml *node, uint64_t *value);

/** @return true if both say the same; map order, number base and quoting of text do not matter */
bool ob_yaml_equal(const struct ob_yaml *a, const struct ob_yaml *b);

/** Print a node in block style; indent is the column of its lines. Starts a new line for lists and maps. */
void ob_yaml_print(FILE *out, const struct ob_yaml *node, int indent);

/** Print text as a scalar, quoted if it would be read as anything but text. */
void ob_yaml_print_text(FILE *out, const char *text);

#endif
