/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <outboard/util.h>

/* nRF52840: up to eight regions of flash that cannot be written (or read) until the next reset. */

#define REGIONS 8u
#define ADDR(n) (0x800u + 0x10u * (n))
#define SIZE(n) (0x804u + 0x10u * (n))
#define PERM(n) (0x808u + 0x10u * (n))
#define PERM_NO_WRITE 2u
#define PERM_NO_READ 4u
#define PAGE 4096u
#define SIZE_MAX_BYTES (512u * 1024u)

static const struct vb_register registers[] = {
    {.offset = 0x800, .access = VB_WRITE_ONCE, .count = REGIONS, .stride = 0x10, .name = "ACL.ADDR"},
    {.offset = 0x804, .access = VB_WRITE_ONCE, .count = REGIONS, .stride = 0x10, .name = "ACL.SIZE"},
    {.offset = 0x808, .access = VB_WRITE_ONCE, .count = REGIONS, .stride = 0x10, .name = "ACL.PERM"},
};

static uint32_t acl_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    uint32_t what = off % 0x10u;

    if (what == 0 && value % PAGE != 0) {
        vb_refuse(dev, "ADDR = 0x%08x is not a multiple of a page", value);
    } else if (what == 4 && (value % PAGE != 0 || value > SIZE_MAX_BYTES)) {
        vb_refuse(dev, "SIZE = 0x%x is not a multiple of a page, or above 512 KiB", value);
    } else if (what == 8 && (value & PERM_NO_READ) != 0) {
        vb_refuse(dev, "protection against reading is not modelled");
    }
    return value;
}

bool vb_acl_permits(struct vb_board *board, uint32_t off, const char **why)
{
    const struct vb_device *dev = vb_find(board, "ACL");

    for (unsigned i = 0; i < REGIONS; i++) {
        if ((vb_get(dev, PERM(i)) & PERM_NO_WRITE) != 0 && off - vb_get(dev, ADDR(i)) < vb_get(dev, SIZE(i))) {
            *why = "ACL protects it";
            return false;
        }
    }
    return true;
}

const struct vb_class vb_class_acl = {
    .name = "ACL", .registers = registers, .register_count = OB_ARRAY_SIZE(registers), .write = acl_write};
