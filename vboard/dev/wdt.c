/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/*
 * The watchdog: once started only a reset stops it, and not each of them. A soft reset and a lock-up leave it running,
 * so a bootloader that is slow is bitten by the application's. Source: nRF52840 Product Specification, WDT, and POWER,
 * reset behaviour.
 */

#define START 0x000u
#define STOP 0x004u
#define TIMEOUT 0x100u
#define RUNSTATUS 0x400u
#define REQSTATUS 0x404u
#define CRV 0x504u
#define RREN 0x508u
#define CONFIG 0x50cu
#define TSEN 0x520u
#define RR 0x600u
#define CHANNELS 8u
#define RELOAD 0x6e524635u
#define CONFIG_SLEEP 1u
#define CONFIG_STOPEN (1u << 6)
#define CRV_MIN 0xfu

struct wdt {
    bool running;
    bool expired;               /* the event came, the reset follows two periods later */
    uint32_t crv, rren, config; /* as when it was started */
    uint32_t waiting;           /* for these reload registers */
    uint64_t end;
    uint64_t slept; /* at the last reload */
};

#define COMMON                                                                          \
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},                        \
        {.offset = TIMEOUT, .access = VB_EVENT, .name = "EVENTS_TIMEOUT"},              \
        {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},                   \
        {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},                   \
        {.offset = RUNSTATUS, .access = VB_READ_ONLY, .name = "RUNSTATUS"},             \
        {.offset = REQSTATUS, .access = VB_READ_ONLY, .reset = 1, .name = "REQSTATUS"}, \
        {.offset = CRV, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "CRV"},   \
        {.offset = RREN, .access = VB_READ_WRITE, .reset = 1, .name = "RREN"},          \
        {.offset = CONFIG, .access = VB_READ_WRITE, .reset = 1, .name = "CONFIG"},      \
    {                                                                                   \
        .offset = RR, .access = VB_WRITE_ONLY, .count = CHANNELS, .name = "RR"          \
    }

static const struct vb_register nrf52_registers[] = {COMMON};
static const struct vb_register nrf53_registers[] = {
    COMMON,
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = 0x104, .access = VB_EVENT, .name = "EVENTS_STOPPED"},
    {.offset = 0x324, .access = VB_READ_WRITE, .name = "NMIENSET"},
    {.offset = 0x328, .access = VB_READ_WRITE, .name = "NMIENCLR"},
    {.offset = TSEN, .access = VB_WRITE_ONLY, .name = "TSEN"},
};

static uint64_t ticks_of(uint64_t periods)
{
    return (periods * 15625 + 3) / 4;
}

static void reload(struct vb_device *dev)
{
    struct wdt *wdt = dev->state;

    wdt->waiting = wdt->rren;
    wdt->slept = vb_slept(dev->board);
    wdt->end = vb_now(dev->board) + ticks_of((uint64_t)wdt->crv + 1);
    vb_schedule(dev, wdt->end);
}

static void start(struct vb_device *dev)
{
    struct wdt *wdt = dev->state;

    if (wdt->running) {
        return;
    }
    wdt->running = true;
    wdt->crv = vb_get(dev, CRV);
    wdt->rren = vb_get(dev, RREN) & 0xff;
    wdt->config = vb_get(dev, CONFIG);
    if (wdt->crv < CRV_MIN) {
        vb_refuse(dev, "CRV = 0x%x is below 0xf", wdt->crv);
    }
    reload(dev);
}

static void feed(struct vb_device *dev, unsigned channel, uint32_t value)
{
    struct wdt *wdt = dev->state;

    if (value != RELOAD) {
        vb_refuse(dev, "0x%08x is written to RR[%u], which is not the word that reloads", value, channel);
    } else if (wdt->running && !wdt->expired) {
        wdt->waiting &= ~(1u << channel);
        if (wdt->waiting == 0) {
            reload(dev);
        }
    }
}

static uint32_t wdt_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct wdt *wdt = dev->state;

    if (off == START) {
        start(dev);
    } else if (off == STOP) {
        vb_refuse(dev, "TASKS_STOP is not modelled");
    } else if (off >= RR) {
        feed(dev, (off - RR) / 4, value);
    } else if ((off == CRV || off == RREN || off == CONFIG) && wdt->running && value != vb_get(dev, off)) {
        vb_refuse(dev, "CRV, RREN or CONFIG is changed after the start");
    }
    return value;
}

static uint32_t wdt_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    const struct wdt *wdt = dev->state;

    switch (off) {
    case RUNSTATUS:
        return wdt->running;
    case REQSTATUS:
        return wdt->running ? wdt->waiting : stored;
    default:
        return stored;
    }
}

static void wdt_event(struct vb_device *dev)
{
    struct wdt *wdt = dev->state;
    uint64_t paused = (wdt->config & CONFIG_SLEEP) != 0 ? 0 : vb_slept(dev->board) - wdt->slept;

    if (wdt->expired) {
        vb_reset_request(dev, dev->name[3] == '1' ? VB_RESET_WATCHDOG1 : VB_RESET_WATCHDOG0);
    } else if (paused != 0) {
        wdt->slept += paused;
        wdt->end += paused;
        vb_schedule(dev, wdt->end);
    } else {
        wdt->expired = true;
        vb_event(dev, TIMEOUT);
        vb_schedule(dev, vb_now(dev->board) + ticks_of(2));
    }
}

static void wdt_reset(struct vb_device *dev, enum vb_reset why)
{
    struct wdt *wdt = dev->state;

    if (!wdt->running || (why != VB_RESET_SOFT && why != VB_RESET_LOCKUP)) {
        *wdt = (struct wdt){0};
        return;
    }
    vb_set(dev, CRV, wdt->crv);
    vb_set(dev, RREN, wdt->rren);
    vb_set(dev, CONFIG, wdt->config);
    vb_schedule(dev, wdt->expired ? vb_now(dev->board) : wdt->end);
}

const struct vb_class vb_class_wdt = {.name = "WDT",
                                      .registers = nrf52_registers,
                                      .register_count = OB_ARRAY_SIZE(nrf52_registers),
                                      .resets = true,
                                      .state_size = sizeof(struct wdt),
                                      .reset = wdt_reset,
                                      .read = wdt_read,
                                      .write = wdt_write,
                                      .event = wdt_event};
const struct vb_class vb_class_wdt53 = {.name = "WDT",
                                        .registers = nrf53_registers,
                                        .register_count = OB_ARRAY_SIZE(nrf53_registers),
                                        .resets = true,
                                        .state_size = sizeof(struct wdt),
                                        .reset = wdt_reset,
                                        .read = wdt_read,
                                        .write = wdt_write,
                                        .event = wdt_event};
