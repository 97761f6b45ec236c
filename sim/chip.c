/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "chip_blocks.h"

#include <string.h>

#include "rng.h"

/* Programs and erases, whole or torn, of worn cells too. */

static void note_violation(struct sim_chip *chip, const char *what, uint32_t off)
{
    if (chip->violation == NULL) {
        chip->violation = what;
        chip->violation_off = off;
    }
}

/*
 * A program that was cut counts as well if it left traces. But metastable cells may read as if it had not been begun,
 * and then nobody can know: it never counts as the last one that is allowed.
 */
static void count_programs(struct sim_chip *chip, uint32_t off, uint32_t len, bool metastable)
{
    uint32_t word = ob_align_down(off, chip->flash.write_size);

    for (; word < off + len; word += chip->flash.write_size) {
        uint8_t *programs = &sim_block_own(chip, word / SIM_BLOCK)->programs[word % SIM_BLOCK];
        if (metastable && *programs + 1u >= chip->program_limit) {
            continue;
        }
        if (++*programs > chip->program_limit) {
            note_violation(chip, "a word was programmed more often than the part allows between two erases", word);
            *programs = chip->program_limit;
        }
    }
}

static bool any(const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return true;
        }
    }
    return false;
}

static void program_block(struct sim_chip *chip, uint32_t off, const uint8_t *src, uint32_t len,
                          const struct sim_tear *tear, const uint8_t *survives)
{
    struct sim_block *block = sim_block_own(chip, off / SIM_BLOCK);
    uint32_t at = off % SIM_BLOCK;
    bool metastable = tear != NULL && tear->kind == SIM_TEAR_METASTABLE;

    for (uint32_t i = 0; i < len && chip->touched != NULL; i++) {
        chip->touched[off + i] |= (uint8_t)~src[i];
    }
    for (uint32_t i = 0; i < len; i++) {
        uint8_t *cell = &block->cells[at + i];
        uint8_t *unstable = &block->unstable[at + i];
        uint8_t pulled = (uint8_t)~src[i] & survives[i]; /* bits that this operation pulled to zero */
        if (metastable) {
            *unstable |= *cell & pulled;
        } else {
            *cell &= (uint8_t)~pulled;
            *unstable &= (uint8_t)~pulled;
        }
    }
    block->unsteady = (block->unsteady || metastable) && any(block->unstable, SIM_BLOCK);
}

/* The cells that were meant are as they should be. */
static bool completes(const struct sim_tear *tear)
{
    return tear == NULL || tear->kind == SIM_TEAR_NEIGHBOUR || tear->kind == SIM_TEAR_ENDED;
}

/* The data goes to other columns of the page buffer than it should: one word on, or half a page on. */
static void program_astray(struct sim_chip *chip, uint32_t off, const uint8_t *src, uint32_t len, unsigned variant)
{
    const uint8_t all = 0xff;
    uint32_t page_size = chip->flash.program_size;
    uint32_t page = ob_align_down(off, page_size);
    uint32_t shift = variant == 0 ? chip->flash.write_size : page_size / 2;

    for (uint32_t i = 0; i < len && shift < page_size; i++) {
        program_block(chip, page + (off - page + shift + i) % page_size, src + i, 1, NULL, &all);
    }
}

/* A cell in front of the range, or behind it, loses or gains charge as those in the range did. */
static void disturb(struct sim_chip *chip, uint32_t off, uint32_t len, unsigned variant, bool erase, uint64_t *rng)
{
    uint32_t at = variant == 0 ? off - 1 : off + len; /* off 0: wraps, and is outside */

    if (at >= chip->flash.size) {
        return;
    }
    struct sim_block *block = sim_block_own(chip, at / SIM_BLOCK);
    uint8_t mask = (uint8_t)(1u << sim_rng_below(rng, 8));
    if (chip->touched != NULL) {
        chip->touched[at] |= mask;
    }
    block->cells[at % SIM_BLOCK] =
        (uint8_t)(erase ? block->cells[at % SIM_BLOCK] | mask : block->cells[at % SIM_BLOCK] & ~mask);
}

uint64_t sim_chip_program_ns(const struct sim_chip *chip, uint32_t len, enum sim_pace pace)
{
    const struct sim_timing *timing = &chip->timing[pace];

    if (timing->timed_word == 0) {
        return 0; /* nothing is known */
    }
    uint64_t ns =
        timing->program_first_ns + (uint64_t)(ob_div_up(len, timing->timed_word) - 1) * timing->program_next_ns;
    return timing->program_max_ns != 0 ? OB_MIN(ns, timing->program_max_ns) : ns;
}

static void account_program(struct sim_chip *chip, uint32_t len)
{
    chip->counts.programs++;
    chip->counts.programmed_bytes += len;
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        chip->counts.busy_ns[pace] += sim_chip_program_ns(chip, len, (enum sim_pace)pace);
    }
}

/* A worn cell in a range that an operation is about to change. */
static bool wears_in(const struct sim_chip *chip, uint32_t off, uint32_t len)
{
    const struct sim_worn *worn = &chip->state.worn;

    return worn->mask != 0 && worn->off >= off && worn->off - off < len;
}

/* was: the byte before the operation. */
static void hold_worn(struct sim_chip *chip, uint8_t was)
{
    const struct sim_worn *worn = &chip->state.worn;
    struct sim_block *block = sim_block_own(chip, worn->off / SIM_BLOCK);
    uint8_t *cell = &block->cells[worn->off % SIM_BLOCK];

    if (worn->stuck == 0 && (was & worn->mask) == 0) {
        *cell &= (uint8_t)~worn->mask;
    } else if (worn->stuck == 1 && (was & worn->mask) != 0) {
        *cell |= worn->mask;
    }
    block->unstable[worn->off % SIM_BLOCK] &= (uint8_t)~worn->mask;
}

void sim_chip_note_touched(struct sim_chip *chip)
{
    free(chip->touched);
    chip->touched = sim_checked(malloc(chip->flash.size));
    sim_chip_peek(chip, 0, chip->touched, chip->flash.size);
    for (uint32_t i = 0; i < chip->flash.size; i++) {
        chip->touched[i] ^= SIM_ERASED;
    }
}

bool sim_chip_was_touched(const struct sim_chip *chip, uint32_t cell)
{
    return (chip->touched[cell / 8] >> cell % 8 & 1) != 0;
}

void sim_chip_wear_out(struct sim_chip *chip, uint32_t cell, uint8_t stuck)
{
    chip->state.worn = (struct sim_worn){.off = cell / 8, .mask = (uint8_t)(1u << cell % 8), .stuck = stuck};
}

static void program(struct sim_chip *chip, uint32_t off, const uint8_t *src, uint32_t len, const struct sim_tear *tear,
                    uint64_t *rng)
{
    uint8_t survives[SIM_PROGRAM_MAX];

    account_program(chip, len);
    if (tear != NULL && tear->kind == SIM_TEAR_NONE) {
        return;
    }
    if (tear != NULL && tear->kind == SIM_TEAR_ASTRAY) {
        program_astray(chip, off, src, len, tear->variant);
        return;
    }
    if (tear != NULL && tear->kind == SIM_TEAR_NEIGHBOUR) {
        disturb(chip, off, len, tear->variant, false, rng);
    }
    tear = completes(tear) ? NULL : tear;
    memset(survives, 0xff, len);
    if (tear != NULL) {
        sim_chip_peek(chip, off, survives, len);
        for (uint32_t i = 0; i < len; i++) {
            survives[i] &= (uint8_t)~src[i]; /* what would change */
        }
        sim_tear_apply(*tear, rng, survives, len);
    }
    bool metastable = tear != NULL && tear->kind == SIM_TEAR_METASTABLE;
    if (chip->program_limit != 0 && (tear == NULL || any(survives, len))) {
        count_programs(chip, off, len, metastable);
    }
    for (uint32_t done = 0; done < len;) {
        uint32_t part = sim_block_part(off + done, len - done);
        program_block(chip, off + done, src + done, part, tear, survives + done);
        done += part;
    }
    if (metastable) {
        sim_torn_remember(chip, off, len, sim_tear_mood(*tear));
    }
}

void sim_chip_program(struct sim_chip *chip, uint32_t off, const uint8_t *src, uint32_t len,
                      const struct sim_tear *tear, uint64_t *rng)
{
    uint8_t was = 0;
    bool worn = wears_in(chip, off, len);

    if (worn) {
        sim_chip_peek(chip, chip->state.worn.off, &was, 1);
    }
    program(chip, off, src, len, tear, rng);
    if (worn) {
        hold_worn(chip, was);
    }
}

uint64_t sim_chip_erase_ns(const struct sim_chip *chip, uint32_t size, enum sim_pace pace)
{
    for (uint32_t i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (chip->flash.erase_sizes[i] == size) {
            return (uint64_t)chip->timing[pace].erase_us[i] * 1000;
        }
    }
    return 0;
}

static void account_erase(struct sim_chip *chip, uint32_t off, uint32_t size)
{
    uint32_t sector = ob_flash_erase_size(&chip->flash);

    for (uint32_t i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        chip->counts.erases[i] += chip->flash.erase_sizes[i] == size;
    }
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        chip->counts.busy_ns[pace] += sim_chip_erase_ns(chip, size, (enum sim_pace)pace);
    }
    chip->counts.erased_bytes += size;
    for (uint32_t i = off / sector; i < (off + size) / sector; i++) {
        chip->state.wear[i]++;
    }
}

static void erase_whole(struct sim_chip *chip, uint32_t off, uint32_t size)
{
    for (uint32_t i = off / SIM_BLOCK; i < (off + size) / SIM_BLOCK; i++) {
        sim_block_release(chip->state.blocks[i]);
        chip->state.blocks[i] = sim_block_share(chip->blank);
    }
}

/* change: the bits that the erase reached. They are ones and steady now, or metastable. */
static void erase_bits(struct sim_block *block, const uint8_t *change, bool metastable)
{
    for (uint32_t i = 0; i < SIM_BLOCK; i++) {
        if (metastable) {
            block->unstable[i] |= (uint8_t)~block->cells[i];
        } else {
            block->cells[i] |= change[i];
            block->unstable[i] &= (uint8_t)~change[i];
        }
    }
    block->unsteady = any(block->unstable, SIM_BLOCK);
}

static void erase_torn(struct sim_chip *chip, uint32_t off, uint32_t size, const struct sim_tear *tear, uint64_t *rng)
{
    uint8_t *change = sim_checked(malloc(size));

    for (uint32_t i = 0; i < size; i++) {
        const struct sim_block *block = chip->state.blocks[(off + i) / SIM_BLOCK];
        uint32_t at = (off + i) % SIM_BLOCK;
        change[i] = (uint8_t)(~block->cells[at] | block->unstable[at]);
    }
    sim_tear_apply(*tear, rng, change, size);
    for (uint32_t done = 0; done < size; done += SIM_BLOCK) {
        struct sim_block *block = sim_block_own(chip, (off + done) / SIM_BLOCK);
        erase_bits(block, change + done, tear->kind == SIM_TEAR_METASTABLE);
        sim_block_forget_programs(chip, block);
    }
    free(change);
    if (tear->kind == SIM_TEAR_METASTABLE) {
        sim_torn_remember(chip, off, size, sim_tear_mood(*tear));
    }
}

void sim_chip_erase(struct sim_chip *chip, uint32_t off, uint32_t size, const struct sim_tear *tear, uint64_t *rng)
{
    uint8_t was = 0;
    bool worn = wears_in(chip, off, size);

    if (worn) {
        sim_chip_peek(chip, chip->state.worn.off, &was, 1);
    }
    account_erase(chip, off, size);
    if (tear != NULL && tear->kind == SIM_TEAR_NEIGHBOUR) {
        disturb(chip, off, size, tear->variant, true, rng);
    }
    tear = completes(tear) ? NULL : tear;
    if (tear == NULL) {
        erase_whole(chip, off, size);
    } else if (tear->kind != SIM_TEAR_NONE && tear->kind != SIM_TEAR_ASTRAY) {
        erase_torn(chip, off, size, tear, rng);
    }
    if (worn) {
        hold_worn(chip, was);
    }
}
