/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_UART_H
#define OUTBOARD_UART_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/device.h>

/** What the device of a UART offers as its api. Both poll; neither needs an interrupt. */
struct ob_uart {
    /** Send one byte. Waits for room in the transmitter, but not longer than a byte can take: then it is lost. */
    void (*put)(const struct ob_device *dev, uint8_t byte);
    /** @return true and the byte if one was received; false at once if not */
    bool (*get)(const struct ob_device *dev, uint8_t *byte);
};

/** The console (chosen zephyr,console). Output before its device is initialised is dropped. */
void ob_console_put(char c);

/** Read one byte from the console if there is one. */
bool ob_console_get(uint8_t *byte);

#endif
