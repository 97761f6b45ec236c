/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include <outboard/log.h>

static void (*sink)(void *ctx, const char *line); /* ob_log() has no context */
static void *sink_ctx;

void sim_log_to(void (*line)(void *ctx, const char *line), void *ctx)
{
    sink = line;
    sink_ctx = ctx;
}

void ob_log(enum ob_log_level level, const char *format, ...)
{
    static const char letters[] = "EWI";
    char line[200];
    va_list args;

    if (sink == NULL) {
        return;
    }
    int at = snprintf(line, sizeof(line), "%c: ", letters[level]);
    va_start(args, format);
    vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
    va_end(args);
    sink(sink_ctx, line);
}
