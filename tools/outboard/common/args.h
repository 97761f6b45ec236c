/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_ARGS_H
#define OUTBOARD_COMMON_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

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

/**
 * Take the number that *text begins with, decimal or 0x; *text goes on behind it.
 * @return false: none stands there (a sign is none), or it is larger than max
 */
bool ob_args_take_number(const char **text, uint64_t max, uint64_t *number);

/** From a parser: the argument of an option, a number from min to max. */
uint64_t ob_args_number(const struct argp_state *state, const char *option, const char *text, uint64_t min,
                        uint64_t max);

/** From a parser: --shard I/N, the I-th of N parts, from 1. */
void ob_args_shard(const struct argp_state *state, const char *text, unsigned *shard, unsigned *shards);

#endif
