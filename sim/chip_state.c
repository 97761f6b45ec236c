/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "chip_blocks.h"

#include <string.h>

#include "rng.h"

/* What a chip holds: blocks that copies share, and a hash of them. */

static uint64_t hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9fb21c651e98df25u;
    return hash ^ hash >> 32;
}

#define LANES 4u /* multiplications that a processor does side by side */

uint64_t sim_hash(uint64_t hash, const void *data, uint32_t len)
{
    const uint8_t *bytes = data;
    uint64_t lane[LANES] = {hash, 1, 2, 3};
    uint64_t word[LANES];

    for (; len >= sizeof(word); len -= sizeof(word), bytes += sizeof(word)) {
        memcpy(word, bytes, sizeof(word));
        for (unsigned i = 0; i < LANES; i++) {
            lane[i] = hash_word(lane[i], word[i]);
        }
    }
    for (; len >= sizeof(word[0]); len -= sizeof(word[0]), bytes += sizeof(word[0])) {
        memcpy(word, bytes, sizeof(word[0]));
        lane[0] = hash_word(lane[0], word[0]);
    }
    for (; len > 0; len--) {
        lane[0] = hash_word(lane[0], *bytes++);
    }
    return hash_word(hash_word(hash_word(lane[0], lane[1]), lane[2]), lane[3]);
}

static struct sim_block *blank_block(void)
{
    struct sim_block *block = sim_checked(calloc(1, sizeof(*block)));

    memset(block->cells, SIM_ERASED, sizeof(block->cells));
    block->users = 1;
    return block;
}

struct sim_block *sim_block_own(struct sim_chip *chip, uint32_t index)
{
    struct sim_block *block = chip->state.blocks[index];

    if (block->users > 1) {
        struct sim_block *copy = sim_checked(malloc(sizeof(*copy)));
        *copy = *block;
        copy->users = 1;
        sim_block_release(block);
        chip->state.blocks[index] = copy;
        block = copy;
    }
    block->hashed = false;
    return block;
}

uint32_t sim_chip_sectors(const struct sim_chip *chip)
{
    return chip->flash.size / ob_flash_erase_size(&chip->flash);
}

void sim_chip_init(struct sim_chip *chip, const struct sim_geometry *geometry)
{
    memset(chip, 0, sizeof(*chip));
    chip->flash.size = geometry->size;
    chip->flash.write_size = geometry->write_size;
    chip->flash.program_size = geometry->program_size;
    chip->flash.erased_value = SIM_ERASED;
    memcpy(chip->flash.erase_sizes, geometry->erase_sizes, sizeof(geometry->erase_sizes));
    chip->flash.may_program_again = geometry->program_limit == 0;
    chip->program_limit = geometry->program_limit;
    chip->block_count = geometry->size / SIM_BLOCK;
    chip->state.blocks = sim_checked(calloc(chip->block_count, sizeof(*chip->state.blocks)));
    chip->state.wear = sim_checked(calloc(sim_chip_sectors(chip), sizeof(*chip->state.wear)));
    chip->blank = blank_block();
    for (uint32_t i = 0; i < chip->block_count; i++) {
        chip->state.blocks[i] = sim_block_share(chip->blank);
    }
}

void sim_chip_state_free(const struct sim_chip *chip, struct sim_chip_state *state)
{
    for (uint32_t i = 0; state->blocks != NULL && i < chip->block_count; i++) {
        sim_block_release(state->blocks[i]);
    }
    free(state->blocks);
    free(state->wear);
    memset(state, 0, sizeof(*state));
}

void sim_chip_free(struct sim_chip *chip)
{
    sim_chip_state_free(chip, &chip->state);
    if (chip->blank != NULL) {
        sim_block_release(chip->blank);
        chip->blank = NULL;
    }
    free(chip->touched);
}

static void copy_state(const struct sim_chip *chip, struct sim_chip_state *to, const struct sim_chip_state *from)
{
    for (uint32_t i = 0; i < chip->block_count; i++) {
        if (to->blocks[i] != from->blocks[i]) {
            sim_block_release(to->blocks[i]);
            to->blocks[i] = sim_block_share(from->blocks[i]);
        }
    }
    memcpy(to->wear, from->wear, sim_chip_sectors(chip) * sizeof(*to->wear));
    to->worn = from->worn;
    to->torn_count = from->torn_count;
    memcpy(to->torn, from->torn, sizeof(to->torn));
}

void sim_chip_save(const struct sim_chip *chip, struct sim_chip_state *out)
{
    if (out->blocks == NULL) {
        out->blocks = sim_checked(calloc(chip->block_count, sizeof(*out->blocks)));
        out->wear = sim_checked(calloc(sim_chip_sectors(chip), sizeof(*out->wear)));
        for (uint32_t i = 0; i < chip->block_count; i++) {
            out->blocks[i] = sim_block_share(chip->state.blocks[i]);
        }
    }
    copy_state(chip, out, &chip->state);
}

void sim_chip_restore(struct sim_chip *chip, const struct sim_chip_state *from)
{
    copy_state(chip, &chip->state, from);
}

static uint64_t block_hash(struct sim_block *block)
{
    if (!block->hashed) {
        block->hash = sim_hash(block->unsteady, block->cells, SIM_BLOCK);
        if (block->unsteady) {
            block->hash = sim_hash(block->hash, block->unstable, SIM_BLOCK);
        }
        block->hash = sim_hash(block->hash, block->programs, SIM_BLOCK);
        block->hashed = true;
    }
    return block->hash;
}

static uint64_t torn_hash(uint64_t hash, const struct sim_torn *torn)
{
    hash = sim_mix(hash, (uint64_t)torn->off << 32 | torn->len);
    return sim_mix(hash, (uint64_t)torn->starts << 8 | torn->mood);
}

uint64_t sim_chip_hash_from(struct sim_chip *chip, uint32_t from)
{
    const struct sim_worn *worn = &chip->state.worn;
    uint64_t hash = sim_mix(0, (uint64_t)worn->off << 16 | worn->mask << 8 | worn->stuck);

    for (uint32_t i = from / SIM_BLOCK; i < chip->block_count;
         i++) { /* a sum: most blocks of most chips are the blank one, and add nothing */
        struct sim_block *block = chip->state.blocks[i];
        if (block != chip->blank && block_hash(block) != block_hash(chip->blank)) {
            hash += sim_mix(i + 1, block_hash(block));
        }
    }
    for (uint32_t i = 0; i < chip->state.torn_count; i++) {
        if (chip->state.torn[i].off >= from) {
            hash = torn_hash(hash, &chip->state.torn[i]);
        }
    }
    return hash;
}

uint64_t sim_chip_hash(struct sim_chip *chip)
{
    return sim_chip_hash_from(chip, 0);
}

uint64_t sim_chip_hash_range(const struct sim_chip *chip, uint64_t hash, uint32_t off, uint32_t len)
{
    bool steady = sim_chip_steady(chip, off, len);

    for (uint32_t i = 0; i < chip->state.torn_count && !steady; i++) {
        const struct sim_torn *torn = &chip->state.torn[i];
        if (torn->off < off + len && off < torn->off + torn->len) {
            hash = sim_mix(hash, (uint64_t)torn->starts << 8 | torn->mood);
        }
    }
    for (uint32_t done = 0; done < len;) {
        const struct sim_block *block = chip->state.blocks[(off + done) / SIM_BLOCK];
        uint32_t at = (off + done) % SIM_BLOCK;
        uint32_t part = sim_block_part(off + done, len - done);
        hash = sim_hash(hash, block->cells + at, part);
        hash = sim_hash(hash, block->programs + at, part);
        hash = steady ? hash : sim_hash(hash, block->unstable + at, part);
        done += part;
    }
    return hash;
}

uint32_t sim_chip_used(const struct sim_chip *chip, uint32_t off, uint32_t end)
{
    while (end > off) {
        const struct sim_block *block = chip->state.blocks[(end - 1) / SIM_BLOCK];
        uint32_t at = (end - 1) % SIM_BLOCK;
        if (block == chip->blank) {
            end = OB_MAX(off, end - 1 - at);
        } else if (block->cells[at] != SIM_ERASED || block->unstable[at] != 0 || block->programs[at] != 0) {
            return end;
        } else {
            end--;
        }
    }
    return end;
}
