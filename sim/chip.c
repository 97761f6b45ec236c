/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "chip.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "rng.h"

#define ERASED 0xffu

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

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort(); /* a simulation that is out of memory proves nothing */
    }
    return memory;
}

static struct sim_block *blank_block(void)
{
    struct sim_block *block = checked(calloc(1, sizeof(*block)));

    memset(block->cells, ERASED, sizeof(block->cells));
    block->users = 1;
    return block;
}

static struct sim_block *share(struct sim_block *block)
{
    block->users++;
    return block;
}

static void release(struct sim_block *block)
{
    if (--block->users == 0) {
        free(block);
    }
}

/* The block for writing: a copy of its own if somebody else holds it too. */
static struct sim_block *own(struct sim_chip *chip, uint32_t index)
{
    struct sim_block *block = chip->state.blocks[index];

    if (block->users > 1) {
        struct sim_block *copy = checked(malloc(sizeof(*copy)));
        *copy = *block;
        copy->users = 1;
        release(block);
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
    chip->flash.erased_value = ERASED;
    memcpy(chip->flash.erase_sizes, geometry->erase_sizes, sizeof(geometry->erase_sizes));
    chip->program_limit = geometry->program_limit;
    chip->block_count = geometry->size / SIM_BLOCK;
    chip->state.blocks = checked(calloc(chip->block_count, sizeof(*chip->state.blocks)));
    chip->state.wear = checked(calloc(sim_chip_sectors(chip), sizeof(*chip->state.wear)));
    chip->blank = blank_block();
    for (uint32_t i = 0; i < chip->block_count; i++) {
        chip->state.blocks[i] = share(chip->blank);
    }
}

void sim_chip_state_free(const struct sim_chip *chip, struct sim_chip_state *state)
{
    for (uint32_t i = 0; state->blocks != NULL && i < chip->block_count; i++) {
        release(state->blocks[i]);
    }
    free(state->blocks);
    free(state->wear);
    memset(state, 0, sizeof(*state));
}

void sim_chip_free(struct sim_chip *chip)
{
    sim_chip_state_free(chip, &chip->state);
    if (chip->blank != NULL) {
        release(chip->blank);
        chip->blank = NULL;
    }
    free(chip->touched);
}

static void copy_state(const struct sim_chip *chip, struct sim_chip_state *to, const struct sim_chip_state *from)
{
    for (uint32_t i = 0; i < chip->block_count; i++) {
        if (to->blocks[i] != from->blocks[i]) {
            release(to->blocks[i]);
            to->blocks[i] = share(from->blocks[i]);
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
        out->blocks = checked(calloc(chip->block_count, sizeof(*out->blocks)));
        out->wear = checked(calloc(sim_chip_sectors(chip), sizeof(*out->wear)));
        for (uint32_t i = 0; i < chip->block_count; i++) {
            out->blocks[i] = share(chip->state.blocks[i]);
        }
    }
    copy_state(chip, out, &chip->state);
}

void sim_chip_restore(struct sim_chip *chip, const struct sim_chip_state *from)
{
    copy_state(chip, &chip->state, from);
}

/* Bytes of the range that lie in the block of its first byte. */
static uint32_t in_block(uint32_t off, uint32_t len)
{
    return OB_MIN(len, SIM_BLOCK - off % SIM_BLOCK);
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
        uint32_t part = in_block(off + done, len - done);
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
        } else if (block->cells[at] != ERASED || block->unstable[at] != 0 || block->programs[at] != 0) {
            return end;
        } else {
            end--;
        }
    }
    return end;
}

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
        uint32_t part = in_block(off, len);

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
        uint32_t part = in_block(off, len);
        memcpy(out, chip->state.blocks[off / SIM_BLOCK]->cells + off % SIM_BLOCK, part);
        off += part;
        out += part;
        len -= part;
    }
}

/*
 * Words that a torn erase left all ones count as erased, also if only for now: whether weakly erased cells may hold
 * what is programmed there is judged by what they hold, not by this count.
 */
static void forget_programs(const struct sim_chip *chip, struct sim_block *block)
{
    uint32_t word = chip->flash.write_size;

    for (uint32_t at = 0; at < SIM_BLOCK; at += word) {
        bool erased = true;
        for (uint32_t i = 0; i < word && erased; i++) {
            erased = (block->cells[at + i] | block->unstable[at + i]) == ERASED;
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
        uint32_t part = in_block(off, len);
        struct sim_block *block = own(chip, off / SIM_BLOCK);
        memcpy(block->cells + off % SIM_BLOCK, in, part);
        memset(block->unstable + off % SIM_BLOCK, 0, part);
        forget_programs(chip, block);
        off += part;
        in += part;
        len -= part;
    }
}

bool sim_chip_steady(const struct sim_chip *chip, uint32_t off, uint32_t len)
{
    while (len > 0) {
        const struct sim_block *block = chip->state.blocks[off / SIM_BLOCK];
        uint32_t part = in_block(off, len);
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
static void remember_torn(struct sim_chip *chip, uint32_t off, uint32_t len, enum sim_mood mood)
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
        uint8_t *programs = &own(chip, word / SIM_BLOCK)->programs[word % SIM_BLOCK];
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
    struct sim_block *block = own(chip, off / SIM_BLOCK);
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
    struct sim_block *block = own(chip, at / SIM_BLOCK);
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
    struct sim_block *block = own(chip, worn->off / SIM_BLOCK);
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
    chip->touched = checked(malloc(chip->flash.size));
    sim_chip_peek(chip, 0, chip->touched, chip->flash.size);
    for (uint32_t i = 0; i < chip->flash.size; i++) {
        chip->touched[i] ^= ERASED;
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
        uint32_t part = in_block(off + done, len - done);
        program_block(chip, off + done, src + done, part, tear, survives + done);
        done += part;
    }
    if (metastable) {
        remember_torn(chip, off, len, sim_tear_mood(*tear));
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
        release(chip->state.blocks[i]);
        chip->state.blocks[i] = share(chip->blank);
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
    uint8_t *change = checked(malloc(size));

    for (uint32_t i = 0; i < size; i++) {
        const struct sim_block *block = chip->state.blocks[(off + i) / SIM_BLOCK];
        uint32_t at = (off + i) % SIM_BLOCK;
        change[i] = (uint8_t)(~block->cells[at] | block->unstable[at]);
    }
    sim_tear_apply(*tear, rng, change, size);
    for (uint32_t done = 0; done < size; done += SIM_BLOCK) {
        struct sim_block *block = own(chip, (off + done) / SIM_BLOCK);
        erase_bits(block, change + done, tear->kind == SIM_TEAR_METASTABLE);
        forget_programs(chip, block);
    }
    free(change);
    if (tear->kind == SIM_TEAR_METASTABLE) {
        remember_torn(chip, off, size, sim_tear_mood(*tear));
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
