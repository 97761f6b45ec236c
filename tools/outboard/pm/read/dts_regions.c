/* SPDX-License-Identifier: Apache-2.0 */
#include "dts_tree.h"

#include <string.h>

#include "../../common/args.h"

/* Of labels, and of paths. */
#define NODE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/,.+-@"

/* ---- names ---- */

static const struct {
    const char *label;
    const char *name;
} fixed_names[] = {
    {"boot_partition", "mcuboot"},
    {"slot0_partition", "mcuboot_primary"},
    {"slot1_partition", "mcuboot_secondary"},
    {"slot2_partition", "mcuboot_primary_1"},
    {"slot3_partition", "mcuboot_secondary_1"},
    {"slot4_partition", "mcuboot_primary_2"},
    {"slot5_partition", "mcuboot_secondary_2"},
    {"scratch_partition", "mcuboot_scratch"},
    {"storage_partition", "settings_storage"},
};

#define FIXED_NAMES (sizeof(fixed_names) / sizeof(fixed_names[0]))

const char *pm_dts_label_of(const char *name)
{
    for (size_t i = 0; i < FIXED_NAMES; i++) {
        if (strcmp(fixed_names[i].name, name) == 0) {
            return fixed_names[i].label;
        }
    }
    return NULL;
}

const char *pm_dts_name_of(const char *label)
{
    for (size_t i = 0; i < FIXED_NAMES; i++) {
        if (strcmp(fixed_names[i].label, label) == 0) {
            return fixed_names[i].name;
        }
    }
    return NULL;
}

/* ---- which device is which region ---- */

struct pm_dts_region *pm_dts_region_get(struct pm_dts_regions *regions, const char *name)
{
    for (uint32_t i = 0; i < regions->count; i++) {
        if (strcmp(regions->v[i].name, name) == 0) {
            return &regions->v[i];
        }
    }
    if (regions->count == PM_DTS_REGIONS_MAX) {
        ob_diag_error(NULL, "at most %u regions", PM_DTS_REGIONS_MAX);
        return NULL;
    }
    regions->v[regions->count] = (struct pm_dts_region){.name = name};
    return &regions->v[regions->count++];
}

const struct pm_dts_region *pm_dts_region_find(const struct pm_dts_regions *regions, const char *name)
{
    for (uint32_t i = 0; i < regions->count; i++) {
        if (strcmp(regions->v[i].name, name) == 0) {
            return &regions->v[i];
        }
    }
    return NULL;
}

static struct pm_dts_region *region_of_word(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word)
{
    const char *equal = strchr(word, '=');

    if (equal == NULL || equal == word || equal[1] == '\0') {
        ob_diag_error(NULL, "'%s': give it as REGION=VALUE", word);
        return NULL;
    }
    return pm_dts_region_get(regions, ob_arena_text(arena, word, (size_t)(equal - word)));
}

bool pm_dts_region_node(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word)
{
    struct pm_dts_region *region = region_of_word(regions, arena, word);

    if (region != NULL) {
        const char *value = strchr(word, '=') + 1;
        region->node = value[0] == '&' ? value + 1 : value;
        if (strspn(region->node, NODE_CHARACTERS) != strlen(region->node)) {
            ob_diag_error(NULL, "'%s': '%s' is neither the label nor the path of a node", word, region->node);
            return false;
        }
    }
    return region != NULL;
}

static bool take_number(const char *word, uint64_t *number)
{
    const char *end = strchr(word, '=') + 1;

    if (ob_args_take_number(&end, PM_END_MAX, number) && *end == '\0') {
        return true;
    }
    ob_diag_error(NULL, "'%s': no number of at most 32 bits", word);
    return false;
}

bool pm_dts_region_base(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word)
{
    struct pm_dts_region *region = region_of_word(regions, arena, word);

    if (region == NULL) {
        return false;
    }
    region->has_base = true;
    return take_number(word, &region->base);
}

bool pm_dts_region_size(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word)
{
    struct pm_dts_region *region = region_of_word(regions, arena, word);

    return region != NULL && take_number(word, &region->size);
}

const struct dt_node *pm_dts_node_in(const struct dt_names *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].name, name) == 0) {
            return names->items[i].node;
        }
    }
    return NULL;
}

static const struct dt_node *node_by_path(const struct dt_tree *tree, const char *path)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->nodes[i].path, path) == 0) {
            return &tree->nodes[i];
        }
    }
    return NULL;
}

bool pm_dts_has_compatible(const struct dt_node *node, const char *compatible)
{
    for (uint32_t i = 0; i < node->compatible_count; i++) {
        if (strcmp(node->compatibles[i], compatible) == 0) {
            return true;
        }
    }
    return false;
}

/** A node that only holds partitions. */
bool pm_dts_is_group(const struct dt_node *node)
{
    return pm_dts_has_compatible(node, PM_DTS_FIXED) || pm_dts_has_compatible(node, PM_DTS_FIXED_SUB) ||
           (strcmp(node->name, "partitions") == 0 && node->compatible_count == 0);
}

/** The flash device that a group or a partition belongs to: the first node above that is neither. NULL: none. */
const struct dt_node *pm_dts_device_of(const struct dt_node *node)
{
    bool found = pm_dts_is_group(node) || pm_dts_has_compatible(node, PM_DTS_MAPPED);

    while (node != NULL && (pm_dts_is_group(node) || pm_dts_has_compatible(node, PM_DTS_MAPPED) ||
                            (node->parent != NULL && pm_dts_is_group(node->parent)))) {
        node = node->parent;
    }
    return found ? node : NULL;
}

static bool is_region(const struct pm_dts *dts, const struct dt_node *device)
{
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        if (dts->regions.v[i].device == device) {
            return true;
        }
    }
    return false;
}

static bool find_named(struct pm_dts *dts)
{
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        struct pm_dts_region *region = &dts->regions.v[i];
        if (region->node == NULL) {
            continue;
        }
        region->device = region->node[0] == '/' ? node_by_path(dts->tree, region->node)
                                                : pm_dts_node_in(&dts->tree->labels, region->node);
        if (region->device == NULL) {
            ob_diag_error(&(struct ob_loc){.file = dts->tree->file}, "has no node '%s' for region %s", region->node,
                          region->name);
            return false;
        }
    }
    return true;
}

static bool find_chosen(struct pm_dts *dts, const char *region_name, const char *chosen)
{
    struct pm_dts_region *region = pm_dts_region_get(&dts->regions, region_name);

    if (region != NULL && region->device == NULL) {
        region->device = pm_dts_node_in(&dts->tree->chosen, chosen);
    }
    return region != NULL;
}

/** Flash that is RAM, through which an image goes to another core. */
static bool find_ram_flash(struct pm_dts *dts)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < dts->tree->count; i++) {
        const struct dt_node *device = pm_dts_device_of(&dts->tree->nodes[i]);
        if (device != NULL && device->okay && device->parent != NULL &&
            pm_dts_has_compatible(device->parent, "zephyr,sim-flash")) {
            struct pm_dts_region *ram = pm_dts_region_get(&dts->regions, "ram_flash");
            ok = ram != NULL;
            if (ok) {
                ram->device = device;
            }
        }
    }
    return ok;
}

/** With no chosen node, the chip that has partitions is the external one, if there is just one. */
static bool find_external(struct pm_dts *dts)
{
    struct pm_dts_region *external = pm_dts_region_get(&dts->regions, "external_flash");

    for (uint32_t i = 0; external != NULL && i < dts->tree->count; i++) {
        const struct dt_node *device = pm_dts_device_of(&dts->tree->nodes[i]);
        if (device == NULL || !device->okay || is_region(dts, device)) {
            continue;
        }
        if (external->device != NULL) {
            struct ob_loc at = dt_place_of(dts->tree, device->path, NULL);
            ob_diag_error(&at,
                          "%s has partitions, and so has %s, which is external_flash; only one chip outside is laid "
                          "out: choose it with chosen { nordic,pm-ext-flash = &...; }; and remove the others' "
                          "partitions",
                          device->path, external->device->path);
            return false;
        }
        external->device = device;
    }
    return external != NULL;
}

/** Memory that the CPU reads begins where its node says; a chip on a bus begins at 0. */
static void set_bases(struct pm_dts *dts)
{
    for (uint32_t i = 0; i < dts->regions.count; i++) {
        struct pm_dts_region *region = &dts->regions.v[i];
        if (!region->has_base && region->device != NULL && pm_dts_has_compatible(region->device, "soc-nv-flash") &&
            dt_reg_count(region->device) > 0) {
            region->base = dt_reg_get(region->device, 0).address;
        }
    }
}

bool pm_dts_find_regions(struct pm_dts *dts)
{
    bool ok = find_named(dts) && find_chosen(dts, "flash_primary", "zephyr,flash") &&
              find_chosen(dts, "external_flash", "nordic,pm-ext-flash") && find_ram_flash(dts) && find_external(dts);

    set_bases(dts);
    return ok;
}
