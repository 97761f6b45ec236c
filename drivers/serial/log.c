/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/format.h>
#include <outboard/log.h>
#include <outboard/uart.h>

void ob_log(enum ob_log_level level, const char *format, ...)
{
    static const char letters[] = {
        [OB_LOG_LEVEL_ERR] = 'E',
        [OB_LOG_LEVEL_WRN] = 'W',
        [OB_LOG_LEVEL_INF] = 'I',
    };
    va_list args;
    ob_console_put(letters[level]);
    ob_console_put(':');
    ob_console_put(' ');
    va_start(args, format);
    ob_format(ob_console_put, format, args);
    va_end(args);
    ob_console_put('\n');
}
