/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_HISTORY_H
#define OUTBOARD_SIM_HISTORY_H

#include "world.h"

/*
 * A case and the events that happened in it, as one word that names the run for good:
 *
 *   slide/24K:4K:4:4/32K:4K:1:256/confirm/grow/1/c17p1+c203m0
 *   mode  primary    secondary    scenario images seed events
 *
 * An event is a letter (c cut, f fault once, w for a while, d dead, x wrong data, k a worn cell, h a forgery), its
 * operation's, access's or cell's number, the letter of a tear and a variant. A cut while both chips were at work has a
 * second tear, `c152p1:m2`: of the one that works on its own. No events: a dash. A transaction of several images:
 * `slide.2`, `slide.3`.
 */

#define SIM_ID_SIZE 240u

struct sim_history {
    struct sim_event event[SIM_EVENTS_MAX];
    uint32_t count;
};

const char *sim_mode_name(enum ob_mode_id mode);
bool sim_mode_find(const char *name, enum ob_mode_id *mode);
bool sim_set_find(const char *name, enum sim_set *set);

void sim_id_print(const struct sim_case *config, const struct sim_history *history, char id[SIM_ID_SIZE]);

/** @return NULL, or what is wrong with the id */
const char *sim_id_parse(const char *id, struct sim_case *config, struct sim_history *history);

/** Called before (worked false) and after each stage, and the world's own log and trace work as well. */
typedef void sim_replay_stage(void *ctx, struct sim_world *world, bool after);

/**
 * Live through a history from the factory to its end or its first failure.
 * @param on_stage  may be NULL
 * @param came      how many of its events came; fewer than it has: it rested, or failed, before the others were due
 * @return true: no promise was broken
 */
bool sim_replay(struct sim_world *world, const struct sim_history *history, sim_replay_stage *on_stage, void *ctx,
                uint32_t *came);

#endif
