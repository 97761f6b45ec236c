/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include <outboard/version.h>

#include "commands.h"
#include "common/diag.h"
#include "common/subcommand.h"

#define COMMAND(name, summary) {#name, ob_cmd_##name, "outboard " #name, summary},

static const struct ob_subcommand commands[] = {
#include "command_list.inc" /* one COMMAND() per folder, written by CMakeLists.txt */
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fputs("Usage: outboard COMMAND [ARGUMENT...]\n\n"
          "Everything around a bootloader whose update slot is in external flash.\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    }
    fputs("\n  outboard COMMAND --help   what a command takes\n"
          "  outboard --version        the version of this program\n\n"
          "With --json, standard output is one JSON document; of an error {\"errors\": [...]}.\n"
          "Exit status: 0 fine, 1 a finding in the input, 2 wrong usage or unreadable input.\n",
          out);
}

/** `-h` is what people type; argp knows `-?` and `--help`. */
static void accept_short_help(int argc, char **argv)
{
    static char help[] = "--help";

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        argv[i] = strcmp(argv[i], "-h") == 0 ? help : argv[i];
    }
}

int main(int argc, char **argv)
{
    int status = OB_EXIT_USAGE;

    accept_short_help(argc, argv);
    if (argc < 2) {
        print_help(stderr);
        return OB_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return ob_diag_end(OB_EXIT_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("outboard " OB_VERSION);
        return ob_diag_end(OB_EXIT_OK);
    }
    argp_err_exit_status = OB_EXIT_USAGE;
    if (!ob_subcommand_run("outboard", commands, COMMAND_COUNT, argc, argv, &status)) {
        ob_diag_error(NULL, "no option '%s'; see 'outboard --help'", argv[1]);
    }
    return ob_diag_end(status);
}
