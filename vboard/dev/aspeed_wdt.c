/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/* Aspeed's watchdog: counts down at 1 MHz, and resets the chip at zero. Source: Linux, drivers/watchdog/aspeed_wdt.c.
 */

#define STATUS 0x00u
#define RELOAD 0x04u
#define RESTART 0x08u
#define CTRL 0x0cu
#define RESTART_KEY 0x4755u
#define CTRL_ENABLE 0x01u
#define CTRL_RESETS 0x22u /* the system, all of the chip */

struct wdt {
    uint64_t end;
};

static const struct vb_register registers[] = {
    {.offset = STATUS, .access = VB_READ_ONLY, .reset = 0x03ef1480, .name = "STATUS"},
    {.offset = RELOAD, .access = VB_READ_WRITE, .reset = 0x03ef1480, .name = "RELOAD"},
    {.offset = RESTART, .access = VB_WRITE_ONLY, .name = "RESTART"},
    {.offset = CTRL, .access = VB_READ_WRITE, .name = "CTRL"},
};

static bool runs(const struct vb_device *dev)
{
    return (vb_get(dev, CTRL) & CTRL_ENABLE) != 0;
}

static void restart(struct vb_device *dev)
{
    struct wdt *wdt = dev->state;

    wdt->end = vb_now(dev->board) + (uint64_t)vb_get(dev, RELOAD) * VB_TICKS_PER_US;
    vb_schedule(dev, runs(dev) ? wdt->end : VB_NEVER);
}

static uint32_t wdt_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    const struct wdt *wdt = dev->state;

    if (off != STATUS || !runs(dev)) {
        return stored;
    }
    return (uint32_t)((wdt->end - OB_MIN(wdt->end, vb_now(dev->board))) / VB_TICKS_PER_US);
}

static uint32_t wdt_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == RESTART && value == RESTART_KEY) {
        restart(dev);
    } else if (off == CTRL) {
        if (value != 0 && value != (CTRL_RESETS | CTRL_ENABLE)) {
            vb_refuse(dev, "CTRL = 0x%02x is not modelled: a reset of all of the chip is", value);
        }
        vb_set(dev, CTRL, value);
        restart(dev);
    }
    return value;
}

static void wdt_event(struct vb_device *dev)
{
    vb_reset_request(dev, VB_RESET_WATCHDOG0);
}

const struct vb_class vb_class_aspeed_wdt = {.name = "WDT",
                                             .registers = registers,
                                             .register_count = OB_ARRAY_SIZE(registers),
                                             .resets = true,
                                             .state_size = sizeof(struct wdt),
                                             .read = wdt_read,
                                             .write = wdt_write,
                                             .event = wdt_event};
