/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_LOG_H
#define OUTBOARD_LOG_H

#include <outboard/util.h>

enum ob_log_level { OB_LOG_LEVEL_ERR, OB_LOG_LEVEL_WRN, OB_LOG_LEVEL_INF };

/**
 * One line of log. Each program brings its own: the firmware prints `I: text` on its console, the simulator records.
 * Formats: %s %u %d %x %c and %% with an optional `0` and width; no floating point, no 64 bit.
 */
__attribute__((format(printf, 2, 3))) void ob_log(enum ob_log_level level, const char *format, ...);

#define OB_LOG(level, ...)              \
    do {                                \
        if (OB_ENABLED(CONFIG_LOG)) {   \
            ob_log(level, __VA_ARGS__); \
        }                               \
    } while (0)

#define OB_LOG_ERR(...) OB_LOG(OB_LOG_LEVEL_ERR, __VA_ARGS__)
#define OB_LOG_WRN(...) OB_LOG(OB_LOG_LEVEL_WRN, __VA_ARGS__)
#define OB_LOG_INF(...) OB_LOG(OB_LOG_LEVEL_INF, __VA_ARGS__)

#endif
