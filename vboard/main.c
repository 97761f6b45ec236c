/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <argp.h>
#include <string.h>

#include <outboard/util.h>

#include "commands.h"
#include "common/diag.h"
#include "common/subcommand.h"

/* `outboard-board`, which `outboard board` calls. */

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .args_doc = "run BUILD [OPTION...]\n"
                    "cuts BUILD --update FILE [OPTION...]\n"
                    "glitch BUILD --goal unsigned|downgrade [OPTION...]\n"
                    "count BUILD [--update FILE] [OPTION...]\n"
                    "registers SOC",
        .doc =
            "Run the binaries that would be flashed on a virtual board. Strict: what the real part forbids, and what "
            "this model does not know, ends the run with the instruction and the reason. Nothing here has been "
            "compared with hardware."};
    static const struct ob_subcommand commands[] = {
        {"run", vb_cmd_run, "outboard board run", NULL},
        {"cuts", vb_cmd_cuts, "outboard board cuts", NULL},
        {"glitch", vb_cmd_glitch, "outboard board glitch", NULL},
        {"count", vb_cmd_count, "outboard board count", NULL},
        {"registers", vb_cmd_registers, "outboard board registers", NULL},
    };
    int status = OB_EXIT_USAGE;

    argp_err_exit_status = OB_EXIT_USAGE;
    if (ob_subcommand_run("outboard board", commands, OB_ARRAY_SIZE(commands), argc, argv, &status)) {
        return ob_diag_end(status);
    }
    argv[0] = "outboard board";
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "board: nothing to do; say run, cuts, glitch, count or registers");
    }
    return OB_EXIT_USAGE;
}
