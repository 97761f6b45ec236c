/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* Lamps: a sequence takes its time and tells of its ends; no pin changes. Source: nRF52840 Product Specification, PWM.
 */

#define STOP 0x004u
#define SEQSTART 0x008u
#define NEXTSTEP 0x010u
#define STOPPED 0x104u
#define SEQSTARTED 0x108u
#define SEQEND 0x110u
#define PERIODEND 0x118u
#define SHORTS 0x200u
#define ENABLE 0x500u
#define COUNTERTOP 0x508u
#define PRESCALER 0x50cu
#define DECODER 0x510u
#define LOOP 0x514u
#define SEQ 0x520u /* two of them */
#define SEQ_STRIDE 0x20u
#define SEQ_CNT 0x4u
#define SEQ_REFRESH 0x8u
#define SEQ_ENDDELAY 0xcu
#define CLOCK_MHZ 16u

struct pwm {
    uint32_t sequence; /* that plays */
};

static const struct vb_register registers[] = {
    {.offset = STOP, .access = VB_TASK, .name = "TASKS_STOP"},
    {.offset = SEQSTART, .access = VB_TASK, .count = 2, .name = "TASKS_SEQSTART"},
    {.offset = NEXTSTEP, .access = VB_TASK, .name = "TASKS_NEXTSTEP"},
    {.offset = STOPPED, .access = VB_EVENT, .name = "EVENTS_STOPPED"},
    {.offset = SEQSTARTED, .access = VB_EVENT, .count = 2, .name = "EVENTS_SEQSTARTED"},
    {.offset = SEQEND, .access = VB_EVENT, .count = 2, .name = "EVENTS_SEQEND"},
    {.offset = PERIODEND, .access = VB_EVENT, .name = "EVENTS_PWMPERIODEND"},
    {.offset = 0x11c, .access = VB_EVENT, .name = "EVENTS_LOOPSDONE"},
    {.offset = SHORTS, .access = VB_READ_WRITE, .name = "SHORTS"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = ENABLE, .access = VB_READ_WRITE, .name = "ENABLE"},
    {.offset = 0x504, .access = VB_READ_WRITE, .name = "MODE"},
    {.offset = COUNTERTOP, .access = VB_READ_WRITE, .reset = 0x3ff, .name = "COUNTERTOP"},
    {.offset = PRESCALER, .access = VB_READ_WRITE, .name = "PRESCALER"},
    {.offset = DECODER, .access = VB_READ_WRITE, .name = "DECODER"},
    {.offset = LOOP, .access = VB_READ_WRITE, .name = "LOOP"},
    {.offset = SEQ, .access = VB_READ_WRITE, .count = 2, .stride = SEQ_STRIDE, .name = "SEQ.PTR"},
    {.offset = SEQ + SEQ_CNT, .access = VB_READ_WRITE, .count = 2, .stride = SEQ_STRIDE, .name = "SEQ.CNT"},
    {.offset = SEQ + SEQ_REFRESH,
     .access = VB_READ_WRITE,
     .count = 2,
     .stride = SEQ_STRIDE,
     .reset = 1,
     .name = "SEQ.REFRESH"},
    {.offset = SEQ + SEQ_ENDDELAY, .access = VB_READ_WRITE, .count = 2, .stride = SEQ_STRIDE, .name = "SEQ.ENDDELAY"},
    {.offset = 0x560, .access = VB_READ_WRITE, .count = 4, .reset = 0xffffffff, .name = "PSEL.OUT"},
};

/* A step is one value of RAM, or two or four of them (DECODER.LOAD). */
static uint64_t ticks_of(const struct vb_device *dev, uint32_t sequence)
{
    static const uint32_t values[] = {1, 2, 4, 4};
    const uint32_t at = SEQ + sequence * SEQ_STRIDE;
    const uint64_t steps = vb_get(dev, at + SEQ_CNT) / values[vb_get(dev, DECODER) & 3];
    const uint64_t periods = steps * (vb_get(dev, at + SEQ_REFRESH) + 1u) + vb_get(dev, at + SEQ_ENDDELAY);

    return (periods * vb_get(dev, COUNTERTOP) << (vb_get(dev, PRESCALER) & 7)) * VB_TICKS_PER_US / CLOCK_MHZ;
}

static void start(struct vb_device *dev, uint32_t sequence)
{
    struct pwm *pwm = dev->state;

    if ((vb_get(dev, ENABLE) & 1) == 0) {
        vb_note(dev, "TASKS_SEQSTART while ENABLE is 0 does nothing");
    } else if (vb_get(dev, LOOP) != 0 || vb_get(dev, SHORTS) != 0) {
        vb_refuse(dev, "loops and shortcuts are not modelled");
    } else {
        pwm->sequence = sequence;
        vb_event(dev, SEQSTARTED + 4 * sequence);
        vb_schedule(dev, vb_now(dev->board) + ticks_of(dev, sequence));
    }
}

static uint32_t pwm_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    switch (off) {
    case STOP:
        vb_schedule(dev, VB_NEVER);
        vb_event(dev, STOPPED);
        break;
    case SEQSTART:
    case SEQSTART + 4:
        start(dev, (off - SEQSTART) / 4);
        break;
    case NEXTSTEP:
        vb_refuse(dev, "TASKS_NEXTSTEP is not modelled");
        break;
    default:
        break;
    }
    return value;
}

static void pwm_event(struct vb_device *dev)
{
    const struct pwm *pwm = dev->state;

    vb_event(dev, PERIODEND);
    vb_event(dev, SEQEND + 4 * pwm->sequence);
}

const struct vb_class vb_class_pwm = {.name = "PWM",
                                      .registers = registers,
                                      .register_count = OB_ARRAY_SIZE(registers),
                                      .state_size = sizeof(struct pwm),
                                      .write = pwm_write,
                                      .event = pwm_event};
