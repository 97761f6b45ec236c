/* SPDX-License-Identifier: Apache-2.0 */
#include "solve.h"

static bool choice_exists(const struct pm_choice *choice, const struct pm_region *region)
{
    for (uint32_t i = 0; i < choice->count; i++) {
        if (pm_exists_in(choice->refs[i].name, region)) {
            return true;
        }
    }
    return choice->one_of; /* one that finds nothing is an error later, not a reason to drop */
}

static bool has_member(const struct pm_part *container)
{
    for (uint32_t i = 0; i < container->span.count; i++) {
        if (choice_exists(&container->span.choices[i], container->region)) {
            return true;
        }
    }
    return container->has_inside;
}

/** @return true if a partition of any of the names is part of the result, whatever its region */
static bool names_a_partition(const struct pm_choice *choice)
{
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct pm_part *part = choice->refs[i].name->part;
        if (part != NULL && !part->dropped) {
            return true;
        }
    }
    return false;
}

static bool has_share_source(const struct pm_part *sharer)
{
    for (uint32_t i = 0; i < sharer->share.count; i++) {
        if (names_a_partition(&sharer->share.choices[i])) {
            return true;
        }
    }
    return false;
}

static bool is_sizeless(const struct pm_part *part)
{
    bool is_zero = part->has_size && part->size == 0;

    if (part->is_container || part->name == part->region->dynamic) {
        return false;
    }
    if (is_zero && part->region->strategy == PM_COMPLEX) {
        return true; /* there a size of 0 means no partition, whatever it shares */
    }
    return part->size == 0 && !has_share_source(part);
}

static void find_inside(struct pm_layout *layout)
{
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        layout->parts.v[i]->has_inside = false;
    }
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        const struct pm_part *part = layout->parts.v[i];
        struct pm_part *container = part->dropped || part->is_static ? NULL : pm_inside_of(part);
        if (container != NULL) {
            container->has_inside = true;
        }
    }
}

static bool drop_if_unused(struct pm_part *part)
{
    if (part->dropped || part->is_static) {
        return false;
    }
    if (part->is_container && !has_member(part)) {
        ob_diag_note(&part->at, "Dropping partition '%s' since it is empty.", part->name->text);
        part->dropped = true;
    } else if (is_sizeless(part)) {
        ob_diag_note(&part->at, "Dropping partition '%s' since its size is 0.", part->name->text);
        part->dropped = true;
    }
    return part->dropped;
}

/** One pass; the direction alternates, because chains of references may run either way through the files. */
static bool drop_pass(struct pm_layout *layout, bool backwards)
{
    uint32_t count = layout->parts.count;
    bool changed = false;

    find_inside(layout);
    for (uint32_t i = 0; i < count; i++) {
        changed = drop_if_unused(layout->parts.v[backwards ? count - 1 - i : i]) || changed;
    }
    return changed;
}

/** The partition falls back on its `size`, or is dropped if it has none. */
static void warn_one_of_nothing(const struct pm_part *part)
{
    for (uint32_t i = 0; !part->is_static && i < part->share.count; i++) {
        const struct pm_choice *choice = &part->share.choices[i];
        if (choice->one_of && !names_a_partition(choice)) {
            ob_diag_warning(choice->refs[0].at, "'one_of' of '%s' names no partition of this build; %s",
                            part->name->text,
                            part->has_size ? "its own 'size' counts" : "add one that exists, or give it a 'size'");
        }
    }
}

void pm_drop_unused(struct pm_layout *layout)
{
    bool backwards = false;

    while (drop_pass(layout, backwards)) { /* each pass but the last drops at least one */
        backwards = !backwards;
    }
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        warn_one_of_nothing(layout->parts.v[i]);
    }
}

static bool reject_static_source(const struct pm_part *sharer, const struct pm_ref *ref)
{
    ob_diag_error(ref->at,
                  "'%s' cannot share the size of '%s', which has a fixed place at %s:%u:%u; give '%s' a "
                  "fixed place there too",
                  sharer->name->text, ref->name->text, ref->name->part->at.file, ref->name->part->at.line,
                  ref->name->part->at.col, sharer->name->text);
    return false;
}

static bool share_one_of(const struct pm_part *sharer, const struct pm_choice *choice, struct pm_part **source)
{
    for (uint32_t i = 0; i < choice->count; i++) {
        if (pm_exists_in(choice->refs[i].name, sharer->region)) {
            *source = choice->refs[i].name->part;
            return true;
        }
    }
    ob_diag_error(choice->refs[0].at,
                  "'one_of' dict did not evaluate to any partition: none of its %u names is in region "
                  "'%s'; add one that is",
                  choice->count, sharer->region->name);
    return false;
}

bool pm_share_source(const struct pm_part *sharer, struct pm_part **source)
{
    *source = NULL;
    for (uint32_t i = 0; i < sharer->share.count; i++) {
        const struct pm_choice *choice = &sharer->share.choices[i];
        if (choice->one_of && names_a_partition(choice)) {
            return share_one_of(sharer, choice, source);
        }
        if (choice->one_of) {
            continue; /* warn_one_of_nothing() has told */
        }
        struct pm_part *part = choice->refs[0].name->part;
        if (part != NULL && part->is_static) {
            return reject_static_source(sharer, &choice->refs[0]);
        }
        if (part != NULL && !part->dropped) {
            *source = part;
            return true;
        }
    }
    return true;
}
