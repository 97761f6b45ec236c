/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "subcommand.h"

#include <stdio.h>
#include <string.h>

#include "diag.h"

bool ob_is_misspelt(const char *word, const char *meant)
{
    size_t same = 0;

    while (word[same] != '\0' && word[same] == meant[same]) {
        same++;
    }
    word += same;
    meant += same;
    bool swapped = word[0] != '\0' && meant[0] != '\0' && word[0] == meant[1] && word[1] == meant[0] &&
                   strcmp(word + 2, meant + 2) == 0;
    return swapped || (word[0] != '\0' && strcmp(word + 1, meant) == 0) ||
           (meant[0] != '\0' && strcmp(word, meant + 1) == 0) ||
           (word[0] != '\0' && meant[0] != '\0' && strcmp(word + 1, meant + 1) == 0);
}

static const char *nearest(const struct ob_subcommand *commands, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (ob_is_misspelt(word, commands[i].name)) {
            return commands[i].name;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (strncmp(word, commands[i].name, strlen(word)) == 0) {
            return commands[i].name; /* its beginning only */
        }
    }
    return NULL;
}

bool ob_subcommand_run(const char *group, const struct ob_subcommand *commands, size_t count, int argc, char **argv,
                       int *status)
{
    if (argc < 2 || argv[1][0] == '-') {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) {
            argv[1] = commands[i].full_name;
            *status = commands[i].run(argc - 1, argv + 1);
            return true;
        }
    }
    const char *meant = nearest(commands, count, argv[1]);
    if (meant != NULL) {
        ob_diag_error(NULL, "no command '%s %s'; did you mean '%s %s'?", group, argv[1], group, meant);
    } else {
        ob_diag_error(NULL, "no command '%s %s'; see '%s --help'", group, argv[1], group);
    }
    *status = OB_EXIT_USAGE;
    return true;
}

static void print_help(FILE *out, const char *group, const struct ob_subcommand *commands, size_t count)
{
    fprintf(out, "Usage: %s COMMAND [OPTION...]\n\n", group);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(out,
            "\n  %s COMMAND --help   what it takes\n\n"
            "Exit status: 0 fine, 1 a finding, 2 wrong usage or an unreadable file.\n",
            group);
}

int ob_subcommand_group(const char *group, const struct ob_subcommand *commands, size_t count, int argc, char **argv)
{
    int status = OB_EXIT_USAGE;

    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        print_help(stdout, group, commands, count);
        return OB_EXIT_OK;
    }
    if (!ob_subcommand_run(group, commands, count, argc, argv, &status)) {
        if (argc > 1) {
            ob_diag_error(NULL, "%s has no option '%s'; see '%s --help'", group, argv[1], group);
        } else {
            print_help(stderr, group, commands, count);
        }
    }
    return status;
}
