/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_REGION_OPTIONS_H
#define OUTBOARD_PM_REGION_OPTIONS_H

#include "cmd.h"
#include "model/pm.h"

#define PM_REGIONS_MAX 64U
#define PM_KEY_REGION 0x1000 /* the first key of these options */

/** Regions from the command line: the names after --regions, and for each of them --NAME-size and the like. */
struct pm_region_options {
    struct pm_layout *layout; /* its regions are written */
    struct pm_words names;    /* as given */
    bool has_size[PM_REGIONS_MAX];
};

/** Find the names, before argp runs. @return false after printing an error; no names at all are none */
bool pm_region_options_begin(struct pm_region_options *o, int argc, char **argv);

/** @return how many rows pm_region_options_table() writes */
uint32_t pm_region_option_count(const struct pm_region_options *o);
void pm_region_options_table(const struct pm_region_options *o, struct argp_option *table);

/** @return ARGP_ERR_UNKNOWN: not one of the table */
error_t pm_region_option(struct pm_region_options *o, int key, char *arg, struct argp_state *state);

/** Check them together, after argp ran. @return false after printing an error */
bool pm_region_options_end(struct pm_region_options *o);

#endif
