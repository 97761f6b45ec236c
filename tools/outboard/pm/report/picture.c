/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

struct bounds {
    uint64_t *v;
    uint32_t count;
};

static int by_value(const void *a, const void *b)
{
    return pm_by_number(*(const uint64_t *)a, *(const uint64_t *)b);
}

/** What contains comes before what it contains: of equal extents the one that nests deeper is outside. */
static int outer_first(const struct pm_part *a, const struct pm_part *b)
{
    int order = pm_by_number(a->address, b->address);

    order = order != 0 ? order : pm_by_number(b->size, a->size);
    order = order != 0 ? order : pm_by_number(b->depth, a->depth);
    return order != 0 ? order : pm_by_name(a, b);
}

static struct bounds find_bounds(struct ob_arena *arena, const struct pm_region *region)
{
    struct bounds bounds = {.v = ob_arena_array(arena, 2 * (size_t)region->parts.count + 2, sizeof(uint64_t))};
    uint32_t unique = 0;

    bounds.v[bounds.count++] = region->base;
    bounds.v[bounds.count++] = pm_region_end(region);
    for (uint32_t i = 0; i < region->parts.count; i++) {
        bounds.v[bounds.count++] = region->parts.v[i]->address;
        bounds.v[bounds.count++] = pm_part_end(region->parts.v[i]);
    }
    qsort(bounds.v, bounds.count, sizeof(uint64_t), by_value);
    for (uint32_t i = 0; i < bounds.count; i++) {
        if (unique == 0 || bounds.v[i] != bounds.v[unique - 1]) {
            bounds.v[unique++] = bounds.v[i];
        }
    }
    bounds.count = unique;
    return bounds;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static enum pm_kind kind_of(const struct pm_part *part)
{
    const char *name = part->name->text;

    if (starts_with(name, "EMPTY_")) {
        return PM_KIND_PADDING;
    }
    if (strcmp(name, part->region->name) == 0 && part->region->strategy != PM_COMPLEX) {
        return PM_KIND_FREE;
    }
    if (starts_with(name, "mcuboot_secondary") || starts_with(name, "mcuboot_primary") ||
        strcmp(name, "mcuboot_scratch") == 0) {
        return PM_KIND_SLOT;
    }
    if (strstr(name, "_storage") != NULL) {
        return PM_KIND_STORAGE;
    }
    if (strcmp(name, "mcuboot") == 0 || strcmp(name, "b0") == 0 || strcmp(name, "b0n") == 0) {
        return PM_KIND_BOOTLOADER;
    }
    return part->name == part->region->dynamic ? PM_KIND_IMAGE : PM_KIND_OTHER;
}

const char *pm_kind_name(enum pm_kind kind)
{
    static const char *const names[] = {
        [PM_KIND_BOOTLOADER] = "bootloader", [PM_KIND_IMAGE] = "image",     [PM_KIND_SLOT] = "slot",
        [PM_KIND_STORAGE] = "storage",       [PM_KIND_PADDING] = "padding", [PM_KIND_FREE] = "free",
        [PM_KIND_OTHER] = "other",
    };

    return names[kind];
}

static void add_segments(struct pm_picture *picture, const struct bounds *bounds, const struct pm_parts *leaves)
{
    uint32_t leaf = 0;

    for (uint32_t i = 0; i + 1 < bounds->count; i++) {
        struct pm_segment segment = {.start = bounds->v[i], .end = bounds->v[i + 1], .kind = PM_KIND_FREE};
        while (leaf < leaves->count && pm_part_end(leaves->v[leaf]) <= segment.start) {
            leaf++;
        }
        if (leaf < leaves->count && leaves->v[leaf]->address <= segment.start) {
            segment.part = leaves->v[leaf];
            segment.kind = kind_of(segment.part);
        }
        if (segment.kind == PM_KIND_FREE || segment.kind == PM_KIND_PADDING) {
            picture->free += segment.end - segment.start;
        }
        picture->segments[picture->segment_count++] = segment;
    }
}

/** A container stands right of all containers that reach into it. */
static void add_brackets(struct pm_picture *picture, const struct pm_parts *containers)
{
    for (uint32_t i = 0; i < containers->count; i++) {
        struct pm_bracket bracket = {.part = containers->v[i]};
        for (uint32_t j = 0; j < i; j++) {
            const struct pm_bracket *other = &picture->brackets[j];
            if (pm_part_end(other->part) > bracket.part->address && other->column >= bracket.column) {
                bracket.column = other->column + 1;
            }
        }
        picture->columns = bracket.column + 1 > picture->columns ? bracket.column + 1 : picture->columns;
        picture->brackets[picture->bracket_count++] = bracket;
    }
}

void pm_picture_make(struct ob_arena *arena, const struct pm_region *region, struct pm_picture *picture)
{
    struct bounds bounds = find_bounds(arena, region);
    struct pm_parts leaves = {0};
    struct pm_parts containers = {0};

    *picture = (struct pm_picture){.region = region};
    for (uint32_t i = 0; i < region->parts.count; i++) {
        struct pm_part *part = region->parts.v[i];
        if (part->size != 0) {
            pm_parts_add(arena, part->is_container ? &containers : &leaves, part);
        }
    }
    pm_parts_sort(&leaves, outer_first);
    pm_parts_sort(&containers, outer_first);
    picture->segments = ob_arena_array(arena, bounds.count, sizeof(*picture->segments));
    picture->brackets = ob_arena_array(arena, containers.count, sizeof(*picture->brackets));
    add_segments(picture, &bounds, &leaves);
    add_brackets(picture, &containers);
}

const char *pm_bytes_text(struct ob_arena *arena, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    uint64_t unit = 1;
    uint32_t index = 0;

    while (index < 3 && bytes >= 1024 * unit) {
        unit *= 1024;
        index++;
    }
    uint64_t tenths = (bytes * 10 + unit / 2) / unit;
    if (tenths % 10 == 0) {
        return ob_arena_printf(arena, "%llu %s", (unsigned long long)(tenths / 10), units[index]);
    }
    return ob_arena_printf(arena, "%llu.%llu %s", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10),
                           units[index]);
}
