/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/device_dt.h>
#include <outboard/spi_mem.h>
#include <outboard/util.h>

#include "../pinctrl/nrf_pinctrl.h"
#include "../wait.h"
#include "nrf_qspi.h"

/* Source: nRF52840 and nRF5340 Product Specifications, QSPI.
 *
 * The controller knows flash: its READ, WRITE and ERASE tasks wait for the chip by themselves, and so for ever if it
 * does not answer. Here custom instructions, which wait for nothing, do all but reading: any opcode, any length (in
 * long frame mode), data from anywhere that the CPU reads. Reading is left to its DMA, which is several times faster.
 *
 * Activation asks the chip too. It is done with the pins disconnected, and is over at once then: a chip that is absent,
 * busy or asleep does not hold up a start.
 *
 * Registers from 0x600 on need care after execution in place (errata 215, 43), which is not used. */
#define TASKS_ACTIVATE 0x000u
#define TASKS_READSTART 0x004u
#define TASKS_DEACTIVATE 0x010u
#define EVENTS_READY 0x100u
#define ENABLE 0x500u
#define READ_SRC 0x504u
#define READ_DST 0x508u
#define READ_CNT 0x50cu
#define PSEL_SCK 0x524u
#define PSEL_CSN 0x528u
#define PSEL_IO0 0x530u
#define PSEL_IO1 0x534u
#define PSEL_IO2 0x538u
#define PSEL_IO3 0x53cu
#define IFCONFIG0 0x544u
#define IFCONFIG0_ADDRMODE_32 (1u << 6)
#define IFCONFIG1 0x600u
#define IFCONFIG1_RESET 0x00040480u
#define IFCONFIG1_RESERVED 0x00040400u /* of that; the rest is SCKDELAY */
#define IFCONFIG1_SPIMODE_3 (1u << 25)
#define IFCONFIG1_SCKFREQ_SHIFT 28
#define CINSTRCONF 0x634u
#define CINSTRCONF_LENGTH_SHIFT 8  /* with the opcode */
#define CINSTRCONF_LIO2 (1u << 12) /* level of WP# */
#define CINSTRCONF_LIO3 (1u << 13) /* of HOLD# or RESET# */
#define CINSTRCONF_LFEN (1u << 16)
#define CINSTRCONF_LFSTOP (1u << 17)
#define CINSTRDAT0 0x638u
#define CINSTRDAT1 0x63cu
#define IFTIMING 0x640u
#define IFTIMING_RXDELAY_SHIFT 8

#define FRAME_MAX 8 /* bytes after the opcode that one custom instruction moves */

/* READ_CNT has 18 bits on an nRF52; the DMA moves words. */
#define DMA_MAX 0x3fffcu
#define DMA_WORD 4u
#define DMA_MIN 64u /* bytes of a read that are worth it */

#define ACTIVATE_MAX_US 1000u
#define FRAME_MAX_US 1000u /* nine bytes take 36 us at 2 MHz */
#define READ_SLACK_US 1000u

/** Ways of reading that the DMA knows; the index is IFCONFIG0.READOC. */
static const struct reading {
    uint8_t opcode, address_lanes, data_lanes, dummy_cycles;
} readings[] = {
    {0x0b, 1, 1, 8}, {0x3b, 1, 2, 8}, {0xbb, 2, 2, 4}, {0x6b, 1, 4, 8}, {0xeb, 4, 4, 6},
};
#define READOC_2_LANES 1
#define READOC_4_LANES 3
#define OP_READ 0x03 /* slower than 0x0b, which needs dummy cycles, and else the same */

struct qspi_config {
    uintptr_t regs;
    const struct ob_nrf_pin *pins;
    const struct ob_nrf_line *lines;
    uint8_t pin_count;
    uint8_t sck_divider; /* IFCONFIG1.SCKFREQ */
    uint8_t sck_mhz;
    uint8_t max_lanes;
    uint8_t rx_delay;   /* IFTIMING.RXDELAY */
    uint32_t ifconfig1; /* without SCKFREQ */
};

/** Not on the stack, which is small in a bootloader. */
struct qspi_data {
    uint32_t bounce[16]; /* what the DMA cannot put where it is wanted */
    uint32_t ifconfig0;  /* of the last activation */
    bool active;
};

static volatile uint32_t *reg(const struct ob_device *dev, uint32_t off)
{
    const struct qspi_config *config = dev->config;

    return (volatile uint32_t *)(config->regs + off);
}

/** Start a task, or a custom instruction, and wait until it is over. The DMA and the CPU see each other's data. */
static enum ob_err run(const struct ob_device *dev, uint32_t off, uint32_t value, uint32_t max_us)
{
    *reg(dev, EVENTS_READY) = 0;
    __sync_synchronize();
    *reg(dev, off) = value;
    bool ready = ob_wait_until_set(reg(dev, EVENTS_READY), max_us);

    __sync_synchronize();
    return ready ? OB_OK : OB_ERR_TIMEOUT;
}

/** NRF_FUN_QSPI_... in their order. */
static uint32_t psel_of(uint8_t function)
{
    static const uint16_t psels[] = {PSEL_SCK, PSEL_CSN, PSEL_IO0, PSEL_IO1, PSEL_IO2, PSEL_IO3};

    return psels[function - NRF_FUN_QSPI_SCK];
}

static void connect(const struct ob_device *dev, bool connected)
{
    const struct qspi_config *config = dev->config;

    for (unsigned i = 0; i < config->pin_count; i++) {
        const struct ob_nrf_pin *pin = &config->pins[i];

        *reg(dev, psel_of(pin->function)) = connected ? ob_nrf_psel(pin) : UINT32_MAX;
    }
}

/** CSN, WP# and HOLD# stay high while the controller does not have them: a floating CSN would wake or confuse the chip.
 */
static bool rests_high(const struct ob_nrf_pin *pin)
{
    return pin->function == NRF_FUN_QSPI_CSN || pin->function == NRF_FUN_QSPI_IO2 || pin->function == NRF_FUN_QSPI_IO3;
}

static void configure_pins(const struct ob_device *dev, uint32_t owner)
{
    const struct qspi_config *config = dev->config;

    for (unsigned i = 0; i < config->pin_count; i++) {
        const struct ob_nrf_pin *pin = &config->pins[i];

        ob_nrf_pin_set(pin, rests_high(pin));
        if (rests_high(pin)) {
            ob_nrf_pin_configure(pin, OB_NRF_PIN_OUTPUT | owner);
        } else {
            ob_nrf_pin_configure(pin, OB_NRF_PIN_RESET | owner);
        }
    }
}

static void stop(const struct ob_device *dev)
{
    const struct qspi_config *config = dev->config;
    struct qspi_data *data = dev->data;

    if (*reg(dev, ENABLE) == 0) {
        return;
    }
    *reg(dev, TASKS_DEACTIVATE) = 1;
    ob_nrf_qspi_deactivated(config->regs);
    *reg(dev, ENABLE) = 0;
    *reg(dev, EVENTS_READY) = 0;
    connect(dev, false);
    configure_pins(dev, 0);
    *reg(dev, IFCONFIG0) = 0;
    *reg(dev, IFCONFIG1) = IFCONFIG1_RESET;
    *reg(dev, IFTIMING) = OB_NRF_QSPI_RX_DELAY << IFTIMING_RXDELAY_SHIFT;
    ob_nrf_qspi_power_down(config->regs);
    data->active = false;
}

static enum ob_err start(const struct ob_device *dev, uint32_t ifconfig0)
{
    const struct qspi_config *config = dev->config;
    struct qspi_data *data = dev->data;

    stop(dev);
    ob_nrf_qspi_power_up(config->regs);
    ob_nrf_lines_idle(config->lines);
    configure_pins(dev, OB_NRF_PIN_MCUSEL_PERIPHERAL);
    connect(dev, false);
    *reg(dev, IFCONFIG0) = ifconfig0;
    *reg(dev, IFCONFIG1) = config->ifconfig1 | (uint32_t)config->sck_divider << IFCONFIG1_SCKFREQ_SHIFT;
    *reg(dev, IFTIMING) = (uint32_t)config->rx_delay << IFTIMING_RXDELAY_SHIFT;
    ob_nrf_qspi_configure(config->regs, config->sck_divider);
    *reg(dev, ENABLE) = 1;
    enum ob_err err = run(dev, TASKS_ACTIVATE, 1, ACTIVATE_MAX_US);

    connect(dev, true);
    data->ifconfig0 = ifconfig0;
    data->active = err == OB_OK;
    return err;
}

/** One custom instruction: the first len bytes go out, and those that come in meanwhile take their place. */
static enum ob_err frame(const struct ob_device *dev, uint32_t conf, uint8_t bytes[FRAME_MAX], uint32_t len)
{
    uint32_t words[FRAME_MAX / sizeof(uint32_t)];

    memcpy(words, bytes, sizeof(words));
    *reg(dev, CINSTRDAT0) = words[0];
    *reg(dev, CINSTRDAT1) = words[1];
    enum ob_err err = run(dev, CINSTRCONF, conf | (len + 1) << CINSTRCONF_LENGTH_SHIFT, FRAME_MAX_US);

    words[0] = *reg(dev, CINSTRDAT0);
    words[1] = *reg(dev, CINSTRDAT1);
    memcpy(bytes, words, sizeof(words));
    return err;
}

/** The payload of an operation, in long frame mode. */
static enum ob_err payload(const struct ob_device *dev, const struct ob_spi_mem_op *op)
{
    const uint8_t *out = op->data.out;
    uint8_t *in = op->data.in;
    enum ob_err err = OB_OK;

    for (uint32_t left = op->len; err == OB_OK && left > 0;) {
        uint8_t bytes[FRAME_MAX] = {0};
        uint32_t now = OB_MIN(left, FRAME_MAX);

        if (op->dir == OB_SPI_MEM_OUT) {
            memcpy(bytes, out, now);
        }
        left -= now;
        err = frame(dev, CINSTRCONF_LFEN | (left == 0 ? CINSTRCONF_LFSTOP : 0), bytes, now);
        if (op->dir == OB_SPI_MEM_IN) {
            memcpy(in, bytes, now);
        }
        out += now;
        in += now;
    }
    return err;
}

/** Chip select stays low until the last frame. The levels of the first one hold for all. */
static enum ob_err long_frame(const struct ob_device *dev, uint32_t conf, uint8_t header[FRAME_MAX],
                              uint32_t header_len, const struct ob_spi_mem_op *op)
{
    uint8_t none[FRAME_MAX] = {0};
    enum ob_err err = frame(dev, conf | CINSTRCONF_LFEN, none, 0);

    if (err == OB_OK && header_len > 0) {
        err = frame(dev, CINSTRCONF_LFEN, header, header_len);
    }
    return err == OB_OK ? payload(dev, op) : err;
}

/** Address and dummy bytes as they go over one lane. @return their number */
static uint32_t put_header(const struct ob_spi_mem_op *op, uint8_t bytes[FRAME_MAX])
{
    uint32_t len = 0;

    for (unsigned left = op->address_size; left > 0; left--) {
        bytes[len++] = (uint8_t)(op->address >> 8 * (left - 1));
    }
    for (unsigned cycles = 0; cycles < op->dummy_cycles; cycles += 8) {
        bytes[len++] = 0;
    }
    return len;
}

static enum ob_err custom_instruction(const struct ob_device *dev, const struct ob_spi_mem_op *op)
{
    uint32_t conf = op->opcode | CINSTRCONF_LIO2 | CINSTRCONF_LIO3;
    uint8_t bytes[FRAME_MAX] = {0};

    if (op->address_lanes != 1 || op->data_lanes != 1 || op->address_size + op->dummy_cycles / 8 > FRAME_MAX) {
        return OB_ERR_RANGE;
    }
    uint32_t header_len = put_header(op, bytes);

    if (op->len > FRAME_MAX - header_len) {
        return long_frame(dev, conf, bytes, header_len, op);
    }
    if (op->dir == OB_SPI_MEM_OUT) {
        memcpy(bytes + header_len, op->data.out, op->len);
    }
    enum ob_err err = frame(dev, conf, bytes, header_len + op->len);

    if (err == OB_OK && op->dir == OB_SPI_MEM_IN) {
        memcpy(op->data.in, bytes + header_len, op->len);
    }
    return err;
}

/** READOC for an operation, or -1: none of those that the DMA knows. */
static int find_reading(const struct ob_spi_mem_op *op)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(readings); i++) {
        const struct reading *reading = &readings[i];

        if (op->opcode == reading->opcode && op->address_lanes == reading->address_lanes &&
            op->data_lanes == reading->data_lanes && op->dummy_cycles == reading->dummy_cycles) {
            return (int)i;
        }
    }
    return op->opcode == OP_READ && op->dummy_cycles == 0 ? 0 : -1;
}

/**
 * Short reads go as they are told: the DMA begins at whole words, and a chip's driver that looks how the chip counts
 * its address bytes must know what was on the wire.
 */
static bool is_read_by_dma(const struct ob_spi_mem_op *op)
{
    return op->dir == OB_SPI_MEM_IN && op->address_size != 0 && op->len >= DMA_MIN && find_reading(op) >= 0;
}

static enum ob_err read_words(const struct ob_device *dev, uint32_t from, void *dst, uint32_t len)
{
    const struct qspi_config *config = dev->config;

    *reg(dev, READ_SRC) = from;
    *reg(dev, READ_DST) = (uint32_t)(uintptr_t)dst;
    *reg(dev, READ_CNT) = len;
    return run(dev, TASKS_READSTART, 1, len * 8 / config->sck_mhz + READ_SLACK_US);
}

/** From and to any address: whole words where both are aligned, the rest through the bounce buffer. */
static enum ob_err read(const struct ob_device *dev, uint32_t from, uint8_t *dst, uint32_t len)
{
    struct qspi_data *data = dev->data;
    enum ob_err err = OB_OK;

    while (err == OB_OK && len > 0) {
        uint32_t skip = from % DMA_WORD;
        uint32_t now;

        if (skip == 0 && (uintptr_t)dst % DMA_WORD == 0 && len >= DMA_WORD) {
            now = OB_MIN(len - len % DMA_WORD, DMA_MAX);
            err = read_words(dev, from, dst, now);
        } else {
            now = OB_MIN(len, sizeof(data->bounce) - skip);
            err = read_words(dev, from - skip, data->bounce, (skip + now + DMA_WORD - 1) & ~(DMA_WORD - 1));
            memcpy(dst, (const uint8_t *)data->bounce + skip, now);
        }
        from += now;
        dst += now;
        len -= now;
    }
    return err;
}

static enum ob_err read_by_dma(const struct ob_device *dev, const struct ob_spi_mem_op *op, uint32_t readoc)
{
    struct qspi_data *data = dev->data;
    uint32_t ifconfig0 = readoc | (op->address_size == 4 ? IFCONFIG0_ADDRMODE_32 : 0);
    enum ob_err err = data->ifconfig0 == ifconfig0 ? OB_OK : start(dev, ifconfig0);

    return err == OB_OK ? read(dev, op->address, op->data.in, op->len) : err;
}

static enum ob_err qspi_exec(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    const struct ob_device *dev = mem->ctx;
    struct qspi_data *data = dev->data;
    enum ob_err err = data->active ? OB_OK : start(dev, data->ifconfig0);

    if (err == OB_OK) {
        err = is_read_by_dma(op) ? read_by_dma(dev, op, (uint32_t)find_reading(op)) : custom_instruction(dev, op);
    }
    if (err == OB_ERR_TIMEOUT) {
        stop(dev); /* whatever it waits for; chip select goes high */
    }
    return err;
}

static bool qspi_supports(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    const struct ob_device *dev = mem->ctx;
    const struct qspi_config *config = dev->config;

    return is_read_by_dma(op) && op->data_lanes <= config->max_lanes && op->address_lanes <= config->max_lanes;
}

static const struct ob_spi_mem_ops qspi_ops = {.exec = qspi_exec, .supports = qspi_supports};

static enum ob_err qspi_init(const struct ob_device *dev)
{
    enum ob_err err = start(dev, 0);

    if (err != OB_OK) {
        stop(dev);
    }
    return err;
}

#define QSPI_SYMBOL(name, node) DT_CAT3(nrf_qspi_, name, DT_DEP_ORD(node))

/* The controller has one chip select, so its clock and lanes are those of its one chip. */
#define QSPI_OF_CHIP(node, prop) (0 DT_FOREACH_CHILD(node, QSPI_PROP_##prop))
#define QSPI_PROP_sck_frequency(chip) +DT_PROP_OR(chip, sck_frequency, 0)
#define QSPI_PROP_sck_delay(chip) +DT_PROP_OR(chip, sck_delay, 0)
#define QSPI_PROP_rx_delay(chip) +DT_PROP_OR(chip, rx_delay, OB_NRF_QSPI_RX_DELAY)
#define QSPI_PROP_readoc(chip) +DT_ENUM_IDX_OR(chip, readoc, 0)
#define QSPI_PROP_cpol(chip) +DT_PROP_OR(chip, cpol, 0)
#define QSPI_PROP_cpha(chip) +DT_PROP_OR(chip, cpha, 0)
#define QSPI_PROP_okay(chip) +DT_NODE_HAS_STATUS_OKAY(chip)

#define QSPI_DIVIDER(hz) ((OB_NRF_QSPI_BASE_HZ + (hz)-1) / (hz)-1)

/* The nRF53 has pins of its own for it, which no others can replace. NRF_FUN_QSPI_SCK, _CSN, _IO0... */
#define QSPI_CHECK_GROUP(group) DT_FOREACH_PROP_ELEM(group, psels, QSPI_CHECK_PIN)
#define QSPI_CHECK_PIN(group, prop, index)                                                                             \
    _Static_assert(DT_PROP_BY_IDX(group, prop, index) >> 24 >= NRF_FUN_QSPI_SCK &&                                     \
                       DT_PROP_BY_IDX(group, prop, index) >> 24 <= NRF_FUN_QSPI_IO3,                                   \
                   "pinctrl-0 of a QSPI controller: NRF_PSEL(QSPI_..., port, pin) only");                              \
    _Static_assert(!OB_ENABLED(CONFIG_SOC_SERIES_NRF53) || (DT_PROP_BY_IDX(group, prop, index) & 0xff) ==              \
                                                               QSPI_OWN_PIN(DT_PROP_BY_IDX(group, prop, index) >> 24), \
                   "the QSPI pins of an nRF5340 are SCK P0.17, CSN P0.18, IO0 to IO3 P0.13 to P0.16: no others");
#define QSPI_OWN_PIN(function) \
    ((function) <= NRF_FUN_QSPI_CSN ? 17 + (function)-NRF_FUN_QSPI_SCK : 13 + (function)-NRF_FUN_QSPI_IO0)

#define QSPI_DEFINE(node)                                                                                             \
    _Static_assert(QSPI_OF_CHIP(node, okay) == 1, "the QSPI controller has one chip select: enable one chip on it");  \
    _Static_assert(QSPI_OF_CHIP(node, sck_frequency) >= OB_NRF_QSPI_BASE_HZ / 16,                                     \
                   "sck-frequency: the QSPI controller does not run so slowly");                                      \
    _Static_assert(QSPI_OF_CHIP(node, cpol) == QSPI_OF_CHIP(node, cpha),                                              \
                   "cpol, cpha: chips know SPI mode 0 (neither) and 3 (both)");                                       \
    DT_FOREACH_CHILD(DT_PHANDLE(node, pinctrl_0), QSPI_CHECK_GROUP)                                                   \
    static const struct ob_nrf_pin QSPI_SYMBOL(pins_, node)[] = OB_NRF_PINS(node);                                    \
    static const struct ob_nrf_line QSPI_SYMBOL(lines_, node)[] = OB_NRF_IDLE_LINES(node);                            \
    static struct qspi_data QSPI_SYMBOL(data_, node);                                                                 \
    static const struct qspi_config QSPI_SYMBOL(config_, node) = {                                                    \
        .regs = DT_REG_ADDR(node),                                                                                    \
        .pins = QSPI_SYMBOL(pins_, node),                                                                             \
        .lines = QSPI_SYMBOL(lines_, node),                                                                           \
        .pin_count = OB_ARRAY_SIZE(QSPI_SYMBOL(pins_, node)),                                                         \
        .sck_divider = QSPI_DIVIDER(QSPI_OF_CHIP(node, sck_frequency)),                                               \
        .sck_mhz = OB_NRF_QSPI_BASE_HZ / 1000000 / (QSPI_DIVIDER(QSPI_OF_CHIP(node, sck_frequency)) + 1),             \
        .max_lanes = QSPI_OF_CHIP(node, readoc) >= READOC_4_LANES && OB_ARRAY_SIZE(QSPI_SYMBOL(pins_, node)) == 6 ? 4 \
                     : QSPI_OF_CHIP(node, readoc) >= READOC_2_LANES                                               ? 2 \
                                                                                                                  : 1,                                              \
        .rx_delay = QSPI_OF_CHIP(node, rx_delay),                                                                     \
        .ifconfig1 = IFCONFIG1_RESERVED | QSPI_OF_CHIP(node, sck_delay) |                                             \
                     (QSPI_OF_CHIP(node, cpol) != 0 ? IFCONFIG1_SPIMODE_3 : 0),                                       \
    };                                                                                                                \
    static const struct ob_spi_mem QSPI_SYMBOL(mem_, node) = {                                                        \
        .ops = &qspi_ops,                                                                                             \
        .ctx = DEVICE_DT_GET(node),                                                                                   \
        .max_len = UINT32_MAX,                                                                                        \
    };                                                                                                                \
    OB_DEVICE_DT_DEFINE_STOP(node, qspi_init, stop, &QSPI_SYMBOL(data_, node), &QSPI_SYMBOL(config_, node),           \
                             &QSPI_SYMBOL(mem_, node))

DT_FOREACH_STATUS_OKAY(nordic_nrf_qspi, QSPI_DEFINE)
