/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"
#include "network.h"

/* nRF5340: why it was reset, and whether the network core may run. Source: product specification, RESET; anomalies 55,
 * 161. */

enum { RESETREAS = 0x400, NETWORK_FORCEOFF = 0x614, ANOMALY_161 = 0x618 };

#define RESETPIN (1u << 0)
#define ANOMALY_55_EXTRA (1u << 2) /* one of the bits that a pin reset sets besides */

struct reset {
    uint32_t reasons; /* kept until ones are written, or the power goes */
};

static const struct vb_register registers[] = {
    {.offset = RESETREAS, .access = VB_READ_WRITE, .name = "RESETREAS"},
    {.offset = NETWORK_FORCEOFF, .access = VB_READ_WRITE, .reset = 1, .name = "NETWORK.FORCEOFF"},
    {.offset = ANOMALY_161, .access = VB_READ_WRITE, .name = "(anomaly 161) 0x618"},
};

static uint32_t reason(enum vb_reset why)
{
    switch (why) {
    case VB_RESET_PIN:
        return RESETPIN | ANOMALY_55_EXTRA;
    case VB_RESET_WATCHDOG0:
        return 1u << 1;
    case VB_RESET_SOFT:
        return 1u << 3;
    case VB_RESET_LOCKUP:
        return 1u << 4;
    case VB_RESET_WATCHDOG1:
        return 1u << 25;
    default:
        return 0;
    }
}

static void reset(struct vb_device *dev, enum vb_reset why)
{
    struct reset *state = dev->state;

    state->reasons |= reason(why);
    vb_set(dev, RESETREAS, state->reasons);
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    struct reset *state = dev->state;

    if (off == RESETREAS) {
        state->reasons &= ~value;
        return state->reasons;
    }
    uint32_t before = vb_get(dev, off) & 1;
    if (off == NETWORK_FORCEOFF && before != (value & 1)) {
        (before == 0 ? vb_network_hold : vb_network_release)(vb_find(dev->board, "NETWORK"));
    }
    return value;
}

const struct vb_class vb_class_reset53 = {
    .name = "RESET",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .state_size = sizeof(struct reset),
    .reset = reset,
    .write = write,
};
