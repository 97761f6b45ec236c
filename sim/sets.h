/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_SETS_H
#define OUTBOARD_SIM_SETS_H

#include "world.h"

/**
 * Make the images of a case, and the rules that follow from which of them are valid and which are the same.
 * @param files     NULL: made-up ones
 * @param capacity  bytes of the largest image
 * @return NULL, or why this case is impossible
 */
const char *sim_set_fill(struct sim_world *world, const struct sim_files *files, uint32_t capacity);

#endif
