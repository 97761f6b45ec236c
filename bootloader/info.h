/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOOTLOADER_INFO_H
#define BOOTLOADER_INFO_H

#include <outboard/boot.h>

/** Leave boot information for the application (CONFIG_BOOT_SHARE_DATA_BOOTINFO). After ob_boot_run(). */
void info_leave(const struct ob_boot *boot);

#endif
