/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* Events by software: each task makes one. Source: Product Specification of both SoCs, EGU. */

#define CHANNELS 16u
#define TRIGGERED 0x100u

static const struct vb_register registers[] = {
    {.offset = 0x000, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_TRIGGER"},
    {.offset = TRIGGERED, .access = VB_EVENT, .count = CHANNELS, .name = "EVENTS_TRIGGERED"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
};

static uint32_t egu_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off < TRIGGERED) {
        vb_event(dev, TRIGGERED + off);
    }
    return value;
}

const struct vb_class vb_class_egu = {
    .name = "EGU", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = egu_write};
