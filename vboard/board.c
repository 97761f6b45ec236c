/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "board_parts.h"
#include "coverage.h"
#include "dev/devices.h"

#define PAGE 4096u

/* The emulator protects whole pages: of one that is divided, RAM is looked at access by access, and flash may be read
 * as where it is least protected. */
static unsigned may(void *ctx, uint32_t page, unsigned wants)
{
    struct vb_board *board = ctx;
    const struct vb_allowed allowed = vb_scs_may(&board->scs, page, VB_CPU_PAGE);
    const unsigned differs = allowed.each ^ allowed.some;

    if ((differs & VB_MAY_EXECUTE) != 0 && wants == VB_MAY_EXECUTE) {
        vb_board_end(board, VB_END_REFUSED, "executes in a page of %u bytes of which the MPU forbids a part, 0x%08x",
                     VB_CPU_PAGE, page);
    }
    return allowed.some | ((differs & (VB_MAY_READ | VB_MAY_WRITE)) != 0 ? VB_MAY_DIFFER : 0);
}

static unsigned may_here(void *ctx, uint32_t address, unsigned size)
{
    const struct vb_board *board = ctx;

    return vb_scs_may(&board->scs, address, size).each;
}

static void watch(void *ctx, uint32_t address)
{
    struct vb_board *board = ctx;

    if (address == board->resumed) {
        board->resumed = 0;
    } else if (board->listener.watch != NULL) {
        board->listener.watch(board->listener.ctx, address);
    } else {
        vb_board_end(board, VB_END_WATCH, "came to what is watched");
    }
}

static void broke(void *ctx, uint32_t address)
{
    struct vb_board *board = ctx;

    (void)address;
    board->broke = true;
}

static void step(void *ctx, uint32_t address, uint32_t size)
{
    struct vb_board *board = ctx;

    if (board->coverage != NULL) {
        vb_coverage_step(board->coverage, address, size);
    }
    if (board->listener.step != NULL) {
        board->listener.step(board->listener.ctx, address, size);
    }
}

static void block(void *ctx, uint32_t address)
{
    const struct vb_board *board = ctx;

    board->listener.block(board->listener.ctx, address);
}

/* ---- making one ---- */

static void add_window(struct vb_cpu_setup *setup, uint32_t base)
{
    uint32_t page = ob_align_down(base, PAGE);
    unsigned i = 0;

    while (i < VB_CPU_WINDOWS - 1 && setup->windows[i].size != 0 && setup->windows[i].base >> 28 != page >> 28) {
        i++;
    }
    uint32_t end = page + PAGE;
    if (setup->windows[i].size != 0) {
        end = OB_MAX(end, setup->windows[i].base + setup->windows[i].size);
        page = OB_MIN(page, setup->windows[i].base);
    }
    setup->windows[i].base = page;
    setup->windows[i].size = end - page;
}

static void add_device_window(struct vb_cpu_setup *setup, const struct vb_soc *soc, uint32_t base)
{
    add_window(setup, base);
    if (soc->alias != 0 && base >= 0x50000000u) {
        add_window(setup, base - soc->alias);
    }
}

static const char *make_cpu(struct vb_board *board)
{
    struct vb_cpu_setup setup = {.armv8m = board->soc->armv8m,
                                 .flash = board->flash,
                                 .flash_base = board->soc->flash_base,
                                 .flash_size = board->flash_size,
                                 .ram = board->ram,
                                 .ram_base = board->soc->ram_base,
                                 .ram_size = board->soc->ram_size};
    const char *why = NULL;

    for (unsigned i = 0; i < board->device_count; i++) {
        add_device_window(&setup, board->soc, board->devices[i].base);
    }
    for (unsigned i = 0; i < board->soc->stranger_count; i++) {
        add_device_window(&setup, board->soc, board->soc->strangers[i].base);
    }
    if (board->soc->xip != 0) {
        add_window(&setup, board->soc->xip);
        add_window(&setup, board->soc->xip + VB_XIP_SIZE - PAGE);
    }
    add_window(&setup, 0xe0000000u);
    add_window(&setup, 0xe00ff000u);
    setup.ports = (struct vb_cpu_ports){.ctx = board,
                                        .may = may,
                                        .may_here = may_here,
                                        .load = vb_bus_load,
                                        .store = vb_bus_store,
                                        .store_flash = board->soc->flash_store,
                                        .tick = vb_board_tick,
                                        .watch = watch,
                                        .broke = broke,
                                        .step = step,
                                        .block = block};
    board->cpu = vb_cpu_new(&setup, &why);
    return why;
}

static const char *make_devices(struct vb_board *board)
{
    const struct vb_soc *soc = board->soc;

    board->devices = calloc(soc->place_count, sizeof(*board->devices));
    if (board->devices == NULL) {
        return "out of memory";
    }
    for (unsigned i = 0; i < soc->place_count; i++) {
        const struct vb_place *place = &soc->places[i];
        board->devices[i] = (struct vb_device){.class = place->class,
                                               .name = place->name,
                                               .base = place->base,
                                               .irq = place->irq,
                                               .board = board,
                                               .due = VB_NEVER};
    }
    board->device_count = soc->place_count;
    return vb_bus_new(board);
}

static bool make_flash(struct vb_board *board)
{
    board->flash = aligned_alloc(PAGE, board->flash_size);
    if (board->flash != NULL) {
        memset(board->flash, 0xff, board->flash_size);
    }
    if (board->soc->flash_chip != NULL) {
        return board->flash != NULL; /* its cells come with the chip: vb_board_add_flash_chip() */
    }
    board->internal = calloc(1, sizeof(*board->internal));
    if (board->internal != NULL) {
        sim_chip_init(board->internal, &board->soc->flash);
    }
    return board->flash != NULL && board->internal != NULL;
}

static bool make_network(struct vb_board *board)
{
    if (board->soc->network_flash == NULL) {
        return true;
    }
    board->network = calloc(1, sizeof(*board->network));
    if (board->network != NULL) {
        sim_chip_init(&board->network->cells, board->soc->network_flash);
    }
    return board->network != NULL;
}

struct vb_board *vb_board_new(const struct vb_soc *soc, const char **why)
{
    struct vb_board *board = calloc(1, sizeof(*board));

    *why = "out of memory";
    if (board == NULL) {
        return NULL;
    }
    board->soc = soc;
    board->flash_size = soc->flash.size;
    board->limit = VB_NEVER;
    board->ram = aligned_alloc(PAGE, soc->ram_size);
    if (make_flash(board) && make_network(board) && board->ram != NULL) {
        *why = make_devices(board);
    }
    if (*why == NULL) {
        *why = make_cpu(board);
    }
    if (*why != NULL) {
        vb_board_free(board);
        return NULL;
    }
    board->console = vb_find(board, "UARTE0");
    return board;
}

void vb_board_free(struct vb_board *board)
{
    if (board == NULL) {
        return;
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        vb_nor_free(board->nors[i]);
        free(board->nors[i]);
    }
    vb_cpu_free(board->cpu);
    vb_bus_free(board);
    if (board->flash_chip == NULL && board->internal != NULL) {
        sim_chip_free(board->internal);
        free(board->internal);
    }
    if (board->network != NULL) {
        sim_chip_free(&board->network->cells);
        free(board->network);
    }
    free(board->devices);
    free(board->flash);
    free(board->ram);
    free(board);
}

/* ---- ends ---- */

void vb_board_end(struct vb_board *board, enum vb_end end, const char *fmt, ...)
{
    va_list args;

    if (board->end == VB_END_NOT) {
        board->end = end;
        va_start(args, fmt);
        vsnprintf(board->why, sizeof(board->why), fmt, args);
        va_end(args);
        vb_cpu_stop(board->cpu);
    }
}

void vb_reset_request(struct vb_device *dev, enum vb_reset why)
{
    struct vb_board *board = dev->board;

    if (!board->reset_wanted) {
        board->reset_wanted = true;
        board->reset_why = why;
        vb_cpu_stop(board->cpu);
    }
}

uint8_t *vb_board_ram(const struct vb_board *board, uint32_t address, uint32_t len)
{
    const uint32_t off = address - board->soc->ram_base;

    return off < board->soc->ram_size && len <= board->soc->ram_size - off ? board->ram + off : NULL;
}

const uint8_t *vb_board_flash(const struct vb_board *board, uint32_t address, uint32_t len)
{
    const uint32_t off = address - board->soc->flash_base;

    return off < board->flash_size && len <= board->flash_size - off ? board->flash + off : NULL;
}

/* ---- starting ---- */

static void copy_to_ram(struct vb_board *board)
{
    const uint32_t size = OB_MIN(board->flash_size, board->soc->ram_size);

    memcpy(board->ram, board->flash, size);
    vb_cpu_ram_changed(board->cpu, 0, size);
}

static void start(struct vb_board *board, enum vb_reset why)
{
    vb_scs_reset(&board->scs, board, board->soc->armv8m, board->soc->irq_count);
    vb_bus_reset(board, why);
    if (why == VB_RESET_POWER) {
        vb_uicr_fill(vb_find(board, "UICR"), board->uicr);
    }
    vb_cpu_reset(board->cpu);
    if (board->soc->starts_in_ram) {
        copy_to_ram(board);
    }
    vb_cpu_set(board->cpu, VB_SP, ob_get_le32(board->flash) & ~3u);
    vb_cpu_set(board->cpu, VB_LR, 0xffffffffu);
    board->pc = ob_get_le32(board->flash + 4);
    board->vector_is_even = (board->pc & 1) == 0;
    board->resumed = 0;
    board->reset_wanted = false;
    vb_board_look(board);
}

void vb_board_power_on(struct vb_board *board)
{
    memset(board->ram, VB_RAM_NOISE, board->soc->ram_size);
    vb_cpu_ram_changed(board->cpu, 0, board->soc->ram_size);
    *vb_cpu_time(board->cpu) = 0;
    board->end = VB_END_NOT;
    board->why[0] = '\0';
    board->operations = 0;
    board->pauses = false;
    board->first_instruction = vb_cpu_instructions(board->cpu);
    board->resets = 0;
    board->polling = (struct vb_polling){0};
    board->polling_since = 0;
    board->slept = 0;
    board->next_poll = 0;
    board->note_count = 0;
    sim_chip_start(board->internal);
    if (board->network != NULL) {
        sim_chip_start(&board->network->cells);
    }
    for (unsigned i = 0; i < board->chip_count; i++) {
        board->chips[i].power_comes(board->chips[i].ctx);
    }
    start(board, VB_RESET_POWER);
    if (board->pin_reset) {
        start(board, VB_RESET_PIN);
    }
    if (board->soc->power_on != NULL) {
        board->soc->power_on(board);
    }
}

void vb_board_reset(struct vb_board *board)
{
    board->resets++;
    if (board->listener.reset != NULL) {
        board->listener.reset(board->listener.ctx, board->reset_why);
    }
    start(board, board->reset_why);
}

/* ---- the serial line ---- */

uint32_t vb_board_send(struct vb_board *board, const uint8_t *bytes, uint32_t len)
{
    uint32_t sent = 0;

    while (sent < len && board->input_to - board->input_from < VB_INPUT_SIZE) {
        board->input[board->input_to++ % VB_INPUT_SIZE] = bytes[sent++];
    }
    if (sent > 0 && board->console != NULL) {
        board->console->class->listen(board->console);
    }
    return sent;
}

bool vb_serial_next(struct vb_device *dev, uint8_t *byte)
{
    struct vb_board *board = dev->board;

    if (dev != board->console || board->input_from == board->input_to) {
        return false;
    }
    *byte = board->input[board->input_from++ % VB_INPUT_SIZE];
    if (board->listener.heard != NULL) {
        board->listener.heard(board->listener.ctx);
    }
    return true;
}

void vb_serial_say(struct vb_device *dev, uint8_t byte)
{
    struct vb_board *board = dev->board;

    if (dev == board->console && board->listener.said != NULL) {
        board->listener.said(board->listener.ctx, byte);
    }
}

/* ---- chips ---- */

bool vb_board_add_chip(struct vb_board *board, const struct nor_part *part, uint8_t sck, uint8_t csn,
                       const uint8_t io[4])
{
    struct vb_nor *nor = board->chip_count < VB_CHIPS ? calloc(1, sizeof(*nor)) : NULL;

    if (nor == NULL) {
        return false;
    }
    vb_nor_init(nor, board, part);
    nor->spi.sck = sck;
    nor->spi.csn = csn;
    memcpy(nor->spi.io, io, sizeof(nor->spi.io));
    board->nors[board->chip_count] = nor;
    board->chips[board->chip_count++] = nor->spi;
    return true;
}

bool vb_board_add_flash_chip(struct vb_board *board, const struct nor_part *part)
{
    static const uint8_t not_wired[4] = {VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE};

    if (!vb_board_add_chip(board, part, VB_PIN_NONE, VB_PIN_NONE, not_wired)) {
        return false;
    }
    board->flash_chip = board->nors[board->chip_count - 1];
    board->flash_chip->memory = VB_INTERNAL;
    board->internal = &board->flash_chip->chip.cells;
    return true;
}

struct vb_nor *vb_board_external(const struct vb_board *board)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        if (board->nors[i] != board->flash_chip) {
            return board->nors[i];
        }
    }
    return NULL;
}

const struct vb_spi_chip *vb_spi_chip_at(const struct vb_board *board, unsigned csn)
{
    for (unsigned i = 0; i < board->chip_count; i++) {
        if (board->chips[i].csn == csn) {
            return &board->chips[i];
        }
    }
    return NULL;
}

const struct vb_spi_chip *vb_spi_chip(const struct vb_board *board, unsigned n)
{
    return n < board->chip_count ? &board->chips[n] : NULL;
}
