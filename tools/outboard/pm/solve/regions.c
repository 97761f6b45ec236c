/* SPDX-License-Identifier: Apache-2.0 */
#include "solve.h"

/** The level a region needs because one of its partitions takes its size from these names. */
static uint32_t level_for(const struct pm_choice *choice, const struct pm_region *region)
{
    uint32_t level = 0;

    for (uint32_t i = 0; i < choice->count; i++) {
        const struct pm_part *part = choice->refs[i].name->part;
        if (part != NULL && !part->dropped && part->region != region && part->region->level + 1 > level) {
            level = part->region->level + 1;
        }
    }
    return level;
}

static uint32_t level_of(const struct pm_region *region)
{
    uint32_t level = 0;

    for (uint32_t i = 0; i < region->parts.count; i++) {
        const struct pm_part *part = region->parts.v[i];
        for (uint32_t j = 0; !part->dropped && !part->is_static && j < part->share.count; j++) {
            uint32_t needed = level_for(&part->share.choices[j], region);
            level = needed > level ? needed : level;
        }
    }
    return level;
}

static bool settle_levels(struct pm_layout *layout)
{
    bool changed = true;

    for (uint32_t round = 0; changed && round <= layout->region_count; round++) {
        changed = false;
        for (uint32_t i = 0; i < layout->region_count; i++) {
            uint32_t level = level_of(&layout->regions[i]);
            changed = changed || level != layout->regions[i].level;
            layout->regions[i].level = level;
        }
    }
    return !changed;
}

/** @return a partition that takes part in the loop: its size comes from a region that is in it */
static const struct pm_part *part_in_loop(const struct pm_layout *layout)
{
    const struct pm_part *found = NULL;

    for (uint32_t i = 0; found == NULL && i < layout->parts.count; i++) {
        const struct pm_part *part = layout->parts.v[i];
        for (uint32_t j = 0; !part->dropped && !part->is_static && j < part->share.count; j++) {
            bool deep = level_for(&part->share.choices[j], part->region) >= layout->region_count;
            found = found == NULL && deep ? part : found;
        }
    }
    return found;
}

static void print_loop(const struct pm_layout *layout)
{
    const struct pm_part *part = part_in_loop(layout);
    char *names = ob_arena_printf(layout->arena, "%s", "");

    for (uint32_t i = 0; i < layout->region_count; i++) {
        if (layout->regions[i].level >= layout->region_count) {
            names = ob_arena_printf(layout->arena, "%s %s", names, layout->regions[i].name);
        }
    }
    ob_diag_error(&part->at,
                  "Found 'share_size' loop between the following regions:%s; give one partition of the "
                  "loop a 'size' instead",
                  names);
}

struct pm_region **pm_regions_in_order(struct pm_layout *layout)
{
    struct pm_region **order = ob_arena_array(layout->arena, layout->region_count, sizeof(struct pm_region *));
    uint32_t count = 0;

    if (!settle_levels(layout)) {
        print_loop(layout);
        return NULL;
    }
    for (uint32_t level = 0; count < layout->region_count; level++) {
        for (uint32_t i = 0; i < layout->region_count; i++) {
            if (layout->regions[i].level == level) {
                order[count++] = &layout->regions[i];
            }
        }
    }
    return order;
}
