/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <outboard/util.h>

#include "../commands.h"
#include "../common/subcommand.h"

int ob_cmd_sim(int argc, char **argv)
{
    static const struct ob_subcommand commands[] = {
        {"cuts", sim_cmd_cuts, "outboard sim cuts", "cut the power in every flash operation"},
        {"replay", sim_cmd_replay, "outboard sim replay", "live through one history again, with a log"},
        {"bench", sim_cmd_bench, "outboard sim bench", "count erases, bytes, wear and time of an update"},
        {"windows", sim_cmd_windows, "outboard sim windows", "the shortest supply on which every update ends"},
    };

    return ob_subcommand_group("outboard sim", commands, OB_ARRAY_SIZE(commands), argc, argv);
}
