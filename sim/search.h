/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_SEARCH_H
#define OUTBOARD_SIM_SEARCH_H

#include <signal.h>

#include "history.h"

/*
 * All histories of a case with up to `depth` events. A state that was met before, with at least as many events still to
 * come, is not explored again: what follows from it is known.
 */

struct sim_search_options {
    unsigned depth; /* events in one history; from 3 on histories are drawn at random */
    unsigned tears; /* a bit for each enum sim_tear_kind */
    bool worn;      /* the first event of a history is a worn cell: every stride-th of both chips, stuck at 0 or 1 */
    uint32_t stride;
    bool hostile;       /* an event may be that somebody writes to the external chip between two starts */
    bool faults;        /* the last event of a history is a fault of the external chip, not a cut */
    uint32_t shard;     /* of the first events only each shards-th is taken ... */
    uint32_t shards;    /* ... so that all shards together do what one would do alone */
    uint64_t histories; /* from depth 3 on: how many */
    double deadline;    /* sim_now() at which to stop; 0: never */
    const volatile sig_atomic_t *stop;                      /* once it is set, so is that; may be NULL */
    uint64_t failures;                                      /* stop after so many */
    void (*on_failure)(const char *id, const char *reason); /* called for each; may be NULL */
};

struct sim_search_result {
    uint64_t runs;   /* stages lived through */
    uint64_t cuts;   /* events among them */
    uint64_t states; /* different states at the beginning of a stage */
    uint64_t failures;
    bool out_of_time;                /* or stopped: the search is not complete */
    char first_failure[SIM_ID_SIZE]; /* replay id; empty: none */
    char first_reason[200];
};

/** Called now and then. done, total: first events, or histories. */
typedef void sim_search_progress(void *ctx, const struct sim_search_result *result, uint64_t done, uint64_t total);

/** @return false: a promise was broken at least once */
bool sim_search(struct sim_world *world, const struct sim_search_options *options, sim_search_progress *progress,
                void *ctx, struct sim_search_result *result);

/** Seconds of a clock that only goes forward. */
double sim_now(void);

#endif
