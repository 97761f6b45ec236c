/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <argp.h>
#include <string.h>

#include <outboard/util.h>

#include "commands.h"

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
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
        char *full_name; /* what argp prints as the program */
    } commands[] = {
        {"run", vb_cmd_run, "outboard board run"},
        {"cuts", vb_cmd_cuts, "outboard board cuts"},
        {"glitch", vb_cmd_glitch, "outboard board glitch"},
        {"count", vb_cmd_count, "outboard board count"},
        {"registers", vb_cmd_registers, "outboard board registers"},
    };

    argp_err_exit_status = OB_EXIT_USAGE;
    for (size_t i = 0; argc > 1 && i < OB_ARRAY_SIZE(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            argv[1] = commands[i].full_name;
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    argv[0] = "outboard board";
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "board: nothing to do; say run, cuts, glitch, count or registers");
    }
    return OB_EXIT_USAGE;
}
