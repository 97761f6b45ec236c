/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_FORMAT_H
#define OUTBOARD_FORMAT_H

#include <stdarg.h>

/**
 * Format text without an allocation, a buffer or a C library: each character goes to put().
 *
 * Formats: %s %u %d %x %c %%, with an optional `0` and width. Anything else is printed as written and
 * takes no argument.
 */
void ob_format(void (*put)(char c), const char *format, va_list args);

#endif
