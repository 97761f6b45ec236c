/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF52840: the thermometer. Start-up code copies its trims from FICR (anomaly 66); it is not read. */

static const struct vb_register registers[] = {
    {.offset = 0x000, .access = VB_TASK, .name = "TASKS_START"},
    {.offset = 0x004, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = 0x100, .access = VB_EVENT, .name = "EVENTS_DATARDY"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = 0x508, .access = VB_READ_ONLY, .name = "TEMP"},
    {.offset = 0x520, .access = VB_READ_WRITE, .count = 6, .name = "A"},
    {.offset = 0x540, .access = VB_READ_WRITE, .count = 6, .name = "B"},
    {.offset = 0x560, .access = VB_READ_WRITE, .count = 5, .name = "T"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == 0x000) {
        vb_refuse(dev, "a measurement is not modelled");
    }
    return value;
}

const struct vb_class vb_class_temp = {
    .name = "TEMP", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = write};
