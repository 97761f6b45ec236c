/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_APP_H
#define OUTBOARD_SIM_APP_H

#include "world.h"

/*
 * What scripts are made of: an application's dealings with its flash. Each tells the watcher what may be true from now
 * on. Of several images, all are downloaded, then all are asked for. false: the call failed because of a fault, try
 * again at the next start.
 */

/** Download an image with the library and ask for it. */
bool sim_app_update(struct sim_world *world, enum sim_image_id image, bool permanent);

bool sim_app_confirm(struct sim_world *world);

/** The same as sim_app_update() by an application that only knows MCUboot's trailer. */
bool sim_foreign_update(struct sim_world *world, enum sim_image_id image, bool permanent);

#endif
