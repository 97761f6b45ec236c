/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "coverage.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define JUMPS 65536u /* a power of two; many times what a bootloader has */

struct jump {
    uint32_t from, to; /* both 0: free */
};

struct vb_coverage {
    uint32_t size;
    uint32_t last;      /* address of the instruction before */
    uint32_t behind;    /* and of what follows it */
    bool *executed;     /* by halfword */
    bool *fell;         /* went on with what follows */
    struct jump *jumps; /* by hash, open addressing */
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

struct vb_coverage *vb_coverage_new(uint32_t size)
{
    if (getenv("OUTBOARD_COVERAGE") == NULL) {
        return NULL;
    }
    struct vb_coverage *coverage = checked(calloc(1, sizeof(*coverage)));
    coverage->size = size;
    coverage->executed = checked(calloc(size / 2, sizeof(bool)));
    coverage->fell = checked(calloc(size / 2, sizeof(bool)));
    coverage->jumps = checked(calloc(JUMPS, sizeof(struct jump)));
    return coverage;
}

static void note_jump(struct vb_coverage *coverage, uint32_t from, uint32_t to)
{
    uint32_t at = (from * 2654435761u ^ to * 2246822519u) >> 8;

    for (uint32_t tries = 0; tries < JUMPS; tries++, at++) {
        struct jump *jump = &coverage->jumps[at % JUMPS];
        if (jump->from == 0 && jump->to == 0) {
            *jump = (struct jump){from, to};
        }
        if (jump->from == from && jump->to == to) {
            return;
        }
    }
}

void vb_coverage_step(struct vb_coverage *coverage, uint32_t address, uint32_t len)
{
    if (address >= coverage->size) {
        return;
    }
    coverage->executed[address / 2] = true;
    if (address == coverage->behind) {
        coverage->fell[coverage->last / 2] = true;
    } else {
        note_jump(coverage, coverage->last, address);
    }
    coverage->last = address;
    coverage->behind = address + len;
}

static void write_all(const struct vb_coverage *coverage, FILE *file)
{
    for (uint32_t i = 0; i < coverage->size / 2; i++) {
        if (coverage->executed[i]) {
            fprintf(file, "executed 0x%x\n", (unsigned)(2 * i));
        }
        if (coverage->fell[i]) {
            fprintf(file, "fell 0x%x\n", (unsigned)(2 * i));
        }
    }
    for (uint32_t i = 0; i < JUMPS; i++) {
        if (coverage->jumps[i].from != 0 || coverage->jumps[i].to != 0) {
            fprintf(file, "jumped 0x%x 0x%x\n", (unsigned)coverage->jumps[i].from, (unsigned)coverage->jumps[i].to);
        }
    }
}

void vb_coverage_end(struct vb_coverage *coverage)
{
    char path[4096];

    if (coverage == NULL) {
        return;
    }
    snprintf(path, sizeof(path), "%s/%ld.coverage", getenv("OUTBOARD_COVERAGE"), (long)getpid());
    FILE *file = fopen(path, "a"); /* a number of a process comes again: what an earlier one executed counts, too */
    if (file != NULL) {
        write_all(coverage, file);
    }
    if (file == NULL || fclose(file) != 0) {
        fprintf(stderr, "outboard: error: %s: cannot be written\n", path);
    }
    free(coverage->executed);
    free(coverage->fell);
    free(coverage->jumps);
    free(coverage);
}
