/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

#include "../board.h"

/* nRF5340: OSCILLATORS and REGULATORS, which share a page: values without an effect here. */

#define SYSTEMOFF 0x500u

static const struct vb_register registers[] = {
    {.offset = 0x428, .access = VB_READ_ONLY, .name = "REGULATORS.MAINREGSTATUS"},
    {.offset = SYSTEMOFF, .access = VB_WRITE_ONLY, .name = "REGULATORS.SYSTEMOFF"},
    {.offset = 0x510, .access = VB_READ_WRITE, .name = "REGULATORS.POFCON"},
    {.offset = 0x5c4, .access = VB_READ_WRITE, .name = "OSCILLATORS.XOSC32MCAPS"},
    {.offset = 0x6c0, .access = VB_READ_WRITE, .name = "OSCILLATORS.XOSC32KI.BYPASS"},
    {.offset = 0x6d0, .access = VB_READ_WRITE, .name = "OSCILLATORS.XOSC32KI.INTCAP"},
    {.offset = 0x704, .access = VB_READ_WRITE, .name = "REGULATORS.VREGMAIN.DCDCEN"},
    {.offset = 0x904, .access = VB_READ_WRITE, .name = "REGULATORS.VREGRADIO.DCDCEN"},
    {.offset = 0xb00, .access = VB_READ_WRITE, .name = "REGULATORS.VREGH.DCDCEN"},
    {.offset = 0xb40, .access = VB_READ_WRITE, .reset = 1, .name = "REGULATORS.VREGH.EXTSILENTEN"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == SYSTEMOFF && value != 0) {
        vb_board_end(dev->board, VB_END_RESTS, "is in System OFF");
    }
    return value;
}

const struct vb_class vb_class_regulators = {
    .name = "REGULATORS",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .write = write,
};
