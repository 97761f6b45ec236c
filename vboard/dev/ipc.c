/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/* nRF5340: IPC and MUTEX, between the two cores. Nobody is at the other end: what is sent is heard by no one. */

#define CHANNELS 16u
#define SEND_END (4u * CHANNELS)
#define SUBSCRIBE 0x080u
#define PUBLISH 0x180u
#define MUTEX 0x400u

static const struct vb_register ipc_registers[] = {
    {.offset = 0x000, .access = VB_TASK, .count = CHANNELS, .name = "TASKS_SEND"},
    {.offset = SUBSCRIBE, .access = VB_READ_WRITE, .count = CHANNELS, .name = "SUBSCRIBE_SEND"},
    {.offset = 0x100, .access = VB_EVENT, .count = CHANNELS, .name = "EVENTS_RECEIVE"},
    {.offset = PUBLISH, .access = VB_READ_WRITE, .count = CHANNELS, .name = "PUBLISH_RECEIVE"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = 0x30c, .access = VB_READ_ONLY, .name = "INTPEND"},
    {.offset = 0x510, .access = VB_READ_WRITE, .count = CHANNELS, .name = "SEND_CNF"},
    {.offset = 0x590, .access = VB_READ_WRITE, .count = CHANNELS, .name = "RECEIVE_CNF"},
    {.offset = 0x610, .access = VB_READ_WRITE, .count = 2, .name = "GPMEM"},
};

static const struct vb_register mutex_registers[] = {
    {.offset = MUTEX, .access = VB_READ_WRITE, .count = 16, .name = "MUTEX"},
};

static uint32_t ipc_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off < SEND_END) {
        vb_note(dev, "a signal is sent to the network core, which is not modelled");
    } else if (value >> 31 != 0 && (off - SUBSCRIBE < 4 * CHANNELS || off - PUBLISH < 4 * CHANNELS)) {
        vb_note(dev, "a channel of DPPI is connected, which is not modelled");
    }
    return value;
}

/** Reading takes the lock: 0, it was free; 1, it was not. */
static uint32_t mutex_read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    vb_set(dev, off, 1);
    return stored;
}

static uint32_t mutex_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    (void)dev;
    (void)off;
    (void)value;
    return 0; /* any write unlocks */
}

const struct vb_class vb_class_ipc = {
    .name = "IPC", .registers = ipc_registers, .register_count = OB_ARRAY_SIZE(ipc_registers), .write = ipc_write};
const struct vb_class vb_class_mutex = {.name = "MUTEX",
                                        .registers = mutex_registers,
                                        .register_count = OB_ARRAY_SIZE(mutex_registers),
                                        .read = mutex_read,
                                        .write = mutex_write};
