/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_SUBCOMMAND_H
#define OUTBOARD_COMMON_SUBCOMMAND_H

#include <stdbool.h>
#include <stddef.h>

/** One word after the program, or after a command that has commands of its own. */
struct ob_subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    char *full_name; /* what getopt and argp print as the program */
    const char *summary;
};

/**
 * Run the command that argv[1] names. One that does not exist is told, with the name that was probably meant.
 *
 * @param group  what the user wrote before it: "outboard", "outboard pm"
 * @return false if argv[1] is absent or an option: then the caller says what there is
 */
bool ob_subcommand_run(const char *group, const struct ob_subcommand *commands, size_t count, int argc, char **argv,
                       int *status);

/**
 * The same for a group that does nothing else: --help lists its commands, and so does nothing, on stderr; an option is
 * told that there is none.
 * @return the status
 */
int ob_subcommand_group(const char *group, const struct ob_subcommand *commands, size_t count, int argc, char **argv);

/** Whether one character more, less or another, or two that changed places, make one word of the other. */
bool ob_is_misspelt(const char *word, const char *meant);

#endif
