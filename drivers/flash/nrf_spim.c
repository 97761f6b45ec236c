/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/device_dt.h>
#include <outboard/spi_mem.h>
#include <outboard/util.h>

#include "../pinctrl/nrf_pinctrl.h"
#include "../wait.h"

/* Source: nRF52840 and nRF5340 Product Specifications, SPIM. Chip select is a pin like any other, so an operation may
 * consist of as many transfers as it takes. */
#define TASKS_START 0x010u
#define TASKS_STOP 0x014u
#define EVENTS_STOPPED 0x104u
#define EVENTS_END 0x118u
#define ENABLE 0x500u
#define ENABLE_SPIM 7u
#define PSEL_SCK 0x508u
#define PSEL_MOSI 0x50cu
#define PSEL_MISO 0x510u
#define FREQUENCY 0x524u
#define FREQUENCY_RESET 0x04000000u
#define FREQUENCY_1_MHZ 0x10000000u
#define FREQUENCY_2_MHZ 0x20000000u
#define FREQUENCY_4_MHZ 0x40000000u
#define FREQUENCY_8_MHZ 0x80000000u
#define RXD_PTR 0x534u
#define RXD_MAXCNT 0x538u
#define TXD_PTR 0x544u
#define TXD_MAXCNT 0x548u
#define CONFIG 0x554u
#define CONFIG_MODE_0 0u /* most significant bit first */

#define DMA_MAX 0xffffu /* MAXCNT has 16 bits */
#define SLACK_US 1000u
#define STOP_MAX_US 1000u

struct spim_config {
    uintptr_t regs;
    uint32_t frequency;
    const struct ob_nrf_pin *pins;
    const struct ob_nrf_pin *chip_selects;
    const struct ob_nrf_line *lines;
    uint8_t pin_count;
    uint8_t chip_select_count;
    uint8_t chip_select; /* index: the flash chip's */
    uint8_t mhz;
};

/** What the DMA sends lies in RAM, wherever the caller has it. Not on the stack, which is small in a bootloader. */
struct spim_data {
    uint8_t bounce[64];
};

static volatile uint32_t *reg(const struct ob_device *dev, uint32_t off)
{
    const struct spim_config *config = dev->config;

    return (volatile uint32_t *)(config->regs + off);
}

/** Start a task and wait for its event. The DMA and the CPU see each other's data. */
static enum ob_err run(const struct ob_device *dev, uint32_t task, uint32_t event, uint32_t max_us)
{
    *reg(dev, event) = 0;
    __sync_synchronize();
    *reg(dev, task) = 1;
    bool done = ob_wait_until_set(reg(dev, event), max_us);

    __sync_synchronize();
    return done ? OB_OK : OB_ERR_TIMEOUT;
}

/** One of both lengths is 0. */
static enum ob_err transfer(const struct ob_device *dev, const void *out, uint32_t out_len, void *in, uint32_t in_len)
{
    const struct spim_config *config = dev->config;

    *reg(dev, TXD_PTR) = (uint32_t)(uintptr_t)out;
    *reg(dev, TXD_MAXCNT) = out_len;
    *reg(dev, RXD_PTR) = (uint32_t)(uintptr_t)in;
    *reg(dev, RXD_MAXCNT) = in_len;
    return run(dev, TASKS_START, EVENTS_END, (out_len + in_len) * 8 / config->mhz + SLACK_US);
}

static void select_chip(const struct ob_device *dev, bool selected)
{
    const struct spim_config *config = dev->config;

    ob_nrf_pin_set(&config->chip_selects[config->chip_select], !selected);
}

/** The first bytes on the wire. @return their number */
static uint32_t put_header(const struct ob_spi_mem_op *op, uint8_t *bytes)
{
    uint32_t len = 0;

    bytes[len++] = op->opcode;
    for (unsigned left = op->address_size; left > 0; left--) {
        bytes[len++] = (uint8_t)(op->address >> 8 * (left - 1));
    }
    for (unsigned cycles = 0; cycles < op->dummy_cycles; cycles += 8) {
        bytes[len++] = 0;
    }
    return len;
}

/** Header and payload through the bounce buffer. */
static enum ob_err send(const struct ob_device *dev, const struct ob_spi_mem_op *op)
{
    struct spim_data *data = dev->data;
    const uint8_t *from = op->data.out;
    uint32_t left = op->dir == OB_SPI_MEM_OUT ? op->len : 0;
    uint32_t used = put_header(op, data->bounce);
    enum ob_err err = OB_OK;

    while (err == OB_OK && used + left > 0) {
        uint32_t now = OB_MIN(left, sizeof(data->bounce) - used);

        if (now > 0) {
            memcpy(data->bounce + used, from, now);
        }
        err = transfer(dev, data->bounce, used + now, NULL, 0);
        from += now;
        left -= now;
        used = 0;
    }
    return err;
}

static enum ob_err receive(const struct ob_device *dev, uint8_t *to, uint32_t len)
{
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t now = OB_MIN(len, DMA_MAX);

        err = transfer(dev, NULL, 0, to, now);
        to += now;
        len -= now;
    }
    return err;
}

static void stop(const struct ob_device *dev)
{
    const struct spim_config *config = dev->config;

    if (*reg(dev, ENABLE) == 0) {
        return;
    }
    (void)run(dev, TASKS_STOP, EVENTS_STOPPED, STOP_MAX_US); /* ENABLE = 0 ends it in any case */
    *reg(dev, ENABLE) = 0;
    *reg(dev, PSEL_SCK) = UINT32_MAX;
    *reg(dev, PSEL_MOSI) = UINT32_MAX;
    *reg(dev, PSEL_MISO) = UINT32_MAX;
    *reg(dev, FREQUENCY) = FREQUENCY_RESET;
    for (unsigned i = 0; i < config->pin_count; i++) {
        ob_nrf_pin_configure(&config->pins[i], OB_NRF_PIN_RESET);
    }
    select_chip(dev, false); /* and stays high: floating, it would wake or confuse the chip */
}

static void connect(const struct ob_device *dev, const struct ob_nrf_pin *pin)
{
    ob_nrf_pin_set(pin, false);
    if (pin->function == NRF_FUN_SPIM_MISO) {
        ob_nrf_pin_configure(pin, OB_NRF_PIN_INPUT);
        *reg(dev, PSEL_MISO) = ob_nrf_psel(pin);
    } else {
        ob_nrf_pin_configure(pin, OB_NRF_PIN_OUTPUT);
        *reg(dev, pin->function == NRF_FUN_SPIM_SCK ? PSEL_SCK : PSEL_MOSI) = ob_nrf_psel(pin);
    }
}

static enum ob_err start(const struct ob_device *dev)
{
    const struct spim_config *config = dev->config;

    stop(dev);
    ob_nrf_lines_idle(config->lines);
    for (unsigned i = 0; i < config->chip_select_count; i++) {
        ob_nrf_pin_set(&config->chip_selects[i], true);
        ob_nrf_pin_configure(&config->chip_selects[i], OB_NRF_PIN_OUTPUT);
    }
    for (unsigned i = 0; i < config->pin_count; i++) {
        connect(dev, &config->pins[i]);
    }
    *reg(dev, FREQUENCY) = config->frequency;
    *reg(dev, CONFIG) = CONFIG_MODE_0;
    *reg(dev, ENABLE) = ENABLE_SPIM;
    return OB_OK;
}

static enum ob_err spim_exec(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    const struct ob_device *dev = mem->ctx;

    if (op->address_lanes != 1 || op->data_lanes != 1 || op->dummy_cycles % 8 != 0) {
        return OB_ERR_RANGE;
    }
    select_chip(dev, true);
    enum ob_err err = send(dev, op);

    if (err == OB_OK && op->dir == OB_SPI_MEM_IN) {
        err = receive(dev, op->data.in, op->len);
    }
    select_chip(dev, false);
    if (err != OB_OK) {
        (void)start(dev);
    }
    return err;
}

static const struct ob_spi_mem_ops spim_ops = {.exec = spim_exec};

#define SPIM_SYMBOL(name, node) DT_CAT3(nrf_spim_, name, DT_DEP_ORD(node))

/* Of the one flash chip among what is on the bus. */
#define SPIM_OF_CHIP(node, what) (0 DT_FOREACH_CHILD(node, SPIM_##what))
#define SPIM_COUNT(chip) +SPIM_IS_FLASH(chip)
#define SPIM_CHIP_SELECT(chip) +DT_REG_ADDR(chip) * SPIM_IS_FLASH(chip)
#define SPIM_HZ(chip) +DT_PROP_OR(chip, spi_max_frequency, 8000000) * SPIM_IS_FLASH(chip)
#define SPIM_IS_FLASH(chip) (DT_NODE_HAS_STATUS_OKAY(chip) * DT_NODE_HAS_COMPAT(chip, jedec_spi_nor))

#define SPIM_MHZ(hz) ((hz) >= 8000000 ? 8 : (hz) >= 4000000 ? 4 : (hz) >= 2000000 ? 2 : 1)

#define SPIM_CHIP_SELECT_PIN(node, prop, index) {.pin = OB_NRF_GPIO_PIN_BY_IDX(node, prop, index)},
#define SPIM_CHECK_ACTIVE_LOW(node, prop, index)                        \
    _Static_assert((DT_PHA_CELL_BY_IDX(node, prop, index, 1) & 1) != 0, \
                   "cs-gpios: a flash chip is selected by a low level: GPIO_ACTIVE_LOW");

#define SPIM_DEFINE(node)                                                                                              \
    _Static_assert(SPIM_OF_CHIP(node, COUNT) == 1, "enable one jedec,spi-nor below a SPI controller");                 \
    _Static_assert(SPIM_OF_CHIP(node, HZ) >= 1000000,                                                                  \
                   "spi-max-frequency: SPI controllers here run at 1, 2, 4 or 8 MHz");                                 \
    _Static_assert(SPIM_OF_CHIP(node, CHIP_SELECT) < DT_PROP_LEN(node, cs_gpios),                                      \
                   "cs-gpios has no entry for the reg of the chip");                                                   \
    _Static_assert(DT_REG_ADDR(node) != 0x4002f000,                                                                    \
                   "SPIM3 of the nRF52840 may corrupt what it sends (errata 198): use spi0, spi1 or spi2");            \
    DT_FOREACH_PROP_ELEM(node, cs_gpios, SPIM_CHECK_ACTIVE_LOW)                                                        \
    static const struct ob_nrf_pin SPIM_SYMBOL(pins_, node)[] = OB_NRF_PINS(node);                                     \
    static const struct ob_nrf_pin SPIM_SYMBOL(chip_selects_,                                                          \
                                               node)[] = {DT_FOREACH_PROP_ELEM(node, cs_gpios, SPIM_CHIP_SELECT_PIN)}; \
    static const struct ob_nrf_line SPIM_SYMBOL(lines_, node)[] = OB_NRF_IDLE_LINES(node);                             \
    static struct spim_data SPIM_SYMBOL(data_, node);                                                                  \
    static const struct spim_config SPIM_SYMBOL(config_, node) = {                                                     \
        .regs = DT_REG_ADDR(node),                                                                                     \
        .frequency = FREQUENCY_1_MHZ * SPIM_MHZ(SPIM_OF_CHIP(node, HZ)),                                               \
        .pins = SPIM_SYMBOL(pins_, node),                                                                              \
        .chip_selects = SPIM_SYMBOL(chip_selects_, node),                                                              \
        .lines = SPIM_SYMBOL(lines_, node),                                                                            \
        .pin_count = OB_ARRAY_SIZE(SPIM_SYMBOL(pins_, node)),                                                          \
        .chip_select_count = OB_ARRAY_SIZE(SPIM_SYMBOL(chip_selects_, node)),                                          \
        .chip_select = SPIM_OF_CHIP(node, CHIP_SELECT),                                                                \
        .mhz = SPIM_MHZ(SPIM_OF_CHIP(node, HZ)),                                                                       \
    };                                                                                                                 \
    static const struct ob_spi_mem SPIM_SYMBOL(mem_, node) = {                                                         \
        .ops = &spim_ops,                                                                                              \
        .ctx = DEVICE_DT_GET(node),                                                                                    \
        .max_len = UINT32_MAX,                                                                                         \
    };                                                                                                                 \
    OB_DEVICE_DT_DEFINE_STOP(node, start, stop, &SPIM_SYMBOL(data_, node), &SPIM_SYMBOL(config_, node),                \
                             &SPIM_SYMBOL(mem_, node))

DT_FOREACH_STATUS_OKAY(nordic_nrf_spim, SPIM_DEFINE)
DT_FOREACH_STATUS_OKAY(nordic_nrf_spi, SPIM_DEFINE)
