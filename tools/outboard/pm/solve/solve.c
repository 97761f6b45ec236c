/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "solve.h"

/*
 * In a region whose dynamic partition is not `app`, `app` means that partition. Outside of it, `app` is a container
 * around the dynamic partition of the region that holds code, so that every reference to `app` keeps working.
 */

static void rename_refs(struct pm_list *list, const struct pm_name *from, struct pm_name *to)
{
    for (uint32_t i = 0; i < list->count; i++) {
        for (uint32_t j = 0; j < list->choices[i].count; j++) {
            struct pm_ref *ref = &list->choices[i].refs[j];
            ref->name = ref->name == from ? to : ref->name;
        }
    }
}

static void rename_app(struct pm_region *region, const struct pm_name *app)
{
    for (uint32_t i = 0; i < region->parts.count; i++) {
        struct pm_part *part = region->parts.v[i];
        if (part->is_static) {
            continue;
        }
        rename_refs(&part->before, app, region->dynamic);
        rename_refs(&part->after, app, region->dynamic);
        rename_refs(&part->inside, app, region->dynamic);
        rename_refs(&part->span, app, region->dynamic);
        rename_refs(&part->share, app, region->dynamic);
    }
}

/** The last region with a dynamic partition; one that only names its own leftover counts less. */
static struct pm_region *region_of_app(struct pm_layout *layout)
{
    struct pm_region *found = NULL;

    for (uint32_t i = 0; i < layout->region_count; i++) {
        struct pm_region *region = &layout->regions[i];
        bool is_leftover = region->dynamic != NULL && strcmp(region->dynamic->text, region->name) == 0;
        if (region->dynamic != NULL && (found == NULL || !is_leftover)) {
            found = region;
        }
    }
    return found;
}

static bool add_app_alias(struct pm_layout *layout, struct pm_name *app)
{
    struct pm_region *region = region_of_app(layout);

    if (region == NULL) {
        return true;
    }
    if (app->part != NULL) {
        ob_diag_error(&app->part->at, "'app' stands for '%s' here and cannot be defined; choose another name",
                      region->dynamic->text);
        return false;
    }
    struct pm_part *alias = pm_part_make(layout, region, app);
    struct pm_choice *choice = ob_arena_alloc(layout->arena, sizeof(*choice));
    choice->refs = ob_arena_alloc(layout->arena, sizeof(*choice->refs));
    choice->refs[0] = (struct pm_ref){.name = region->dynamic, .at = &alias->at};
    choice->count = 1;
    alias->is_container = true;
    alias->span = (struct pm_list){.choices = choice, .count = 1};
    return true;
}

static bool settle_app(struct pm_layout *layout)
{
    struct pm_name *app = pm_name_get(layout, "app");
    bool is_dynamic = false;

    for (uint32_t i = 0; i < layout->region_count; i++) {
        struct pm_region *region = &layout->regions[i];
        is_dynamic = is_dynamic || region->dynamic == app;
        if (region->dynamic != NULL && region->dynamic != app) {
            rename_app(region, app);
        }
    }
    return is_dynamic || add_app_alias(layout, app);
}

enum ob_exit pm_solve(struct pm_layout *layout)
{
    if (!settle_app(layout)) {
        return OB_EXIT_FINDING;
    }
    pm_drop_unused(layout);
    pm_static_mark(layout);
    struct pm_region **order = pm_regions_in_order(layout);
    if (order == NULL) {
        return OB_EXIT_FINDING;
    }
    for (uint32_t i = 0; i < layout->region_count; i++) {
        bool ok =
            order[i]->strategy == PM_COMPLEX ? pm_solve_complex(layout, order[i]) : pm_solve_simple(layout, order[i]);
        if (!ok) {
            ob_diag_note(NULL, "Failed to partition region %s, size of region: 0x%llx", order[i]->name,
                         (unsigned long long)order[i]->size);
            return OB_EXIT_FINDING;
        }
    }
    return pm_verify(layout) ? OB_EXIT_OK : OB_EXIT_FINDING;
}
