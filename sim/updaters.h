/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_UPDATERS_H
#define OUTBOARD_SIM_UPDATERS_H

#include "scenario.h"

/*
 * Applications that were not built with outboard, as they are in the field: each erases, writes, lists and asks in its
 * own way, and knows nothing but MCUboot's trailer (sim/client.h).
 */

enum sim_erases {
    SIM_ERASES_AHEAD, /* each page as the data reaches it, and at the end the trailer's page */
    SIM_ERASES_ALL,   /* the whole slot, first */
    SIM_ERASES_OWN,   /* each page as the data reaches it, and nothing else */
};

struct sim_updater {
    enum sim_erases erases;
    uint32_t page;    /* how many of the slot's smallest sectors it takes for one */
    bool one_up;      /* its image begins one sector up */
    bool looks_first; /* it lists, and does not send what is there already */
    bool polite;      /* it does not touch the slot while a request or a revert is due */
    bool mixed;       /* each act is by one of the others */
};

extern const struct sim_updater sim_updater_img_mgmt, sim_updater_large_pages, sim_updater_bank, sim_updater_dfu_target,
    sim_updater_phone, sim_updater_offset, sim_updater_own, sim_updater_mixed;

/** Swapping by an offset of one sector is for slots with sectors that fit. */
bool sim_updater_applies(const struct sim_case *config, const struct sim_updater *updater);

/** What every one of them does, start after start: updates, asks again for what runs, gets one refused, lets one go. */
bool sim_updater_app(struct sim_world *world);

/** Acts in any order: download, ask for whatever is there, confirm, restart; and at the end an update for good. */
bool sim_updater_mixed_app(struct sim_world *world);

/** What the application is told must be true. Called while it runs, before it does anything. */
void sim_updater_judge(struct sim_world *world);

#endif
