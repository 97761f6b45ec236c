/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <string.h>

#include <outboard/util.h>

#include "../board.h"

/*
 * A 16550 whose registers are four bytes apart, at the 115200 baud that the boot ROM sets. Polled: it has no interrupts
 * here. What comes while its FIFO is full waits outside. Source: QEMU 7.2, hw/char/serial.c.
 */

#define DATA 0x00u
#define FIFO_CONTROL 0x08u
#define LINE_STATUS 0x14u
#define FIFO_ENABLE 0x01u
#define FIFO_TRIGGER 0xc0u
#define RECEIVED 0x01u
#define HAS_ROOM 0x20u
#define ALL_SENT 0x40u
#define FIFO 16u
#define BYTE_TICKS (10u * 1000000u * VB_TICKS_PER_US / 115200u)

struct uart {
    uint64_t tx_due, rx_due;
    uint8_t tx[FIFO], rx[FIFO];
    uint8_t tx_len, rx_len;
};

static const struct vb_register registers[] = {
    {.offset = DATA, .access = VB_READ_WRITE, .name = "DATA"},
    {.offset = FIFO_CONTROL, .access = VB_WRITE_ONLY, .name = "FCR"},
    {.offset = LINE_STATUS, .access = VB_READ_ONLY, .name = "LSR"},
};

static void schedule(struct vb_device *dev)
{
    const struct uart *uart = dev->state;

    vb_schedule(dev, OB_MIN(uart->tx_due, uart->rx_due));
}

static void listen(struct vb_device *dev)
{
    struct uart *uart = dev->state;

    if (uart->rx_due == VB_NEVER && uart->rx_len < FIFO && dev->board->input_from != dev->board->input_to) {
        uart->rx_due = vb_now(dev->board) + BYTE_TICKS;
        schedule(dev);
    }
}

static void send(struct vb_device *dev, uint8_t byte)
{
    struct uart *uart = dev->state;

    if (uart->tx_len == FIFO) {
        vb_refuse(dev, "DATA is written while there is no room");
        return;
    }
    if (uart->tx_len == 0) {
        uart->tx_due = vb_now(dev->board) + BYTE_TICKS;
        schedule(dev);
    }
    uart->tx[uart->tx_len++] = byte;
}

static uint8_t take(struct vb_device *dev)
{
    struct uart *uart = dev->state;
    uint8_t byte = uart->rx[0];

    if (uart->rx_len == 0) {
        return 0;
    }
    memmove(uart->rx, uart->rx + 1, --uart->rx_len);
    listen(dev);
    return byte;
}

/* With its FIFO the transmitter says that there is room when all is out, as the part does. */
static uint32_t line_status(const struct vb_device *dev)
{
    const struct uart *uart = dev->state;

    if (uart->tx_len != 0) {
        vb_polled(dev->board, &dev->board->polling, uart->tx_due);
    }
    return (uart->rx_len != 0 ? RECEIVED : 0) | (uart->tx_len == 0 ? HAS_ROOM | ALL_SENT : 0);
}

static uint32_t uart_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    return off == DATA ? take(dev) : off == LINE_STATUS ? line_status(dev) : stored;
}

static uint32_t uart_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == DATA) {
        send(dev, (uint8_t)value);
    } else if ((value & ~(FIFO_ENABLE | FIFO_TRIGGER)) != 0) {
        vb_refuse(dev, "FCR = 0x%02x is not modelled: the FIFO and its trigger level are", value);
    }
    return value;
}

static void uart_reset(struct vb_device *dev, enum vb_reset why)
{
    struct uart *uart = dev->state;

    (void)why;
    *uart = (struct uart){.tx_due = VB_NEVER, .rx_due = VB_NEVER};
    listen(dev);
}

static void uart_event(struct vb_device *dev)
{
    struct uart *uart = dev->state;

    if (uart->tx_due <= vb_now(dev->board)) {
        vb_serial_say(dev, uart->tx[0]);
        memmove(uart->tx, uart->tx + 1, --uart->tx_len);
        uart->tx_due = uart->tx_len == 0 ? VB_NEVER : vb_now(dev->board) + BYTE_TICKS;
    }
    if (uart->rx_due <= vb_now(dev->board)) {
        uart->rx_due = VB_NEVER;
        uart->rx_len += vb_serial_next(dev, &uart->rx[uart->rx_len]);
        listen(dev);
    }
    schedule(dev);
}

const struct vb_class vb_class_aspeed_uart = {.name = "UART",
                                              .registers = registers,
                                              .register_count = OB_ARRAY_SIZE(registers),
                                              .state_size = sizeof(struct uart),
                                              .reset = uart_reset,
                                              .read = uart_read,
                                              .write = uart_write,
                                              .event = uart_event,
                                              .listen = listen};
