/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

#include "../board.h"

/* nRF52840: CLOCK and POWER, which share a page and their interrupt. Source: Product Specification, CLOCK, POWER. */

#define HFCLKSTART 0x000u
#define HFCLKSTOP 0x004u
#define LFCLKSTART 0x008u
#define LFCLKSTOP 0x00cu
#define HFCLKSTARTED 0x100u
#define LFCLKSTARTED 0x104u
#define DONE 0x10cu
#define HFCLKRUN 0x408u
#define HFCLKSTAT 0x40cu
#define LFCLKRUN 0x414u
#define LFCLKSTAT 0x418u
#define LFCLKSRCCOPY 0x41cu
#define LFCLKSRC 0x518u
#define RESETREAS 0x400u
#define SYSTEMOFF 0x500u
#define GPREGRET 0x51cu
#define GPREGRET2 0x520u
#define RAMON 0x524u /* of older parts, whose start-up code is used here too; nothing comes of it */
#define RAMONB 0x554u
#define RAM 0x900u /* nine blocks of four words */
#define RAM_SET 0x4u
#define RAM_CLR 0x8u

#define RUNNING (1u << 16)
#define XTAL 1u
/* Start-up times, typical: the crystal of 32 MHz, the RC oscillator of 32 kHz, the crystal of 32 kHz. */
#define HFXO_US 360u
#define LFRC_US 600u
#define LFXO_US 250000u

struct clock {
    bool hfxo, lfclk;
    uint64_t hf_due, lf_due;
    uint32_t resetreas, gpregret, gpregret2; /* what outlives a reset */
};

static const struct vb_register registers[] = {
    {.offset = HFCLKSTART, .access = VB_TASK, .name = "CLOCK.TASKS_HFCLKSTART"},
    {.offset = HFCLKSTOP, .access = VB_TASK, .name = "CLOCK.TASKS_HFCLKSTOP"},
    {.offset = LFCLKSTART, .access = VB_TASK, .name = "CLOCK.TASKS_LFCLKSTART"},
    {.offset = LFCLKSTOP, .access = VB_TASK, .name = "CLOCK.TASKS_LFCLKSTOP"},
    {.offset = 0x010, .access = VB_TASK, .name = "CLOCK.TASKS_CAL"},
    {.offset = 0x078, .access = VB_TASK, .name = "POWER.TASKS_CONSTLAT"},
    {.offset = 0x07c, .access = VB_TASK, .name = "POWER.TASKS_LOWPWR"},
    {.offset = HFCLKSTARTED, .access = VB_EVENT, .name = "CLOCK.EVENTS_HFCLKSTARTED"},
    {.offset = LFCLKSTARTED, .access = VB_EVENT, .name = "CLOCK.EVENTS_LFCLKSTARTED"},
    {.offset = 0x108, .access = VB_EVENT, .name = "POWER.EVENTS_POFWARN"},
    {.offset = DONE, .access = VB_EVENT, .name = "CLOCK.EVENTS_DONE"},
    {.offset = 0x110, .access = VB_EVENT, .name = "CLOCK.EVENTS_CTTO"},
    {.offset = 0x114, .access = VB_EVENT, .name = "POWER.EVENTS_SLEEPENTER"},
    {.offset = 0x118, .access = VB_EVENT, .name = "POWER.EVENTS_SLEEPEXIT"},
    {.offset = 0x11c, .access = VB_EVENT, .name = "POWER.EVENTS_USBDETECTED"},
    {.offset = 0x120, .access = VB_EVENT, .name = "POWER.EVENTS_USBREMOVED"},
    {.offset = 0x124, .access = VB_EVENT, .name = "POWER.EVENTS_USBPWRRDY"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "CLOCK.INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "CLOCK.INTENCLR"},
    {.offset = RESETREAS, .access = VB_READ_WRITE, .name = "POWER.RESETREAS"},
    {.offset = HFCLKRUN, .access = VB_READ_ONLY, .name = "CLOCK.HFCLKRUN"},
    {.offset = HFCLKSTAT, .access = VB_READ_ONLY, .reset = RUNNING, .name = "CLOCK.HFCLKSTAT"},
    {.offset = LFCLKRUN, .access = VB_READ_ONLY, .name = "CLOCK.LFCLKRUN"},
    {.offset = LFCLKSTAT, .access = VB_READ_ONLY, .name = "CLOCK.LFCLKSTAT"},
    {.offset = LFCLKSRCCOPY, .access = VB_READ_ONLY, .name = "CLOCK.LFCLKSRCCOPY"},
    {.offset = 0x428, .access = VB_READ_ONLY, .name = "POWER.RAMSTATUS"},
    {.offset = 0x438, .access = VB_READ_ONLY, .name = "POWER.USBREGSTATUS"},
    {.offset = SYSTEMOFF, .access = VB_WRITE_ONLY, .name = "POWER.SYSTEMOFF"},
    {.offset = 0x510, .access = VB_READ_WRITE, .name = "POWER.POFCON"},
    {.offset = LFCLKSRC, .access = VB_READ_WRITE, .name = "CLOCK.LFCLKSRC"},
    {.offset = GPREGRET, .access = VB_READ_WRITE, .name = "POWER.GPREGRET"},
    {.offset = GPREGRET2, .access = VB_READ_WRITE, .name = "POWER.GPREGRET2"},
    {.offset = RAMON, .access = VB_READ_WRITE, .name = "POWER.RAMON"},
    {.offset = 0x528, .access = VB_READ_WRITE, .reset = 0x10, .name = "CLOCK.HFXODEBOUNCE"},
    {.offset = 0x538, .access = VB_READ_WRITE, .name = "CLOCK.CTIV"},
    {.offset = 0x550, .access = VB_WRITE_ONCE, .reset = 0xffffffff, .name = "APPROTECT.FORCEPROTECT"},
    {.offset = RAMONB, .access = VB_READ_WRITE, .name = "POWER.RAMONB"},
    {.offset = 0x558, .access = VB_READ_WRITE, .name = "APPROTECT.DISABLE"},
    {.offset = 0x55c, .access = VB_READ_WRITE, .name = "CLOCK.TRACECONFIG"},
    {.offset = 0x578, .access = VB_READ_WRITE, .name = "POWER.DCDCEN"},
    {.offset = 0x580, .access = VB_READ_WRITE, .name = "POWER.DCDCEN0"},
    {.offset = 0x5b4, .access = VB_READ_WRITE, .name = "CLOCK.LFRCMODE"},
    {.offset = 0x640, .access = VB_READ_ONLY, .name = "POWER.MAINREGSTATUS"},
    {.offset = 0x900, .access = VB_READ_WRITE, .count = 9, .stride = 16, .reset = 0xffff, .name = "POWER.RAM.POWER"},
    {.offset = 0x904, .access = VB_READ_WRITE, .count = 9, .stride = 16, .reset = 0xffff, .name = "POWER.RAM.POWERSET"},
    {.offset = 0x908, .access = VB_READ_WRITE, .count = 9, .stride = 16, .reset = 0xffff, .name = "POWER.RAM.POWERCLR"},
};

static void schedule(struct vb_device *dev)
{
    const struct clock *clock = dev->state;

    vb_schedule(dev, OB_MIN(clock->hf_due, clock->lf_due));
}

/* Also of the nRF5340, whose LFCLKSTAT stands at the same place. */
bool vb_lfclk_runs(struct vb_board *board)
{
    const struct vb_device *dev = vb_find(board, "CLOCK");

    return (vb_get(dev, LFCLKSTAT) & RUNNING) != 0;
}

static void start_hfclk(struct vb_device *dev)
{
    struct clock *clock = dev->state;

    vb_set(dev, HFCLKRUN, 1);
    clock->hf_due = vb_now(dev->board) + (clock->hfxo ? 1 : (uint64_t)HFXO_US * VB_TICKS_PER_US);
    schedule(dev);
}

static void start_lfclk(struct vb_device *dev)
{
    struct clock *clock = dev->state;
    uint32_t us = (vb_get(dev, LFCLKSRC) & 3) == XTAL ? LFXO_US : LFRC_US;
    bool same = clock->lfclk && (vb_get(dev, LFCLKSRC) & 3) == vb_get(dev, LFCLKSRCCOPY);

    vb_set(dev, LFCLKRUN, 1);
    vb_set(dev, LFCLKSRCCOPY, vb_get(dev, LFCLKSRC) & 3);
    clock->lf_due = vb_now(dev->board) + (same ? 1 : (uint64_t)us * VB_TICKS_PER_US);
    schedule(dev);
}

static void run_task(struct vb_device *dev, uint32_t off)
{
    struct clock *clock = dev->state;

    switch (off) {
    case HFCLKSTART:
        start_hfclk(dev);
        break;
    case HFCLKSTOP:
        clock->hfxo = false;
        clock->hf_due = VB_NEVER;
        vb_set(dev, HFCLKRUN, 0);
        vb_set(dev, HFCLKSTAT, RUNNING);
        break;
    case LFCLKSTART:
        start_lfclk(dev);
        break;
    case LFCLKSTOP:
        clock->lfclk = false;
        clock->lf_due = VB_NEVER;
        vb_set(dev, LFCLKRUN, 0);
        vb_set(dev, LFCLKSTAT, 0);
        break;
    case 0x010:
        vb_event(dev, DONE); /* calibration: at once */
        break;
    default:
        break;
    }
}

static void clock_event(struct vb_device *dev)
{
    struct clock *clock = dev->state;
    uint64_t now = vb_now(dev->board);

    if (clock->hf_due <= now) {
        clock->hf_due = VB_NEVER;
        clock->hfxo = true;
        vb_set(dev, HFCLKSTAT, RUNNING | XTAL);
        vb_event(dev, HFCLKSTARTED);
    }
    if (clock->lf_due <= now) {
        clock->lf_due = VB_NEVER;
        clock->lfclk = true;
        vb_set(dev, LFCLKSTAT, RUNNING | vb_get(dev, LFCLKSRCCOPY));
        vb_event(dev, LFCLKSTARTED);
    }
    schedule(dev);
}

/* POWERSET and POWERCLR change POWER, and read as what it is. */
static uint32_t write_ram_power(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const uint32_t power = off & ~0xfu;
    const uint32_t now = vb_get(dev, power);

    switch (off & 0xf) {
    case RAM_SET:
        value |= now;
        break;
    case RAM_CLR:
        value = now & ~value;
        break;
    default:
        break;
    }
    vb_set(dev, power, value);
    vb_set(dev, power + RAM_SET, value);
    vb_set(dev, power + RAM_CLR, value);
    return value;
}

static uint32_t clock_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct clock *clock = dev->state;

    switch (off) {
    case RESETREAS:
        clock->resetreas &= ~value;
        return clock->resetreas;
    case GPREGRET:
        clock->gpregret = value & 0xff;
        return clock->gpregret;
    case GPREGRET2:
        clock->gpregret2 = value & 0xff;
        return clock->gpregret2;
    case SYSTEMOFF:
        vb_board_end(dev->board, VB_END_RESTS, "is in System OFF");
        return 0;
    case RAMON:
    case RAMONB:
        vb_note(dev, "RAMON is a register of older parts, and does nothing here");
        return value;
    default:
        if (off >= RAM) {
            return write_ram_power(dev, off, value);
        }
        if (off < HFCLKSTARTED) {
            run_task(dev, off);
        }
        return value;
    }
}

static void clock_reset(struct vb_device *dev, enum vb_reset why)
{
    static const uint32_t reasons[] = {[VB_RESET_POWER] = 0,     [VB_RESET_PIN] = 1,       [VB_RESET_SOFT] = 4,
                                       [VB_RESET_WATCHDOG0] = 2, [VB_RESET_WATCHDOG1] = 2, [VB_RESET_LOCKUP] = 8};
    struct clock *clock = dev->state;
    bool keeps = why == VB_RESET_SOFT || why == VB_RESET_LOCKUP;

    *clock = (struct clock){.hf_due = VB_NEVER,
                            .lf_due = VB_NEVER,
                            .resetreas = clock->resetreas | reasons[why],
                            .gpregret = keeps ? clock->gpregret : 0,
                            .gpregret2 = keeps ? clock->gpregret2 : 0};
    vb_set(dev, RESETREAS, clock->resetreas);
    vb_set(dev, GPREGRET, clock->gpregret);
    vb_set(dev, GPREGRET2, clock->gpregret2);
}

const struct vb_class vb_class_clock52 = {.name = "CLOCK",
                                          .registers = registers,
                                          .register_count = OB_ARRAY_SIZE(registers),
                                          .state_size = sizeof(struct clock),
                                          .reset = clock_reset,
                                          .write = clock_write,
                                          .event = clock_event};
