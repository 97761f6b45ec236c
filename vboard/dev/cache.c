/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF5340: the cache of flash and XIP. Nothing is cached here: what it would hold is always what flash holds. */

enum { ENABLE = 0x500, MODE = 0x514, DEBUGLOCK = 0x518, WRITELOCK = 0x520 };

static const struct vb_register registers[] = {
    {.offset = 0x400, .access = VB_READ_ONLY, .count = 4, .name = "PROFILING[0]"},
    {.offset = 0x420, .access = VB_READ_ONLY, .count = 4, .name = "PROFILING[1]"},
    {.offset = ENABLE, .access = VB_READ_WRITE, .name = "ENABLE"},
    {.offset = 0x504, .access = VB_WRITE_ONLY, .name = "INVALIDATE"},
    {.offset = 0x508, .access = VB_WRITE_ONLY, .name = "ERASE"},
    {.offset = 0x50c, .access = VB_READ_WRITE, .name = "PROFILINGENABLE"},
    {.offset = 0x510, .access = VB_WRITE_ONLY, .name = "PROFILINGCLEAR"},
    {.offset = MODE, .access = VB_READ_WRITE, .name = "MODE"},
    {.offset = DEBUGLOCK, .access = VB_WRITE_ONCE, .name = "DEBUGLOCK"},
    {.offset = 0x51c, .access = VB_READ_WRITE, .name = "ERASESTATUS"},
    {.offset = WRITELOCK, .access = VB_READ_WRITE, .name = "WRITELOCK"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == MODE && value != 0) {
        vb_refuse(dev, "the cache used as RAM is not modelled");
    } else if (off == 0x508) {
        vb_set(dev, 0x51c, 1);
    }
    return value;
}

static void handover(struct vb_device *dev)
{
    if (vb_get(dev, ENABLE) != 0) {
        vb_refuse(dev, "is left on at the jump to the image");
    }
}

const struct vb_class vb_class_cache = {
    .name = "CACHE",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .write = write,
    .handover = handover,
};
