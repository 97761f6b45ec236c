/* SPDX-License-Identifier: Apache-2.0 */
#include "dts_tree.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../model/facts.h"

#define MEMORY_REGION "zephyr,memory-region"

/** A label that has a fixed meaning; else the property `label`, if it is a name; else the label without _partition. */
static const char *name_of(const struct pm_dts *dts, const struct dt_node *node)
{
    static const char suffix[] = "_partition";
    const struct dt_names *labels = &dts->tree->labels;
    const struct dt_prop *text = dt_node_prop(node, "label");
    const char *own = NULL;

    for (uint32_t i = 0; i < labels->count; i++) {
        if (labels->items[i].node == node) {
            own = own == NULL ? labels->items[i].name : own;
            if (pm_dts_name_of(labels->items[i].name) != NULL) {
                return pm_dts_name_of(labels->items[i].name);
            }
        }
    }
    const char *title = text == NULL ? NULL : dt_prop_string(text, NULL);
    if (title != NULL && pm_name_is_valid(title)) {
        return title;
    }
    size_t len = own == NULL ? 0 : strlen(own);
    bool has_suffix = len > sizeof(suffix) - 1 && strcmp(own + len - (sizeof(suffix) - 1), suffix) == 0;
    return has_suffix ? ob_arena_text(dts->arena, own, len - (sizeof(suffix) - 1)) : own;
}

__attribute__((format(printf, 4, 5))) static bool mistake(const struct pm_dts *dts, const struct dt_node *node,
                                                          const char *prop, const char *format, ...)
{
    struct ob_loc at = dt_place_of(dts->tree, node->path, prop);
    va_list args;
    char text[512];

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ob_diag_error(&at, "%s: %s", node->path, text);
    return false;
}

/** An address among a node's children, as the node's own parent sees it; also the device's, which its bus sees. */
static bool through_ranges(const struct pm_dts *dts, const struct dt_node *node, uint64_t *address)
{
    const struct dt_prop *ranges = dt_node_prop(node, "ranges");
    uint32_t child = dt_address_cells(node);
    uint32_t parent = node->parent == NULL ? child : dt_address_cells(node->parent);
    uint32_t row = child + parent + dt_size_cells(node);

    if (ranges == NULL || ranges->len == 0) {
        return true;
    }
    if (row == 0 || ranges->len % (4 * row) != 0) {
        return mistake(dts, node, "ranges", "ranges must have a multiple of %u cells", row);
    }
    for (uint32_t i = 0; i < ranges->len / 4; i += row) {
        uint64_t first = dt_prop_cells(ranges, i, child);
        uint64_t size = dt_prop_cells(ranges, i + child + parent, dt_size_cells(node));
        if (*address >= first && *address - first < size) {
            *address = *address - first + dt_prop_cells(ranges, i + child, parent);
            return true;
        }
    }
    return mistake(dts, node, "ranges", "no range of it holds 0x%llx", (unsigned long long)*address);
}

static const struct pm_dts_part *part_of(const struct pm_dts *dts, const struct dt_node *node)
{
    for (uint32_t i = 0; i < dts->count; i++) {
        if (dts->parts[i].node == node) {
            return &dts->parts[i];
        }
    }
    return NULL;
}

static const struct pm_dts_region *region_with(const struct pm_dts *dts, const struct dt_node *device)
{
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        if (dts->regions.v[i].device == device) {
            return &dts->regions.v[i];
        }
    }
    return NULL;
}

/**
 * Where a partition begins in its device. Fixed partitions count from the start of their device or of the partition
 * around them; others have addresses, which lead up to the device through `ranges`.
 */
static bool locate(const struct pm_dts *dts, struct pm_dts_part *part)
{
    const struct dt_node *device = part->region->device;
    uint64_t address = dt_reg_get(part->node, 0).address;

    for (const struct dt_node *up = part->node->parent; up != device; up = up->parent) {
        const struct pm_dts_part *outer = part_of(dts, up);
        if (pm_dts_is_group(up) && pm_dts_has_compatible(up, PM_DTS_FIXED) && up->parent == device) {
            part->start = address;
            return true;
        }
        if (outer != NULL && (pm_dts_has_compatible(up, PM_DTS_FIXED_SUB) || dt_node_prop(up, "ranges") == NULL)) {
            part->start = outer->start + address;
            return true;
        }
        if (!through_ranges(dts, up, &address)) {
            return false;
        }
    }
    if (dt_node_prop(device, "ranges") == NULL || dt_reg_count(device) == 0) {
        part->start = address;
        return true;
    }
    uint64_t first = dt_reg_get(device, 0).address;
    if (!through_ranges(dts, device, &address)) {
        return false;
    }
    part->start = address - first;
    return address >= first || mistake(dts, part->node, "reg", "lies before its device, %s", device->path);
}

uint64_t pm_dts_region_bytes(const struct pm_dts_region *region)
{
    const struct dt_node *device = region->device;
    const struct dt_prop *bits = dt_node_prop(device, "size");
    const struct dt_prop *bytes = dt_node_prop(device, "size-in-bytes");

    if (region->size != 0) {
        return region->size;
    }
    if (bytes != NULL && bytes->len == 4) {
        return dt_prop_cell(bytes, 0);
    }
    if (bits != NULL && bits->len == 4) {
        return dt_prop_cell(bits, 0) / 8;
    }
    return dt_reg_count(device) == 0 ? 0 : dt_reg_get(device, 0).size;
}

static bool check_bounds(const struct pm_dts *dts, const struct pm_dts_part *part)
{
    const struct pm_dts_part *outer = part->outer;
    uint64_t limit = outer != NULL ? outer->size : pm_dts_region_bytes(part->region);
    uint64_t start = outer != NULL ? part->start - outer->start : part->start;

    if (part->size == 0) {
        return mistake(dts, part->node, "reg", "has no bytes; give it a size, or remove it");
    }
    if (limit != 0 && (start > limit || part->size > limit - start)) {
        return mistake(dts, part->node, "reg", "ends at 0x%llx, past the end of %s, which has 0x%llx bytes",
                       (unsigned long long)(start + part->size),
                       outer != NULL ? outer->node->path : part->region->device->path, (unsigned long long)limit);
    }
    return true;
}

static bool is_default(const struct pm_dts *dts, const struct dt_node *node)
{
    struct ob_loc at = dt_place_of(dts->tree, node->path, "reg");

    for (uint32_t i = 0; i < dts->default_count; i++) {
        size_t len = strlen(dts->defaults[i]);
        if (strncmp(at.file, dts->defaults[i], len) == 0 && at.file[len] == '/') {
            return true;
        }
    }
    return false;
}

/** What a board has by default is no obstacle to what is written for it. */
static bool give_way(struct pm_dts_part *part, struct pm_dts_part *other)
{
    if (part->is_default == other->is_default) {
        return false;
    }
    struct pm_dts_part *weaker = part->is_default ? part : other;
    weaker->gave_way = true;
    return true;
}

static bool check_siblings(const struct pm_dts *dts, struct pm_dts_part *part)
{
    for (struct pm_dts_part *other = dts->parts; other < part; other++) {
        if (other->gave_way) {
            continue;
        }
        if (strcmp(other->name, part->name) == 0) {
            return mistake(dts, part->node, NULL, "is partition '%s', and so is %s; rename or remove one", part->name,
                           other->node->path);
        }
        bool is_beside = other->outer == part->outer && other->region == part->region && part->members == NULL;
        bool is_free = part->start >= other->start + other->size || other->start >= part->start + part->size;
        if (is_beside && !is_free && !give_way(part, other)) {
            struct ob_loc at = dt_place_of(dts->tree, other->node->path, "reg");
            return mistake(dts, part->node, "reg",
                           "0x%llx..0x%llx overlaps %s, 0x%llx..0x%llx (%s:%u:%u); move one, make it smaller, or "
                           "remove it: /delete-node/ &<label>;",
                           (unsigned long long)part->start, (unsigned long long)(part->start + part->size),
                           other->node->path, (unsigned long long)other->start,
                           (unsigned long long)(other->start + other->size), at.file, at.line, at.col);
        }
    }
    return true;
}

static bool add_part(struct pm_dts *dts, const struct dt_node *node, const struct pm_dts_part *outer,
                     const struct pm_dts_region *region)
{
    struct pm_dts_part *part = &dts->parts[dts->count];

    *part = (struct pm_dts_part){.node = node, .region = region, .outer = outer};
    part->name = name_of(dts, node);
    if (part->name == NULL || !pm_name_is_valid(part->name)) {
        return mistake(dts, node, NULL, "has no label, so it has no name; write <name>_partition: %s", node->name);
    }
    part->size = dt_reg_get(node, 0).size;
    part->is_default = is_default(dts, node);
    bool ok = locate(dts, part) && check_bounds(dts, part) && check_siblings(dts, part);
    dts->count++;
    return ok;
}

/** The partition that a node lies in, groups between them left out. NULL: none. */
static const struct pm_dts_part *outer_of(const struct pm_dts *dts, const struct dt_node *node)
{
    const struct dt_node *up = node->parent;

    while (up != NULL && pm_dts_is_group(up) && part_of(dts, up) == NULL) {
        up = up->parent;
    }
    return up == NULL ? NULL : part_of(dts, up);
}

static bool read_flash(struct pm_dts *dts, const struct dt_node *node)
{
    const struct pm_dts_part *outer = outer_of(dts, node);
    bool is_part = node->parent != NULL && dt_reg_count(node) > 0 &&
                   (pm_dts_has_compatible(node, PM_DTS_MAPPED) || pm_dts_is_group(node->parent) || outer != NULL);

    if (!is_part) {
        return true;
    }
    const struct dt_node *device = outer != NULL ? outer->region->device : pm_dts_device_of(node->parent);
    device = device == NULL && pm_dts_has_compatible(node, PM_DTS_MAPPED) ? pm_dts_device_of(node) : device;
    const struct pm_dts_region *region = outer != NULL ? outer->region : region_with(dts, device);
    bool is_absent =
        device == NULL || region == NULL || !node->okay || !device->okay || (outer != NULL && outer->gave_way);
    return is_absent || add_part(dts, node, outer, region);
}

/** All RAM: an image that runs beside a secure one has chosen a part of it only. NULL: nothing is chosen */
static const struct dt_node *find_ram(const struct pm_dts *dts)
{
    const struct dt_node *chosen = pm_dts_node_in(&dts->tree->chosen, "zephyr,sram");

    for (uint32_t i = 0; chosen != NULL && dt_reg_count(chosen) > 0 && i < dts->tree->count; i++) {
        const struct dt_node *node = &dts->tree->nodes[i];
        if (pm_dts_has_compatible(node, "mmio-sram") && dt_reg_count(node) > 0) {
            struct dt_reg part = dt_reg_get(chosen, 0);
            struct dt_reg all = dt_reg_get(node, 0);
            bool is_inside = part.address >= all.address && part.address - all.address < all.size &&
                             part.size <= all.size - (part.address - all.address);
            if (is_inside && all.size > part.size) {
                return node;
            }
        }
    }
    return chosen;
}

/** RAM that a node keeps for itself. */
static bool read_ram(struct pm_dts *dts, const struct dt_node *node)
{
    const struct dt_node *sram = find_ram(dts);
    const struct dt_prop *name = dt_node_prop(node, MEMORY_REGION);
    bool is_part = sram != NULL && sram != node && node->okay && pm_dts_has_compatible(node, MEMORY_REGION) &&
                   name != NULL && dt_reg_count(node) > 0 && dt_reg_count(sram) > 0;

    if (!is_part) {
        return true;
    }
    struct dt_reg ram = dt_reg_get(sram, 0);
    struct dt_reg reg = dt_reg_get(node, 0);
    const char *text = dt_prop_string(name, NULL);
    if (reg.address < ram.address || reg.address - ram.address >= ram.size || text == NULL || !pm_name_is_valid(text)) {
        return true; /* another memory */
    }
    struct pm_dts_region *region = pm_dts_region_get(&dts->regions, "sram_primary");
    if (region == NULL) {
        return false;
    }
    region->device = sram;
    region->base = ram.address;
    struct pm_dts_part *part = &dts->parts[dts->count++];
    *part = (struct pm_dts_part){
        .name = text, .node = node, .region = region, .start = reg.address - ram.address, .size = reg.size};
    return check_bounds(dts, part) && check_siblings(dts, part);
}

/** A container that names its members. */
static bool read_group(struct pm_dts *dts, const struct dt_node *node)
{
    const struct dt_prop *list = dt_node_prop(node, "partitions");

    if (!pm_dts_has_compatible(node, PM_DTS_GROUP) || !node->okay) {
        return true;
    }
    struct pm_dts_part *part = &dts->parts[dts->count];
    *part = (struct pm_dts_part){.node = node, .name = name_of(dts, node)};
    part->member_count = list == NULL ? 0 : list->len / 4;
    part->members = ob_arena_array(dts->arena, part->member_count + 1, sizeof(*part->members));
    for (uint32_t i = 0; i < part->member_count; i++) {
        part->members[i] = part_of(dts, dt_find_phandle(dts->tree, dt_prop_cell(list, i)));
        if (part->members[i] == NULL || part->members[i]->region != part->members[0]->region) {
            return mistake(dts, node, "partitions", "has to name partitions of one region");
        }
    }
    if (part->member_count == 0 || dt_reg_count(node) == 0 || part->name == NULL) {
        return mistake(dts, node, NULL, "a group needs a label, reg and partitions");
    }
    part->region = part->members[0]->region;
    part->start = dt_reg_get(node, 0).address;
    part->size = dt_reg_get(node, 0).size;
    bool ok = check_bounds(dts, part) && check_siblings(dts, part);
    dts->count++;
    return ok;
}

/** What zephyr,code-partition says has to be what is done: the bootloader starts what lies in slot0_partition. */
static bool check_code(const struct pm_dts *dts)
{
    const struct dt_node *code = pm_dts_node_in(&dts->tree->chosen, "zephyr,code-partition");
    const struct pm_dts_part *part = code == NULL ? NULL : part_of(dts, code);
    bool is_fine = part == NULL || strcmp(part->name, "mcuboot") == 0 || strcmp(part->name, "app") == 0;

    for (const struct pm_dts_part *at = part; at != NULL && !is_fine; at = at->outer) {
        is_fine = strcmp(at->name, "mcuboot_primary") == 0;
    }

    return is_fine ||
           mistake(dts, code, NULL,
                   "is chosen as zephyr,code-partition, but code runs from boot_partition and slot0_partition only; "
                   "choose one of them");
}

/** A name that the layout has a meaning for within the slot that is started must not stand elsewhere. */
static bool check_names(const struct pm_dts *dts)
{
    static const char *const names[] = {"app", "mcuboot_pad", "mcuboot_primary_app"};
    const struct pm_dts_part *slot = pm_dts_part_named(dts, "mcuboot_primary");

    for (size_t i = 0; slot != NULL && i < OB_ARRAY_SIZE(names); i++) {
        const struct pm_dts_part *part = pm_dts_part_named(dts, names[i]);
        bool is_inside = part == NULL || (part->region == slot->region && part->start >= slot->start &&
                                          part->start + part->size <= slot->start + slot->size);
        if (!is_inside) {
            return mistake(
                dts, part->node, NULL,
                "is called '%s', which is a part of slot0_partition; give it another label, or move it there",
                names[i]);
        }
    }
    return true;
}

enum ob_exit pm_dts_read(struct pm_dts *dts)
{
    bool ok = pm_dts_find_regions(dts);

    dts->parts = ob_arena_array(dts->arena, dts->tree->count + 1, sizeof(*dts->parts));
    for (uint32_t i = 0; ok && i < dts->tree->count; i++) {
        const struct dt_node *node = &dts->tree->nodes[i];
        ok = read_flash(dts, node) && (part_of(dts, node) != NULL || read_ram(dts, node));
    }
    for (uint32_t i = 0; ok && i < dts->tree->count; i++) { /* now that all that they can name is known */
        ok = read_group(dts, &dts->tree->nodes[i]);
    }
    return ok && check_code(dts) && check_names(dts) ? OB_EXIT_OK : OB_EXIT_FINDING;
}

const struct pm_dts_part *pm_dts_part_named(const struct pm_dts *dts, const char *name)
{
    for (uint32_t i = 0; i < dts->count; i++) {
        if (strcmp(dts->parts[i].name, name) == 0 && !dts->parts[i].gave_way) {
            return &dts->parts[i];
        }
    }
    return NULL;
}

bool pm_dts_is_same(const struct pm_dts_part *a, const struct pm_dts_part *b)
{
    return b != NULL && a->start == b->start && a->size == b->size && strcmp(a->region->name, b->region->name) == 0 &&
           pm_is_same_path(a->region->device->path, b->region->device->path);
}

enum ob_exit pm_dts_agree(const struct pm_dts *own, const struct pm_dts *other, const char *image)
{
    enum ob_exit rc = OB_EXIT_OK;

    for (uint32_t i = 0; i < own->count; i++) {
        const struct pm_dts_part *part = &own->parts[i];
        const struct pm_dts_part *there = pm_dts_part_named(other, part->name);
        if (part->gave_way || pm_dts_is_same(part, there)) {
            continue;
        }
        const struct pm_dts *tree = there != NULL ? other : own;
        const struct dt_node *node = there != NULL ? there->node : part->node;
        mistake(tree, node, there != NULL ? "reg" : NULL,
                "the images have different layouts: '%s' is 0x%llx bytes at 0x%llx of %s in the application's "
                "devicetree, and %s in that of image '%s'; include one overlay in both",
                part->name, (unsigned long long)part->size, (unsigned long long)part->start, part->region->device->path,
                there == NULL ? "missing" : "another one", image);
        rc = OB_EXIT_FINDING;
    }
    return rc;
}

enum ob_exit pm_dts_need(const struct pm_dts *dts, const char *name)
{
    const char *label = pm_dts_label_of(name);

    if (pm_dts_part_named(dts, name) != NULL) {
        return OB_EXIT_OK;
    }
    ob_diag_error(&(struct ob_loc){.file = dts->tree->file},
                  "has no %s, which is '%s'; write it in an overlay of the application", label != NULL ? label : name,
                  name);
    return OB_EXIT_FINDING;
}
