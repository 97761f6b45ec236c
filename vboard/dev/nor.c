/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "nor.h"

#include <stdio.h>

#include <string.h>

#include <outboard/util.h>

#define READ_STATUS 0x05u

static uint64_t now_us(const struct vb_nor *nor)
{
    return vb_now(nor->self.board) / VB_TICKS_PER_US;
}

static const struct sim_tear *begins(void *ctx, enum nor_operation what, uint32_t off, uint32_t len,
                                     const uint8_t *data, uint32_t us)
{
    struct vb_nor *nor = ctx;
    const struct vb_operation operation = {
        .memory = nor->memory,
        .erase = what == NOR_ERASE,
        .off = off,
        .len = len,
        .data = data,
        .ticks = (uint64_t)us * VB_TICKS_PER_US,
    };

    nor->dirty_from = nor->dirty_to == 0 ? off : OB_MIN(nor->dirty_from, off);
    nor->dirty_to = OB_MAX(nor->dirty_to, off + len);
    return vb_operation(nor->self.board, &operation);
}

static void reports(void *ctx, enum nor_severity severity, uint8_t opcode, const char *what)
{
    struct vb_nor *nor = ctx;
    char when[24] = "when it is selected";

    if (nor->chip.frame.clocks > 0 || nor->chip.frame.implied) {
        snprintf(when, sizeof(when), "command 0x%02x", opcode);
    }
    if (severity == NOR_WRONG) {
        vb_refuse(&nor->self, "%s: %s", when, what);
    } else {
        vb_note(&nor->self, "%s: %s", when, what);
    }
}

static uint64_t idle_at(void *ctx)
{
    const struct vb_nor *nor = ctx;

    return nor->chip.busy_until_us * VB_TICKS_PER_US;
}

static void select_chip(void *ctx, bool selected)
{
    struct vb_nor *nor = ctx;

    nor->chip.now_us = now_us(nor);
    if (selected) {
        nor_chip_select(&nor->chip);
    } else {
        nor_chip_deselect(&nor->chip);
        if (nor->chip.frame.opcode == READ_STATUS && nor_chip_busy(&nor->chip) && !nor->chip.stuck) {
            vb_polled(nor->self.board, &nor->polling, idle_at(nor));
        }
    }
}

static uint8_t exchange(void *ctx, uint8_t out, unsigned lanes)
{
    struct vb_nor *nor = ctx;

    nor->chip.now_us = now_us(nor);
    return nor_chip_byte(&nor->chip, lanes, out);
}

static void side_pins(void *ctx, bool io2, bool io3)
{
    struct vb_nor *nor = ctx;

    nor_chip_side_pins(&nor->chip, io2, io3);
}

static void power_fails(void *ctx, const struct sim_tear *tear, uint64_t *rng)
{
    struct vb_nor *nor = ctx;

    nor->chip.now_us = now_us(nor);
    nor->chip.rng = *rng;
    nor_chip_power_fails(&nor->chip, tear);
    *rng = nor->chip.rng;
}

static const char *const fault_names[] = {
    [VB_CHIP_WORKS] = "none",    [VB_CHIP_ABSENT] = "absent", [VB_CHIP_ASLEEP] = "asleep", [VB_CHIP_BUSY] = "busy",
    [VB_CHIP_LOCKED] = "locked", [VB_CHIP_STUCK] = "stuck",   [VB_CHIP_FAILS] = "fails"};

const char *vb_chip_fault_name(enum vb_chip_fault fault)
{
    return fault_names[fault];
}

bool vb_chip_fault_find(const char *name, enum vb_chip_fault *out)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(fault_names); i++) {
        if (strcmp(fault_names[i], name) == 0) {
            *out = (enum vb_chip_fault)i;
            return true;
        }
    }
    return false;
}

static uint32_t longest_erase_us(const struct nor_part *part)
{
    uint32_t us = 0;

    for (unsigned i = 0; i < NOR_ERASES && part->erases[i].opcode != 0; i++) {
        us = OB_MAX(us, part->erases[i].us);
    }
    return us;
}

static void make_faulty(struct vb_nor *nor)
{
    struct nor_chip *chip = &nor->chip;

    switch (nor->fault) {
    case VB_CHIP_ABSENT:
        chip->open_line = 0xff;
        break;
    case VB_CHIP_ASLEEP:
        chip->asleep = true;
        break;
    case VB_CHIP_BUSY:
        chip->busy_until_us = longest_erase_us(chip->part);
        break;
    case VB_CHIP_LOCKED:
        chip->status[0] |= chip->part->protect_bits;
        break;
    case VB_CHIP_STUCK:
        chip->stuck = true;
        break;
    case VB_CHIP_FAILS:
        chip->fail_array_at = nor->fault_at;
        break;
    default:
        break;
    }
}

static void power_comes(void *ctx)
{
    struct vb_nor *nor = ctx;

    nor->chip.rng = *vb_rng(nor->self.board);
    nor_chip_power_on(&nor->chip);
    sim_chip_start(&nor->chip.cells);
    make_faulty(nor);
}

void vb_nor_init(struct vb_nor *nor, struct vb_board *board, const struct nor_part *part)
{
    memset(nor, 0, sizeof(*nor));
    nor->memory = VB_EXTERNAL;
    nor->part = *part;
    nor_chip_init(&nor->chip, &nor->part);
    nor->chip.watch = (struct nor_watch){.ctx = nor, .begins = begins, .reports = reports};
    nor->self = (struct vb_device){.name = part->name, .irq = -1, .board = board};
    nor->spi = (struct vb_spi_chip){
        .ctx = nor,
        .sck = VB_PIN_NONE,
        .csn = VB_PIN_NONE,
        .io = {VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE, VB_PIN_NONE},
        .select = select_chip,
        .exchange = exchange,
        .side_pins = side_pins,
        .idle_at = idle_at,
        .power_fails = power_fails,
        .power_comes = power_comes,
    };
}

void vb_nor_free(struct vb_nor *nor)
{
    nor_chip_free(&nor->chip);
}
