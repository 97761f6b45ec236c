/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/boot_mode.h>
#include <outboard/devicetree.h>

/* A register whose lowest byte is kept. Source: nRF52840 and nRF5340 Product Specifications, POWER, GPREGRET. */
#define NODE DT_CHOSEN(zephyr_boot_mode)

_Static_assert(DT_NODE_EXISTS(NODE), "a boot mode needs a place: choose zephyr,boot-mode in the devicetree of both "
                                     "images, a zephyr,retention of one byte in gpregret1 (docs/SMP.md)");
_Static_assert(DT_REG_ADDR(NODE) == 0 && DT_REG_SIZE(NODE) == 1, "zephyr,boot-mode is the first byte of its register");

static volatile uint32_t *mode_register(void)
{
    return (volatile uint32_t *)DT_REG_ADDR(DT_PARENT(NODE));
}

void ob_boot_mode_set(enum ob_boot_mode mode)
{
    *mode_register() = mode;
}

enum ob_boot_mode ob_boot_mode_take(void)
{
    const uint32_t mode = *mode_register();

    *mode_register() = OB_BOOT_MODE_NORMAL;
    return mode == OB_BOOT_MODE_BOOTLOADER ? OB_BOOT_MODE_BOOTLOADER : OB_BOOT_MODE_NORMAL;
}
