/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_SYMBOL_H
#define OUTBOARD_PM_SYMBOL_H

#include <stdbool.h>
#include <stdint.h>

#include "../../common/diag.h"

/**
 * Look up a symbol in the symbol table of a linked image (ELF, 32 bits, little-endian).
 *
 * @param found false: there is no such symbol, or no symbol table
 * @return OB_EXIT_USAGE after printing why the file cannot be used
 */
enum ob_exit pm_symbol_read(const char *path, const char *name, bool *found, uint32_t *value);

#endif
