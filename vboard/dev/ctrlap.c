/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/*
 * nRF5340: the debug port, as firmware sees it. It is closed after a reset, until firmware writes what UICR holds.
 * Source: nRF5340 product specification, CTRL-AP.
 */

enum {
    ERASEPROTECT_LOCK = 0x500,
    APPROTECT_LOCK = 0x540,
    APPROTECT_DISABLE = 0x544,
    SECUREAPPROTECT_LOCK = 0x548,
    SECUREAPPROTECT_DISABLE = 0x54c,
    STATUS = 0x600,
    UICR_APPROTECT = 0x000,
    UICR_SECUREAPPROTECT = 0x01c,
};

#define OPEN_KEY 0x50fa50fau

static const struct vb_register registers[] = {
    {.offset = 0x400, .access = VB_READ_ONLY, .name = "MAILBOX.RXDATA"},
    {.offset = 0x404, .access = VB_READ_ONLY, .name = "MAILBOX.RXSTATUS"},
    {.offset = 0x480, .access = VB_READ_WRITE, .name = "MAILBOX.TXDATA"},
    {.offset = 0x484, .access = VB_READ_ONLY, .name = "MAILBOX.TXSTATUS"},
    {.offset = ERASEPROTECT_LOCK, .access = VB_WRITE_ONCE, .name = "ERASEPROTECT.LOCK"},
    {.offset = 0x504, .access = VB_WRITE_ONCE, .name = "ERASEPROTECT.DISABLE"},
    {.offset = APPROTECT_LOCK, .access = VB_WRITE_ONCE, .name = "APPROTECT.LOCK"},
    {.offset = APPROTECT_DISABLE, .access = VB_READ_WRITE, .name = "APPROTECT.DISABLE"},
    {.offset = SECUREAPPROTECT_LOCK, .access = VB_WRITE_ONCE, .name = "SECUREAPPROTECT.LOCK"},
    {.offset = SECUREAPPROTECT_DISABLE, .access = VB_READ_WRITE, .name = "SECUREAPPROTECT.DISABLE"},
    {.offset = STATUS, .access = VB_READ_ONLY, .name = "STATUS"},
};

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    bool disable = off == APPROTECT_DISABLE || off == SECUREAPPROTECT_DISABLE;

    if (disable && vb_get(dev, off - 4) != 0) {
        vb_refuse(dev, "%s is locked until the next reset", vb_register_name(dev, off));
    }
    return value;
}

static uint32_t read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    const struct vb_device *uicr = vb_find(dev->board, "UICR");

    if (off != STATUS || uicr == NULL) {
        return stored;
    }
    return (vb_get(uicr, UICR_APPROTECT) == OPEN_KEY ? 1u : 0) |
           (vb_get(uicr, UICR_SECUREAPPROTECT) == OPEN_KEY ? 2u : 0);
}

const struct vb_class vb_class_ctrlap = {
    .name = "CTRLAP",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .read = read,
    .write = write,
};
