/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pm.h"

#define NAME_LEN_MAX 64U

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261U; /* FNV-1a */

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        h = (h ^ *c) * 16777619U;
    }
    return h;
}

static struct pm_name **find_slot(struct pm_name **slots, uint32_t capacity, const char *text)
{
    uint32_t i = hash(text) & (capacity - 1);

    while (slots[i] != NULL && strcmp(slots[i]->text, text) != 0) {
        i = (i + 1) & (capacity - 1);
    }
    return &slots[i];
}

static void grow(struct pm_layout *layout)
{
    struct pm_names *names = &layout->names;
    uint32_t capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
    struct pm_name **slots = ob_arena_array(layout->arena, capacity, sizeof(struct pm_name *));

    for (uint32_t i = 0; i < names->capacity; i++) {
        if (names->slots[i] != NULL) {
            *find_slot(slots, capacity, names->slots[i]->text) = names->slots[i];
        }
    }
    names->slots = slots;
    names->capacity = capacity;
}

struct pm_name *pm_name_get(struct pm_layout *layout, const char *text)
{
    struct pm_names *names = &layout->names;

    if (2 * names->count >= names->capacity) {
        grow(layout);
    }
    struct pm_name **slot = find_slot(names->slots, names->capacity, text);
    if (*slot == NULL) {
        *slot = ob_arena_alloc(layout->arena, sizeof(**slot));
        (*slot)->text = ob_arena_text(layout->arena, text, strlen(text));
        names->count++;
    }
    return *slot;
}

bool pm_name_is_valid(const char *text)
{
    const char *digits = "0123456789";
    const char *rest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t len = strlen(text);

    return len > 0 && len <= NAME_LEN_MAX && strchr(digits, text[0]) == NULL && strspn(text, rest) == len;
}

struct pm_region *pm_region_find(const struct pm_layout *layout, const char *name)
{
    for (uint32_t i = 0; i < layout->region_count; i++) {
        if (strcmp(layout->regions[i].name, name) == 0) {
            return &layout->regions[i];
        }
    }
    return NULL;
}

bool pm_is_dynamic(const struct pm_layout *layout, const struct pm_name *name)
{
    for (uint32_t i = 0; i < layout->region_count; i++) {
        if (layout->regions[i].dynamic == name) {
            return true;
        }
    }
    return false;
}

void pm_parts_insert(struct ob_arena *arena, struct pm_parts *parts, uint32_t index, struct pm_part *part)
{
    if (parts->count == parts->capacity) {
        uint32_t capacity = parts->capacity == 0 ? 8 : 2 * parts->capacity;
        struct pm_part **v = ob_arena_array(arena, capacity, sizeof(struct pm_part *));
        if (parts->count != 0) {
            memcpy(v, parts->v, parts->count * sizeof(struct pm_part *));
        }
        parts->v = v;
        parts->capacity = capacity;
    }
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
