/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

#include "../board.h"

/*
 * The controller of the internal flash. The CPU stands still while it is busy, as it does when it executes from flash,
 * so READY always reads as ready, unless the board was asked for a controller that stalls: that does nothing, and is
 * ready again in read mode. Source: nRF52840 and nRF5340 Product Specifications, NVMC.
 */

#define READY 0x400u
#define CONFIG 0x504u
#define ERASEPAGE 0x508u
#define ERASEALL 0x50cu
#define ERASEUICR 0x514u
#define ERASEPAGEPARTIAL 0x518u
#define ERASEPAGEPARTIALCFG 0x51cu

#define REN 0u
#define WEN 1u
#define EEN 2u
#define PEEN 4u

#define PAGES_MAX 256u
#define TICKS_PER_MS (1000u * VB_TICKS_PER_US)

struct nvmc {
    uint16_t partial_ms[PAGES_MAX]; /* how long each page has been erased in parts */
    bool stalled;
};

static const struct vb_register nrf52_registers[] = {
    {.offset = READY, .access = VB_READ_ONLY, .reset = 1, .name = "READY"},
    {.offset = 0x408, .access = VB_READ_ONLY, .reset = 1, .name = "READYNEXT"},
    {.offset = CONFIG, .access = VB_READ_WRITE, .name = "CONFIG"},
    {.offset = ERASEPAGE, .access = VB_WRITE_ONLY, .name = "ERASEPAGE"},
    {.offset = ERASEALL, .access = VB_WRITE_ONLY, .name = "ERASEALL"},
    {.offset = ERASEUICR, .access = VB_WRITE_ONLY, .name = "ERASEUICR"},
    {.offset = ERASEPAGEPARTIAL, .access = VB_WRITE_ONLY, .name = "ERASEPAGEPARTIAL"},
    {.offset = ERASEPAGEPARTIALCFG, .access = VB_READ_WRITE, .reset = 10, .name = "ERASEPAGEPARTIALCFG"},
    {.offset = 0x540, .access = VB_READ_WRITE, .name = "ICACHECNF"},
    {.offset = 0x548, .access = VB_READ_WRITE, .name = "IHIT"},
    {.offset = 0x54c, .access = VB_READ_WRITE, .name = "IMISS"},
};

static const struct vb_register nrf53_registers[] = {
    {.offset = READY, .access = VB_READ_ONLY, .reset = 1, .name = "READY"},
    {.offset = 0x408, .access = VB_READ_ONLY, .reset = 1, .name = "READYNEXT"},
    {.offset = CONFIG, .access = VB_READ_WRITE, .name = "CONFIG"},
    {.offset = ERASEALL, .access = VB_WRITE_ONLY, .name = "ERASEALL"},
    {.offset = ERASEPAGEPARTIALCFG, .access = VB_READ_WRITE, .reset = 10, .name = "ERASEPAGEPARTIALCFG"},
    {.offset = 0x584, .access = VB_READ_WRITE, .name = "CONFIGNS"},
    {.offset = 0x588, .access = VB_WRITE_ONLY, .name = "WRITEUICRNS"},
};

static bool permitted(struct vb_device *dev, uint32_t off, const char *what)
{
    const struct vb_soc *soc = dev->board->soc;
    const char *why = NULL;

    if (soc->flash_permits == NULL || soc->flash_permits(dev->board, off, &why)) {
        return true;
    }
    vb_refuse(dev, "%s of 0x%05x: %s", what, off, why);
    return false;
}

struct sim_tear vb_settled(struct sim_tear tear)
{
    if (tear.kind == SIM_TEAR_METASTABLE) {
        tear = (struct sim_tear){.kind = SIM_TEAR_BITS, .variant = tear.variant % 3};
    }
    return tear;
}

static bool stalls(struct vb_device *dev)
{
    struct nvmc *nvmc = dev->state;

    nvmc->stalled = vb_stalls(dev->board, VB_INTERNAL);
    return nvmc->stalled;
}

/* The tear that an operation gets: the operation is counted, and its time passes unless the power fails. */
static const struct sim_tear *begin(struct vb_device *dev, const struct vb_operation *operation, struct sim_tear *own)
{
    const struct sim_tear *tear = vb_operation(dev->board, operation);

    if (tear == NULL) {
        vb_stall(dev->board, operation->ticks);
        return NULL;
    }
    *own = vb_settled(*tear);
    return own;
}

static void check_rules(struct vb_device *dev)
{
    const struct sim_chip *chip = dev->board->internal;

    if (chip->violation != NULL) {
        vb_refuse(dev, "flash 0x%05x: %s", chip->violation_off, chip->violation);
    }
}

static void erase_page(struct vb_device *dev, uint32_t off)
{
    struct vb_board *board = dev->board;
    uint32_t page = board->soc->flash.erase_sizes[0];
    struct vb_operation operation = {.memory = VB_INTERNAL,
                                     .erase = true,
                                     .off = off,
                                     .len = page,
                                     .ticks = (uint64_t)board->soc->erase_us * VB_TICKS_PER_US};
    struct sim_tear own;

    if (permitted(dev, off, "erase") && !stalls(dev)) {
        const struct sim_tear *tear = begin(dev, &operation, &own);
        sim_chip_erase(board->internal, off, page, tear, vb_rng(board));
        vb_board_show(board, off, page);
    }
}

static void program_word(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct vb_board *board = dev->board;
    uint8_t bytes[4];
    struct vb_operation operation = {.memory = VB_INTERNAL,
                                     .off = off,
                                     .len = sizeof(bytes),
                                     .data = bytes,
                                     .ticks = (uint64_t)board->soc->word_us * VB_TICKS_PER_US};
    struct sim_tear own;

    if (permitted(dev, off, "write") && !stalls(dev)) {
        ob_put_le32(bytes, value);
        const struct sim_tear *tear = begin(dev, &operation, &own);
        sim_chip_program(board->internal, off, bytes, sizeof(bytes), tear, vb_rng(board));
        vb_board_show(board, off, sizeof(bytes));
        check_rules(dev);
    }
}

static bool page_is_there(struct vb_device *dev, uint32_t address)
{
    uint32_t page = dev->board->soc->flash.erase_sizes[0];

    if (address % page != 0 || address >= dev->board->flash_size) {
        vb_refuse(dev, "erase of 0x%08x, which is not the first address of a page", address);
        return false;
    }
    return true;
}

static void erase_partially(struct vb_device *dev, uint32_t address)
{
    struct nvmc *nvmc = dev->state;
    uint32_t ms = vb_get(dev, ERASEPAGEPARTIALCFG) & 0x7f;

    if (!page_is_there(dev, address)) {
        return;
    }
    uint16_t *done = &nvmc->partial_ms[address / dev->board->soc->flash.erase_sizes[0]];
    *done = (uint16_t)(*done + ms);
    if (*done * 1000u >= dev->board->soc->erase_us) {
        *done = 0;
        erase_page(dev, address);
    } else {
        vb_stall(dev->board, (uint64_t)ms * TICKS_PER_MS);
    }
}

static void erase_all(struct vb_device *dev)
{
    for (uint32_t off = 0; off < dev->board->flash_size; off += dev->board->soc->flash.erase_sizes[0]) {
        erase_page(dev, off);
    }
    vb_uicr_erase(vb_find(dev->board, "UICR"));
}

static bool mode_is(struct vb_device *dev, uint32_t mode, const char *what)
{
    if (vb_get(dev, CONFIG) != mode) {
        vb_refuse(dev, "%s while CONFIG is %u", what, vb_get(dev, CONFIG));
        return false;
    }
    return true;
}

static uint32_t nvmc_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    switch (off) {
    case CONFIG:
        if (value != REN && value != WEN && value != EEN && !(value == PEEN && dev->board->soc->armv8m)) {
            vb_refuse(dev, "CONFIG = 0x%x is no mode", value);
        }
        ((struct nvmc *)dev->state)->stalled &= value != REN;
        return value;
    case ERASEPAGE:
        if (mode_is(dev, EEN, "ERASEPAGE") && page_is_there(dev, value)) {
            erase_page(dev, value);
        }
        return 0;
    case ERASEPAGEPARTIAL:
        if (mode_is(dev, EEN, "ERASEPAGEPARTIAL")) {
            erase_partially(dev, value);
        }
        return 0;
    case ERASEALL:
        if (value == 1 && mode_is(dev, EEN, "ERASEALL")) {
            erase_all(dev);
        }
        return 0;
    case ERASEUICR:
        if (value == 1 && mode_is(dev, EEN, "ERASEUICR")) {
            vb_uicr_erase(vb_find(dev->board, "UICR"));
        }
        return 0;
    default:
        return value;
    }
}

static uint32_t nvmc_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    const struct nvmc *nvmc = dev->state;

    return off == READY ? !nvmc->stalled : stored;
}

/* nRF5340: a page is erased by writing a word of ones to its first address. */
static void erase_by_store(struct vb_device *dev, uint32_t address, uint32_t value, bool partially)
{
    if (value != 0xffffffffu) {
        vb_refuse(dev, "0x%08x is stored to 0x%05x in an erase mode: only a word of ones erases", value, address);
    } else if (partially) {
        erase_partially(dev, address);
    } else if (page_is_there(dev, address)) {
        erase_page(dev, address);
    }
}

static void store_uicr(struct vb_device *dev, uint32_t address, uint32_t value)
{
    struct vb_device *uicr = vb_find(dev->board, "UICR");

    if (uicr == NULL || address < uicr->base || address - uicr->base >= 0x1000) {
        vb_refuse(dev, "0x%08x cannot be written", address);
    } else if (mode_is(dev, WEN, "a store to UICR")) {
        vb_set(uicr, address - uicr->base, vb_get(uicr, address - uicr->base) & value);
        vb_stall(dev->board, (uint64_t)dev->board->soc->word_us * VB_TICKS_PER_US);
    }
}

void vb_nvmc_store(void *ctx, uint32_t address, unsigned size, uint32_t value)
{
    struct vb_board *board = ctx;
    struct vb_device *dev = vb_find(board, "NVMC");
    uint32_t mode = vb_get(dev, CONFIG);

    if (board->end != VB_END_NOT) {
        return;
    }
    if (size != 4 || address % 4 != 0) {
        vb_refuse(dev, "flash takes whole words only: %u bytes were stored to 0x%05x", size, address);
    } else if (address >= board->flash_size) {
        store_uicr(dev, address, value);
    } else if (mode == WEN) {
        program_word(dev, address, value);
    } else if (board->soc->armv8m && mode != REN) {
        erase_by_store(dev, address, value, mode == PEEN);
    } else {
        vb_refuse(dev, "0x%08x is stored to flash 0x%05x while CONFIG is %u", value, address, mode);
    }
}

static void nvmc_handover(struct vb_device *dev)
{
    if (vb_get(dev, CONFIG) != REN) {
        vb_refuse(dev, "CONFIG is %u when the image is entered", vb_get(dev, CONFIG));
    }
}

const struct vb_class vb_class_nvmc52 = {.name = "NVMC",
                                         .registers = nrf52_registers,
                                         .register_count = OB_ARRAY_SIZE(nrf52_registers),
                                         .state_size = sizeof(struct nvmc),
                                         .read = nvmc_read,
                                         .write = nvmc_write,
                                         .handover = nvmc_handover};
const struct vb_class vb_class_nvmc53 = {.name = "NVMC",
                                         .registers = nrf53_registers,
                                         .register_count = OB_ARRAY_SIZE(nrf53_registers),
                                         .state_size = sizeof(struct nvmc),
                                         .read = nvmc_read,
                                         .write = nvmc_write,
                                         .handover = nvmc_handover};
