/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <string.h>

#include <outboard/util.h>

#include "../board.h"

/*
 * A serial line with DMA (UARTE), and the older one without (UART) that shares its registers on the nRF52840. Bytes
 * take their time. What comes while nobody has started to receive waits outside; what comes while the receiver is on
 * and has nowhere to put it is lost, as on the part. Source: nRF52840 Product Specification, UARTE and UART.
 */

#define STARTRX 0x000u
#define STOPRX 0x004u
#define STARTTX 0x008u
#define STOPTX 0x00cu
#define FLUSHRX 0x02cu
#define RXDRDY 0x108u
#define ENDRX 0x110u
#define TXDRDY 0x11cu
#define ENDTX 0x120u
#define ERROR 0x124u
#define RXTO 0x144u
#define RXSTARTED 0x14cu
#define TXSTARTED 0x150u
#define TXSTOPPED 0x158u
#define SHORTS 0x200u
#define ERRORSRC 0x480u
#define ENABLE 0x500u
#define PSEL_RTS 0x508u
#define PSEL_TXD 0x50cu
#define PSEL_RXD 0x514u
#define UART_RXD 0x518u
#define UART_TXD 0x51cu
#define BAUDRATE 0x524u
#define RXD_PTR 0x534u
#define RXD_MAXCNT 0x538u
#define RXD_AMOUNT 0x53cu
#define TXD_PTR 0x544u
#define TXD_MAXCNT 0x548u
#define TXD_AMOUNT 0x54cu
#define CONFIG 0x56cu

#define ENABLE_UART 4u
#define ENABLE_UARTE 8u
#define SHORT_ENDRX_STARTRX (1u << 5)
#define SHORT_ENDRX_STOPRX (1u << 6)
#define OVERRUN 1u
#define CONFIG_HWFC 1u
#define CONFIG_PARITY (7u << 1)
#define CONFIG_TWO_STOP_BITS (1u << 4)
#define FIFO 6u

struct uarte {
    uint64_t tx_due;   /* the byte that is on the line is out */
    uint64_t rx_due;   /* the next one is in */
    uint64_t stop_due; /* RXTO */
    uint32_t tx_at;    /* address of the byte that is on the line */
    uint32_t tx_left;  /* bytes, that one included */
    uint32_t rx_at;    /* latched with STARTRX */
    uint32_t rx_max;
    uint32_t rx_amount;
    bool sending;    /* between STARTTX and STOPTX (UART), or until ENDTX (UARTE) */
    bool receiving;  /* the receiver is on */
    bool buffer;     /* and has a buffer */
    uint8_t tx_byte; /* UART */
    uint8_t fifo[FIFO];
    uint8_t fifo_len;
};

static const struct vb_register registers[] = {
    {.offset = STARTRX, .access = VB_TASK, .name = "TASKS_STARTRX"},
    {.offset = STOPRX, .access = VB_TASK, .name = "TASKS_STOPRX"},
    {.offset = STARTTX, .access = VB_TASK, .name = "TASKS_STARTTX"},
    {.offset = STOPTX, .access = VB_TASK, .name = "TASKS_STOPTX"},
    {.offset = FLUSHRX, .access = VB_TASK, .name = "TASKS_FLUSHRX"},
    {.offset = 0x100, .access = VB_EVENT, .name = "EVENTS_CTS"},
    {.offset = 0x104, .access = VB_EVENT, .name = "EVENTS_NCTS"},
    {.offset = RXDRDY, .access = VB_EVENT, .name = "EVENTS_RXDRDY"},
    {.offset = ENDRX, .access = VB_EVENT, .name = "EVENTS_ENDRX"},
    {.offset = TXDRDY, .access = VB_EVENT, .name = "EVENTS_TXDRDY"},
    {.offset = ENDTX, .access = VB_EVENT, .name = "EVENTS_ENDTX"},
    {.offset = ERROR, .access = VB_EVENT, .name = "EVENTS_ERROR"},
    {.offset = RXTO, .access = VB_EVENT, .name = "EVENTS_RXTO"},
    {.offset = RXSTARTED, .access = VB_EVENT, .name = "EVENTS_RXSTARTED"},
    {.offset = TXSTARTED, .access = VB_EVENT, .name = "EVENTS_TXSTARTED"},
    {.offset = TXSTOPPED, .access = VB_EVENT, .name = "EVENTS_TXSTOPPED"},
    {.offset = SHORTS, .access = VB_READ_WRITE, .name = "SHORTS"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = ERRORSRC, .access = VB_READ_WRITE, .name = "ERRORSRC"},
    {.offset = ENABLE, .access = VB_READ_WRITE, .name = "ENABLE"},
    {.offset = PSEL_RTS, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.RTS"},
    {.offset = PSEL_TXD, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.TXD"},
    {.offset = 0x510, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.CTS"},
    {.offset = PSEL_RXD, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.RXD"},
    {.offset = UART_RXD, .access = VB_READ_ONLY, .name = "RXD"},
    {.offset = UART_TXD, .access = VB_WRITE_ONLY, .name = "TXD"},
    {.offset = BAUDRATE, .access = VB_READ_WRITE, .reset = 0x04000000, .name = "BAUDRATE"},
    {.offset = RXD_PTR, .access = VB_READ_WRITE, .name = "RXD.PTR"},
    {.offset = RXD_MAXCNT, .access = VB_READ_WRITE, .name = "RXD.MAXCNT"},
    {.offset = RXD_AMOUNT, .access = VB_READ_ONLY, .name = "RXD.AMOUNT"},
    {.offset = TXD_PTR, .access = VB_READ_WRITE, .name = "TXD.PTR"},
    {.offset = TXD_MAXCNT, .access = VB_READ_WRITE, .name = "TXD.MAXCNT"},
    {.offset = TXD_AMOUNT, .access = VB_READ_ONLY, .name = "TXD.AMOUNT"},
    {.offset = CONFIG, .access = VB_READ_WRITE, .name = "CONFIG"},
};

/* ---- time ---- */

static void schedule(struct vb_device *dev)
{
    const struct uarte *uart = dev->state;

    vb_schedule(dev, OB_MIN(OB_MIN(uart->tx_due, uart->rx_due), uart->stop_due));
}

/* BAUDRATE counts in 16 MHz / 2^32, a tick is 1/128 MHz. */
static uint64_t byte_ticks(const struct vb_device *dev)
{
    uint32_t config = vb_get(dev, CONFIG);
    uint64_t bits = 10u + ((config & CONFIG_PARITY) != 0) + ((config & CONFIG_TWO_STOP_BITS) != 0);

    return bits * ((uint64_t)8 << 32) / OB_MAX(vb_get(dev, BAUDRATE), 1u);
}

static bool is_on(const struct vb_device *dev)
{
    return vb_get(dev, ENABLE) != 0;
}

static bool has_dma(const struct vb_device *dev)
{
    return vb_get(dev, ENABLE) == ENABLE_UARTE;
}

/* ---- sending ---- */

static bool has_pin(const struct vb_device *dev)
{
    return vb_psel_pin(vb_get(dev, PSEL_TXD)) != VB_PIN_NONE;
}

static void start_tx(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    if (!has_pin(dev)) {
        vb_note(dev, "sends while PSEL.TXD is not connected: nobody hears it");
    }
    if (!is_on(dev)) {
        vb_refuse(dev, "TASKS_STARTTX while ENABLE is 0");
    } else if (!has_dma(dev)) {
        uart->sending = true;
    } else if (uart->sending) {
        vb_refuse(dev, "TASKS_STARTTX while it sends");
    } else if (vb_get(dev, TXD_MAXCNT) == 0) { /* nrfx starts with it, to have TXSTOPPED */
        vb_set(dev, TXD_AMOUNT, 0);
        vb_event(dev, TXSTARTED);
        vb_event(dev, ENDTX);
    } else {
        uart->sending = true;
        uart->tx_at = vb_get(dev, TXD_PTR);
        uart->tx_left = vb_get(dev, TXD_MAXCNT) & 0xffff;
        uart->tx_due = vb_now(dev->board) + byte_ticks(dev);
        vb_event(dev, TXSTARTED);
        schedule(dev);
    }
}

static void stop_tx(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    uart->sending = false;
    uart->tx_left = 0;
    uart->tx_due = VB_NEVER;
    if (has_dma(dev)) {
        vb_event(dev, TXSTOPPED);
    }
    schedule(dev);
}

static void send_byte(struct vb_device *dev, uint8_t byte)
{
    struct uarte *uart = dev->state;

    if (!uart->sending || vb_get(dev, ENABLE) != ENABLE_UART) {
        vb_refuse(dev, "TXD is written while the UART is not enabled or not started");
    } else if (uart->tx_left != 0) {
        vb_refuse(dev, "TXD is written before TXDRDY");
    } else {
        uart->tx_byte = byte;
        uart->tx_left = 1;
        uart->tx_due = vb_now(dev->board) + byte_ticks(dev);
        schedule(dev);
    }
}

static void byte_is_out(struct vb_device *dev)
{
    struct uarte *uart = dev->state;
    uint8_t byte = uart->tx_byte;

    uart->tx_due = VB_NEVER;
    if (has_dma(dev) && !vb_dma_read(dev, uart->tx_at, &byte, 1)) {
        return;
    }
    if (has_pin(dev)) {
        vb_serial_say(dev, byte);
    }
    vb_event(dev, TXDRDY);
    uart->tx_left--;
    if (!has_dma(dev)) {
        return;
    }
    uart->tx_at++;
    vb_set(dev, TXD_AMOUNT, vb_get(dev, TXD_MAXCNT) - uart->tx_left);
    if (uart->tx_left > 0) {
        uart->tx_due = vb_now(dev->board) + byte_ticks(dev);
    } else {
        uart->sending = false;
        vb_event(dev, ENDTX);
    }
}

/* ---- receiving ---- */

static void start_rx(struct vb_device *dev);
static void uart_listen(struct vb_device *dev);

static void stop_rx(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    uart->receiving = false;
    uart->rx_due = VB_NEVER;
    if (uart->buffer) {
        uart->buffer = false;
        vb_set(dev, RXD_AMOUNT, uart->rx_amount);
        vb_event(dev, ENDRX);
    }
    uart->stop_due = vb_now(dev->board) + 4 * byte_ticks(dev);
    schedule(dev);
}

static void buffer_is_full(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    uart->buffer = false;
    vb_set(dev, RXD_AMOUNT, uart->rx_amount);
    vb_event(dev, ENDRX);
    if ((vb_get(dev, SHORTS) & SHORT_ENDRX_STARTRX) != 0) {
        start_rx(dev);
    } else if ((vb_get(dev, SHORTS) & SHORT_ENDRX_STOPRX) != 0) {
        stop_rx(dev);
    }
}

/* From the FIFO to RAM, while there is room. */
static void move_bytes(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    while (uart->buffer && uart->fifo_len > 0) {
        if (!vb_dma_write(dev, uart->rx_at + uart->rx_amount, uart->fifo, 1)) {
            return;
        }
        uart->rx_amount++;
        memmove(uart->fifo, uart->fifo + 1, --uart->fifo_len);
        vb_event(dev, RXDRDY);
        if (uart->rx_amount == uart->rx_max) {
            buffer_is_full(dev);
        }
    }
}

static void start_rx(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    if (!is_on(dev)) {
        vb_refuse(dev, "TASKS_STARTRX while ENABLE is 0");
        return;
    }
    if (vb_psel_pin(vb_get(dev, PSEL_RXD)) == VB_PIN_NONE) {
        vb_refuse(dev, "TASKS_STARTRX while PSEL.RXD is not connected");
        return;
    }
    uart->receiving = true;
    uart->stop_due = VB_NEVER;
    uart_listen(dev);
    if (has_dma(dev)) {
        uart->rx_at = vb_get(dev, RXD_PTR);
        uart->rx_max = vb_get(dev, RXD_MAXCNT) & 0xffff;
        uart->rx_amount = 0;
        uart->buffer = uart->rx_max > 0;
        vb_event(dev, RXSTARTED);
        move_bytes(dev);
    }
}

static void flush_rx(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    if (uart->receiving) {
        vb_refuse(dev, "TASKS_FLUSHRX while it receives");
        return;
    }
    uart->rx_at = vb_get(dev, RXD_PTR);
    uart->rx_max = vb_get(dev, RXD_MAXCNT) & 0xffff;
    uart->rx_amount = 0;
    uart->buffer = uart->rx_max > 0;
    move_bytes(dev);
    if (uart->buffer) {
        uart->buffer = false;
        vb_set(dev, RXD_AMOUNT, uart->rx_amount);
        vb_event(dev, ENDRX);
    }
}

static bool held_back(const struct vb_device *dev)
{
    const struct uarte *uart = dev->state;

    return (vb_get(dev, CONFIG) & CONFIG_HWFC) != 0 && uart->fifo_len >= FIFO - 1;
}

static void uart_listen(struct vb_device *dev)
{
    struct uarte *uart = dev->state;

    if (uart->receiving && uart->rx_due == VB_NEVER && dev->board->input_from != dev->board->input_to) {
        uart->rx_due = vb_now(dev->board) + byte_ticks(dev);
        schedule(dev);
    }
}

static void byte_is_in(struct vb_device *dev)
{
    struct uarte *uart = dev->state;
    uint8_t byte;

    uart->rx_due = VB_NEVER;
    if (!held_back(dev) && vb_serial_next(dev, &byte)) {
        if (uart->fifo_len == FIFO) {
            vb_set(dev, ERRORSRC, vb_get(dev, ERRORSRC) | OVERRUN);
            vb_event(dev, ERROR);
        } else {
            uart->fifo[uart->fifo_len++] = byte;
            if (!has_dma(dev)) {
                vb_event(dev, RXDRDY);
            }
        }
        move_bytes(dev);
    }
    uart_listen(dev);
}

static uint8_t take_byte(struct vb_device *dev)
{
    struct uarte *uart = dev->state;
    uint8_t byte = uart->fifo[0];

    if (uart->fifo_len > 0) {
        memmove(uart->fifo, uart->fifo + 1, --uart->fifo_len);
        if (uart->fifo_len > 0) {
            vb_event(dev, RXDRDY);
        }
    }
    return byte;
}

/* ---- the device ---- */

static void uarte_event(struct vb_device *dev)
{
    struct uarte *uart = dev->state;
    uint64_t now = vb_now(dev->board);

    if (uart->tx_due <= now) {
        byte_is_out(dev);
    }
    if (uart->rx_due <= now) {
        byte_is_in(dev);
    }
    if (uart->stop_due <= now) {
        uart->stop_due = VB_NEVER;
        vb_event(dev, RXTO);
    }
    schedule(dev);
}

static void check_enable(struct vb_device *dev, uint32_t value)
{
    const struct uarte *uart = dev->state;

    if (value != 0 && value != ENABLE_UARTE && (value != ENABLE_UART || dev->board->soc->armv8m)) {
        vb_refuse(dev, "ENABLE = %u is no mode of it", value);
    } else if (value == 0 && (uart->tx_left != 0 || uart->buffer)) {
        vb_refuse(dev, "ENABLE = 0 while DMA is in progress");
    }
}

static void write_task(struct vb_device *dev, uint32_t off)
{
    switch (off) {
    case STARTRX:
        start_rx(dev);
        break;
    case STOPRX:
        stop_rx(dev);
        break;
    case STARTTX:
        start_tx(dev);
        break;
    case STOPTX:
        stop_tx(dev);
        break;
    default:
        flush_rx(dev);
        break;
    }
}

static uint32_t uarte_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct uarte *uart = dev->state;

    if (off <= FLUSHRX) {
        write_task(dev, off);
    } else if (off == ENABLE) {
        check_enable(dev, value);
    } else if (off == UART_TXD) {
        send_byte(dev, (uint8_t)value);
    } else if (off == ERRORSRC) {
        return vb_get(dev, off) & ~value;
    } else if (off >= PSEL_RTS && off <= PSEL_RXD && is_on(dev) && value != vb_get(dev, off)) {
        vb_refuse(dev, "a PSEL register is changed while ENABLE is %u", vb_get(dev, ENABLE));
    } else if ((off == TXD_PTR || off == TXD_MAXCNT) && has_dma(dev) && uart->sending && value != vb_get(dev, off)) {
        vb_refuse(dev, "TXD.PTR or TXD.MAXCNT is changed while it sends");
    }
    return value;
}

static uint32_t uarte_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    return off == UART_RXD ? take_byte(dev) : stored;
}

static void uarte_reset(struct vb_device *dev, enum vb_reset why)
{
    struct uarte *uart = dev->state;

    (void)why;
    *uart = (struct uarte){.tx_due = VB_NEVER, .rx_due = VB_NEVER, .stop_due = VB_NEVER};
}

static void uarte_handover(struct vb_device *dev)
{
    const struct uarte *uart = dev->state;

    if (uart->buffer || uart->tx_left != 0) {
        vb_refuse(dev, "its DMA still runs when the image is entered");
    }
}

const struct vb_class vb_class_uarte = {.name = "UARTE",
                                        .registers = registers,
                                        .register_count = OB_ARRAY_SIZE(registers),
                                        .state_size = sizeof(struct uarte),
                                        .reset = uarte_reset,
                                        .read = uarte_read,
                                        .write = uarte_write,
                                        .event = uarte_event,
                                        .listen = uart_listen,
                                        .handover = uarte_handover};
