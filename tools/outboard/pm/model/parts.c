/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "pm.h"

/** qsort_r() hands back one pointer, and a function is none. */
struct order {
    pm_compare *order;
};

static int compare(const void *a, const void *b, void *context)
{
    const struct pm_part *const *left = a;
    const struct pm_part *const *right = b;
    const struct order *by = context;

    return by->order(*left, *right);
}

void pm_parts_sort(struct pm_parts *parts, pm_compare *order)
{
    struct order by = {.order = order};

    if (parts->count != 0) {
        qsort_r(parts->v, parts->count, sizeof(struct pm_part *), compare, &by);
    }
}

int pm_by_name(const struct pm_part *a, const struct pm_part *b)
{
    return strcmp(a->name->text, b->name->text);
}

int pm_by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int pm_by_address(const struct pm_part *a, const struct pm_part *b)
{
    int order = pm_by_number(a->address, b->address);

    return order != 0 ? order : pm_by_name(a, b);
}

void pm_parts_insert(struct ob_arena *arena, struct pm_parts *parts, uint32_t index, struct pm_part *part)
{
    parts->v = ob_arena_more(arena, parts->v, parts->count, sizeof(struct pm_part *));
    memmove(&parts->v[index + 1], &parts->v[index], (parts->count - index) * sizeof(struct pm_part *));
    parts->v[index] = part;
    parts->count++;
}

void pm_parts_add(struct ob_arena *arena, struct pm_parts *parts, struct pm_part *part)
{
    pm_parts_insert(arena, parts, parts->count, part);
}

const char *pm_parts_text(struct ob_arena *arena, const struct pm_parts *parts, const char *separator)
{
    const char *text = "";

    for (uint32_t i = 0; i < parts->count && i < 16; i++) {
        text = ob_arena_printf(arena, "%s%s%s", text, i == 0 ? "" : separator, parts->v[i]->name->text);
    }
    return parts->count > 16 ? ob_arena_printf(arena, "%s ... (%u)", text, parts->count) : text;
}

struct pm_part *pm_part_make(struct pm_layout *layout, struct pm_region *region, struct pm_name *name)
{
    struct pm_part *part = ob_arena_alloc(layout->arena, sizeof(*part));

    part->name = name;
    part->region = region;
    name->part = part;
    pm_parts_add(layout->arena, &layout->parts, part);
    pm_parts_add(layout->arena, &region->parts, part);
    return part;
}

static uint32_t depth_by_members(const struct pm_part *container)
{
    uint32_t depth = 0;

    for (uint32_t i = 0; container->is_container && i < container->span.count; i++) {
        const struct pm_choice *choice = &container->span.choices[i];
        const struct pm_part *member = choice->count == 0 ? NULL : choice->refs[0].name->part;
        uint32_t below = member == NULL ? 0 : member->depth;
        depth = below + 1 > depth ? below + 1 : depth;
    }
    return depth;
}

void pm_container_depths(struct pm_layout *layout)
{
    bool changed = true;

    for (uint32_t round = 0; changed && round < PM_NESTING_MAX; round++) { /* ends if a container covers itself */
        changed = false;
        for (uint32_t i = 0; i < layout->parts.count; i++) {
            uint32_t depth = depth_by_members(layout->parts.v[i]);
            changed = changed || depth != layout->parts.v[i]->depth;
            layout->parts.v[i]->depth = depth;
        }
    }
}

bool pm_exists_in(const struct pm_name *name, const struct pm_region *region)
{
    const struct pm_part *part = name->part;

    return part != NULL && part->region == region && !part->dropped && !part->is_static;
}

struct pm_part *pm_inside_of(const struct pm_part *part)
{
    for (uint32_t i = 0; !part->is_container && i < part->inside.count; i++) {
        struct pm_name *name = part->inside.choices[i].refs[0].name;
        if (pm_exists_in(name, part->region) && name->part->is_container) {
            return name->part;
        }
    }
    return NULL;
}
