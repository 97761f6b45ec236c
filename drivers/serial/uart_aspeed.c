/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/time.h>
#include <outboard/uart.h>

/* 16550 registers, four bytes apart. Source: AST1030 datasheet, UART controller. */
#define REG_DATA 0x00u
#define REG_FIFO_CONTROL 0x08u
#define REG_LINE_STATUS 0x14u

#define FIFO_ENABLE 0x01u
#define FIFO_TRIGGER_14 0xc0u

#define LINE_RECEIVED 0x01u
#define LINE_HAS_ROOM 0x20u

/* A byte takes 1 ms at 9600 baud. What cannot be sent by then is dropped: a console must not stop a start. */
#define SEND_MAX_US 2000u

struct uart_config {
    uintptr_t base;
};

static volatile uint32_t *uart_reg(const struct ob_device *dev, uint32_t offset)
{
    const struct uart_config *config = dev->config;
    return (volatile uint32_t *)(config->base + offset);
}

/*
 * The boot ROM has set the baud rate; the emulated UART needs none. The FIFO keeps what arrives while nobody polls, up
 * to 16 bytes. Its trigger level matters to QEMU only, which hands over that many bytes at once.
 */
static enum ob_err uart_init(const struct ob_device *dev)
{
    *uart_reg(dev, REG_FIFO_CONTROL) = FIFO_ENABLE | FIFO_TRIGGER_14;
    return OB_OK;
}

static void uart_put(const struct ob_device *dev, uint8_t byte)
{
    uint32_t start = ob_time_us();
    while ((*uart_reg(dev, REG_LINE_STATUS) & LINE_HAS_ROOM) == 0 && ob_time_us() - start < SEND_MAX_US) {
    }
    *uart_reg(dev, REG_DATA) = byte;
}

static bool uart_get(const struct ob_device *dev, uint8_t *byte)
{
    if ((*uart_reg(dev, REG_LINE_STATUS) & LINE_RECEIVED) == 0) {
        return false;
    }
    *byte = (uint8_t)*uart_reg(dev, REG_DATA);
    return true;
}

static const struct ob_uart uart_api = {.put = uart_put, .get = OB_ENABLED(CONFIG_UART_RECEIVE) ? uart_get : NULL};

#define UART_DEFINE(node)                                                                                 \
    static const struct uart_config DT_CAT(uart_config_, DT_DEP_ORD(node)) = {.base = DT_REG_ADDR(node)}; \
    OB_DEVICE_DT_DEFINE(node, uart_init, NULL, &DT_CAT(uart_config_, DT_DEP_ORD(node)), &uart_api)

DT_FOREACH_STATUS_OKAY(aspeed_ast1030_uart, UART_DEFINE)
