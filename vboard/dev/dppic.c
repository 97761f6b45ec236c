/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF5340: which channels of DPPI are on. Nothing goes through them here, which a note says. */

enum { CHEN = 0x500, CHENSET = 0x504, CHENCLR = 0x508 };

static const struct vb_register registers[] = {
    {.offset = 0x000, .access = VB_TASK, .count = 12, .name = "TASKS_CHG"},
    {.offset = 0x080, .access = VB_READ_WRITE, .count = 12, .name = "SUBSCRIBE_CHG"},
    {.offset = CHEN, .access = VB_READ_WRITE, .name = "CHEN"},
    {.offset = CHENSET, .access = VB_READ_WRITE, .name = "CHENSET"},
    {.offset = CHENCLR, .access = VB_READ_WRITE, .name = "CHENCLR"},
    {.offset = 0x800, .access = VB_READ_WRITE, .count = 6, .name = "CHG"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    uint32_t on = vb_get(dev, CHEN);

    if (off == CHEN || off == CHENSET || off == CHENCLR) {
        on = off == CHEN ? value : off == CHENSET ? on | value : on & ~value;
        vb_set(dev, CHEN, on);
        vb_set(dev, CHENSET, on);
        vb_set(dev, CHENCLR, on);
        if (on != 0) {
            vb_note(dev, "channels are on, through which nothing goes here");
        }
        return on;
    }
    return value;
}

const struct vb_class vb_class_dppic = {
    .name = "DPPIC", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = write};
