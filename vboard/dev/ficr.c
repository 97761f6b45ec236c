/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "devices.h"

#include <string.h>

#include <outboard/util.h>

/*
 * Words that the factory and the user put beside the flash. FICR holds what software looks at to tell which chip it
 * runs on; a word that is not here reads as erased, which is noted. Values: nRF52840 revision 3 (QIAA-F0), as its
 * errata headers expect them.
 */

static const struct vb_register ficr52[] = {
    {.offset = 0x010, .access = VB_MEMORY, .reset = 4096, .name = "CODEPAGESIZE"},
    {.offset = 0x014, .access = VB_MEMORY, .reset = 256, .name = "CODESIZE"},
    {.offset = 0x060, .access = VB_MEMORY, .count = 2, .reset = 0x0b0a0d01, .name = "DEVICEID"},
    {.offset = 0x080, .access = VB_MEMORY, .count = 4, .reset = 0xffffffff, .name = "ER"},
    {.offset = 0x090, .access = VB_MEMORY, .count = 4, .reset = 0xffffffff, .name = "IR"},
    {.offset = 0x0a0, .access = VB_MEMORY, .reset = 0xffffffff, .name = "DEVICEADDRTYPE"},
    {.offset = 0x0a4, .access = VB_MEMORY, .count = 2, .reset = 0xc0ffee01, .name = "DEVICEADDR"},
    {.offset = 0x100, .access = VB_MEMORY, .reset = 0x00052840, .name = "INFO.PART"},
    {.offset = 0x104, .access = VB_MEMORY, .reset = 0x41414630, .name = "INFO.VARIANT"},
    {.offset = 0x108, .access = VB_MEMORY, .reset = 0x00002004, .name = "INFO.PACKAGE"},
    {.offset = 0x10c, .access = VB_MEMORY, .reset = 256, .name = "INFO.RAM"},
    {.offset = 0x110, .access = VB_MEMORY, .reset = 1024, .name = "INFO.FLASH"},
    {.offset = 0x130, .access = VB_MEMORY, .reset = 8, .name = "part number of the errata"},
    {.offset = 0x134, .access = VB_MEMORY, .reset = 3, .name = "revision of the errata"},
    {.offset = 0x350, .access = VB_MEMORY, .count = 3, .reset = 0xffffffff, .name = "PRODTEST"},
    {.offset = 0x404, .access = VB_MEMORY, .count = 17, .reset = 0x00000320, .name = "TEMP"},
    {.offset = 0x450, .access = VB_MEMORY, .count = 4, .reset = 0xffffffff, .name = "NFC.TAGHEADER"},
};

static const struct vb_register uicr52[] = {
    {.offset = 0x000, .access = VB_MEMORY, .count = 5, .reset = 0xffffffff, .name = "reserved"},
    {.offset = 0x014, .access = VB_MEMORY, .count = 15, .reset = 0xffffffff, .name = "NRFFW"},
    {.offset = 0x050, .access = VB_MEMORY, .count = 12, .reset = 0xffffffff, .name = "NRFHW"},
    {.offset = 0x080, .access = VB_MEMORY, .count = 32, .reset = 0xffffffff, .name = "CUSTOMER"},
    {.offset = 0x200, .access = VB_MEMORY, .count = 2, .reset = 0xffffffff, .name = "PSELRESET"},
    {.offset = 0x208, .access = VB_MEMORY, .reset = 0xffffffff, .name = "APPROTECT"},
    {.offset = 0x20c, .access = VB_MEMORY, .reset = 0xffffffff, .name = "NFCPINS"},
    {.offset = 0x210, .access = VB_MEMORY, .reset = 0xffffffff, .name = "DEBUGCTRL"},
    {.offset = 0x304, .access = VB_MEMORY, .reset = 0xffffffff, .name = "REGOUT0"},
};

/* Which part it is, as CoreSight has it: older headers of errata look here. */
static const struct vb_register rom_table52[] = {
    {.offset = 0xfe0, .access = VB_MEMORY, .reset = 0x08, .name = "PIDR0"},
    {.offset = 0xfe4, .access = VB_MEMORY, .reset = 0x40, .name = "PIDR1"},
    {.offset = 0xfe8, .access = VB_MEMORY, .reset = 0x3c, .name = "PIDR2"},
    {.offset = 0xfec, .access = VB_MEMORY, .name = "PIDR3"},
};

void vb_uicr_fill(struct vb_device *uicr, const uint8_t *bytes)
{
    for (unsigned i = 0; uicr != NULL && i < uicr->class->register_count; i++) {
        const struct vb_register *reg = &uicr->class->registers[i];
        for (unsigned n = 0; n < OB_MAX(reg->count, 1u); n++) {
            const uint32_t off = reg->offset + 4 * n;
            vb_set(uicr, off, bytes == NULL ? 0xffffffffu : ob_get_le32(bytes + off));
        }
    }
}

void vb_uicr_erase(struct vb_device *uicr)
{
    vb_uicr_fill(uicr, NULL);
}

uint32_t vb_uicr_base(const struct vb_soc *soc)
{
    for (unsigned i = 0; i < soc->place_count; i++) {
        if (strcmp(soc->places[i].name, "UICR") == 0) {
            return soc->places[i].base;
        }
    }
    return 0;
}

const struct vb_class vb_class_ficr52 = {
    .name = "FICR", .is_flash = true, .registers = ficr52, .register_count = OB_ARRAY_SIZE(ficr52)};
const struct vb_class vb_class_uicr52 = {.name = "UICR", .registers = uicr52, .register_count = OB_ARRAY_SIZE(uicr52)};
const struct vb_class vb_class_rom_table52 = {
    .name = "ROMTABLE", .registers = rom_table52, .register_count = OB_ARRAY_SIZE(rom_table52)};
