/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two functions of the ledger whose contracts stand in their place in what is proved of it, for any content, area, bank and count,
 * and one write unit: reading records, and looking for what is left in a bank.
 */
#include <__fc_builtin.h>

#include "../../core/ledger_banks.c"
#include "any.h"

static enum ob_err look(const struct ob_ledger *ledger, uint32_t bank, uint32_t worn, struct ob_records *out)
{
    (void)out;
    return look_for_remains(ledger, bank, worn);
}

int main(void)
{
    struct ob_flash flash = any_flash();
    const struct ob_area area = {.flash = &flash, .start = any_u32(), .size = any_u32()};
    struct ob_ledger ledger = {.area = &area, .images = OB_IMAGES_MAX};
    struct ob_records out;

    flash.write_size = WRITE_SIZE;
    Frama_C_make_unknown((char *)&out, sizeof(out));
    (void)!READ(&ledger, any_u32(), any_u32(), &out);
    return 0;
}
