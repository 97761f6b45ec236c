/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_DIAG_H
#define OUTBOARD_COMMON_DIAG_H

#include <stdint.h>

/** What the program's exit status says; every subcommand returns one of these. */
enum ob_exit {
    OB_EXIT_OK = 0,
    OB_EXIT_FINDING = 1,       /* the input was read and something in it is wrong */
    OB_EXIT_USAGE = 2,         /* wrong usage, or an input that cannot be read or parsed */
    OB_EXIT_INTERRUPTED = 130, /* by Ctrl-C, as a shell tells it; what was done until then is printed */
};

/** Where a message points to. line 0: the whole file; file NULL: the program itself. */
struct ob_loc {
    const char *file;
    uint32_t line; /* counts from 1 */
    uint32_t col;  /* counts from 1 */
};

/**
 * Print `file:line:col: error: what; cure` on stderr.
 *
 * One line: a line end within it, and bytes that a terminal could take for a command, are printed as `\xNN`, because
 * names come from input files. Colour is used on a terminal, and never when NO_COLOR is set.
 *
 * @param at NULL prints `outboard: error: ...`
 */
void ob_diag_error(const struct ob_loc *at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ob_diag_warning(const struct ob_loc *at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ob_diag_note(const struct ob_loc *at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * The user asked for JSON: if the command fails and prints none itself, ob_diag_end() prints
 * `{"errors": [{"file", "line", "column", "message"}]}` on stdout, file and line where there are such.
 */
void ob_diag_json(void);
void ob_diag_json_printed(void);

/**
 * Called once, at the end: what was printed must have arrived. A reader that went away is no error.
 * @return the status, or OB_EXIT_USAGE after saying that it did not
 */
int ob_diag_end(int status);

#endif
