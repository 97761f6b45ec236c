/* SPDX-License-Identifier: Apache-2.0 */
#include "pm.h"

/** FNV-1a, 32 bits. Source: Fowler, Noll, Vo; draft-eastlake-fnv-17, sections 2 and 5. */
static uint32_t add_text(uint32_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT32_C(0x01000193);
    }
    return hash;
}

uint32_t pm_layout_hash(const struct pm_layout *layout)
{
    uint32_t hash = UINT32_C(0x811c9dc5);
    struct pm_parts in_flash = {0};

    for (uint32_t i = 0; i < layout->parts.count; i++) {
        if (layout->parts.v[i]->region->device != NULL) {
            pm_parts_add(layout->arena, &in_flash, layout->parts.v[i]);
        }
    }
    pm_parts_sort(&in_flash, pm_by_name);
    for (uint32_t i = 0; i < in_flash.count; i++) {
        const struct pm_part *part = in_flash.v[i];
        hash = add_text(hash, ob_arena_printf(layout->arena, "%s %s %s 0x%llx 0x%llx\n", part->name->text,
                                              part->region->name, part->region->device,
                                              (unsigned long long)part->address, (unsigned long long)part->size));
    }
    return hash;
}
