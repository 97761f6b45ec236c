/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "chip_blocks.h"

#include <string.h>

#include "rng.h"

/* What cells show, those that an interrupted operation left metastable too. */

/* The newest interrupted operation that touched the byte. */
static const struct sim_torn *torn_at(const struct sim_chip *chip, uint32_t off)
{
    const struct sim_torn *found = NULL;

    for (uint32_t i = 0; i < chip->state.torn_count; i++) {
        const struct sim_torn *torn = &chip->state.torn[i];
        if (off >= torn->off && off - torn->off < torn->len) {
            found = torn;
        }
    }
    return found;
}

/* Which metastable bits of a byte show the new value. each_read: drawn once for the whole read. */
static uint8_t flips(const struct sim_torn *torn, uint64_t each_read, uint64_t *rng)
{
    switch (torn == NULL ? SIM_MOOD_EACH_BIT : torn->mood) {
    case SIM_MOOD_NEW_THEN_OLD:
        return torn->starts <= 1 ? 0xff : 0;
    case SIM_MOOD_OLD_THEN_NEW:
        return torn->starts <= 1 ? 0 : 0xff;
    case SIM_MOOD_EACH_READ:
        if (each_read % 3 != 2) {
            return each_read % 3 == 0 ? 0xff : 0;
        }
        break;
    default:
        break;
    }
    return (uint8_t)sim_rng_next(rng);
}

static void flicker(const struct sim_chip *chip, const struct sim_block *block, uint64_t *rng, uint32_t off,
                    uint8_t *dst, uint32_t len)
{
    uint64_t each_read = sim_rng_next(rng);

    for (uint32_t i = 0; i < len; i++) {
        uint8_t unstable = block->unstable[(off + i) % SIM_BLOCK];
        if (unstable != 0) {
            dst[i] ^= unstable & flips(torn_at(chip, off + i), each_read, rng);
        }
    }
}

static void read_forced(const struct sim_chip *chip, const struct sim_block *block, uint32_t off, uint8_t *dst,
                        uint32_t len)
{
    for (uint32_t i = 0; i < len && chip->force == SIM_FORCE_NEW; i++) {
        dst[i] ^= block->unstable[(off + i) % SIM_BLOCK];
    }
}

void sim_chip_read(struct sim_chip *chip, uint64_t *rng, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *out = dst;

    chip->counts.read_bytes += len;
    while (len > 0) {
        const struct sim_block *block = chip->state.blocks[off / SIM_BLOCK];
        uint32_t part = sim_block_part(off, len);

        memmove(out, block->cells + off % SIM_BLOCK, part); /* GCC makes slow code of its own for memcpy() here */
        if (block->unsteady && chip->force != SIM_FORCE_NOT) {
            read_forced(chip, block, off, out, part);
        } else if (block->unsteady) {
            flicker(chip, block, rng, off, out, part);
        }
        off += part;
        out += part;
        len -= part;
    }
}

void sim_chip_peek(const struct sim_chip *chip, uint32_t off, void *dst, uint32_t len)
{
    uint8_t *out = dst;

    while (len > 0) {
        uint32_t part = sim_block_part(off, len);
        memcpy(out, chip->state.blocks[off / SIM_BLOCK]->cells + off % SIM_BLOCK, part);
        off += part;
        out += part;
        len -= part;
    }
}

void sim_block_forget_programs(const struct sim_chip *chip, struct sim_block *block)
{
    uint32_t word = chip->flash.write_size;

    for (uint32_t at = 0; at < SIM_BLOCK; at += word) {
        bool erased = true;
        for (uint32_t i = 0; i < word && erased; i++) {
            erased = (block->cells[at + i] | block->unstable[at + i]) == SIM_ERASED;
        }
        if (erased) {
            block->programs[at] = 0;
        }
    }
}

void sim_chip_poke(struct sim_chip *chip, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *in = src;

    while (len > 0) {
        uint32_t part = sim_block_part(off, len);
        struct sim_block *block = sim_block_own(chip, off / SIM_BLOCK);
        memcpy(block->cells + off % SIM_BLOCK, in, part);
        memset(block->unstable + off % SIM_BLOCK, 0, part);
        sim_block_forget_programs(chip, block);
        off += part;
        in += part;
        len -= part;
    }
}

bool sim_chip_steady(const struct sim_chip *chip, uint32_t off, uint32_t len)
{
    while (len > 0) {
        const struct sim_block *block = chip->state.blocks[off / SIM_BLOCK];
        uint32_t part = sim_block_part(off, len);
        for (uint32_t i = 0; block->unsteady && i < part; i++) {
            if (block->unstable[off % SIM_BLOCK + i] != 0) {
                return false;
            }
        }
        off += part;
        len -= part;
    }
    return true;
}

static void forget_steady(struct sim_chip *chip)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < chip->state.torn_count; i++) {
        const struct sim_torn *torn = &chip->state.torn[i];
        if (!sim_chip_steady(chip, torn->off, torn->len)) {
            chip->state.torn[kept++] = *torn;
        }
    }
    chip->state.torn_count = (uint8_t)kept;
}

/* Cells that fall out of a full list flicker bit by bit: flips(). */
void sim_torn_remember(struct sim_chip *chip, uint32_t off, uint32_t len, enum sim_mood mood)
{
    forget_steady(chip);
    if (chip->state.torn_count == SIM_TORN_MAX) {
        chip->state.torn_count--;
        memmove(chip->state.torn, chip->state.torn + 1, chip->state.torn_count * sizeof(*chip->state.torn));
    }
    chip->state.torn[chip->state.torn_count++] = (struct sim_torn){.off = off, .len = len, .mood = (uint8_t)mood};
}

void sim_chip_start(struct sim_chip *chip)
{
    if (chip->state.torn_count > 0) {
        forget_steady(chip);
    }
    for (uint32_t i = 0; i < chip->state.torn_count; i++) {
        if (chip->state.torn[i].starts < 2) { /* later starts are all alike */
            chip->state.torn[i].starts++;
        }
    }
}
