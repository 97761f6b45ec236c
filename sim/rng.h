/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_SIM_RNG_H
#define OUTBOARD_SIM_RNG_H

#include <stdint.h>

/** splitmix64: one word of state, so a snapshot of the simulated world contains it. Source: Steele et al. 2014. */
static inline uint64_t sim_rng_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t sim_rng_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(sim_rng_next(state) % limit);
}

/** Fold a value into a hash or a seed. */
static inline uint64_t sim_mix(uint64_t hash, uint64_t value)
{
    uint64_t state = hash ^ (value * 0xff51afd7ed558ccdu);

    return sim_rng_next(&state);
}

/** Hash of bytes, eight at a time. Only equality within one process matters. */
uint64_t sim_hash(uint64_t hash, const void *data, uint32_t len);

#endif
