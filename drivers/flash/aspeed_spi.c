/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/device_dt.h>
#include <outboard/spi_mem.h>

/* Registers: Linux, drivers/spi/spi-aspeed-smc.c (AST2600, whose controller the AST1030 has); QEMU 7.2,
 * hw/ssi/aspeed_smc.c.
 *
 * In user mode every access to the window shifts its bytes through the chip, lowest first, while chip select is low. In
 * read mode an access to the window becomes a read command. An operation leaves read mode for as long as it lasts, so
 * nothing may be fetched from the window meanwhile: programs run from SRAM. */

#define CONF 0x00 /* CE type setting */
#define CONF_TYPE0_MASK 0x3u
#define CONF_TYPE0_SPI 0x2u
#define CONF_WRITE_ENABLE0 (1u << 16)

#define CE_CTRL 0x04 /* CE control */
#define CE_CTRL_4BYTE0 (1u << 0)

#define CTRL0 0x10                  /* CE0 control */
#define CTRL_CLOCK_MASK 0x0f000f00u /* divider of HCLK, coarse and fine */
#define CTRL_CE_INACTIVE (1u << 2)  /* user mode: chip select high */
#define CTRL_MODE_READ 0x0u         /* opcode 0x03, 3 address bytes */
#define CTRL_MODE_USER 0x3u

#define MAX_LEN 256 /* bytes of payload: a page */

/** Chip select 0 of a controller. */
struct aspeed_config {
    uintptr_t regs;
    uintptr_t window; /* the chip as memory between operations, the data port during one */
};

/** A payload on its way out. Not on the stack, which is small in a bootloader. */
struct aspeed_data {
    uint32_t bounce[MAX_LEN / sizeof(uint32_t)];
};

static volatile uint32_t *reg(const struct aspeed_config *config, uint32_t off)
{
    return (volatile uint32_t *)(config->regs + off);
}

static void put_byte(const struct aspeed_config *config, uint8_t byte)
{
    *(volatile uint8_t *)config->window = byte;
}

/** From bounce: see aspeed_exec(). */
static void put(const struct aspeed_config *config, const uint32_t *src, uint32_t len)
{
    const uint8_t *tail = (const uint8_t *)(src + len / sizeof(*src));

    for (uint32_t i = 0; i < len / sizeof(*src); i++) {
        *(volatile uint32_t *)config->window = src[i];
    }
    for (uint32_t i = 0; i < len % sizeof(*src); i++) {
        put_byte(config, tail[i]);
    }
}

static void get(const struct aspeed_config *config, uint8_t *dst, uint32_t len)
{
    for (; len >= sizeof(uint32_t); len -= sizeof(uint32_t)) {
        uint32_t word = *(volatile uint32_t *)config->window;

        memcpy(dst, &word, sizeof(word));
        dst += sizeof(word);
    }
    while (len-- > 0) {
        *dst++ = *(volatile uint8_t *)config->window;
    }
}

static void put_header(const struct aspeed_config *config, const struct ob_spi_mem_op *op)
{
    put_byte(config, op->opcode);
    for (unsigned left = op->address_size; left > 0; left--) {
        put_byte(config, (uint8_t)(op->address >> 8 * (left - 1)));
    }
    for (unsigned cycles = 0; cycles < op->dummy_cycles; cycles += 8) {
        put_byte(config, 0);
    }
}

static enum ob_err aspeed_exec(const struct ob_spi_mem *mem, const struct ob_spi_mem_op *op)
{
    const struct ob_device *dev = mem->ctx;
    const struct aspeed_config *config = dev->config;
    struct aspeed_data *data = dev->data;
    uint32_t clock = *reg(config, CTRL0) & CTRL_CLOCK_MASK;

    if (op->address_lanes != 1 || op->data_lanes != 1 || op->dummy_cycles % 8 != 0 || op->len > MAX_LEN) {
        return OB_ERR_RANGE;
    }
    if (op->dir == OB_SPI_MEM_OUT) {
        memcpy(data->bounce, op->data.out, op->len); /* the source may lie in this very window: fetch it in read mode */
    }
    *reg(config, CTRL0) = clock | CTRL_MODE_USER | CTRL_CE_INACTIVE;
    *reg(config, CTRL0) = clock | CTRL_MODE_USER;
    put_header(config, op);
    if (op->dir == OB_SPI_MEM_OUT) {
        put(config, data->bounce, op->len);
    } else if (op->dir == OB_SPI_MEM_IN) {
        get(config, op->data.in, op->len);
    }
    *reg(config, CTRL0) = clock | CTRL_MODE_USER | CTRL_CE_INACTIVE;
    *reg(config, CTRL0) = clock | CTRL_MODE_READ | CTRL_CE_INACTIVE;
    return OB_OK;
}

static const struct ob_spi_mem_ops aspeed_ops = {.exec = aspeed_exec};

/**
 * A program before the reset may have left user mode on, chip select low, or 4-byte reads. The clock stays as it is:
 * after a reset it is HCLK / 16, 12.5 MHz, which every chip can follow.
 */
static enum ob_err aspeed_init(const struct ob_device *dev)
{
    const struct aspeed_config *config = dev->config;

    *reg(config, CTRL0) = (*reg(config, CTRL0) & CTRL_CLOCK_MASK) | CTRL_MODE_READ | CTRL_CE_INACTIVE;
    *reg(config, CONF) = (*reg(config, CONF) & ~CONF_TYPE0_MASK) | CONF_TYPE0_SPI | CONF_WRITE_ENABLE0;
    *reg(config, CE_CTRL) &= ~CE_CTRL_4BYTE0;
    return OB_OK;
}

#define ASPEED_SPI_SYMBOL(name, node) DT_CAT3(aspeed_spi_, name, DT_DEP_ORD(node))

#define CLOCK_HZ 12500000 /* see aspeed_init() */

#define ASPEED_SPI_CHECK_CHIP(chip)                                                               \
    _Static_assert(DT_REG_ADDR(chip) == 0, "the controller drives chip select 0: set reg = <0>"); \
    _Static_assert(DT_PROP_OR(chip, spi_max_frequency, CLOCK_HZ) >= CLOCK_HZ,                     \
                   "the bus runs at 12.5 MHz, faster than this chip's spi-max-frequency");

#define ASPEED_SPI_DEFINE(node)                                                                                \
    DT_FOREACH_CHILD(node, ASPEED_SPI_CHECK_CHIP)                                                              \
    static struct aspeed_data ASPEED_SPI_SYMBOL(data_, node);                                                  \
    static const struct aspeed_config ASPEED_SPI_SYMBOL(config_, node) = {                                     \
        .regs = DT_REG_ADDR_BY_IDX(node, 0),                                                                   \
        .window = DT_REG_ADDR_BY_IDX(node, 1),                                                                 \
    };                                                                                                         \
    static const struct ob_spi_mem ASPEED_SPI_SYMBOL(mem_, node) = {                                           \
        .ops = &aspeed_ops,                                                                                    \
        .ctx = DEVICE_DT_GET(node),                                                                            \
        .mapped = (const uint8_t *)DT_REG_ADDR_BY_IDX(node, 1),                                                \
        .max_len = MAX_LEN,                                                                                    \
    };                                                                                                         \
    OB_DEVICE_DT_DEFINE(node, aspeed_init, &ASPEED_SPI_SYMBOL(data_, node), &ASPEED_SPI_SYMBOL(config_, node), \
                        &ASPEED_SPI_SYMBOL(mem_, node))

DT_FOREACH_STATUS_OKAY(aspeed_ast1030_fmc, ASPEED_SPI_DEFINE)
DT_FOREACH_STATUS_OKAY(aspeed_ast1030_spi, ASPEED_SPI_DEFINE)
