/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <outboard/util.h>

#include "../commands.h"
#include "../common/subcommand.h"

int ob_cmd_sim(int argc, char **argv)
{
    static const struct argp argp = {
        .args_doc = "cuts [OPTION...]\n"
                    "replay ID [OPTION...]\n"
                    "bench [OPTION...]\n"
                    "windows [OPTION...]",
        .doc = "Run the bootloader on simulated flash chips: cut the power in every "
               "flash operation, repeat a history that failed, count wear and time, live on crumbs of power."};
    static const struct ob_subcommand commands[] = {
        {"cuts", sim_cmd_cuts, "outboard sim cuts", NULL},
        {"replay", sim_cmd_replay, "outboard sim replay", NULL},
        {"bench", sim_cmd_bench, "outboard sim bench", NULL},
        {"windows", sim_cmd_windows, "outboard sim windows", NULL},
    };

    int status;

    if (ob_subcommand_run("outboard sim", commands, OB_ARRAY_SIZE(commands), argc, argv, &status)) {
        return status;
    }
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "sim: nothing to do; say cuts, replay, bench or windows");
    }
    return OB_EXIT_USAGE;
}
