/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/* A counter at 16 MHz / 2^PRESCALER. Source: nRF52840 Product Specification, TIMER. */

#define START 0x000u
#define STOP 0x004u
#define COUNT 0x008u
#define CLEAR 0x00cu
#define SHUTDOWN 0x010u
#define CAPTURE 0x040u
#define COMPARE 0x140u
#define SHORTS 0x200u
#define MODE 0x504u
#define BITMODE 0x508u
#define PRESCALER 0x510u
#define CC 0x540u
#define CHANNELS 6u
#define TICKS_PER_CYCLE 8u /* of 16 MHz */

struct timer {
    bool running;
    uint32_t base;               /* the counter at `since` */
    uint64_t since;              /* a time at which it changed */
    uint64_t asked, first_asked; /* the last capture, and the first of those in a row */
    uint32_t in_a_row;
};

/* Who does nothing but ask for the time waits: the longer already, the larger the steps in which time goes on. */
#define ROW 16u
#define GAP_TICKS VB_TICKS_PER_US
#define STEP_MAX_TICKS (250u * VB_TICKS_PER_US)

static const struct vb_register registers[] = {
    {.offset = START, .access = VB_TASK, .name = "TASKS_START"},
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = COUNT, .access = VB_TASK, .name = "TASKS_COUNT"},
    {.offset = CLEAR, .access = VB_TASK, .name = "TASKS_CLEAR"},
    {.offset = SHUTDOWN, .access = VB_TASK, .name = "TASKS_SHUTDOWN"},
    {.offset = CAPTURE, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_CAPTURE"},
    {.offset = COMPARE, .access = VB_EVENT, .count = CHANNELS, .name = "EVENTS_COMPARE"},
    {.offset = SHORTS, .access = VB_READ_WRITE, .name = "SHORTS"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = MODE, .access = VB_READ_WRITE, .name = "MODE"},
    {.offset = BITMODE, .access = VB_READ_WRITE, .name = "BITMODE"},
    {.offset = PRESCALER, .access = VB_READ_WRITE, .reset = 4, .name = "PRESCALER"},
    {.offset = CC, .access = VB_READ_WRITE, .count = CHANNELS, .name = "CC"},
};

static uint32_t mask(const struct vb_device *dev)
{
    static const uint32_t masks[] = {0xffff, 0xff, 0xffffff, 0xffffffff};

    return masks[vb_get(dev, BITMODE) & 3];
}

static bool counts_time(const struct vb_device *dev)
{
    const struct timer *timer = dev->state;

    return timer->running && vb_get(dev, MODE) == 0;
}

static uint64_t step_ticks(const struct vb_device *dev)
{
    return (uint64_t)TICKS_PER_CYCLE << (vb_get(dev, PRESCALER) & 15);
}

static uint32_t value_now(const struct vb_device *dev)
{
    const struct timer *timer = dev->state;
    uint64_t steps = counts_time(dev) ? (vb_now(dev->board) - timer->since) / step_ticks(dev) : 0;

    return (uint32_t)(timer->base + steps) & mask(dev);
}

/* Take the time so far into the base, before anything that it depends on changes. */
static void settle(struct vb_device *dev)
{
    struct timer *timer = dev->state;
    uint64_t step = step_ticks(dev);
    uint64_t now = vb_now(dev->board);

    timer->base = value_now(dev);
    timer->since = counts_time(dev) ? now - (now - timer->since) % step : now;
}

/* When the counter will next be equal to a CC register. */
static void schedule(struct vb_device *dev)
{
    const struct timer *timer = dev->state;
    uint64_t due = VB_NEVER;

    for (unsigned i = 0; counts_time(dev) && i < CHANNELS; i++) {
        uint64_t steps = (vb_get(dev, CC + 4 * i) - timer->base) & mask(dev);
        steps = steps == 0 ? (uint64_t)mask(dev) + 1 : steps;
        due = OB_MIN(due, timer->since + steps * step_ticks(dev));
    }
    vb_schedule(dev, due);
}

static void compare(struct vb_device *dev)
{
    struct timer *timer = dev->state;
    uint32_t shorts = vb_get(dev, SHORTS);

    for (unsigned i = 0; i < CHANNELS; i++) {
        if (timer->base == (vb_get(dev, CC + 4 * i) & mask(dev))) {
            vb_event(dev, COMPARE + 4 * i);
            if ((shorts >> i & 1) != 0) {
                timer->base = 0;
            }
            timer->running = timer->running && (shorts >> (8 + i) & 1) == 0;
        }
    }
}

static void timer_event(struct vb_device *dev)
{
    settle(dev);
    compare(dev);
    schedule(dev);
}

static void run_task(struct vb_device *dev, uint32_t off)
{
    struct timer *timer = dev->state;

    switch (off) {
    case START:
        timer->running = true;
        break;
    case STOP:
        timer->running = false;
        break;
    case SHUTDOWN:
        timer->running = false;
        timer->base = 0;
        break;
    case CLEAR:
        timer->base = 0;
        timer->since = vb_now(dev->board);
        break;
    case COUNT:
        if (timer->running && vb_get(dev, MODE) != 0) {
            timer->base = (timer->base + 1) & mask(dev);
            compare(dev);
        }
        break;
    default:
        break;
    }
}

static void let_time_pass(struct vb_device *dev)
{
    struct timer *timer = dev->state;
    uint64_t now = vb_now(dev->board);

    if (now - timer->asked > GAP_TICKS) {
        timer->in_a_row = 0;
        timer->first_asked = now;
    }
    if (timer->in_a_row++ > ROW) {
        vb_stall(dev->board, OB_MIN((now - timer->first_asked) / ROW, STEP_MAX_TICKS));
    }
    timer->asked = vb_now(dev->board);
}

static uint32_t timer_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct timer *timer = dev->state;

    if (off >= CAPTURE && off < CAPTURE + 4 * CHANNELS) {
        let_time_pass(dev);
        vb_set(dev, CC + (off - CAPTURE), value_now(dev)); /* the most frequent one: nothing else changes */
        return 0;
    }
    if ((off == MODE || off == BITMODE || off == PRESCALER) && timer->running && value != vb_get(dev, off)) {
        vb_refuse(dev, "MODE, BITMODE or PRESCALER is changed while it runs");
    }
    settle(dev);
    if (off < CAPTURE) {
        run_task(dev, off);
    } else if (off >= MODE) {
        vb_set(dev, off, value);
    }
    schedule(dev);
    return value;
}

static void timer_reset(struct vb_device *dev, enum vb_reset why)
{
    (void)why;
    *(struct timer *)dev->state = (struct timer){0};
}

const struct vb_class vb_class_timer = {.name = "TIMER",
                                        .registers = registers,
                                        .register_count = OB_ARRAY_SIZE(registers),
                                        .state_size = sizeof(struct timer),
                                        .reset = timer_reset,
                                        .write = timer_write,
                                        .event = timer_event};
