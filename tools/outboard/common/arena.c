/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

struct ob_arena_block {
    struct ob_arena_block *previous;
    size_t used;
    size_t size;
    max_align_t data[];
};

static _Noreturn void out_of_memory(void)
{
    ob_diag_error(NULL, "out of memory");
    exit(OB_EXIT_USAGE);
}

static struct ob_arena_block *add_block(struct ob_arena *arena, size_t size)
{
    struct ob_arena_block *block = calloc(1, sizeof(*block) + size);

    if (block == NULL) {
        out_of_memory();
    }
    block->size = size;
    block->previous = arena->last;
    arena->last = block;
    return block;
}

void *ob_arena_alloc(struct ob_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        out_of_memory();
    }
    size_t rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct ob_arena_block *block = arena->last;

    if (block == NULL || block->size - block->used < rounded) {
        block = add_block(arena, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
    }
    void *memory = (char *)block->data + block->used;
    block->used += rounded;
    return memory;
}

void *ob_arena_array(struct ob_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) {
        out_of_memory();
    }
    return ob_arena_alloc(arena, count * size);
}

void *ob_arena_more(struct ob_arena *arena, const void *array, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0) {
        return (void *)array;
    }
    void *larger = ob_arena_array(arena, count == 0 ? 1 : 2 * count, size);
    if (count != 0) {
        memcpy(larger, array, count * size);
    }
    return larger;
}

char *ob_arena_text(struct ob_arena *arena, const char *text, size_t len)
{
    char *copy = ob_arena_alloc(arena, len + 1);

    memcpy(copy, text, len);
    return copy;
}

char *ob_arena_printf(struct ob_arena *arena, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0) {
        out_of_memory();
    }
    char *copy = ob_arena_text(arena, text, (size_t)len);
    free(text);
    return copy;
}

void ob_arena_free(struct ob_arena *arena)
{
    while (arena->last != NULL) {
        struct ob_arena_block *block = arena->last;
        arena->last = block->previous;
        free(block);
    }
}
