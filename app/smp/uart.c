/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/smp.h>
#include <outboard/time.h>
#include <outboard/uart.h>
#include <outboard/util.h>

#define RAW (OB_ENABLED(CONFIG_MCUMGR_TRANSPORT_RAW_UART) || OB_ENABLED(CONFIG_BOOT_SERIAL_RAW_PROTOCOL))
#define AT_ONCE 64u         /* bytes, then the caller has its turn */
#define SILENCE_US 3000000u /* raw: who says nothing for so long in the middle of a request is gone */

static void put(void *ctx, uint8_t byte)
{
    const struct ob_device *dev = ctx;
    const struct ob_uart *api = dev->api;

    api->put(dev, byte);
}

static bool answer(struct ob_smp_uart *uart, const uint8_t *request, uint32_t len)
{
    uint32_t size = ob_smp_handle(uart->smp, request, len, uart->answer, uart->answer_size);

    if (size == 0) {
        return false;
    }
    if (RAW) {
        ob_smp_raw_put(uart->answer, size, put, (void *)uart->dev);
    } else {
        ob_smp_console_put(uart->answer, size, put, (void *)uart->dev);
    }
    ob_smp_finish(uart->smp);
    return true;
}

/** One byte of a request. @return it was the last one, and the request is answered */
static bool take(struct ob_smp_uart *uart, uint8_t byte)
{
    const uint8_t *request;
    uint32_t len;
    bool whole = RAW ? ob_smp_raw_take(&uart->framing, byte, &request, &len)
                     : ob_smp_console_take(&uart->framing, byte, &request, &len);

    return whole && answer(uart, request, len);
}

/** Raw: bytes alone do not tell where a request begins, a pause does. */
static void forget_the_silent(struct ob_smp_uart *uart, bool heard)
{
    if (!RAW) {
        return;
    }
    if (heard) {
        uart->heard_us = ob_time_us();
    } else if (ob_time_us() - uart->heard_us > SILENCE_US) {
        uart->framing.len = 0;
    }
}

bool ob_smp_uart_poll(struct ob_smp_uart *uart)
{
    const struct ob_uart *api = uart->dev->api;
    bool answered = false;
    uint32_t count = 0;
    uint8_t byte;

    while (count < AT_ONCE && ob_device_ready(uart->dev) && api->get(uart->dev, &byte)) {
        answered |= take(uart, byte);
        count++;
    }
    forget_the_silent(uart, count > 0);
    return answered;
}
