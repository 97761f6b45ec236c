/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <string.h>

static bool phandles_ordered(const struct dt_tree *tree, const struct dt_node *node, const char **waits_for)
{
    const struct dt_binding *binding = node->binding;
    for (uint32_t s = 0; binding != NULL && s < binding->spec_count; s++) {
        const struct dt_spec *spec = &binding->specs[s];
        const struct dt_prop *prop = dt_node_prop(node, spec->name);
        if (prop == NULL || (spec->type != DT_PHANDLE && spec->type != DT_PHANDLES && spec->type != DT_PHANDLE_ARRAY)) {
            continue;
        }
        struct dt_reference ref = {0};
        while (dt_next_reference(tree, spec, prop, &ref)) { /* a disabled node is not checked: it may name anything */
            if (!ref.target->ordered) {
                *waits_for = ref.target->path;
                return false;
            }
        }
    }
    return true;
}

static bool is_next(const struct dt_tree *tree, const struct dt_node *node, const char **waits_for)
{
    if (node->ordered || (node->parent != NULL && !node->parent->ordered)) {
        return false;
    }
    return phandles_ordered(tree, node, waits_for);
}

enum ob_exit dt_order(struct dt_tree *tree)
{
    tree->order = ob_arena_array(tree->arena, tree->count, sizeof(struct dt_node *));
    for (uint32_t ordinal = 0; ordinal < tree->count; ordinal++) {
        const char *waits_for = "?";
        uint32_t i = 0;
        while (i < tree->count && !is_next(tree, &tree->nodes[i], &waits_for)) {
            i++;
        }
        if (i == tree->count) {
            struct ob_loc at = dt_place_of(tree, waits_for, NULL);
            ob_diag_error(&at, "%s: takes part in a circle of references; remove one of them", waits_for);
            return OB_EXIT_FINDING;
        }
        tree->nodes[i].ordinal = ordinal;
        tree->nodes[i].ordered = true;
        tree->order[ordinal] = &tree->nodes[i];
    }
    return OB_EXIT_OK;
}
