/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/uart.h>

#define CONSOLE DEVICE_DT_GET(DT_CHOSEN(zephyr_console))

/** Devices that start before the console have something to say too: it starts with the first character. */
static bool ready(void)
{
    if (!ob_device_ready(CONSOLE)) {
        *CONSOLE->status = CONSOLE->init(CONSOLE);
    }
    return ob_device_ready(CONSOLE);
}

static void put_byte(uint8_t byte)
{
    const struct ob_uart *uart = CONSOLE->api;
    uart->put(CONSOLE, byte);
}

void ob_console_put(char c)
{
    if (!ready()) {
        return;
    }
    if (c == '\n') {
        put_byte('\r');
    }
    put_byte((uint8_t)c);
}

bool ob_console_get(uint8_t *byte)
{
    const struct ob_uart *uart = CONSOLE->api;
    return ob_device_ready(CONSOLE) && uart->get(CONSOLE, byte);
}
