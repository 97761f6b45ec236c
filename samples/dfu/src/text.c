/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include <outboard/format.h>
#include <outboard/uart.h>
#include <outboard/util.h>
#include <outboard/watchdog.h>

#include "text.h"

#define BACKSPACE 0x08
#define DELETE 0x7f

void text_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ob_format(ob_console_put, format, args);
    va_end(args);
}

void text_alive(void)
{
    if (OB_ENABLED(CONFIG_WATCHDOG)) {
        ob_watchdog_feed();
    }
}

bool text_get(uint8_t *byte)
{
    text_alive();
    return ob_console_get(byte);
}

static char wait_char(void)
{
    uint8_t byte;

    while (!text_get(&byte)) {
    }
    return (char)byte;
}

static bool is_printable(char c)
{
    return c >= ' ' && c < DELETE;
}

bool text_read_line(char *line, uint32_t size)
{
    uint32_t len = 0;
    bool fits = true;

    for (char c = wait_char(); c != '\r' && c != '\n'; c = wait_char()) {
        if ((c == BACKSPACE || c == DELETE) && len > 0) {
            len--;
            text_print("\b \b");
        } else if (is_printable(c) && len == size - 1) {
            fits = false;
        } else if (is_printable(c)) {
            line[len++] = c;
            ob_console_put(c);
        }
    }
    line[len] = '\0';
    text_print("\n");
    return fits;
}

bool text_parse_number(const char *text, uint32_t *number)
{
    uint32_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint32_t digit = (uint32_t)(*text - '0');
        if (digit > 9 || value > (UINT32_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}
