/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DFU_TEXT_H
#define DFU_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/** Print on the console; the formats of ob_format(). */
__attribute__((format(printf, 1, 2))) void text_print(const char *format, ...);

/** The program is alive: feed the watchdog, if there is one. */
void text_alive(void);

/** Take a byte from the console if there is one. Who waits for it is alive. */
bool text_get(uint8_t *byte);

/**
 * Read one line, echoing it. Lets a backspace erase; drops what is not printable.
 *
 * @param line  NUL-terminated, without the end of the line
 * @return false: the line was longer than size - 1, and is lost
 */
bool text_read_line(char *line, uint32_t size);

/** Read a decimal number that is the whole text. @return false: it is not one, or does not fit 32 bits */
bool text_parse_number(const char *text, uint32_t *number);

#endif
