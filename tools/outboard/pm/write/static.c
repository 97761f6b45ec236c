/* SPDX-License-Identifier: Apache-2.0 */
#include "../read/dts.h"

#include <stdlib.h>
#include <string.h>

/*
 * Partitions of a devicetree as a static configuration. A devicetree has no pad in front of the application, no name
 * for unused space and no dynamic partition: these are added, so that nothing but `app` is left to be placed.
 */

#define PRIMARY "mcuboot_primary"
#define PRIMARY_APP "mcuboot_primary_app"
#define PAD "mcuboot_pad"
#define APP "app"

struct entry {
    const char *name;
    const struct pm_dts_region *region;
    uint64_t address;
    uint64_t size;
    const char *outer;               /* name of the container that holds it, or NULL */
    const struct pm_dts_part *group; /* it names its members; NULL: it holds them */
};

struct entries {
    const struct pm_dts *dts;
    struct entry *v;
    uint32_t count;
    uint32_t empty_count;
};

static struct entry *find_entry(const struct entries *entries, const char *name)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->v[i].name, name) == 0) {
            return &entries->v[i];
        }
    }
    return NULL;
}

static void add_entry(struct entries *entries, const struct entry *like, const char *name, uint64_t address,
                      uint64_t size, const char *outer)
{
    entries->v[entries->count++] = (struct entry){name, like->region, address, size, outer, NULL};
}

static bool has_members(const struct entries *entries, const char *name)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        if (entries->v[i].outer != NULL && strcmp(entries->v[i].outer, name) == 0) {
            return true;
        }
    }
    return false;
}

static int by_address(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    int order = strcmp(left->region->name, right->region->name);

    return order != 0 ? order : pm_by_number(left->address, right->address);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* ---- what a devicetree leaves out ---- */

/** The pad and the application in a slot that is not divided. */
static void divide_slot(struct entries *entries, const struct entry *slot)
{
    struct entry whole = *slot;
    uint64_t pad = entries->dts->pad;

    add_entry(entries, &whole, PAD, whole.address, pad, PRIMARY);
    add_entry(entries, &whole, PRIMARY_APP, whole.address + pad, whole.size - pad, PRIMARY);
    add_entry(entries, &whole, APP, whole.address + pad, whole.size - pad, PRIMARY_APP);
}

static bool mistake_in(const struct entries *entries, const char *name, const char *what)
{
    for (uint32_t i = 0; i < entries->dts->count; i++) {
        const struct pm_dts_part *part = &entries->dts->parts[i];
        if (strcmp(part->name, name) == 0) {
            struct ob_loc at = dt_place_of(entries->dts->tree, part->node->path, NULL);
            ob_diag_error(&at, "%s: %s", part->node->path, what);
        }
    }
    return false;
}

/** The free part of a slot that is divided, but where nothing is called app. */
static bool find_app(struct entries *entries, const struct entry *slot)
{
    const struct entry whole = *slot;
    uint64_t end = whole.address;
    uint64_t start = 0;
    uint64_t size = 0;
    uint32_t gaps = 0;

    if (find_entry(entries, PAD) == NULL) {
        add_entry(entries, &whole, PAD, whole.address, entries->dts->pad, PRIMARY);
    }
    qsort(entries->v, entries->count, sizeof(*entries->v), by_address);
    for (uint32_t i = 0; i <= entries->count; i++) {
        bool is_member = i < entries->count && entries->v[i].outer != NULL && strcmp(entries->v[i].outer, PRIMARY) == 0;
        uint64_t next = i == entries->count ? whole.address + whole.size : entries->v[i].address;
        if (!is_member && i < entries->count) {
            continue;
        }
        if (next < end) {
            return mistake_in(entries, PRIMARY, "has no room for the image header in front of its first sub-partition");
        }
        if (next > end) {
            gaps++;
            start = end;
            size = next - end;
        }
        end = i == entries->count ? next : entries->v[i].address + entries->v[i].size;
    }
    if (gaps != 1) {
        return mistake_in(entries, PRIMARY,
                          "its sub-partitions have to leave exactly one place for the application; give the other "
                          "places a partition, or label one of them app");
    }
    add_entry(entries, &whole, APP, start, size, PRIMARY);
    return true;
}

static bool place_app(struct entries *entries)
{
    struct entry *slot = find_entry(entries, PRIMARY);

    if (find_entry(entries, APP) != NULL) {
        return true;
    }
    if (slot != NULL && slot->size <= entries->dts->pad) {
        return mistake_in(entries, PRIMARY, "is not larger than the image header");
    }
    if (slot != NULL && has_members(entries, PRIMARY)) {
        return find_app(entries, slot);
    }
    if (slot != NULL) {
        divide_slot(entries, slot);
        return true;
    }
    ob_diag_error(&(struct ob_loc){.file = entries->dts->tree->file},
                  "no partition is the application's: label one slot0_partition");
    return false;
}

static void fill(struct entries *entries, const struct entry *like, uint64_t start, uint64_t end)
{
    const char *name;

    do {
        name = ob_arena_printf(entries->dts->arena, "EMPTY_%u", entries->empty_count++);
    } while (find_entry(entries, name) != NULL);
    add_entry(entries, like, name, start, end - start, NULL);
}

/** Unused space gets a name, but for the end of a chip outside, which has one already, and for RAM. */
static void fill_gaps(struct entries *entries, const struct pm_dts_region *region, uint64_t region_size)
{
    uint32_t count = entries->count;
    const struct entry like = {.region = region};
    uint64_t end = region->base;
    bool is_internal = strcmp(region->name, "flash_primary") == 0;

    qsort(entries->v, count, sizeof(*entries->v), by_address);
    for (uint32_t i = 0; i < count; i++) {
        const struct entry entry = entries->v[i];
        if (entry.region != region || entry.outer != NULL || entry.group != NULL) {
            continue;
        }
        if (entry.address > end) {
            fill(entries, &like, end, entry.address);
        }
        end = entry.address + entry.size;
    }
    if (is_internal && region_size != 0 && region->base + region_size > end) {
        fill(entries, &like, end, region->base + region_size);
    }
}

/* ---- writing ---- */

static bool is_inside(const struct entries *entries, const struct entry *entry, const char *container)
{
    while (entry != NULL && entry->outer != NULL) {
        if (strcmp(entry->outer, container) == 0) {
            return true;
        }
        entry = find_entry(entries, entry->outer);
    }
    return false;
}

static bool is_named(const struct entry *group, const char *name)
{
    for (uint32_t i = 0; i < group->group->member_count; i++) {
        if (strcmp(group->group->members[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_direct_member(const struct entry *container, const struct entry *entry)
{
    if (container->group != NULL) {
        return is_named(container, entry->name);
    }
    return entry->outer != NULL && strcmp(entry->outer, container->name) == 0;
}

static bool is_leaf_member(const struct entries *entries, const struct entry *container, const struct entry *entry)
{
    const struct entry *up = entry;

    while (container->group != NULL && up != NULL && !is_named(container, up->name)) {
        up = up->outer == NULL ? NULL : find_entry(entries, up->outer);
    }
    bool is_member = container->group != NULL ? up != NULL : is_inside(entries, entry, container->name);
    return is_member && entry->group == NULL && !has_members(entries, entry->name);
}

static void print_members(FILE *out, const struct entries *entries, const struct entry *container, bool direct)
{
    fputs(direct ? "  orig_span:\n" : "  span:\n", out);
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->v[i];
        bool is_member = direct ? is_direct_member(container, entry) : is_leaf_member(entries, container, entry);
        if (is_member) {
            fprintf(out, "  - %s\n", entry->name);
        }
    }
}

static void print_entry(FILE *out, const struct entries *entries, const struct entry *entry)
{
    bool is_container = entry->group != NULL || has_members(entries, entry->name);

    fprintf(out, "%s:\n  address: 0x%llx\n", entry->name, (unsigned long long)entry->address);
    if (is_container) {
        print_members(out, entries, entry, true);
    }
    fprintf(out, "  region: %s\n  size: 0x%llx\n", entry->region->name, (unsigned long long)entry->size);
    if (is_container) {
        print_members(out, entries, entry, false);
    }
}

enum ob_exit pm_dts_emit_static(FILE *out, const struct pm_dts *dts)
{
    struct entries entries = {.dts = dts};

    entries.v = ob_arena_array(dts->arena, 2 * (size_t)dts->count + PM_DTS_REGIONS_MAX + 8, sizeof(*entries.v));
    for (uint32_t i = 0; i < dts->count; i++) {
        const struct pm_dts_part *part = &dts->parts[i];
        if (part->gave_way) {
            continue;
        }
        entries.v[entries.count++] = (struct entry){part->name,
                                                    part->region,
                                                    part->region->base + part->start,
                                                    part->size,
                                                    part->outer == NULL ? NULL : part->outer->name,
                                                    part->members == NULL ? NULL : part};
    }
    if (!place_app(&entries)) {
        return OB_EXIT_FINDING;
    }
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        const struct pm_dts_region *region = &dts->regions.v[i];
        bool is_known = strcmp(region->name, "flash_primary") == 0 || strcmp(region->name, "external_flash") == 0;
        if (is_known && region->device != NULL) {
            fill_gaps(&entries, region, pm_dts_region_bytes(region));
        }
    }
    qsort(entries.v, entries.count, sizeof(*entries.v), by_name);
    for (uint32_t i = 0; i < entries.count; i++) {
        print_entry(out, &entries, &entries.v[i]);
    }
    return OB_EXIT_OK;
}
