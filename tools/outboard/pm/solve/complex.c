/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "solve.h"

static uint32_t count_empty_names(const struct pm_region *region)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < region->parts.count; i++) {
        const struct pm_part *part = region->parts.v[i];
        if (!part->dropped && !part->is_static && strstr(part->name->text, "EMPTY") != NULL) {
            count++;
        }
    }
    return count;
}

bool pm_container_measure(struct pm_part *container)
{
    uint64_t low = UINT64_MAX;
    uint64_t high = 0;

    for (uint32_t i = 0; i < container->leaves.count; i++) {
        const struct pm_part *leaf = container->leaves.v[i];
        low = leaf->address < low ? leaf->address : low;
        high = pm_part_end(leaf) > high ? pm_part_end(leaf) : high;
    }
    if (high <= low) {
        ob_diag_error(&container->at,
                      "No compatible parent partition found for %s: none of its members takes space in "
                      "region '%s'",
                      container->name->text, container->region->name);
        return false;
    }
    container->address = low;
    container->size = high - low;
    return true;
}

bool pm_solve_complex(struct pm_layout *layout, struct pm_region *region)
{
    struct pm_complex c = {
        .layout = layout,
        .region = region,
        .dynamic = region->dynamic->part,
        .empty_count = count_empty_names(region),
    };
    bool ok =
        pm_static_area(layout, region, &c.area) && pm_prepare(&c) && pm_order(&c) && pm_size_forms(&c) && pm_place(&c);

    for (uint32_t i = 0; ok && i < c.containers.count; i++) {
        ok = pm_container_measure(c.containers.v[i]);
        pm_parts_sort(&c.containers.v[i]->leaves, pm_by_name); /* as they are written out */
    }
    return ok;
}
