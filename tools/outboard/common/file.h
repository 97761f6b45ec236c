/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_FILE_H
#define OUTBOARD_COMMON_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "diag.h"

/**
 * Read a whole regular file.
 *
 * @param max  bytes; a larger file is refused without being read
 * @param data malloc'ed, one NUL after the last byte; the caller frees it. NULL on error
 * @return OB_EXIT_USAGE after printing why the file cannot be used
 */
enum ob_exit ob_file_read(const char *path, size_t max, char **data, size_t *len);

/** One file to be written. */
struct ob_file_text {
    const char *path;
    char *data; /* malloc'ed */
    size_t len;
};

/** Open a file's text for writing, in memory: fclose() completes it, ob_file_text_free() frees it. NULL: out of memory
 */
FILE *ob_file_text_open(struct ob_file_text *file);
void ob_file_text_free(struct ob_file_text *files, size_t count);

/**
 * Write several files as one: each goes to a temporary file beside its target first, and the targets
 * are replaced by renames only when all of them are complete. On an error no target was replaced,
 * unless a rename itself failed. A target that holds the same already keeps its time, and each its mode. A link stays
 * one, to the new file; a pipe or a device is written into, and stays what it is.
 *
 * @return OB_EXIT_USAGE after printing which path cannot be written
 */
enum ob_exit ob_file_write_all(const struct ob_file_text *files, size_t count);

/** The end of a text that is a file by itself: write and free it. */
enum ob_exit ob_file_text_write(struct ob_file_text *file, FILE *out);

#endif
