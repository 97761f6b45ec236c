/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/* A 24-bit counter at 32.768 kHz / (PRESCALER + 1). It counts while LFCLK runs. Source: nRF52840 Product Specification,
 * RTC. */

#define START 0x000u
#define STOP 0x004u
#define CLEAR 0x008u
#define TRIGOVRFLW 0x00cu
#define CAPTURE 0x040u
#define TICK 0x100u
#define OVRFLW 0x104u
#define COMPARE 0x140u
#define SHORTS 0x200u
#define COUNTER 0x504u
#define PRESCALER 0x508u
#define CC 0x540u
#define CHANNELS 4u
#define MASK 0xffffffu
#define EVTEN_TICK 1u

struct rtc {
    bool running;
    uint32_t base;
    uint64_t since;
    uint32_t evten;
};

static const struct vb_register registers[] = {
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = CLEAR, .access = VB_TASK, .name = "TASKS_CLEAR"},
    {.offset = TRIGOVRFLW, .access = VB_TASK, .name = "TASKS_TRIGOVRFLW"},
    {.offset = TICK, .access = VB_EVENT, .name = "EVENTS_TICK"},
    {.offset = OVRFLW, .access = VB_EVENT, .name = "EVENTS_OVRFLW"},
    {.offset = COMPARE, .access = VB_EVENT, .count = CHANNELS, .name = "EVENTS_COMPARE"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = 0x340, .access = VB_READ_WRITE, .name = "EVTEN"},
    {.offset = 0x344, .access = VB_READ_WRITE, .name = "EVTENSET"},
    {.offset = 0x348, .access = VB_READ_WRITE, .name = "EVTENCLR"},
    {.offset = COUNTER, .access = VB_READ_ONLY, .name = "COUNTER"},
    {.offset = PRESCALER, .access = VB_READ_WRITE, .name = "PRESCALER"},
    {.offset = CC, .access = VB_READ_WRITE, .count = CHANNELS, .name = "CC"},
};

/* Whole periods of 32.768 kHz since power came. A period is 3906.25 ticks. */
static uint64_t periods(uint64_t ticks)
{
    return ticks * 4 / 15625;
}

static uint64_t ticks_of(uint64_t count)
{
    return (count * 15625 + 3) / 4;
}

static uint32_t divider(const struct vb_device *dev)
{
    return (vb_get(dev, PRESCALER) & 0xfff) + 1;
}

static bool counts(const struct vb_device *dev)
{
    const struct rtc *rtc = dev->state;

    return rtc->running && vb_lfclk_runs(dev->board);
}

/* since is in periods, as all that this counts is. */
static uint32_t value_now(const struct vb_device *dev)
{
    const struct rtc *rtc = dev->state;
    uint64_t steps = counts(dev) ? (periods(vb_now(dev->board)) - rtc->since) / divider(dev) : 0;

    return (uint32_t)(rtc->base + steps) & MASK;
}

static void settle(struct vb_device *dev)
{
    struct rtc *rtc = dev->state;
    uint64_t now = periods(vb_now(dev->board));

    uint32_t value = value_now(dev);
    rtc->since = counts(dev) ? now - (now - rtc->since) % divider(dev) : now;
    rtc->base = value;
}

static uint64_t steps_to(const struct rtc *rtc, uint32_t target)
{
    uint32_t steps = (target - rtc->base) & MASK;

    return steps == 0 ? (uint64_t)MASK + 1 : steps;
}

static void schedule(struct vb_device *dev)
{
    const struct rtc *rtc = dev->state;
    uint64_t steps = steps_to(rtc, 0);

    for (unsigned i = 0; i < CHANNELS; i++) {
        steps = OB_MIN(steps, steps_to(rtc, vb_get(dev, CC + 4 * i)));
    }
    if (((rtc->evten | dev->inten) & EVTEN_TICK) != 0) {
        steps = 1;
    }
    vb_schedule(dev, counts(dev) ? ticks_of(rtc->since + steps * divider(dev)) : VB_NEVER);
}

static void rtc_event(struct vb_device *dev)
{
    const struct rtc *rtc = dev->state;

    settle(dev);
    vb_event(dev, TICK);
    if (rtc->base == 0) {
        vb_event(dev, OVRFLW);
    }
    for (unsigned i = 0; i < CHANNELS; i++) {
        if (rtc->base == (vb_get(dev, CC + 4 * i) & MASK)) {
            vb_event(dev, COMPARE + 4 * i);
        }
    }
    schedule(dev);
}

static void run_task(struct vb_device *dev, uint32_t off)
{
    struct rtc *rtc = dev->state;

    switch (off) {
    case START:
        if (!vb_lfclk_runs(dev->board)) {
            vb_note(dev, "TASKS_START while LFCLK does not run: it counts only once that does");
        }
        rtc->running = true;
        break;
    case STOP:
        rtc->running = false;
        break;
    default:
        rtc->base = off == CLEAR ? 0 : 0xfffff0u;
        break;
    }
}

static uint32_t rtc_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct rtc *rtc = dev->state;

    settle(dev);
    if (off <= TRIGOVRFLW) {
        run_task(dev, off);
    } else if (off == PRESCALER && rtc->running) {
        vb_refuse(dev, "PRESCALER is written while it runs");
    } else if (off >= 0x340 && off <= 0x348) {
        rtc->evten = off == 0x340 ? value : off == 0x344 ? rtc->evten | value : rtc->evten & ~value;
    } else {
        vb_set(dev, off, value);
    }
    schedule(dev);
    return value;
}

static uint32_t rtc_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    const struct rtc *rtc = dev->state;

    if (off == COUNTER) {
        return value_now(dev);
    }
    return off >= 0x340 && off <= 0x348 ? rtc->evten : stored;
}

static void rtc_reset(struct vb_device *dev, enum vb_reset why)
{
    (void)why;
    *(struct rtc *)dev->state = (struct rtc){0};
}

const struct vb_class vb_class_rtc = {.name = "RTC",
                                      .registers = registers,
                                      .register_count = OB_ARRAY_SIZE(registers),
                                      .state_size = sizeof(struct rtc),
                                      .reset = rtc_reset,
                                      .read = rtc_read,
                                      .write = rtc_write,
                                      .event = rtc_event};
