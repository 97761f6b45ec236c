/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* Tasks and events of pins. Drivers clear and disable them at their start; a channel that is used is refused. */

#define CONFIG 0x510u
#define CHANNELS 8u
#define LATENCY 0x504u

/* clang-format off */
#define COMMON \
    {.offset = 0x000, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_OUT"}, \
    {.offset = 0x030, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_SET"}, \
    {.offset = 0x060, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_CLR"}, \
    {.offset = 0x100, .access = VB_EVENT, .count = CHANNELS, .name = "EVENTS_IN"}, \
    {.offset = 0x17c, .access = VB_EVENT, .name = "EVENTS_PORT"}, \
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"}, \
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"}, \
    {.offset = CONFIG, .access = VB_READ_WRITE, .count = CHANNELS, .name = "CONFIG"}
/* clang-format on */

static const struct vb_register nrf52_registers[] = {COMMON};
static const struct vb_register nrf53_registers[] = {
    COMMON,
    {.offset = LATENCY, .access = VB_READ_WRITE, .reset = 1, .name = "LATENCY"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off < 0x100 || (off >= CONFIG && (value & 3) != 0)) {
        vb_refuse(dev, "channels are not modelled (%s = 0x%x)", vb_register_name(dev, off), (unsigned)value);
    }
    return value;
}

const struct vb_class vb_class_gpiote52 = {
    .name = "GPIOTE", .registers = nrf52_registers, .register_count = OB_ARRAY_SIZE(nrf52_registers), .write = write};
const struct vb_class vb_class_gpiote53 = {
    .name = "GPIOTE", .registers = nrf53_registers, .register_count = OB_ARRAY_SIZE(nrf53_registers), .write = write};
