/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_RECEIVER_H
#define OUTBOARD_SIM_RECEIVER_H

#include "world.h"

/*
 * Of several images the last one may run in another processor, whose flash the bootloader cannot see: it hands the
 * image over in RAM, and that processor copies it. Its flash is cells of the internal chip here, at the place that the
 * image would run at, so that cuts fall in its operations too.
 */

/** The last image gets RAM as its primary, and a receiver. */
void sim_receiver_init(struct sim_world *world);
void sim_receiver_free(struct sim_world *world);

/** Power comes: RAM holds something. */
void sim_receiver_start(struct sim_world *world);

/** An application sees none of that RAM: it is blank to it. */
void sim_receiver_hide(struct sim_world *world);

/** The ledger says of the last image that it is missing. */
bool sim_receiver_is_missing(struct sim_world *world);

#endif
