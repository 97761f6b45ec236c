/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include <outboard/version.h>

#include "commands.h"
#include "common/diag.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    char *full_name; /* what getopt and argp print as the program */
    const char *summary;
};

#define COMMAND(name, summary) {#name, ob_cmd_##name, "outboard " #name, summary},

static const struct command commands[] = {
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
          "Exit status: 0 fine, 1 a finding in the input, 2 wrong usage or unreadable input.\n",
          out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return OB_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return OB_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("outboard " OB_VERSION);
        return OB_EXIT_OK;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL) {
        ob_diag_error(NULL, "no command '%s'; see 'outboard --help'", argv[1]);
        return OB_EXIT_USAGE;
    }
    argv[1] = command->full_name;
    argp_err_exit_status = OB_EXIT_USAGE;
    return command->run(argc - 1, argv + 1);
}
