/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_FORGER_H
#define OUTBOARD_SIM_FORGER_H

#include "world.h"

/*
 * Somebody who knows everything but the keys, and writes to the external chip what he likes, between any two starts:
 * each image, at either place where one is looked for, damaged, older or cut short; each request; blank, zeros or
 * noise. Or who makes the chip show this or its own content, at each read, for one start.
 *
 * What must hold: no revert, no downgrade, no loss of confirmation; nothing is installed but a valid image that is
 * asked for; a valid primary starts. Only a job that was half done then may be beyond help.
 */

/** How many forgeries there are; those from the half on are chips with two faces. At most SIM_FORGERIES. */
uint32_t sim_forgeries(const struct sim_world *world);

/** Before a start. event: of kind SIM_EVENT_FORGED. */
void sim_forge(struct sim_world *world, const struct sim_event *event);

/** Make what the chip shows beside its own content in the start that begins: world->face. */
void sim_forge_face(struct sim_world *world);

/** Forge if the event is one, and the next start is the one that it comes before. @return it was */
bool sim_forge_if_due(struct sim_world *world, const struct sim_event *event);

#endif
