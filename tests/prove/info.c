/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes in the RAM that a bootloader may have left, of any size, and any facts of a bootloader: reading and writing
 * boot information neither reads nor writes where it must not.
 *
 * What it does not show: that the application finds what was meant; tests/unit/test_boot_info.c does.
 */
#include <__fc_builtin.h>

#include <outboard/boot_info.h>

#include "any.h"

#define SIZE 32u /* as good as any: each length that is read is held against it */

int main(void)
{
    static uint8_t ram[SIZE];
    struct ob_boot_info info;

    Frama_C_make_unknown((char *)ram, sizeof(ram));
    (void)!ob_boot_info_decode(ram, any_u32() % (sizeof(ram) + 1), &info);
    Frama_C_make_unknown((char *)&info, sizeof(info));
    info.image_count = any_u32() % (OB_IMAGES_MAX + 1);
    info.counts = any_bool();
    (void)ob_boot_info_encode(&info, ram, any_u32() % (sizeof(ram) + 1));
    return 0;
}
