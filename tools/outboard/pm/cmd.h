/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_CMD_H
#define OUTBOARD_PM_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "../common/arena.h"
#include "../common/args.h"
#include "../common/diag.h"

/* The subcommands of `outboard pm`; argv[0] is "outboard pm <name>". */
int pm_cmd_resolve(int argc, char **argv);
int pm_cmd_output(int argc, char **argv);
int pm_cmd_check(int argc, char **argv);
int pm_cmd_lock(int argc, char **argv);
int pm_cmd_report(int argc, char **argv);
int pm_cmd_from_dts(int argc, char **argv);

/** A list of words after one option. */
struct pm_words {
    const char **v;
    uint32_t count;
};

void pm_words_add(struct pm_words *words, const char *word, struct ob_arena *arena);

#endif
