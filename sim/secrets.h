/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_SECRETS_H
#define OUTBOARD_SIM_SECRETS_H

#include <stdint.h>

/*
 * Who watches that no block of an encrypted image's payload is written to the external chip in the clear: he looks at
 * every program command, whoever gives it. Payloads are random, so the first half of a block tells it from any other.
 */

struct sim_secrets {
    uint64_t *half; /* sorted; malloc'ed */
    uint32_t count;
};

struct sim_world;

/** From now on, for the images that this world has. */
void sim_secrets_watch(struct sim_world *world);
void sim_secrets_free(struct sim_secrets *secrets);

#endif
