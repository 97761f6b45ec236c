/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "../commands.h"
#include "../common/subcommand.h"

static const struct ob_subcommand commands[] = {
    {"resolve", pm_cmd_resolve, "outboard pm resolve", "lay out partitions: partitions.yml, regions.yml"},
    {"output", pm_cmd_output, "outboard pm output", "make pm_config.h and pm.config from a layout"},
    {"check", pm_cmd_check, "outboard pm check", "find at build time what would fail on a device"},
    {"lock", pm_cmd_lock, "outboard pm lock", "record a released layout for later checks"},
    {"report", pm_cmd_report, "outboard pm report", "show a layout in the terminal, as SVG or as a page"},
    {"from-dts", pm_cmd_from_dts, "outboard pm from-dts", "make a pm_static.yml from devicetree partitions"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fputs("Usage: outboard pm COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    }
    fputs("\n  outboard pm COMMAND --help   what it takes\n", out);
}

int ob_cmd_pm(int argc, char **argv)
{
    int status = OB_EXIT_USAGE;

    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return OB_EXIT_OK;
    }
    if (!ob_subcommand_run("outboard pm", commands, COMMAND_COUNT, argc, argv, &status)) {
        if (argc > 1) {
            ob_diag_error(NULL, "outboard pm has no option '%s'; see 'outboard pm --help'", argv[1]);
        } else {
            print_help(stderr);
        }
    }
    return status;
}
