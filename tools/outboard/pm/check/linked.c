/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "../read/symbol.h"

/*
 * Ids and addresses are compiled in. An image that was linked with another layout, because its folder was copied or is
 * older than the layout, would open a neighbour of what it means. Linker scripts leave the layout's hash in the symbol
 * table.
 */

#define SYMBOL "ob_layout_hash"

static enum ob_exit check_image(struct pm_check *check, const struct pm_image *image)
{
    const char *path = ob_arena_printf(check->arena, "%s/%s.elf", image->folder, image->name);
    uint32_t expected = pm_layout_hash(&check->layout);
    struct ob_loc at = {.file = path};
    uint32_t value = 0;
    bool found;
    enum ob_exit rc = pm_symbol_read(path, SYMBOL, &found, &value);

    if (rc == OB_EXIT_OK && !found) {
        pm_finding(check, &at,
                   "image '%s' does not tell its layout: it has no symbol " SYMBOL "; add `" SYMBOL
                   " = PM_LAYOUT_HASH;` to its linker script, and do not strip it",
                   image->name);
    } else if (rc == OB_EXIT_OK && value != expected) {
        pm_finding(check, &at,
                   "image '%s' was linked with another layout (0x%08x) than this build's (0x%08x): it would open wrong "
                   "partitions; build it again, in a new folder if it was copied",
                   image->name, value, expected);
    }
    return rc;
}

enum ob_exit pm_check_linked(struct pm_check *check)
{
    enum ob_exit rc = OB_EXIT_OK;

    for (uint32_t i = 0; rc == OB_EXIT_OK && i < check->image_count; i++) {
        rc = check_image(check, &check->images[i]);
    }
    return rc;
}
