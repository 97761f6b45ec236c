/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip that says anything about itself: reading its tables neither reads nor writes where it must not.
 *
 * What it does not show: that what is made of them fits the chip; tests/unit/test_sfdp.c and the fuzz target do.
 */
#include <__fc_builtin.h>

#include "../../drivers/flash/sfdp.h"
#include "any.h"

static enum ob_err read_any(void *ctx, uint32_t off, void *dst, uint32_t len)
{
    //@ assert room: len == 0 || \valid((uint8_t *)dst + (0 .. len - 1));
    (void)ctx;
    (void)off;
    if (len > 0) {
        Frama_C_make_unknown((char *)dst, len);
    }
    return any_err();
}

int main(void)
{
    const struct ob_sfdp_source source = {.read = read_any};
    static uint8_t table[256];
    struct ob_sfdp sfdp;

    (void)!ob_sfdp_read(&source, &sfdp);
    Frama_C_make_unknown((char *)table, sizeof(table));
    (void)!ob_sfdp_parse_bfp(table, any_u32() % (sizeof(table) + 1), &sfdp);
    ob_sfdp_assume(any_u32(), &sfdp);
    return 0;
}
