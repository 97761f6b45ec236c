/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF52840: random bytes. Source: product specification, RNG. */

enum { START = 0x000, STOP = 0x004, VALRDY = 0x100, SHORTS = 0x200, CONFIG = 0x504, VALUE = 0x508 };

#define SHORT_VALRDY_STOP 1u
#define DERCEN 1u
#define BYTE_US 30u
#define BYTE_CORRECTED_US 120u

static const struct vb_register registers[] = {
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = VALRDY, .access = VB_EVENT, .name = "EVENTS_VALRDY"},
    {.offset = SHORTS, .access = VB_READ_WRITE, .name = "SHORTS"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = CONFIG, .access = VB_READ_WRITE, .name = "CONFIG"},
    {.offset = VALUE, .access = VB_READ_ONLY, .name = "VALUE"},
};

static void next_byte(struct vb_device *dev)
{
    uint32_t us = (vb_get(dev, CONFIG) & DERCEN) != 0 ? BYTE_CORRECTED_US : BYTE_US;

    vb_schedule(dev, vb_now(dev->board) + us * VB_TICKS_PER_US);
}

static void event(struct vb_device *dev)
{
    uint8_t value;

    if (!vb_random(dev->board, &value)) {
        return;
    }
    vb_set(dev, VALUE, value);
    vb_event(dev, VALRDY);
    if ((vb_get(dev, SHORTS) & SHORT_VALRDY_STOP) == 0) {
        next_byte(dev);
    }
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == START) {
        next_byte(dev);
    } else if (off == STOP) {
        vb_schedule(dev, VB_NEVER);
    }
    return value;
}

const struct vb_class vb_class_rng = {
    .name = "RNG", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = write, .event = event};
