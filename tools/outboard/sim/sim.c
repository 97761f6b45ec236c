/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <string.h>

#include <outboard/util.h>

#include "../commands.h"

int ob_cmd_sim(int argc, char **argv)
{
    static const struct argp argp = {
        .args_doc = "cuts [OPTION...]\n"
                    "replay ID [OPTION...]\n"
                    "bench [OPTION...]\n"
                    "windows [OPTION...]",
        .doc = "Run the bootloader on simulated flash chips: cut the power in every "
               "flash operation, repeat a history that failed, count wear and time, live on crumbs of power."};
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
        char *full_name; /* what argp prints as the program */
    } commands[] = {
        {"cuts", sim_cmd_cuts, "outboard sim cuts"},
        {"replay", sim_cmd_replay, "outboard sim replay"},
        {"bench", sim_cmd_bench, "outboard sim bench"},
        {"windows", sim_cmd_windows, "outboard sim windows"},
    };

    for (size_t i = 0; argc > 1 && i < OB_ARRAY_SIZE(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            argv[1] = commands[i].full_name;
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) == 0) {
        ob_diag_error(NULL, "sim: nothing to do; say cuts, replay, bench or windows");
    }
    return OB_EXIT_USAGE;
}
