/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF52840: tells of accesses to regions. Here it watches nothing: it is armed against code that goes astray. Source:
 * Product Specification, MWU. */

#define NMIEN 0x320u
#define REGIONEN 0x510u
#define SET 4u /* behind each of the two; it and the next one change the first, and read as it is */
#define CLR 8u

static const struct vb_register registers[] = {
    {.offset = 0x100, .access = VB_EVENT, .count = 8, .name = "EVENTS_REGION"},
    {.offset = 0x160, .access = VB_EVENT, .count = 4, .name = "EVENTS_PREGION"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = NMIEN, .access = VB_READ_WRITE, .count = 3, .name = "NMIEN"},
    {.offset = 0x400, .access = VB_READ_WRITE, .count = 4, .name = "PERREGION"},
    {.offset = REGIONEN, .access = VB_READ_WRITE, .count = 3, .name = "REGIONEN"},
    {.offset = 0x600, .access = VB_READ_WRITE, .count = 4, .stride = 16, .name = "REGION.START"},
    {.offset = 0x604, .access = VB_READ_WRITE, .count = 4, .stride = 16, .name = "REGION.END"},
    {.offset = 0x6c8, .access = VB_READ_WRITE, .count = 2, .stride = 16, .name = "PREGION.SUBS"},
};

static uint32_t change(struct vb_device *dev, uint32_t first, uint32_t off, uint32_t value)
{
    const uint32_t now = vb_get(dev, first);

    value = off == first + SET ? now | value : off == first + CLR ? now & ~value : value;
    vb_set(dev, first, value);
    vb_set(dev, first + SET, value);
    vb_set(dev, first + CLR, value);
    return value;
}

static uint32_t mwu_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off >= REGIONEN && off <= REGIONEN + CLR) {
        vb_note(dev, "what it is told to watch is not watched");
        return change(dev, REGIONEN, off, value);
    }
    return off >= NMIEN && off <= NMIEN + CLR ? change(dev, NMIEN, off, value) : value;
}

const struct vb_class vb_class_mwu = {
    .name = "MWU", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = mwu_write};
