/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "../commands.h"
#include "../common/subcommand.h"
#include "inspect.h"

static const struct ob_subcommand commands[] = {
    {"inspect", flash_cmd_inspect, "outboard flash inspect", "what dumps of a device say, and what to do"},
};

static void print_help(FILE *out)
{
    fputs("Usage: outboard flash COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    }
    fputs("\n  outboard flash COMMAND --help   what it takes\n", out);
}

int ob_cmd_flash(int argc, char **argv)
{
    int status = OB_EXIT_USAGE;

    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return OB_EXIT_OK;
    }
    if (!ob_subcommand_run("outboard flash", commands, sizeof(commands) / sizeof(commands[0]), argc, argv, &status)) {
        if (argc > 1) {
            ob_diag_error(NULL, "outboard flash has no option '%s'; see 'outboard flash --help'", argv[1]);
        } else {
            print_help(stderr);
        }
    }
    return status;
}
