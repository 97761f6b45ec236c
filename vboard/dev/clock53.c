/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "../board.h"
#include "devices.h"

/*
 * nRF5340: CLOCK and POWER, which share a page. Clocks take their time to start; the divider of HFCLK128M changes how
 * fast the CPU is. Source: nRF5340 product specification, CLOCK, POWER and their electrical specifications.
 */

enum {
    EVENTS_HFCLKSTARTED = 0x100,
    EVENTS_LFCLKSTARTED = 0x104,
    EVENTS_DONE = 0x11c,
    EVENTS_HFCLKAUDIOSTARTED = 0x120,
    EVENTS_HFCLK192MSTARTED = 0x124,
    HFCLKRUN = 0x408,
    LFCLKRUN = 0x414,
    LFCLKSRCCOPY = 0x41c,
    HFCLKAUDIORUN = 0x450,
    HFCLK192MRUN = 0x458,
    HFCLKSRC = 0x514,
    LFCLKSRC = 0x518,
    GPREGRET = 0x51c,
    HFCLKCTRL = 0x558,
    HFCLK192MSRC = 0x580,
    HFCLK192MCTRL = 0x5b8,
};

#define LFRC 1u
#define LFXO 2u
#define STATE_RUNNING (1u << 16)
#define GPREGRETS 2u
#define CALIBRATION 4u /* after the clocks */

struct clock {
    uint64_t started_at[CALIBRATION + 1]; /* VB_NEVER: not on its way */
    bool triggered[CALIBRATION], runs[CALIBRATION];
    uint8_t gpregret[GPREGRETS]; /* kept over all resets but that of the power */
};

/** The four clocks: what starts them and what tells of them. */
static const struct source {
    const char *name;
    uint16_t start, started, run, select; /* offsets; STAT stands behind RUN, STOP behind START; select 0: no choice */
    uint32_t us;                          /* from the start to the event */
} sources[CALIBRATION] = {
    {"HFCLK", 0x000, EVENTS_HFCLKSTARTED, HFCLKRUN, HFCLKSRC, 360},
    {"LFCLK", 0x008, EVENTS_LFCLKSTARTED, LFCLKRUN, LFCLKSRC, 600},
    {"HFCLKAUDIO", 0x018, EVENTS_HFCLKAUDIOSTARTED, HFCLKAUDIORUN, 0, 360},
    {"HFCLK192M", 0x020, EVENTS_HFCLK192MSTARTED, HFCLK192MRUN, HFCLK192MSRC, 360},
};
#define LFXO_START_US 250000u
#define CALIBRATION_US 40000u

static const struct vb_register registers[] = {
    {.offset = 0x000, .access = VB_TASK, .name = "TASKS_HFCLKSTART"},
    {.offset = 0x004, .access = VB_TASK, .name = "TASKS_HFCLKSTOP"},
    {.offset = 0x008, .access = VB_TASK, .name = "TASKS_LFCLKSTART"},
    {.offset = 0x00c, .access = VB_TASK, .name = "TASKS_LFCLKSTOP"},
    {.offset = 0x010, .access = VB_TASK, .name = "TASKS_CAL"},
    {.offset = 0x018, .access = VB_TASK, .name = "TASKS_HFCLKAUDIOSTART"},
    {.offset = 0x01c, .access = VB_TASK, .name = "TASKS_HFCLKAUDIOSTOP"},
    {.offset = 0x020, .access = VB_TASK, .name = "TASKS_HFCLK192MSTART"},
    {.offset = 0x024, .access = VB_TASK, .name = "TASKS_HFCLK192MSTOP"},
    {.offset = 0x078, .access = VB_TASK, .name = "TASKS_CONSTLAT"},
    {.offset = 0x07c, .access = VB_TASK, .name = "TASKS_LOWPWR"},
    {.offset = EVENTS_HFCLKSTARTED, .access = VB_EVENT, .name = "EVENTS_HFCLKSTARTED"},
    {.offset = EVENTS_LFCLKSTARTED, .access = VB_EVENT, .name = "EVENTS_LFCLKSTARTED"},
    {.offset = 0x108, .access = VB_EVENT, .name = "EVENTS_POFWARN"},
    {.offset = 0x114, .access = VB_EVENT, .name = "EVENTS_SLEEPENTER"},
    {.offset = 0x118, .access = VB_EVENT, .name = "EVENTS_SLEEPEXIT"},
    {.offset = EVENTS_DONE, .access = VB_EVENT, .name = "EVENTS_DONE"},
    {.offset = EVENTS_HFCLKAUDIOSTARTED, .access = VB_EVENT, .name = "EVENTS_HFCLKAUDIOSTARTED"},
    {.offset = EVENTS_HFCLK192MSTARTED, .access = VB_EVENT, .name = "EVENTS_HFCLK192MSTARTED"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = HFCLKRUN, .access = VB_READ_ONLY, .name = "HFCLKRUN"},
    {.offset = 0x40c, .access = VB_READ_ONLY, .name = "HFCLKSTAT"},
    {.offset = LFCLKRUN, .access = VB_READ_ONLY, .name = "LFCLKRUN"},
    {.offset = 0x418, .access = VB_READ_ONLY, .name = "LFCLKSTAT"},
    {.offset = LFCLKSRCCOPY, .access = VB_READ_ONLY, .reset = LFRC, .name = "LFCLKSRCCOPY"},
    {.offset = HFCLKAUDIORUN, .access = VB_READ_ONLY, .name = "HFCLKAUDIORUN"},
    {.offset = 0x454, .access = VB_READ_ONLY, .name = "HFCLKAUDIOSTAT"},
    {.offset = HFCLK192MRUN, .access = VB_READ_ONLY, .name = "HFCLK192MRUN"},
    {.offset = 0x45c, .access = VB_READ_ONLY, .name = "HFCLK192MSTAT"},
    {.offset = HFCLKSRC, .access = VB_READ_WRITE, .reset = 1, .name = "HFCLKSRC"},
    {.offset = LFCLKSRC, .access = VB_READ_WRITE, .reset = LFRC, .name = "LFCLKSRC"},
    {.offset = GPREGRET, .access = VB_READ_WRITE, .count = GPREGRETS, .name = "GPREGRET"},
    {.offset = HFCLKCTRL, .access = VB_READ_WRITE, .reset = 1, .name = "HFCLKCTRL"},
    {.offset = 0x55c, .access = VB_READ_WRITE, .reset = 0x9bae, .name = "HFCLKAUDIO.FREQUENCY"},
    {.offset = 0x570, .access = VB_READ_WRITE, .name = "HFCLKALWAYSRUN"},
    {.offset = 0x574, .access = VB_READ_WRITE, .name = "LFCLKALWAYSRUN"},
    {.offset = 0x57c, .access = VB_READ_WRITE, .name = "HFCLKAUDIOALWAYSRUN"},
    {.offset = HFCLK192MSRC, .access = VB_READ_WRITE, .reset = 1, .name = "HFCLK192MSRC"},
    {.offset = 0x584, .access = VB_READ_WRITE, .name = "HFCLK192MALWAYSRUN"},
    {.offset = HFCLK192MCTRL, .access = VB_READ_WRITE, .reset = 2, .name = "HFCLK192MCTRL"},
};

static void schedule(struct vb_device *dev)
{
    struct clock *clock = dev->state;
    uint64_t due = VB_NEVER;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(clock->started_at); i++) {
        due = OB_MIN(due, clock->started_at[i]);
    }
    vb_schedule(dev, due);
}

/** RUN: was it triggered? STAT: does it run, and from which source? */
static void show(struct vb_device *dev, unsigned source)
{
    const struct clock *clock = dev->state;
    uint32_t from = sources[source].select == 0 ? 0 : vb_get(dev, sources[source].select);

    vb_set(dev, sources[source].run, clock->triggered[source]);
    vb_set(dev, sources[source].run + 4u, clock->runs[source] ? from | STATE_RUNNING : 0);
}

static void start(struct vb_device *dev, unsigned source)
{
    struct clock *clock = dev->state;
    uint32_t us = sources[source].us;
    bool same = clock->runs[source];

    if (sources[source].select == LFCLKSRC) {
        same = same && vb_get(dev, LFCLKSRC) == vb_get(dev, LFCLKSRCCOPY);
        vb_set(dev, LFCLKSRCCOPY, vb_get(dev, LFCLKSRC));
        us = vb_get(dev, LFCLKSRC) == LFXO ? LFXO_START_US : us;
    }
    clock->triggered[source] = true;
    clock->started_at[source] = vb_now(dev->board) + (same ? 0 : (uint64_t)us * VB_TICKS_PER_US);
    show(dev, source);
    schedule(dev);
}

static void stop(struct vb_device *dev, unsigned source)
{
    struct clock *clock = dev->state;

    clock->triggered[source] = clock->runs[source] = false;
    clock->started_at[source] = VB_NEVER;
    show(dev, source);
    schedule(dev);
}

static void event(struct vb_device *dev)
{
    struct clock *clock = dev->state;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(clock->started_at); i++) {
        if (clock->started_at[i] <= vb_now(dev->board)) {
            clock->started_at[i] = VB_NEVER;
            if (i < CALIBRATION) {
                clock->runs[i] = true;
                show(dev, i);
            }
            vb_event(dev, i < CALIBRATION ? sources[i].started : EVENTS_DONE);
        }
    }
    schedule(dev);
}

static void calibrate(struct vb_device *dev)
{
    struct clock *clock = dev->state;

    clock->started_at[CALIBRATION] = vb_now(dev->board) + (uint64_t)CALIBRATION_US * VB_TICKS_PER_US;
    schedule(dev);
}

/** HFCLKCTRL 0: 128 MHz, 1: 64 MHz. */
static void set_speed(struct vb_device *dev, uint32_t divider)
{
    vb_cpu_set_speed(dev->board->cpu, divider == 0 ? VB_TICKS_PER_US / 128 : VB_TICKS_PER_US / 64);
    vb_board_look(dev->board);
}

static void check_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct clock *clock = dev->state;

    /* LFCLKSRC may change: the source that runs goes on until the next start. */
    for (unsigned i = 0; i < CALIBRATION; i++) {
        if (sources[i].select == off && off != LFCLKSRC && clock->triggered[i]) {
            vb_refuse(dev, "the source of %s is changed while it runs", sources[i].name);
        }
    }
    if (off == LFCLKSRC && value == 0) {
        vb_note(dev, "LFCLKSRC = 0 is a source of early documents only (LFULP); it counts as LFRC");
    } else if (off == LFCLKSRC && value > 3) {
        vb_refuse(dev, "LFCLKSRC = %u is none of its sources", (unsigned)value);
    } else if ((off == HFCLKCTRL && value > 1) || (off == HFCLK192MCTRL && value > 2)) {
        vb_refuse(dev, "%s = %u is no divider", vb_register_name(dev, off), (unsigned)value);
    }
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct clock *clock = dev->state;

    for (unsigned i = 0; i < CALIBRATION; i++) {
        if (off == sources[i].start) {
            start(dev, i);
        } else if (off == sources[i].start + 4u) {
            stop(dev, i);
        }
    }
    if (off == 0x010) {
        calibrate(dev);
    }
    check_write(dev, off, value);
    if (off == HFCLKCTRL) {
        set_speed(dev, value);
    } else if (off >= GPREGRET && off < GPREGRET + 4 * GPREGRETS) {
        clock->gpregret[(off - GPREGRET) / 4] = (uint8_t)value;
        return (uint8_t)value;
    }
    return value;
}

static void reset(struct vb_device *dev, enum vb_reset why)
{
    struct clock *clock = dev->state;

    (void)why;
    for (unsigned i = 0; i < OB_ARRAY_SIZE(clock->started_at); i++) {
        clock->started_at[i] = VB_NEVER;
    }
    for (unsigned i = 0; i < CALIBRATION; i++) {
        clock->triggered[i] = clock->runs[i] = false;
    }
    for (unsigned i = 0; i < GPREGRETS; i++) {
        vb_set(dev, GPREGRET + 4 * i, clock->gpregret[i]);
    }
    set_speed(dev, 1);
}

static void handover(struct vb_device *dev)
{
    if (vb_get(dev, HFCLK192MCTRL) != 2 || vb_get(dev, HFCLKCTRL) != 1) {
        vb_refuse(dev, "HFCLK192MCTRL is %u and HFCLKCTRL %u at the jump to the image, 2 and 1 after a reset",
                  (unsigned)vb_get(dev, HFCLK192MCTRL), (unsigned)vb_get(dev, HFCLKCTRL));
    }
}

const struct vb_class vb_class_clock53 = {
    .name = "CLOCK",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .state_size = sizeof(struct clock),
    .reset = reset,
    .write = write,
    .event = event,
    .handover = handover,
};
