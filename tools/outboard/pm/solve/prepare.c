/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "solve.h"

static bool is_edge(const struct pm_name *name)
{
    return strcmp(name->text, "start") == 0 || strcmp(name->text, "end") == 0;
}

/** Keep the names a partition can be placed by. */
static void keep_existing(struct pm_list *list, const struct pm_region *region)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        const struct pm_name *name = list->choices[i].refs[0].name;
        if (is_edge(name) || pm_exists_in(name, region)) {
            list->choices[kept++] = list->choices[i];
        }
    }
    list->count = kept;
}

static bool reject_unplaced(const struct pm_part *part)
{
    ob_diag_error(&part->at,
                  "partition '%s' has no place in region '%s': its 'placement' names nothing that exists "
                  "there (partitions with a fixed place do not count); add 'before: [end]' or 'after: "
                  "[start]' as the last choice",
                  part->name->text, part->region->name);
    return false;
}

static bool check_edges(const struct pm_part *part)
{
    bool wrong = (part->before.count != 0 && strcmp(part->before.choices[0].refs[0].name->text, "start") == 0) ||
                 (part->after.count != 0 && strcmp(part->after.choices[0].refs[0].name->text, "end") == 0);

    if (wrong) {
        ob_diag_error(&part->at,
                      "Partition \"%s\" was placed before start or after end.; use 'after: [start]' or "
                      "'before: [end]'",
                      part->name->text);
    }
    return !wrong;
}

static bool prepare_leaf(struct pm_complex *c, struct pm_part *part)
{
    keep_existing(&part->before, c->region);
    keep_existing(&part->after, c->region);
    keep_existing(&part->inside, c->region);
    part->position = PM_UNPLACED;
    pm_parts_add(c->layout->arena, &c->leaves, part);
    if (part != c->dynamic && part->before.count == 0 && part->after.count == 0) {
        return reject_unplaced(part);
    }
    return check_edges(part);
}

/** @return false after an error; *part is NULL if the name is not in the region */
static bool resolve_member(const struct pm_part *container, const struct pm_ref *ref, struct pm_part **part)
{
    struct pm_part *named = ref->name->part;

    *part = NULL;
    if (named == NULL || named->dropped) {
        return true;
    }
    if (named->is_static && named->region == container->region) {
        ob_diag_error(ref->at,
                      "container '%s' covers '%s', which has a fixed place at %s:%u:%u; give the container "
                      "a fixed place there too",
                      container->name->text, ref->name->text, named->at.file, named->at.line, named->at.col);
        return false;
    }
    if (named->region != container->region) {
        ob_diag_warning(ref->at, "'%s' is in region '%s', so it is no member of '%s' in region '%s'", ref->name->text,
                        named->region->name, container->name->text, container->region->name);
        return true;
    }
    *part = named;
    return true;
}

static void add_member(struct pm_complex *c, struct pm_part *container, struct pm_part *member)
{
    if (member->seen_by != container) {
        member->seen_by = container;
        pm_parts_add(c->layout->arena, &container->members, member);
    }
}

static bool add_choice(struct pm_complex *c, struct pm_part *container, const struct pm_choice *choice)
{
    struct pm_part *part = NULL;

    for (uint32_t i = 0; part == NULL && i < choice->count; i++) {
        if (!resolve_member(container, &choice->refs[i], &part)) {
            return false;
        }
    }
    if (part == NULL && choice->one_of) {
        ob_diag_error(choice->refs[0].at,
                      "'one_of' dict did not evaluate to any partition: none of its %u names is in "
                      "region '%s'; add one that is",
                      choice->count, c->region->name);
        return false;
    }
    if (part != NULL) {
        add_member(c, container, part);
    }
    return true;
}

static bool find_members(struct pm_complex *c, struct pm_part *container)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < container->span.count; i++) {
        ok = add_choice(c, container, &container->span.choices[i]);
    }
    return ok;
}

static void join_containers(struct pm_complex *c)
{
    for (uint32_t i = 0; i < c->leaves.count; i++) {
        struct pm_part *container = pm_inside_of(c->leaves.v[i]);
        bool is_member = false;
        for (uint32_t j = 0; container != NULL && j < container->members.count; j++) {
            is_member = is_member || container->members.v[j] == c->leaves.v[i];
        }
        if (container != NULL && !is_member) {
            pm_parts_add(c->layout->arena, &container->members, c->leaves.v[i]);
        }
    }
}

static bool reject_nesting(const struct pm_part *container, uint32_t depth)
{
    if (container->mark == PM_OPEN) {
        ob_diag_error(&container->at, "container '%s' covers itself; remove it from its own members",
                      container->name->text);
    } else {
        ob_diag_error(&container->at, "containers are nested more than %u deep", depth);
    }
    return false;
}

static void add_leaf(struct pm_complex *c, struct pm_part *container, struct pm_part *leaf)
{
    if (leaf->seen_by != container) {
        leaf->seen_by = container;
        pm_parts_add(c->layout->arena, &container->leaves, leaf);
    }
}

/** Find all leaves below a container. The depth bounds the recursion. */
static bool flatten(struct pm_complex *c, struct pm_part *container, uint32_t depth)
{
    if (container->mark == PM_DONE) {
        return true;
    }
    if (container->mark == PM_OPEN || depth == PM_NESTING_MAX) {
        return reject_nesting(container, depth);
    }
    container->mark = PM_OPEN;
    for (uint32_t i = 0; i < container->members.count; i++) {
        struct pm_part *member = container->members.v[i];
        if (member->is_container && !flatten(c, member, depth + 1)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < container->members.count; i++) {
        struct pm_part *member = container->members.v[i];
        for (uint32_t j = 0; member->is_container && j < member->leaves.count; j++) {
            add_leaf(c, container, member->leaves.v[j]);
        }
        if (!member->is_container) {
            add_leaf(c, container, member);
        }
    }
    container->mark = PM_DONE;
    return true;
}

bool pm_prepare(struct pm_complex *c)
{
    bool ok = true;

    for (uint32_t i = 0; i < c->region->parts.count; i++) {
        struct pm_part *part = c->region->parts.v[i];
        if (part->dropped || part->is_static) {
            continue;
        }
        if (part->is_container) {
            pm_parts_add(c->layout->arena, &c->containers, part);
        } else {
            ok = prepare_leaf(c, part) && ok;
        }
    }
    for (uint32_t i = 0; i < c->containers.count; i++) {
        ok = find_members(c, c->containers.v[i]) && ok;
    }
    join_containers(c);
    for (uint32_t i = 0; ok && i < c->containers.count; i++) {
        c->containers.v[i]->seen_by = NULL;
    }
    for (uint32_t i = 0; i < c->leaves.count; i++) {
        c->leaves.v[i]->seen_by = NULL;
    }
    for (uint32_t i = 0; ok && i < c->containers.count; i++) {
        ok = flatten(c, c->containers.v[i], 0);
    }
    return ok;
}
