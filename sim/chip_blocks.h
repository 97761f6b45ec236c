/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_SIM_CHIP_BLOCKS_H
#define OUTBOARD_SIM_CHIP_BLOCKS_H

#include <stdlib.h>

#include <outboard/util.h>

#include "chip.h"

/*
 * Inside of a chip: chip.c programs and erases, chip_read.c has what cells show, chip_state.c the blocks that they lie
 * in, and what becomes of them in copies.
 */

#define SIM_ERASED 0xffu

static inline void *sim_checked(void *memory)
{
    if (memory == NULL) {
        abort(); /* a simulation that is out of memory proves nothing */
    }
    return memory;
}

static inline struct sim_block *sim_block_share(struct sim_block *block)
{
    block->users++;
    return block;
}

static inline void sim_block_release(struct sim_block *block)
{
    if (--block->users == 0) {
        free(block);
    }
}

/* Bytes of the range that lie in the block of its first byte. */
static inline uint32_t sim_block_part(uint32_t off, uint32_t len)
{
    return OB_MIN(len, SIM_BLOCK - off % SIM_BLOCK);
}

/** The block for writing: a copy of its own if somebody else holds it too. */
struct sim_block *sim_block_own(struct sim_chip *chip, uint32_t index);

/**
 * Words that a torn erase left all ones count as erased, also if only for now: whether weakly erased cells may hold
 * what is programmed there is judged by what they hold, not by this count.
 */
void sim_block_forget_programs(const struct sim_chip *chip, struct sim_block *block);

/** An operation left cells of this range metastable. */
void sim_torn_remember(struct sim_chip *chip, uint32_t off, uint32_t len, enum sim_mood mood);

#endif
