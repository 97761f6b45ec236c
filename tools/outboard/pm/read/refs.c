/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

static bool parse_name(struct pm_layout *layout, const struct ob_yaml *node, struct pm_ref *ref)
{
    if (node->kind == OB_YAML_SCALAR && pm_name_is_valid(node->text)) {
        ref->name = pm_name_get(layout, node->text);
        ref->at = &node->at;
        return true;
    }
    if (node->kind == OB_YAML_SCALAR) {
        ob_diag_error(&node->at, "'%.80s' is not a partition name", node->text);
    } else if (node->kind == OB_YAML_LIST) {
        ob_diag_error(&node->at, "expected a partition name, not a list inside a list");
    } else {
        ob_diag_error(&node->at, "Found illegal dict inside list. Only 'one_of' dicts are allowed, and only in "
                                 "'span' and 'share_size'");
    }
    return false;
}

static bool parse_refs(struct pm_layout *layout, const struct ob_yaml *list, struct pm_choice *choice)
{
    choice->refs = ob_arena_array(layout->arena, list->count, sizeof(*choice->refs));
    for (uint32_t i = 0; i < list->count; i++) {
        if (!parse_name(layout, list->items[i], &choice->refs[i])) {
            return false;
        }
    }
    choice->count = list->count;
    return true;
}

static bool parse_one_of(struct pm_layout *layout, const struct ob_yaml *map, struct pm_choice *choice)
{
    const struct ob_yaml *members = ob_yaml_get(map, "one_of");

    if (members == NULL) {
        ob_diag_error(&map->at, "Found illegal dict inside list. Only 'one_of' dicts are allowed");
        return false;
    }
    if (map->count != 1) {
        ob_diag_error(&map->at, "'one_of' must be the only key in its dict");
        return false;
    }
    if (members->kind != OB_YAML_LIST || members->count == 0) {
        ob_diag_error(&members->at, "'one_of' needs a list of partition names");
        return false;
    }
    choice->one_of = true;
    return parse_refs(layout, members, choice);
}

static bool parse_choice(struct pm_layout *layout, const struct ob_yaml *node, bool one_of_allowed,
                         struct pm_choice *choice)
{
    if (node->kind == OB_YAML_MAP && one_of_allowed) {
        return parse_one_of(layout, node, choice);
    }
    if (node->kind == OB_YAML_MAP && ob_yaml_get(node, "one_of") != NULL) {
        ob_diag_error(&node->at, "'one_of' was detected in one of the following: placement, inside; their lists "
                                 "already mean the first one that exists: write the names without 'one_of'");
        return false;
    }
    choice->refs = ob_arena_alloc(layout->arena, sizeof(*choice->refs));
    choice->count = 1;
    return parse_name(layout, node, choice->refs);
}

bool pm_list_parse(struct pm_layout *layout, const struct ob_yaml *node, bool one_of_allowed, struct pm_list *list)
{
    bool is_list = node->kind == OB_YAML_LIST;
    uint32_t count = is_list ? node->count : ob_yaml_is_null(node) ? 0 : 1;

    list->choices = ob_arena_array(layout->arena, count, sizeof(*list->choices));
    for (uint32_t i = 0; i < count; i++) {
        const struct ob_yaml *item = is_list ? node->items[i] : node;
        if (!parse_choice(layout, item, one_of_allowed, &list->choices[i])) {
            return false;
        }
    }
    list->count = count;
    return true;
}
