/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/uart.h>

#include "../pinctrl/nrf_pinctrl.h"
#include "../wait.h"

/* Source: nRF52840 and nRF5340 Product Specifications, UARTE. */
#define TASKS_STARTRX 0x000u
#define TASKS_STOPRX 0x004u
#define TASKS_STARTTX 0x008u
#define TASKS_STOPTX 0x00cu
#define EVENTS_ENDRX 0x110u
#define EVENTS_ENDTX 0x120u
#define EVENTS_RXTO 0x144u
#define EVENTS_TXSTOPPED 0x158u
#define ENABLE 0x500u
#define PSEL_TXD 0x50cu
#define PSEL_RXD 0x514u
#define BAUDRATE 0x524u
#define RXD_PTR 0x534u
#define RXD_MAXCNT 0x538u
#define TXD_PTR 0x544u
#define TXD_MAXCNT 0x548u
#define ENABLE_UARTE 8u
#define PSEL_NONE UINT32_MAX

/* A byte takes 1 ms at 9600 baud. What cannot be sent by then is dropped: a console must not stop a start. */
#define SEND_MAX_US 2000u
#define STOP_MAX_US 6000u /* of the receiver: the byte that comes in, and four that it may still hold */

struct uart_config {
    uintptr_t base;
    uint32_t baudrate;
    const struct ob_nrf_pin *pins;
    uint8_t pin_count;
};

/* What the DMA reads and writes, so in RAM. */
struct uart_data {
    volatile uint8_t sent;
    volatile uint8_t received;
    bool receiving;
};

static volatile uint32_t *reg(const struct ob_device *dev, uint32_t offset)
{
    const struct uart_config *config = dev->config;

    return (volatile uint32_t *)(config->base + offset);
}

static void receive(const struct ob_device *dev)
{
    struct uart_data *data = dev->data;

    *reg(dev, EVENTS_ENDRX) = 0;
    *reg(dev, RXD_PTR) = (uint32_t)(uintptr_t)&data->received;
    *reg(dev, RXD_MAXCNT) = 1;
    *reg(dev, TASKS_STARTRX) = 1;
}

/** RTS and CTS are left to the application: nothing here waits for them. */
static void connect(const struct ob_device *dev, const struct ob_nrf_pin *pin)
{
    if (pin->function == NRF_FUN_UART_TX) {
        ob_nrf_pin_set(pin, true); /* idle */
        ob_nrf_pin_configure(pin, OB_NRF_PIN_OUTPUT);
        *reg(dev, PSEL_TXD) = ob_nrf_psel(pin);
    } else if (pin->function == NRF_FUN_UART_RX) {
        ob_nrf_pin_configure(pin, OB_NRF_PIN_INPUT);
        *reg(dev, PSEL_RXD) = ob_nrf_psel(pin);
    }
}

static enum ob_err uart_init(const struct ob_device *dev)
{
    const struct uart_config *config = dev->config;
    struct uart_data *data = dev->data;

    *reg(dev, ENABLE) = 0; /* pins are chosen while it is off */
    data->receiving = false;
    for (unsigned i = 0; i < config->pin_count; i++) {
        connect(dev, &config->pins[i]);
    }
    *reg(dev, BAUDRATE) = config->baudrate;
    *reg(dev, ENABLE) = ENABLE_UARTE;
    return OB_OK;
}

static void stop_receiving(const struct ob_device *dev)
{
    struct uart_data *data = dev->data;

    if (data->receiving) {
        *reg(dev, EVENTS_RXTO) = 0;
        *reg(dev, TASKS_STOPRX) = 1;
        (void)ob_wait_until_set(reg(dev, EVENTS_RXTO), STOP_MAX_US); /* ENABLE = 0 ends it in any case */
        data->receiving = false;
    }
}

static void uart_stop(const struct ob_device *dev)
{
    const struct uart_config *config = dev->config;

    if (*reg(dev, ENABLE) == 0) {
        return;
    }
    if (OB_ENABLED(CONFIG_UART_RECEIVE)) {
        stop_receiving(dev);
    }
    *reg(dev, EVENTS_TXSTOPPED) = 0;
    *reg(dev, TASKS_STOPTX) = 1;
    (void)ob_wait_until_set(reg(dev, EVENTS_TXSTOPPED), SEND_MAX_US);
    *reg(dev, ENABLE) = 0;
    *reg(dev, PSEL_TXD) = PSEL_NONE;
    *reg(dev, PSEL_RXD) = PSEL_NONE;
    for (unsigned i = 0; i < config->pin_count; i++) {
        ob_nrf_pin_configure(&config->pins[i], OB_NRF_PIN_RESET);
    }
}

static void uart_put(const struct ob_device *dev, uint8_t byte)
{
    struct uart_data *data = dev->data;

    data->sent = byte;
    *reg(dev, EVENTS_ENDTX) = 0;
    *reg(dev, TXD_PTR) = (uint32_t)(uintptr_t)&data->sent;
    *reg(dev, TXD_MAXCNT) = 1;
    *reg(dev, TASKS_STARTTX) = 1;
    (void)ob_wait_until_set(reg(dev, EVENTS_ENDTX), SEND_MAX_US);
}

/* Receiving starts with the first call: in an image that never asks, the DMA never writes to RAM. */
static bool uart_get(const struct ob_device *dev, uint8_t *byte)
{
    struct uart_data *data = dev->data;
    bool got = data->receiving && *reg(dev, EVENTS_ENDRX) != 0;

    if (got) {
        *byte = data->received;
    }
    if (got || !data->receiving) {
        receive(dev);
        data->receiving = true;
    }
    return got;
}

static const struct ob_uart uart_api = {.put = uart_put, .get = OB_ENABLED(CONFIG_UART_RECEIVE) ? uart_get : NULL};

/* BAUDRATE by speed; the binding lists the speeds. */
#define BAUD_9600 0x00275000u
#define BAUD_19200 0x004ea000u
#define BAUD_38400 0x009d0000u
#define BAUD_57600 0x00eb0000u
#define BAUD_115200 0x01d60000u
#define BAUD_230400 0x03b00000u
#define BAUD_460800 0x07400000u
#define BAUD_921600 0x0f000000u
#define BAUD_1000000 0x10000000u
#define BAUD(speed)                    \
    ((speed) == 9600     ? BAUD_9600   \
     : (speed) == 19200  ? BAUD_19200  \
     : (speed) == 38400  ? BAUD_38400  \
     : (speed) == 57600  ? BAUD_57600  \
     : (speed) == 115200 ? BAUD_115200 \
     : (speed) == 230400 ? BAUD_230400 \
     : (speed) == 460800 ? BAUD_460800 \
     : (speed) == 921600 ? BAUD_921600 \
                         : BAUD_1000000)

#define UART_SYMBOL(name, node) DT_CAT3(uart_nrf_, name, DT_DEP_ORD(node))

#define UART_DEFINE(node)                                                                                        \
    static const struct ob_nrf_pin UART_SYMBOL(pins_, node)[] = OB_NRF_PINS(node);                               \
    static struct uart_data UART_SYMBOL(data_, node);                                                            \
    static const struct uart_config UART_SYMBOL(config_, node) = {                                               \
        .base = DT_REG_ADDR(node),                                                                               \
        .baudrate = BAUD(DT_PROP(node, current_speed)),                                                          \
        .pins = UART_SYMBOL(pins_, node),                                                                        \
        .pin_count = OB_ARRAY_SIZE(UART_SYMBOL(pins_, node)),                                                    \
    };                                                                                                           \
    OB_DEVICE_DT_DEFINE_STOP(node, uart_init, uart_stop, &UART_SYMBOL(data_, node), &UART_SYMBOL(config_, node), \
                             &uart_api)

DT_FOREACH_STATUS_OKAY(nordic_nrf_uarte, UART_DEFINE)
