/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <argp.h>

#include <outboard/util.h>

#include "commands.h"
#include "common/diag.h"
#include "common/subcommand.h"

/* `outboard-board`, which `outboard board` calls. */

int main(int argc, char **argv)
{
    static const struct ob_subcommand commands[] = {
        {"run", vb_cmd_run, "outboard board run", "the binaries of a build, as they would be flashed"},
        {"cuts", vb_cmd_cuts, "outboard board cuts", "cut the power in every flash operation of an update"},
        {"glitch", vb_cmd_glitch, "outboard board glitch",
         "one wrong instruction after the other: what comes through?"},
        {"count", vb_cmd_count, "outboard board count", "instructions, function by function"},
        {"registers", vb_cmd_registers, "outboard board registers", "the registers of a SoC that are modelled"},
    };

    argp_err_exit_status = OB_EXIT_USAGE;
    return ob_diag_end(ob_subcommand_group("outboard board", commands, OB_ARRAY_SIZE(commands), argc, argv));
}
