/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

#include "../board.h"

/*
 * Aspeed's SPI memory controllers. A chip is a window of the CPU's memory: in read mode its content, in user mode a
 * port through which bytes go to the chip while its select is low. The chip behind the FMC is the one that the CPU
 * executes from, so that window is real memory and becomes a port only meanwhile. Source: Linux,
 * drivers/spi/spi-aspeed-smc.c; QEMU 7.2, hw/ssi/aspeed_smc.c.
 */

#define CONF 0x00u
#define CONF_TYPE 0x3u
#define CONF_SPI 0x2u
#define CONF_WRITE_ENABLE (1u << 16)
#define CE_CTRL 0x04u
#define CE_CTRL_4BYTE 0x1u
#define CTRL 0x10u
#define CTRL_MODE 0x3u
#define CTRL_READ 0x0u
#define CTRL_USER 0x3u
#define CTRL_INACTIVE (1u << 2)
#define CTRL_CLOCK 0x0f000f00u
#define BYTE_TICKS 82u /* at 12.5 MHz, the clock after a reset */

struct smc {
    bool selected;
};

static const struct vb_register registers[] = {
    {.offset = CONF, .access = VB_READ_WRITE, .name = "CONF"},
    {.offset = CE_CTRL, .access = VB_READ_WRITE, .name = "CE_CTRL"},
    {.offset = CTRL, .access = VB_READ_WRITE, .name = "CTRL0"},
};

static struct vb_nor *chip_of(const struct vb_device *dev)
{
    return dev->class == &vb_class_aspeed_fmc ? dev->board->flash_chip : vb_board_external(dev->board);
}

static bool in_user_mode(const struct vb_device *dev)
{
    return (vb_get(dev, CTRL) & CTRL_MODE) == CTRL_USER;
}

/* ---- bytes through the port ---- */

static void select_chip(struct vb_device *dev, bool selected)
{
    struct smc *smc = dev->state;
    struct vb_nor *nor = chip_of(dev);

    if (smc->selected == selected) {
        return;
    }
    smc->selected = selected;
    if (nor == NULL) {
        vb_refuse(dev, "its chip is selected, and there is none");
    } else if (selected && (vb_get(dev, CONF) & CONF_TYPE) != CONF_SPI) {
        vb_refuse(dev, "user mode while CONF does not say that the chip is a SPI flash");
    } else {
        nor->spi.select(nor->spi.ctx, selected);
    }
}

static uint8_t exchange(struct vb_device *dev, uint8_t byte)
{
    struct vb_nor *nor = chip_of(dev);

    vb_stall(dev->board, BYTE_TICKS);
    return nor->spi.exchange(nor->spi.ctx, byte, 1);
}

static uint32_t port_load(struct vb_device *dev, unsigned size)
{
    const struct smc *smc = dev->state;
    uint32_t value = 0;

    if (!smc->selected) {
        vb_refuse(dev, "its window is read in user mode, and the chip is not selected");
        return 0;
    }
    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)exchange(dev, 0) << 8 * i;
    }
    return value;
}

static void port_store(struct vb_device *dev, unsigned size, uint32_t value)
{
    const struct smc *smc = dev->state;

    if (!smc->selected || (vb_get(dev, CONF) & CONF_WRITE_ENABLE) == 0) {
        vb_refuse(dev, "its window is written, and the chip is not selected in user mode with CONF's write enable");
        return;
    }
    for (unsigned i = 0; i < size; i++) {
        exchange(dev, (uint8_t)(value >> 8 * i));
    }
}

/* ---- the chip as memory ---- */

static bool is_idle(struct vb_nor *nor)
{
    nor->chip.now_us = vb_now(nor->self.board) / VB_TICKS_PER_US;
    nor_chip_peek(&nor->chip, 0); /* what has ended shows in the cells */
    return !nor_chip_busy(&nor->chip);
}

/* Is the window of the chip that the CPU executes from memory now? */
static void update_window(struct vb_device *dev)
{
    struct vb_nor *nor = chip_of(dev);

    if (dev->class != &vb_class_aspeed_fmc) {
        return;
    }
    bool is_memory = !in_user_mode(dev) && is_idle(nor);
    vb_cpu_flash_is_port(dev->board->cpu, !is_memory);
    if (is_memory && nor->dirty_to != 0) {
        vb_board_show(dev->board, nor->dirty_from, nor->dirty_to - nor->dirty_from);
        nor->dirty_from = nor->dirty_to = 0;
    }
}

/* In read mode, with as many address bytes as the controller is told to send. */
static uint32_t array_load(struct vb_device *dev, uint32_t off, unsigned size)
{
    struct vb_nor *nor = chip_of(dev);
    bool long_address = (vb_get(dev, CE_CTRL) & CE_CTRL_4BYTE) != 0;
    uint32_t value = 0;

    if (!is_idle(nor)) {
        vb_refuse(dev, "its window is read while the chip is busy");
    } else if (long_address != nor->chip.mode_4byte) {
        vb_refuse(dev, "its window is read with %u address bytes, of which the chip counts %u", long_address ? 4u : 3u,
                  long_address ? 3u : 4u);
    } else if (off >= (long_address ? nor->chip.part->size : OB_MIN(nor->chip.part->size, 1u << 24))) {
        vb_refuse(dev, "its window is read at 0x%08x, behind what it can address", off);
    } else {
        for (unsigned i = 0; i < size; i++) {
            value |= (uint32_t)nor_chip_peek(&nor->chip, off + i) << 8 * i;
        }
    }
    vb_stall(dev->board, (size + 4) * BYTE_TICKS);
    return value;
}

static uint32_t window_load(struct vb_device *dev, uint32_t off, unsigned size)
{
    return in_user_mode(dev) ? port_load(dev, size) : array_load(dev, off, size);
}

/* ---- for the board ---- */

static struct vb_device *controller(struct vb_board *board, const struct vb_class *class)
{
    for (unsigned i = 0; i < board->device_count; i++) {
        if (board->devices[i].class == class) {
            return &board->devices[i];
        }
    }
    return NULL;
}

uint32_t vb_smc_flash_load(struct vb_board *board, uint32_t address, unsigned size)
{
    return window_load(controller(board, &vb_class_aspeed_fmc), address - board->soc->flash_base, size);
}

void vb_smc_flash_store(void *ctx, uint32_t address, unsigned size, uint32_t value)
{
    struct vb_board *board = ctx;

    (void)address;
    port_store(controller(board, &vb_class_aspeed_fmc), size, value);
}

uint32_t vb_smc_window_load(struct vb_board *board, uint32_t off, unsigned size)
{
    return window_load(controller(board, &vb_class_aspeed_spi), off, size);
}

void vb_smc_window_store(struct vb_board *board, uint32_t off, unsigned size, uint32_t value)
{
    (void)off;
    port_store(controller(board, &vb_class_aspeed_spi), size, value);
}

/* ---- registers ---- */

static uint32_t smc_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off != CTRL) {
        return value;
    }
    if ((value & ~(CTRL_CLOCK | CTRL_INACTIVE | CTRL_MODE)) != 0 || (value & CTRL_CLOCK) != 0 ||
        ((value & CTRL_MODE) != CTRL_READ && (value & CTRL_MODE) != CTRL_USER)) {
        vb_refuse(dev, "CTRL0 = 0x%08x is not modelled: read and user mode are, with the clock of a reset", value);
        return value;
    }
    vb_set(dev, CTRL, value);
    select_chip(dev, in_user_mode(dev) && (value & CTRL_INACTIVE) == 0);
    update_window(dev);
    return value;
}

/* Before the CPU goes on, the boot ROM reads the chip: it is idle by then. */
static void smc_reset(struct vb_device *dev, enum vb_reset why)
{
    struct smc *smc = dev->state;
    struct vb_nor *nor = chip_of(dev);

    (void)why;
    if (nor != NULL && smc->selected) {
        nor->spi.select(nor->spi.ctx, false);
    }
    smc->selected = false;
    if (dev->class == &vb_class_aspeed_fmc && nor->chip.busy_until_us * VB_TICKS_PER_US > vb_now(dev->board)) {
        vb_stall(dev->board, nor->chip.busy_until_us * VB_TICKS_PER_US - vb_now(dev->board));
    }
    update_window(dev);
}

static void smc_handover(struct vb_device *dev)
{
    if (in_user_mode(dev)) {
        vb_refuse(dev, "is in user mode when the image is entered");
    }
}

#define SMC                                                                                               \
    .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .state_size = sizeof(struct smc), \
    .reset = smc_reset, .write = smc_write, .handover = smc_handover

const struct vb_class vb_class_aspeed_fmc = {.name = "FMC", SMC};
const struct vb_class vb_class_aspeed_spi = {.name = "SPI", SMC};
