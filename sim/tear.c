/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "tear.h"

#include <stddef.h>
#include <string.h>

#include "rng.h"

static const struct {
    const char *name;
    char letter;
    uint8_t variants;
} kinds[SIM_TEAR_KINDS + 1] = {
    [SIM_TEAR_NONE] = {"none", 'n', 1},           [SIM_TEAR_PREFIX] = {"prefix", 'p', 3},
    [SIM_TEAR_BITS] = {"bits", 'b', 3},           [SIM_TEAR_METASTABLE] = {"metastable", 'm', 4},
    [SIM_TEAR_BROWNOUT] = {"brownout", 'o', 3},   [SIM_TEAR_ASTRAY] = {"astray", 'a', 2},
    [SIM_TEAR_NEIGHBOUR] = {"neighbour", 'd', 2}, [SIM_TEAR_ENDED] = {"ended", 'e', 1},
};

unsigned sim_tear_variants(enum sim_tear_kind kind)
{
    return kinds[kind].variants;
}

bool sim_tear_cuts(const struct sim_tear *tear)
{
    return tear->kind < SIM_TEAR_BROWNOUT || tear->kind == SIM_TEAR_ENDED;
}

bool sim_tear_spoils(const struct sim_tear *tear)
{
    return tear->kind == SIM_TEAR_ASTRAY || tear->kind == SIM_TEAR_NEIGHBOUR;
}

const char *sim_tear_name(unsigned kind)
{
    return kind < SIM_TEAR_KINDS ? kinds[kind].name : NULL;
}

char sim_tear_letter(enum sim_tear_kind kind)
{
    return kinds[kind].letter;
}

bool sim_tear_from_letter(char letter, enum sim_tear_kind *kind)
{
    for (unsigned i = 0; i <= SIM_TEAR_ENDED; i++) {
        if (kinds[i].letter == letter) {
            *kind = (enum sim_tear_kind)i;
            return true;
        }
    }
    return false;
}

/* Half, all but the last byte, or anywhere in between. */
static void keep_prefix(unsigned variant, uint64_t *rng, uint8_t *change, uint32_t len)
{
    uint32_t done = variant == 0 ? len / 2 : variant == 1 ? len - 1 : sim_rng_below(rng, len);

    memset(change + done, 0, len - done);
}

static void keep_random(uint64_t *rng, uint8_t *change, uint32_t len)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < len; i++) {
        bits = i % 8 == 0 ? sim_rng_next(rng) : bits >> 8;
        change[i] &= (uint8_t)bits;
    }
}

static uint32_t count_bits(const uint8_t *bytes, uint32_t len)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < len; i++) {
        count += (uint32_t)__builtin_popcount(bytes[i]);
    }
    return count;
}

/* The n-th one of the bytes, as a byte index and a mask. */
static uint32_t find_bit(const uint8_t *bytes, uint32_t n, uint8_t *mask)
{
    uint32_t i = 0;

    while (n >= (uint32_t)__builtin_popcount(bytes[i])) {
        n -= (uint32_t)__builtin_popcount(bytes[i]);
        i++;
    }
    uint8_t left = bytes[i];
    for (; n > 0; n--) {
        left &= (uint8_t)(left - 1);
    }
    *mask = (uint8_t)(left & -left);
    return i;
}

/* Half of the bits, all but one, or only one. */
static void keep_bits(unsigned variant, uint64_t *rng, uint8_t *change, uint32_t len)
{
    uint32_t count = count_bits(change, len);
    uint8_t mask;

    if (variant == 0) {
        keep_random(rng, change, len);
    } else if (count > 0) {
        uint32_t at = find_bit(change, sim_rng_below(rng, count), &mask);
        if (variant == 1) {
            change[at] &= (uint8_t)~mask;
        } else {
            memset(change, 0, len);
            change[at] = mask;
        }
    }
}

void sim_tear_apply(struct sim_tear tear, uint64_t *rng, uint8_t *change, uint32_t len)
{
    switch (tear.kind) {
    case SIM_TEAR_PREFIX:
        keep_prefix(tear.variant, rng, change, len);
        break;
    case SIM_TEAR_BITS:
        keep_bits(tear.variant, rng, change, len);
        break;
    case SIM_TEAR_METASTABLE:
        break; /* every cell is touched */
    case SIM_TEAR_BROWNOUT:
        if (tear.variant == 0) {
            memset(change, 0, len);
        } else {
            keep_bits(tear.variant - 1, rng, change, len);
        }
        break;
    default:
        memset(change, 0, len);
        break;
    }
}

enum sim_mood sim_tear_mood(struct sim_tear tear)
{
    return (enum sim_mood)(tear.variant % SIM_MOODS);
}
