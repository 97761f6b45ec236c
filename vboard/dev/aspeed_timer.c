/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/*
 * The first of Aspeed's timers: counts down from the reload value, and starts again there. Without interrupts. Source:
 * QEMU 7.2, hw/timer/aspeed_timer.c.
 */

#define COUNT 0x00u
#define RELOAD 0x04u
#define CONTROL 0x30u
#define ENABLE 0x1u
#define AT_1_MHZ 0x2u

struct timer {
    uint64_t since; /* when it held the count that stands in the register */
};

static const struct vb_register registers[] = {
    {.offset = COUNT, .access = VB_READ_WRITE, .name = "COUNT1"},
    {.offset = RELOAD, .access = VB_READ_WRITE, .name = "RELOAD1"},
    {.offset = CONTROL, .access = VB_READ_WRITE, .name = "CONTROL"},
};

static uint32_t count_now(struct vb_device *dev)
{
    const struct timer *timer = dev->state;
    uint32_t from = vb_get(dev, COUNT);
    uint64_t us = (vb_now(dev->board) - timer->since) / VB_TICKS_PER_US;

    if ((vb_get(dev, CONTROL) & ENABLE) == 0 || us <= from) {
        return from - ((vb_get(dev, CONTROL) & ENABLE) == 0 ? 0 : (uint32_t)us);
    }
    return vb_get(dev, RELOAD) - (uint32_t)((us - from - 1) % ((uint64_t)vb_get(dev, RELOAD) + 1));
}

static uint32_t timer_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    return off == COUNT ? count_now(dev) : stored;
}

static uint32_t timer_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct timer *timer = dev->state;

    if (off == CONTROL) {
        if (value != 0 && value != (ENABLE | AT_1_MHZ)) {
            vb_refuse(dev, "CONTROL = 0x%08x is not modelled: the first timer at 1 MHz is, without interrupts", value);
        }
        vb_set(dev, COUNT, count_now(dev));
    }
    timer->since = vb_now(dev->board);
    return value;
}

static void timer_handover(struct vb_device *dev)
{
    if (vb_get(dev, CONTROL) != 0) {
        vb_refuse(dev, "runs when the image is entered");
    }
}

const struct vb_class vb_class_aspeed_timer = {.name = "TIMER",
                                               .registers = registers,
                                               .register_count = OB_ARRAY_SIZE(registers),
                                               .state_size = sizeof(struct timer),
                                               .read = timer_read,
                                               .write = timer_write,
                                               .handover = timer_handover};
