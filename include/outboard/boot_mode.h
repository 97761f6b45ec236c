/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_BOOT_MODE_H
#define OUTBOARD_BOOT_MODE_H

#include <stdint.h>

/*
 * What one image asks of the next start, in a byte that outlasts a reset: chosen zephyr,boot-mode, a zephyr,retention
 * in a register of the SoC. Both images must say the same.
 */

/** The numbers are Zephyr's. */
enum ob_boot_mode {
    OB_BOOT_MODE_NORMAL = 0,
    OB_BOOT_MODE_BOOTLOADER = 1, /* serial recovery, in a bootloader with CONFIG_BOOT_SERIAL_BOOT_MODE */
};

/** Ask. Reset next. */
void ob_boot_mode_set(enum ob_boot_mode mode);

/** What was asked for; it is asked for no more. */
enum ob_boot_mode ob_boot_mode_take(void);

#endif
