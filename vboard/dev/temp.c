/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF52840: the thermometer, in a room of 25 degrees. Start-up code copies its trims from FICR (anomaly 66). Source:
 * Product Specification, TEMP. */

#define START 0x000u
#define STOP 0x004u
#define DATARDY 0x100u
#define TEMP 0x508u
#define MEASURING_US 36u
#define QUARTERS_OF_A_DEGREE 100u

static const struct vb_register registers[] = {
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = DATARDY, .access = VB_EVENT, .name = "EVENTS_DATARDY"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = 0x504, .access = VB_READ_WRITE, .name = "(workaround of the vendor's SDK)"},
    {.offset = TEMP, .access = VB_READ_ONLY, .name = "TEMP"},
    {.offset = 0x520, .access = VB_READ_WRITE, .reset = 0x326, .name = "A0"},
    {.offset = 0x524, .access = VB_READ_WRITE, .reset = 0x348, .name = "A1"},
    {.offset = 0x528, .access = VB_READ_WRITE, .reset = 0x3aa, .name = "A2"},
    {.offset = 0x52c, .access = VB_READ_WRITE, .reset = 0x40e, .name = "A3"},
    {.offset = 0x530, .access = VB_READ_WRITE, .reset = 0x4bd, .name = "A4"},
    {.offset = 0x534, .access = VB_READ_WRITE, .reset = 0x5a3, .name = "A5"},
    {.offset = 0x540, .access = VB_READ_WRITE, .reset = 0x3fef, .name = "B0"},
    {.offset = 0x544, .access = VB_READ_WRITE, .reset = 0x3fbe, .name = "B1"},
    {.offset = 0x548, .access = VB_READ_WRITE, .reset = 0x3fbe, .name = "B2"},
    {.offset = 0x54c, .access = VB_READ_WRITE, .reset = 0x12, .name = "B3"},
    {.offset = 0x550, .access = VB_READ_WRITE, .reset = 0x124, .name = "B4"},
    {.offset = 0x554, .access = VB_READ_WRITE, .reset = 0x27c, .name = "B5"},
    {.offset = 0x560, .access = VB_READ_WRITE, .reset = 0xe2, .name = "T0"},
    {.offset = 0x564, .access = VB_READ_WRITE, .name = "T1"},
    {.offset = 0x568, .access = VB_READ_WRITE, .reset = 0x19, .name = "T2"},
    {.offset = 0x56c, .access = VB_READ_WRITE, .reset = 0x3c, .name = "T3"},
    {.offset = 0x570, .access = VB_READ_WRITE, .reset = 0x50, .name = "T4"},
};

static uint32_t temp_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == START) {
        vb_schedule(dev, vb_now(dev->board) + (uint64_t)MEASURING_US * VB_TICKS_PER_US);
    } else if (off == STOP) {
        vb_schedule(dev, VB_NEVER);
    }
    return value;
}

static void temp_event(struct vb_device *dev)
{
    vb_set(dev, TEMP, QUARTERS_OF_A_DEGREE);
    vb_event(dev, DATARDY);
}

const struct vb_class vb_class_temp = {.name = "TEMP",
                                       .registers = registers,
                                       .register_count = OB_ARRAY_SIZE(registers),
                                       .write = temp_write,
                                       .event = temp_event};
