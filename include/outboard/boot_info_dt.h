/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_BOOT_INFO_DT_H
#define OUTBOARD_BOOT_INFO_DT_H

#include <outboard/devicetree.h>

/*
 * Where boot information lies: chosen zephyr,bootloader-info, a zephyr,retention in a zephyr,retained-ram in a region
 * of memory. Both images must say the same, and leave it out of their RAM.
 */

#define OB_BOOT_INFO_NODE DT_CHOSEN(zephyr_bootloader_info)
#define OB_BOOT_INFO_ADDRESS (DT_REG_ADDR(DT_PARENT(DT_PARENT(OB_BOOT_INFO_NODE))) + DT_REG_ADDR(OB_BOOT_INFO_NODE))
#define OB_BOOT_INFO_SIZE DT_REG_SIZE(OB_BOOT_INFO_NODE)

_Static_assert(
    OB_BOOT_INFO_ADDRESS + OB_BOOT_INFO_SIZE <= DT_REG_ADDR(DT_CHOSEN(zephyr_sram)) ||
        OB_BOOT_INFO_ADDRESS >= DT_REG_ADDR(DT_CHOSEN(zephyr_sram)) + DT_REG_SIZE(DT_CHOSEN(zephyr_sram)),
    "zephyr,bootloader-info lies in zephyr,sram, which is cleared: shorten that in the overlays of both images");

#endif
