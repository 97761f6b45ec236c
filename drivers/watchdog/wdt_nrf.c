/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/watchdog.h>

/* Source: nRF52840 Product Specification, WDT. Once started it cannot be stopped or changed, and only some resets end
 * it: so the application's may run while the bootloader does. */
#define TASKS_START 0x000u
#define RUNSTATUS 0x400u
#define CRV 0x504u /* it expires after CRV + 1 periods of 32768 Hz */
#define CRV_MIN 0xfu
#define RREN 0x508u /* which of the RR have to be written before it counts from the start again */
#define CONFIG 0x50cu
#define CONFIG_RUN_WHILE_ASLEEP (1u << 0)
#define RR 0x600u
#define RR_ALL 0xffu /* of RREN: there are eight */
#define RR_KEY 0x6e524635u

/* 32768 Hz: 4096 ticks in 125 ms, in 32 bits. */
#define TICKS 4096u
#define TICKS_MS 125u
#define TIMEOUT_MAX_MS (UINT32_MAX / TICKS * TICKS_MS)

static volatile uint32_t *reg(const struct ob_device *dev, uint32_t off)
{
    return (volatile uint32_t *)((uintptr_t)dev->config + off);
}

static enum ob_err wdt_init(const struct ob_device *dev)
{
    (void)dev;
    return OB_OK;
}

static void wdt_feed(const struct ob_device *dev)
{
    volatile uint32_t *reload = reg(dev, RR);

    for (uint32_t enabled = *reg(dev, RREN) & RR_ALL; enabled != 0; enabled >>= 1) {
        if ((enabled & 1) != 0) {
            *reload = RR_KEY;
        }
        reload++;
    }
}

static enum ob_err wdt_start(const struct ob_device *dev, uint32_t timeout_ms)
{
    uint32_t ticks = timeout_ms / TICKS_MS * TICKS + timeout_ms % TICKS_MS * TICKS / TICKS_MS;

    if (timeout_ms > TIMEOUT_MAX_MS || ticks <= CRV_MIN) {
        return OB_ERR_RANGE;
    }
    if (*reg(dev, RUNSTATUS) != 0) {
        return *reg(dev, CRV) == ticks - 1 ? OB_OK : OB_ERR_RANGE;
    }
    *reg(dev, CONFIG) = CONFIG_RUN_WHILE_ASLEEP;
    *reg(dev, CRV) = ticks - 1;
    *reg(dev, RREN) = 1;
    *reg(dev, TASKS_START) = 1;
    return OB_OK;
}

static const struct ob_watchdog wdt_api = {.start = OB_ENABLED(CONFIG_WATCHDOG_START) ? wdt_start : NULL,
                                           .feed = wdt_feed};

#define WDT_DEFINE(node) OB_DEVICE_DT_DEFINE(node, wdt_init, NULL, (const void *)DT_REG_ADDR(node), &wdt_api)

DT_FOREACH_STATUS_OKAY(nordic_nrf_wdt, WDT_DEFINE)
