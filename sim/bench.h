/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_BENCH_H
#define OUTBOARD_SIM_BENCH_H

#include "parts.h"
#include "world.h"

/** Starts of the bootloader that are told apart. */
enum sim_bench_start { SIM_BENCH_IDLE, SIM_BENCH_UPGRADE, SIM_BENCH_REVERT, SIM_BENCH_STARTS };

/** What a start cost one chip. */
struct sim_bench_chip {
    struct sim_chip_counts counts;
    uint32_t data_wear;  /* erases of the most-worn sector that holds images */
    uint32_t max_wear;   /* ... of all */
    uint32_t total_wear; /* ... of all, since the device left the factory: also what the application erased */
};

struct sim_bench_cost {
    bool done; /* there was such a start */
    struct sim_bench_chip chip[SIM_CHIPS];
    uint64_t ns[SIM_PACES];         /* time of flash operations; of those side by side, the longer one's */
    uint64_t longest_ns[SIM_PACES]; /* time of flash operations between two calls of ob_hooks.feed, the longest */
};

struct sim_bench {
    struct sim_bench_cost start[SIM_BENCH_STARTS]; /* the first one of each */
    struct ob_flash flash[SIM_CHIPS];              /* geometry only */
    uint32_t capacity;                             /* largest image, bytes */
    char failure[200];                             /* empty: it went as it should */
};

/**
 * Live through a scenario without cuts, and measure what the bootloader does in it.
 *
 * @param files    as for sim_world_init()
 * @param timing   of both chips, by their erase sizes; times that are 0 count as none
 * @param speed    what computing and the bus cost; NULL: nothing
 * @param factory  dual mode: the second slot does not hold the copy of the old image yet
 * @return NULL, or why this case is impossible: out is undefined
 */
const char *sim_bench_run(const struct sim_case *config, const struct sim_files *files,
                          const struct sim_timing timing[SIM_CHIPS][SIM_PACES], const struct sim_speed *speed,
                          bool factory, struct sim_bench *out);

/** Time of a start, from the bootloader's first access: flash operations, and what `speed` says. */
uint64_t sim_bench_ns(const struct sim_bench_cost *cost, enum sim_pace pace);

/** Erase commands of all sizes. */
uint32_t sim_bench_erases(const struct sim_chip_counts *counts);

#endif
