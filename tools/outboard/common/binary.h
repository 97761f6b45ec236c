/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_BINARY_H
#define OUTBOARD_COMMON_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

/* What flash holds, as files have it: ELF, Intel HEX, UF2 or raw. */

enum ob_binary_kind { OB_BINARY_RAW, OB_BINARY_HEX, OB_BINARY_ELF, OB_BINARY_UF2 };

/** Its content tells. */
enum ob_binary_kind ob_binary_kind_of(const char *data, size_t len);

/** @return what a raw file is, if it is nothing that flash holds: text, an archive; NULL: it may be that */
const char *ob_binary_no_content(const char *data, size_t len);

/** One piece of a file. @return false: stop; it was said why */
typedef bool ob_binary_visit(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len);

/**
 * Visit a file piece by piece. A raw one is one piece at address 0.
 * @return false after printing what is wrong
 */
bool ob_binary_each(const char *path, const char *data, size_t len, ob_binary_visit *visit, void *ctx);

#endif
