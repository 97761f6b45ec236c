/* SPDX-License-Identifier: Apache-2.0 */
#include "any.h"

#include <__fc_builtin.h>

static volatile uint32_t anything;

uint32_t any_u32(void)
{
    return anything;
}

bool any_bool(void)
{
    return anything % 2 != 0;
}

/* That a range lies inside the device is the contract of in_area() (core/area.c), proved by WP for all numbers. */

static enum ob_err read_any(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    //@ assert room: len == 0 || \valid((uint8_t *)dst + (0 .. len - 1));
    (void)flash;
    (void)off;
    Frama_C_make_unknown((char *)dst, len);
    return any_err();
}

static enum ob_err write_any(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    //@ assert room: len == 0 || \valid_read((const uint8_t *)src + (0 .. len - 1));
    (void)flash;
    (void)off;
    (void)src;
    (void)len;
    return any_err();
}

static enum ob_err erase_any(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    (void)off;
    (void)size;
    return any_err();
}

static const struct ob_flash_ops ops = {.read = read_any, .write = write_any, .erase = erase_any};

struct ob_flash any_flash(void)
{
    struct ob_flash flash = {
        .ops = &ops, .size = anything, .write_size = 4, .program_size = 256, .erase_sizes = {4096}};

    flash.erased_value = any_bool() ? 0xff : 0;
    flash.may_program_again = any_bool();
    return flash;
}
