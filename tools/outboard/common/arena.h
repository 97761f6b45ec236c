/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_COMMON_ARENA_H
#define OUTBOARD_COMMON_ARENA_H

#include <stddef.h>

struct ob_arena_block;

/** Memory that lives as long as one job: everything is freed at once. Starts as all zeros. */
struct ob_arena {
    struct ob_arena_block *last;
};

/** @return zeroed memory for any type; never NULL: the program ends when memory is exhausted */
void *ob_arena_alloc(struct ob_arena *arena, size_t size);

/** @return zeroed memory for count elements; count * size may not overflow (it is checked) */
void *ob_arena_array(struct ob_arena *arena, size_t count, size_t size);

/**
 * Room for one element more in an array that grew in this way from NULL: a copy, twice as large, whenever it is full.
 * @param count  of its elements now
 */
void *ob_arena_more(struct ob_arena *arena, const void *array, size_t count, size_t size);

/** @return a NUL-terminated copy of len bytes */
char *ob_arena_text(struct ob_arena *arena, const char *text, size_t len);

/** @return a NUL-terminated formatted text */
char *ob_arena_printf(struct ob_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Free everything; the arena may be used again. */
void ob_arena_free(struct ob_arena *arena);

#endif
