/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "devices.h"

/*
 * nRF5340: words of the factory and of the user. A word of FICR that is not here reads as erased, which is noted. The
 * revision is the newest that errata headers know; no trims are given, since what they are written to has no name.
 * Source: SVD of nrfx 4.2.1.
 */

#define ERASED 0xffffffffu

static const struct vb_register ficr[] = {
    {.offset = 0x130, .access = VB_MEMORY, .reset = 7, .name = "part number of the errata"},
    {.offset = 0x134, .access = VB_MEMORY, .reset = 5, .name = "revision of the errata"},
    {.offset = 0x200, .access = VB_MEMORY, .reset = ERASED, .name = "INFO.CONFIGID"},
    {.offset = 0x204, .access = VB_MEMORY, .count = 2, .reset = 0x0b0a0d01, .name = "INFO.DEVICEID"},
    {.offset = 0x20c, .access = VB_MEMORY, .reset = 0x5340, .name = "INFO.PART"},
    {.offset = 0x210, .access = VB_MEMORY, .reset = 0x514b4141, .name = "INFO.VARIANT"},
    {.offset = 0x214, .access = VB_MEMORY, .reset = 0x2000, .name = "INFO.PACKAGE"},
    {.offset = 0x218, .access = VB_MEMORY, .reset = 512, .name = "INFO.RAM"},
    {.offset = 0x21c, .access = VB_MEMORY, .reset = 1024, .name = "INFO.FLASH"},
    {.offset = 0x220, .access = VB_MEMORY, .reset = 4096, .name = "INFO.CODEPAGESIZE"},
    {.offset = 0x224, .access = VB_MEMORY, .reset = 256, .name = "INFO.CODESIZE"},
    {.offset = 0x228, .access = VB_MEMORY, .name = "INFO.DEVICETYPE"},
    {.offset = 0x300, .access = VB_MEMORY, .count = 64, .reset = ERASED, .name = "TRIMCNF"},
    {.offset = 0x450, .access = VB_MEMORY, .count = 4, .reset = ERASED, .name = "NFC.TAGHEADER"},
    {.offset = 0xc20, .access = VB_MEMORY, .reset = ERASED, .name = "XOSC32MTRIM"},
};

static const struct vb_register uicr[] = {
    {.offset = 0x000, .access = VB_MEMORY, .reset = ERASED, .name = "APPROTECT"},
    {.offset = 0x010, .access = VB_MEMORY, .reset = ERASED, .name = "VREGHVOUT"},
    {.offset = 0x014, .access = VB_MEMORY, .reset = ERASED, .name = "HFXOCNT"},
    {.offset = 0x01c, .access = VB_MEMORY, .reset = ERASED, .name = "SECUREAPPROTECT"},
    {.offset = 0x020, .access = VB_MEMORY, .reset = ERASED, .name = "ERASEPROTECT"},
    {.offset = 0x024, .access = VB_MEMORY, .reset = ERASED, .name = "TINSTANCE"},
    {.offset = 0x028, .access = VB_MEMORY, .reset = ERASED, .name = "NFCPINS"},
    {.offset = 0x100, .access = VB_MEMORY, .count = 192, .reset = ERASED, .name = "OTP"},
};

const struct vb_class vb_class_ficr53 = {
    .name = "FICR", .is_flash = true, .registers = ficr, .register_count = OB_ARRAY_SIZE(ficr)};
const struct vb_class vb_class_uicr53 = {.name = "UICR", .registers = uicr, .register_count = OB_ARRAY_SIZE(uicr)};
