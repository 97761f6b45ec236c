/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/time.h>
#include <outboard/uart.h>

/* Source: nRF52840 Product Specification, UARTE and GPIO. */
#define TASKS_STARTRX 0x000u
#define TASKS_STARTTX 0x008u
#define EVENTS_ENDRX 0x110u
#define EVENTS_ENDTX 0x120u
#define ENABLE 0x500u
#define PSEL_TXD 0x50cu
#define PSEL_RXD 0x514u
#define BAUDRATE 0x524u
#define RXD_PTR 0x534u
#define RXD_MAXCNT 0x538u
#define TXD_PTR 0x544u
#define TXD_MAXCNT 0x548u
#define ENABLE_UARTE 8u

#define GPIO_OUTSET 0x508u
#define GPIO_DIRSET 0x518u
#define GPIO_PIN_CNF 0x700u /* + 4 for each pin; 0: input, connected */

/* A byte takes 1 ms at 9600 baud. What cannot be sent by then is dropped: a console must not stop a start. */
#define SEND_MAX_US 2000u

struct uart_config {
    uintptr_t base;
    uintptr_t gpio;
    uint32_t baudrate;
    uint8_t tx_pin;
    uint8_t rx_pin;
};

/* What the DMA reads and writes, so in RAM. */
struct uart_data {
    volatile uint8_t sent;
    volatile uint8_t received;
    bool receiving;
};

static volatile uint32_t *reg(uintptr_t base, uint32_t offset)
{
    return (volatile uint32_t *)(base + offset);
}

static void receive(const struct ob_device *dev)
{
    const struct uart_config *config = dev->config;
    struct uart_data *data = dev->data;
    *reg(config->base, EVENTS_ENDRX) = 0;
    *reg(config->base, RXD_PTR) = (uint32_t)(uintptr_t)&data->received;
    *reg(config->base, RXD_MAXCNT) = 1;
    *reg(config->base, TASKS_STARTRX) = 1;
}

static enum ob_err uart_init(const struct ob_device *dev)
{
    const struct uart_config *config = dev->config;
    *reg(config->base, ENABLE) = 0; /* pins are chosen while it is off */
    *reg(config->gpio, GPIO_OUTSET) = 1u << config->tx_pin;
    *reg(config->gpio, GPIO_DIRSET) = 1u << config->tx_pin;
    *reg(config->gpio, GPIO_PIN_CNF + 4u * config->rx_pin) = 0;
    *reg(config->base, PSEL_TXD) = config->tx_pin;
    *reg(config->base, PSEL_RXD) = config->rx_pin;
    *reg(config->base, BAUDRATE) = config->baudrate;
    *reg(config->base, ENABLE) = ENABLE_UARTE;
    return OB_OK;
}

static void uart_put(const struct ob_device *dev, uint8_t byte)
{
    const struct uart_config *config = dev->config;
    struct uart_data *data = dev->data;
    uint32_t start = ob_time_us();
    data->sent = byte;
    *reg(config->base, EVENTS_ENDTX) = 0;
    *reg(config->base, TXD_PTR) = (uint32_t)(uintptr_t)&data->sent;
    *reg(config->base, TXD_MAXCNT) = 1;
    *reg(config->base, TASKS_STARTTX) = 1;
    while (*reg(config->base, EVENTS_ENDTX) == 0 && ob_time_us() - start < SEND_MAX_US) {
    }
}

/* Receiving starts with the first call: in an image that never asks, the DMA never writes to RAM, not even that of the
 * image that is started next. */
static bool uart_get(const struct ob_device *dev, uint8_t *byte)
{
    const struct uart_config *config = dev->config;
    struct uart_data *data = dev->data;
    bool got = data->receiving && *reg(config->base, EVENTS_ENDRX) != 0;
    if (got) {
        *byte = data->received;
    }
    if (got || !data->receiving) {
        receive(dev);
        data->receiving = true;
    }
    return got;
}

static const struct ob_uart uart_api = {.put = uart_put, .get = uart_get};

#define BAUD_9600 0x00275000u
#define BAUD_115200 0x01d60000u
#define BAUD_1000000 0x10000000u
#define BAUD(speed) ((speed) == 9600 ? BAUD_9600 : (speed) == 115200 ? BAUD_115200 : BAUD_1000000)

#define UART_DEFINE(node)                                                                           \
    _Static_assert(DT_PROP(node, tx_pin) < 32 && DT_PROP(node, rx_pin) < 32, "a port has 32 pins"); \
    static struct uart_data DT_CAT(uart_data_, DT_DEP_ORD(node));                                   \
    static const struct uart_config DT_CAT(uart_config_, DT_DEP_ORD(node)) = {                      \
        .base = DT_REG_ADDR(node),                                                                  \
        .gpio = DT_REG_ADDR(DT_PHANDLE(node, gpio)),                                                \
        .baudrate = BAUD(DT_PROP(node, current_speed)),                                             \
        .tx_pin = DT_PROP(node, tx_pin),                                                            \
        .rx_pin = DT_PROP(node, rx_pin),                                                            \
    };                                                                                              \
    OB_DEVICE_DT_DEFINE(node, uart_init, &DT_CAT(uart_data_, DT_DEP_ORD(node)),                     \
                        &DT_CAT(uart_config_, DT_DEP_ORD(node)), &uart_api)

DT_FOREACH_STATUS_OKAY(nordic_nrf_uarte, UART_DEFINE)
