/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "load.h"

/** The dynamic partitions, and `app`, which stands for one of them. */
static bool is_recomputed(const struct pm_layout *layout, const struct pm_name *name)
{
    bool has_dynamic = false;

    for (uint32_t i = 0; i < layout->region_count; i++) {
        has_dynamic = has_dynamic || layout->regions[i].dynamic != NULL;
    }
    return pm_is_dynamic(layout, name) || (has_dynamic && strcmp(name->text, "app") == 0);
}

static bool name_is_usable(const struct ob_yaml *key)
{
    if (!pm_name_is_valid(key->text)) {
        ob_diag_error(&key->at,
                      "'%.80s' cannot name a partition; names become part of C macros: use at most 64 "
                      "letters, digits and underscores, and no digit first",
                      key->text);
        return false;
    }
    if (strcmp(key->text, "start") == 0 || strcmp(key->text, "end") == 0) {
        ob_diag_error(&key->at, "'%s' means the %s of a region and cannot name a partition; choose another name",
                      key->text, key->text);
        return false;
    }
    return true;
}

static bool is_too_many(const struct pm_layout *layout, const struct ob_yaml *key)
{
    if (layout->parts.count < PM_PARTS_MAX) {
        return false;
    }
    ob_diag_error(&key->at, "more than %u partitions", PM_PARTS_MAX);
    return true;
}

static void add_part(struct pm_layout *layout, const struct ob_yaml_pair *pair, bool is_static)
{
    struct pm_name *name = pm_name_get(layout, pair->key->text);
    struct pm_part *part = ob_arena_alloc(layout->arena, sizeof(*part));

    part->name = name;
    part->def = pair->value;
    part->at = pair->key->at;
    part->input = layout->input;
    part->is_static = is_static;
    name->part = part;
    pm_parts_add(layout->arena, &layout->parts, part);
}

static bool merge(const struct pm_part *first, const struct ob_yaml_pair *pair)
{
    if (first->is_static) {
        ob_diag_note(&pair->key->at,
                     "Partition '%s' is not included in the dynamic resolving since it is statically "
                     "defined.",
                     first->name->text);
        return true;
    }
    if (ob_yaml_equal(first->def, pair->value)) {
        return true;
    }
    ob_diag_error(&pair->key->at,
                  "Conflicting configuration found for '%s': it differs from %s:%u:%u; make both equal, "
                  "or remove one",
                  first->name->text, first->at.file, first->at.line, first->at.col);
    return false;
}

static bool add_pair(struct pm_layout *layout, const struct ob_yaml_pair *pair, bool is_static)
{
    if (!name_is_usable(pair->key)) {
        return false;
    }
    struct pm_name *name = pm_name_get(layout, pair->key->text);
    if (is_static && is_recomputed(layout, name)) {
        return true; /* its place is what the others leave over */
    }
    if (name->part != NULL) {
        return merge(name->part, pair);
    }
    if (is_too_many(layout, pair->key)) {
        return false;
    }
    add_part(layout, pair, is_static);
    return true;
}

static enum ob_exit load_file(struct pm_layout *layout, const char *path, bool is_static)
{
    const struct ob_yaml *root;
    enum ob_exit rc = ob_yaml_read(layout->arena, path, &root);

    if (rc != OB_EXIT_OK || root == NULL) {
        return rc;
    }
    if (!pm_no_directives(path, is_static)) {
        return OB_EXIT_FINDING;
    }
    if (root->kind != OB_YAML_MAP) {
        ob_diag_error(&root->at, "expected a mapping from partition names to their properties");
        return OB_EXIT_FINDING;
    }
    for (uint32_t i = 0; i < root->count; i++) {
        if (!add_pair(layout, &root->pairs[i], is_static)) {
            rc = OB_EXIT_FINDING;
        }
    }
    return rc;
}

static bool parse_all(struct pm_layout *layout)
{
    bool ok = true;

    for (uint32_t i = 0; i < layout->parts.count; i++) {
        struct pm_part *part = layout->parts.v[i];
        if (!pm_part_parse(layout, part)) {
            ok = false;
        } else {
            pm_parts_add(layout->arena, &part->region->parts, part);
        }
    }
    return ok;
}

static bool add_dynamic_part(struct pm_layout *layout, struct pm_region *region)
{
    struct pm_part *part = region->dynamic->part;

    if (part == NULL) {
        pm_part_make(layout, region, region->dynamic);
        return true;
    }
    if (part->region != region) {
        ob_diag_error(&part->at,
                      "'%s' is the dynamic partition of region '%s' but is put in region '%s'; remove "
                      "its definition, or choose another --%s-dynamic-partition",
                      part->name->text, region->name, part->region->name, region->name);
        return false;
    }
    if (part->has_size || part->has_placement || part->is_container || part->share.count != 0) {
        ob_diag_warning(&part->at,
                        "'%s' is the dynamic partition of region '%s': it takes all space the others "
                        "leave over, its size and placement are ignored",
                        part->name->text, region->name);
    }
    part->has_size = part->has_placement = part->is_container = false;
    part->before = part->after = part->share = part->span = (struct pm_list){0};
    part->align = (struct pm_align){0};
    return true;
}

enum ob_exit pm_load(struct pm_layout *layout, const char *static_path, const char *const *inputs, uint32_t input_count)
{
    enum ob_exit rc = OB_EXIT_OK;

    if (static_path != NULL) {
        rc = load_file(layout, static_path, true);
    }
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < input_count; i++) {
        layout->input = i;
        rc = load_file(layout, inputs[i], false);
    }
    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (!parse_all(layout)) {
        return OB_EXIT_FINDING;
    }
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        pm_part_warn_ignored(layout->parts.v[i]);
    }
    for (uint32_t i = 0; i < layout->region_count; i++) {
        struct pm_region *region = &layout->regions[i];
        if (region->dynamic != NULL && !add_dynamic_part(layout, region)) {
            return OB_EXIT_FINDING;
        }
    }
    return OB_EXIT_OK;
}

enum ob_exit pm_load_resolved(struct pm_layout *layout, const char *path)
{
    const struct ob_yaml *root;
    enum ob_exit rc = ob_yaml_read(layout->arena, path, &root);
    bool ok = true;

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (root == NULL || root->kind != OB_YAML_MAP) {
        ob_diag_error(&(struct ob_loc){.file = path}, "holds no partitions; give a partitions.yml");
        return OB_EXIT_FINDING;
    }
    for (uint32_t i = 0; ok && i < root->count; i++) {
        ok = name_is_usable(root->pairs[i].key) && !is_too_many(layout, root->pairs[i].key);
        if (ok) {
            add_part(layout, &root->pairs[i], true);
        }
    }
    return ok && parse_all(layout) ? OB_EXIT_OK : OB_EXIT_FINDING;
}

static const char *text_or_null(const struct ob_yaml *node)
{
    return ob_yaml_is_null(node) || node->kind != OB_YAML_SCALAR || node->text[0] == '\0' ? NULL : node->text;
}

static bool parse_strategy(const struct ob_yaml *node, enum pm_strategy *strategy)
{
    static const char *const names[] = {"start_to_end", "end_to_start", "complex"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (node != NULL && node->kind == OB_YAML_SCALAR && strcmp(node->text, names[i]) == 0) {
            *strategy = (enum pm_strategy)i;
            return true;
        }
    }
    return false;
}

static bool parse_region(struct pm_layout *layout, const struct ob_yaml_pair *pair, struct pm_region *region)
{
    const struct ob_yaml *size = ob_yaml_get(pair->value, "size");
    const struct ob_yaml *base = ob_yaml_get(pair->value, "base_address");
    const char *dynamic = text_or_null(ob_yaml_get(pair->value, "dynamic_partition"));

    region->name = pair->key->text;
    region->device = text_or_null(ob_yaml_get(pair->value, "device"));
    region->driver = text_or_null(ob_yaml_get(pair->value, "default_driver_kconfig"));
    region->unfixed = text_or_null(ob_yaml_get(pair->value, "unfixed_order"));
    region->dynamic = dynamic == NULL ? NULL : pm_name_get(layout, dynamic);
    bool ok = size != NULL && ob_yaml_to_u64(size, &region->size) && base != NULL &&
              ob_yaml_to_u64(base, &region->base) && region->size <= PM_END_MAX &&
              region->base <= PM_END_MAX - region->size &&
              parse_strategy(ob_yaml_get(pair->value, "placement_strategy"), &region->strategy);
    if (!ok) {
        ob_diag_error(&pair->key->at,
                      "region '%s' needs a size, a base_address and a placement_strategy; use a "
                      "regions.yml written by 'outboard pm resolve'",
                      pair->key->text);
    }
    return ok;
}

enum ob_exit pm_load_regions(struct pm_layout *layout, const char *path)
{
    const struct ob_yaml *root;
    enum ob_exit rc = ob_yaml_read(layout->arena, path, &root);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (root == NULL || root->kind != OB_YAML_MAP) {
        ob_diag_error(&(struct ob_loc){.file = path}, "holds no regions; give a regions.yml");
        return OB_EXIT_FINDING;
    }
    layout->regions = ob_arena_array(layout->arena, root->count, sizeof(*layout->regions));
    for (uint32_t i = 0; i < root->count; i++) {
        if (!parse_region(layout, &root->pairs[i], &layout->regions[i])) {
            return OB_EXIT_FINDING;
        }
        layout->region_count++;
    }
    return OB_EXIT_OK;
}
