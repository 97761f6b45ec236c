/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/*
 * nRF5340: which regions of flash and RAM, pins and peripherals are secure, and what is locked until the next reset.
 * The CPU of these boards is always secure. Source: nRF5340 product specification, SPU; SVD of nrfx 4.2.1.
 */

enum {
    CAP = 0x400,
    CPULOCK = 0x404,
    EXTDOMAIN = 0x440,
    DPPI_PERM = 0x480,
    GPIOPORT_PERM = 0x4c0,
    FLASHNSC = 0x500,
    RAMNSC = 0x540,
    FLASHREGION = 0x600,
    RAMREGION = 0x700,
    PERIPHID = 0x800,
};

#define REGION_SIZE 0x4000u
#define SECUREMAPPING 3u
#define PERM_WRITE (1u << 1)
#define PERM_SECURE (1u << 4)
#define PERM_LOCK (1u << 8)
#define PERIPHID_PRESENT (1u << 31)
#define PERIPHID_GPIO 0x42u
#define NONSECURE_ALIAS(address) (((address) >> 28 & 1u) == 0)

static const struct vb_register registers[] = {
    {.offset = 0x100, .access = VB_EVENT, .name = "EVENTS_RAMACCERR"},
    {.offset = 0x104, .access = VB_EVENT, .name = "EVENTS_FLASHACCERR"},
    {.offset = 0x108, .access = VB_EVENT, .name = "EVENTS_PERIPHACCERR"},
    {.offset = 0x180, .access = VB_READ_WRITE, .count = 3, .name = "PUBLISH"},
    {.offset = 0x300, .access = VB_INTEN, .name = "INTEN"},
    {.offset = 0x304, .access = VB_INTENSET, .name = "INTENSET"},
    {.offset = 0x308, .access = VB_INTENCLR, .name = "INTENCLR"},
    {.offset = CAP, .access = VB_READ_ONLY, .reset = 1, .name = "CAP"},
    {.offset = CPULOCK, .access = VB_READ_WRITE, .name = "CPULOCK"},
    {.offset = EXTDOMAIN, .access = VB_READ_WRITE, .reset = 0x2, .name = "EXTDOMAIN[0].PERM"},
    {.offset = DPPI_PERM, .access = VB_READ_WRITE, .reset = 0xffffffff, .name = "DPPI[0].PERM"},
    {.offset = 0x484, .access = VB_READ_WRITE, .name = "DPPI[0].LOCK"},
    {.offset = GPIOPORT_PERM,
     .access = VB_READ_WRITE,
     .count = 2,
     .stride = 8,
     .reset = 0xffffffff,
     .name = "GPIOPORT.PERM"},
    {.offset = 0x4c4, .access = VB_READ_WRITE, .count = 2, .stride = 8, .name = "GPIOPORT.LOCK"},
    {.offset = FLASHNSC, .access = VB_READ_WRITE, .count = 4, .name = "FLASHNSC"},
    {.offset = RAMNSC, .access = VB_READ_WRITE, .count = 4, .name = "RAMNSC"},
    {.offset = FLASHREGION, .access = VB_READ_WRITE, .count = 64, .reset = 0x17, .name = "FLASHREGION"},
    {.offset = RAMREGION, .access = VB_READ_WRITE, .count = 64, .reset = 0x17, .name = "RAMREGION"},
    {.offset = PERIPHID, .access = VB_READ_WRITE, .count = 255, .reset = 0x12, .name = "PERIPHID"},
};

/** Bit 8 locks the register that it stands in; DPPI and GPIOPORT have a register of their own for it. */
static bool is_locked(const struct vb_device *dev, uint32_t off)
{
    if (off == DPPI_PERM || off == GPIOPORT_PERM || off == GPIOPORT_PERM + 8) {
        return vb_get(dev, off + 4) != 0;
    }
    return off >= EXTDOMAIN && (vb_get(dev, off) & PERM_LOCK) != 0;
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off == EXTDOMAIN) { /* SECUREMAPPING tells what the domain is; whether a write changes it is not known */
        value = (value & ~SECUREMAPPING) | (vb_get(dev, off) & SECUREMAPPING);
    }
    if (off == EXTDOMAIN || off >= RAMREGION) { /* what the network core sees */
        vb_step(dev->board);
    }
    if (off < EXTDOMAIN && off != CPULOCK) {
        return value;
    }
    if (off == CPULOCK && (vb_get(dev, off) & ~value) != 0) {
        vb_refuse(dev, "CPULOCK is opened: it stays until the next reset");
    } else if (is_locked(dev, off) && value != vb_get(dev, off)) {
        vb_refuse(dev, "%s is locked until the next reset", vb_register_name(dev, off));
    }
    return value;
}

static uint32_t read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    (void)dev;
    return off >= PERIPHID ? stored | PERIPHID_PRESENT : stored;
}

/** The next image expects to find the SPU as after a reset, but for what the bootloader locks of its own pages. */
static void handover(struct vb_device *dev)
{
    if (vb_get(dev, CPULOCK) != 0) {
        vb_refuse(dev, "CPULOCK is 0x%x at the jump to the image", (unsigned)vb_get(dev, CPULOCK));
    }
}

bool vb_spu_permits(struct vb_board *board, const struct vb_device *dev, uint32_t address, const char **why)
{
    const struct vb_device *spu = vb_find(board, "SPU");
    uint32_t id = address >> 12 & 0xff;

    if (address < 0x40000000u || address >= 0x60000000u || dev == spu) {
        *why = "the SPU answers to secure accesses only";
        return dev != spu || !NONSECURE_ALIAS(address);
    }
    bool secure = (vb_get(spu, PERIPHID + 4 * OB_MIN(id, 254u)) & PERM_SECURE) != 0;
    if (id == PERIPHID_GPIO) {
        *why = "all its pins are secure: they are reached at 0x5...";
        return !NONSECURE_ALIAS(address) || vb_get(spu, GPIOPORT_PERM) != 0xffffffffu ||
               vb_get(spu, GPIOPORT_PERM + 8) != 0xffffffffu;
    }
    *why = secure ? "it is secure (SPU.PERIPHID): it is reached at 0x5..."
                  : "it is non-secure (SPU.PERIPHID): it is reached at 0x4...";
    return secure != NONSECURE_ALIAS(address);
}

bool vb_spu_flash_permits(struct vb_board *board, uint32_t off, const char **why)
{
    *why = "SPU.FLASHREGION does not permit writing";
    return (vb_get(vb_find(board, "SPU"), FLASHREGION + 4 * (off / REGION_SIZE)) & PERM_WRITE) != 0;
}

const struct vb_class vb_class_spu = {
    .name = "SPU",
    .registers = registers,
    .register_count = OB_ARRAY_SIZE(registers),
    .read = read,
    .write = write,
    .handover = handover,
};
