/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/watchdog.h>

/* It counts down at 1 MHz from the reload value. Registers: Linux, drivers/watchdog/aspeed_wdt.c; QEMU 7.2,
 * hw/watchdog/wdt_aspeed.c. */
#define RELOAD 0x04u
#define RESTART 0x08u
#define RESTART_KEY 0x4755u
#define CTRL 0x0cu
#define CTRL_ENABLE (1u << 0)
#define CTRL_RESET_SYSTEM (1u << 1)
#define CTRL_RESET_FULL_CHIP (1u << 5)

#define TICKS_PER_MS 1000u

static volatile uint32_t *reg(const struct ob_device *dev, uint32_t off)
{
    return (volatile uint32_t *)((uintptr_t)dev->config + off);
}

static enum ob_err wdt_init(const struct ob_device *dev)
{
    (void)dev; /* what runs, goes on running */
    return OB_OK;
}

static void wdt_feed(const struct ob_device *dev)
{
    *reg(dev, RESTART) = RESTART_KEY;
}

static enum ob_err wdt_start(const struct ob_device *dev, uint32_t timeout_ms)
{
    if (timeout_ms > UINT32_MAX / TICKS_PER_MS) {
        return OB_ERR_RANGE;
    }
    *reg(dev, CTRL) = 0;
    *reg(dev, RELOAD) = timeout_ms * TICKS_PER_MS;
    wdt_feed(dev);
    *reg(dev, CTRL) = CTRL_RESET_FULL_CHIP | CTRL_RESET_SYSTEM | CTRL_ENABLE;
    return OB_OK;
}

static const struct ob_watchdog wdt_api = {.start = OB_ENABLED(CONFIG_WATCHDOG_START) ? wdt_start : NULL,
                                           .feed = wdt_feed};

#define WDT_DEFINE(node) OB_DEVICE_DT_DEFINE(node, wdt_init, NULL, (const void *)DT_REG_ADDR(node), &wdt_api)

DT_FOREACH_STATUS_OKAY(aspeed_ast1030_wdt, WDT_DEFINE)
