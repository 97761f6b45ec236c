/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_SIM_ONE_CASE_H
#define OUTBOARD_TOOLS_SIM_ONE_CASE_H

#include "profile.h"
#include "sim.h"

/* What `bench` and `windows` are asked for: one case, and whose times count in it. */

struct one_case_options {
    struct case_options cases;
    const struct sim_profile *profile;
    const char *build;
    const char *bus;
    uint32_t old_size; /* of made-up images, bytes */
    uint32_t new_size;
    bool json;
};

/** What holds unless an option says otherwise; no build. */
extern const struct one_case_options one_case_defaults;

/** Options of struct one_case_options, for use as an argp child; its input is the struct. */
extern const struct argp one_case_argp;

/** What computing costs. @return OB_EXIT_USAGE after printing that --build or --bus is none */
enum ob_exit one_case_speed(const struct one_case_options *options, struct sim_speed *speed);

/**
 * Make the case and run it. Without a choice the mode is slide, the slots are the profile's, and the update goes back.
 *
 * @param overwrite_scenario  ... or this, where there is no going back
 * @param run  @return status of the command
 */
enum ob_exit one_case_run(struct one_case_options *options, const char *overwrite_scenario,
                          enum ob_exit (*run)(void *ctx, const struct sim_case *config, const struct sim_files *files),
                          void *ctx);

#endif
