/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "futures.h"

#include <stdlib.h>

#include <outboard/util.h>

#include "rng.h"
#include "seen.h"

#define STATES_MAX (1u << 20) /* a power of two */
#define LOOKS_MAX 64u
#define COMPARE_EVERY 64u

struct vb_futures {
    struct vb_board *board;
    uint32_t deepest; /* offset in RAM that the stack comes to */
    uint64_t looks[LOOKS_MAX];
    unsigned look_count;
    struct vb_future_counts counts;
    uint64_t states[STATES_MAX];
    uint64_t searched[STATES_MAX];
};

static void measure(void *ctx, uint32_t address, uint32_t size)
{
    struct vb_futures *futures = ctx;

    (void)address;
    (void)size;
    futures->deepest = OB_MIN(futures->deepest, vb_board_stack(futures->board));
}

struct vb_futures *vb_futures_new(struct vb_board *board)
{
    struct vb_futures *futures = calloc(1, sizeof(*futures));

    if (futures != NULL) {
        futures->board = board;
        futures->deepest = board->soc->ram_size;
        board->listener = (struct vb_listener){.ctx = futures, .step = measure};
        vb_cpu_trace(board->cpu, board->soc->flash_base, board->flash_size);
    }
    return futures;
}

void vb_futures_measured(struct vb_futures *futures)
{
    futures->board->listener = (struct vb_listener){0};
    vb_cpu_trace(futures->board->cpu, 0, 0);
}

void vb_futures_free(struct vb_futures *futures)
{
    free(futures);
}

void vb_futures_begin(struct vb_futures *futures)
{
    futures->look_count = 0;
}

uint64_t vb_futures_next(const struct vb_futures *futures)
{
    const uint64_t operations = futures->board->operations;

    return operations + 1 + operations / 4; /* a look takes as long as some thousand instructions */
}

static uint64_t hash_state(struct vb_futures *futures)
{
    return vb_board_hash(futures->board, vb_cpu_pc(futures->board->cpu), futures->deepest,
                         vb_board_ram_in_use(futures->board));
}

bool vb_futures_searched(struct vb_futures *futures, unsigned depth)
{
    return vb_seen_before(futures->searched, STATES_MAX, sim_mix(hash_state(futures), depth));
}

enum vb_outcome vb_futures_look(struct vb_futures *futures)
{
    uint8_t outcome;

    if (futures->look_count == LOOKS_MAX) {
        return VB_OUTCOME_FAILED;
    }
    const uint64_t hash = hash_state(futures);
    futures->looks[futures->look_count++] = hash;
    return vb_seen_has(futures->states, STATES_MAX, hash, &outcome) ? (enum vb_outcome)outcome : VB_OUTCOME_FAILED;
}

bool vb_futures_compares(struct vb_futures *futures)
{
    bool compares = ++futures->counts.known % COMPARE_EVERY == 0;

    futures->counts.compared += compares;
    return compares;
}

void vb_futures_end(struct vb_futures *futures, enum vb_outcome outcome)
{
    while (futures->look_count > 0) {
        vb_seen_put(futures->states, STATES_MAX, futures->looks[--futures->look_count], (uint8_t)outcome);
    }
}

struct vb_future_counts vb_futures_counts(const struct vb_futures *futures)
{
    return futures == NULL ? (struct vb_future_counts){0} : futures->counts;
}
