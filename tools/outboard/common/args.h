/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_ARGS_H
#define OUTBOARD_COMMON_ARGS_H

#include <argp.h>

/**
 * Run argp. What is wrong with a command line is told in one line and ends the program with OB_EXIT_USAGE; --help ends
 * it too.
 *
 * Options are written out: getopt would take `--regions` for `--regions-extra`, which the SDK's scripts do not, and a
 * new option could change what an old abbreviation means. With an option --json that takes no argument, errors are
 * JSON too (ob_diag_json).
 *
 * @param flags  of argp_parse
 */
void ob_args_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

/** From a parser: what is wrong with the command line. */
_Noreturn void ob_args_error(const struct argp_state *state, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
