/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "solve.h"

/** The free rest of a region while it is packed. */
struct packing {
    struct pm_layout *layout;
    struct pm_region *region;
    struct pm_area free;
    struct pm_parts order; /* what was packed, without padding */
    uint32_t empty_count;
};

static bool reject_container(const struct pm_part *part)
{
    ob_diag_error(&part->at,
                  "container '%s' is in region '%s', which is filled in order and has no containers; "
                  "remove it, or give it and its members fixed places in the static configuration",
                  part->name->text, part->region->name);
    return false;
}

static bool reject_reserved_name(const struct pm_part *part)
{
    ob_diag_error(&part->at,
                  "Found partition named %s, this is the name of a region, and is a reserved name; choose "
                  "another one",
                  part->name->text);
    return false;
}

/** The size a partition has, or takes from the end of its chain of `share_size`. */
static bool find_size(struct pm_part *part)
{
    struct pm_part *origin = part;
    struct pm_part *source = NULL;

    for (uint32_t length = 0; length <= PM_NESTING_MAX; length++) {
        if (!pm_share_source(origin, &source)) {
            return false;
        }
        if (source == NULL || origin->region != part->region) {
            part->size = origin->size; /* regions it depends on were solved before */
            return true;
        }
        origin = source;
    }
    ob_diag_error(&part->at, "the size of '%s' depends on itself, or on a chain of more than %u; give it a 'size'",
                  part->name->text, PM_NESTING_MAX);
    return false;
}

static bool reject_overflow(const struct packing *p, const struct pm_part *part, uint64_t needed)
{
    ob_diag_error(&part->at,
                  "region '%s' has no room for '%s': it needs 0x%llx bytes and 0x%llx of 0x%llx are left, "
                  "%llu bytes too few; make it or another partition smaller, or use a larger device",
                  p->region->name, part->name->text, (unsigned long long)needed, (unsigned long long)p->free.size,
                  (unsigned long long)p->region->size, (unsigned long long)(needed - p->free.size));
    return false;
}

/** Take bytes from the end of the free area that is filled next. */
static void take(struct packing *p, struct pm_part *part)
{
    bool upwards = p->region->strategy == PM_START_TO_END;

    part->address = upwards ? p->free.start : p->free.start + p->free.size - part->size;
    p->free.start += upwards ? part->size : 0;
    p->free.size -= part->size;
}

static uint64_t padding_for(const struct packing *p, const struct pm_part *part)
{
    if (p->region->strategy == PM_START_TO_END) {
        return pm_align_up_by(&part->align, p->free.start, part->size);
    }
    return pm_align_down_by(&part->align, p->free.start + p->free.size - part->size, part->size);
}

static bool pack(struct packing *p, struct pm_part *part)
{
    if (!find_size(part)) {
        return false;
    }
    uint64_t padding = part->size > p->free.size ? 0 : padding_for(p, part);
    if (part->size + padding > p->free.size) {
        return reject_overflow(p, part, part->size + padding);
    }
    if (padding != 0) {
        struct pm_part *empty = pm_empty_make(p->layout, p->region, &p->empty_count, padding);
        empty->at = part->at;
        take(p, empty);
    }
    take(p, part);
    return true;
}

/** `align_next` asks the following partition to start aligned. */
static bool inherit_alignment(struct packing *p, struct pm_part *part)
{
    const struct pm_part *last = p->order.count == 0 ? NULL : p->order.v[p->order.count - 1];
    uint64_t wanted = last == NULL ? 0 : last->align.next;
    uint64_t have = part->align.start;
    bool fits = wanted == 0 || have == 0 || wanted % have == 0 || have % wanted == 0;

    if (!fits || (wanted != 0 && part->align.end != 0)) {
        ob_diag_error(&part->at,
                      "Align config already present in %s, and it does not fit the 'align_next' of the "
                      "partition before it; remove one of them",
                      part->name->text);
        return false;
    }
    part->align.start = wanted > have ? wanted : have;
    part->align.at = part->align.at == NULL && wanted != 0 ? last->align.at : part->align.at;
    return true;
}

static bool pack_all(struct packing *p)
{
    uint32_t count = p->region->parts.count; /* padding is added behind */

    for (uint32_t i = 0; i < count; i++) {
        struct pm_part *part = p->region->parts.v[i];
        if (part->dropped || part->is_static || part->is_leftover) {
            continue;
        }
        if (strcmp(part->name->text, p->region->name) == 0) {
            return reject_reserved_name(part);
        }
        if (part->is_container) {
            return reject_container(part);
        }
        if (!inherit_alignment(p, part) || !pack(p, part)) {
            return false;
        }
        pm_parts_add(p->layout->arena, &p->order, part);
    }
    return true;
}

/** @return the first partition of a `before` or `after` that is packed in this region; NULL: none */
static const struct pm_part *first_there(const struct pm_list *list, const struct pm_region *region)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (pm_exists_in(list->choices[i].refs[0].name, region)) {
            return list->choices[i].refs[0].name->part;
        }
    }
    return NULL;
}

static void warn_ignored_order(const struct packing *p, uint32_t index)
{
    const struct pm_part *part = p->order.v[index];
    const struct pm_part *previous = index == 0 ? NULL : p->order.v[index - 1];
    const struct pm_part *next = index + 1 == p->order.count ? NULL : p->order.v[index + 1];
    bool holds = (part->before.count == 0 || first_there(&part->before, p->region) == next) &&
                 (part->after.count == 0 || first_there(&part->after, p->region) == previous);

    if (!holds) {
        ob_diag_warning(&part->at,
                        "'before' and 'after' of '%s' are ignored: region '%s' is filled in the order of "
                        "the input files",
                        part->name->text, part->region->name);
    }
}

/** Two neighbours stay neighbours if one file has both, or if one of them says so. */
static bool is_fixed(const struct packing *p, const struct pm_part *part, const struct pm_part *next)
{
    return part->input == next->input || first_there(&part->before, p->region) == next ||
           first_there(&next->after, p->region) == part;
}

/** Tell which partitions would move if the build named its files in another order, as sysbuild does. */
static void find_unfixed(struct packing *p)
{
    struct pm_parts unfixed = {0};

    for (uint32_t i = 0; i + 1 < p->order.count; i++) {
        struct pm_part *part = p->order.v[i];
        struct pm_part *next = p->order.v[i + 1];
        if (is_fixed(p, part, next)) {
            continue;
        }
        if (unfixed.count == 0 || unfixed.v[unfixed.count - 1] != part) {
            pm_parts_add(p->layout->arena, &unfixed, part);
        }
        pm_parts_add(p->layout->arena, &unfixed, next);
        ob_diag_warning(&next->at,
                        "'%s' comes after '%s' in region '%s' only because of the order of the input files; before the "
                        "first release, copy partitions.yml to pm_static.yml, or give it 'placement: {after: [%s]}'",
                        next->name->text, part->name->text, p->region->name, part->name->text);
    }
    p->region->unfixed = unfixed.count == 0 ? NULL : pm_parts_text(p->layout->arena, &unfixed, ", ");
}

static void check_order(struct packing *p)
{
    for (uint32_t i = 0; i < p->order.count; i++) {
        warn_ignored_order(p, i);
    }
    find_unfixed(p);
}

/** An entry that is still what the others leave over keeps its place; one that is not is computed again. */
static bool is_outdated(const struct pm_region *region, const struct pm_part *rest)
{
    bool upwards = region->strategy == PM_START_TO_END;
    bool is_last = upwards ? pm_part_end(rest) >= pm_region_end(region) : rest->address <= region->base;
    bool outdated = pm_part_end(rest) > pm_region_end(region);

    for (uint32_t i = 0; i < region->parts.count; i++) {
        const struct pm_part *part = region->parts.v[i];
        if (part == rest || part->dropped) {
            continue;
        }
        bool overlaps = part->is_static && part->address < pm_part_end(rest) && rest->address < pm_part_end(part);
        outdated = outdated || overlaps || (is_last && !part->is_static);
    }
    return outdated;
}

/** The static configuration may have the leftover of an earlier run, which reaches over what was added since. */
static void release_leftover(struct pm_layout *layout, const struct pm_region *region)
{
    struct pm_part *rest = pm_name_get(layout, region->name)->part;

    if (rest != NULL && rest->is_static && rest->region == region && !rest->is_container && is_outdated(region, rest)) {
        rest->is_static = false;
        rest->is_leftover = true;
    }
}

static void set_leftover(const struct packing *p, struct pm_part *leftover)
{
    bool moved = leftover->address != p->free.start || leftover->size != p->free.size;

    if (leftover->def != NULL && moved) {
        ob_diag_warning(&leftover->at,
                        "'%s' is what the others leave over: 0x%llx..0x%llx, not 0x%llx..0x%llx as written; "
                        "update the entry, or remove it",
                        leftover->name->text, (unsigned long long)p->free.start,
                        (unsigned long long)(p->free.start + p->free.size), (unsigned long long)leftover->address,
                        (unsigned long long)pm_part_end(leftover));
    }
    leftover->address = p->free.start;
    leftover->size = p->free.size;
}

static bool add_leftover(struct packing *p)
{
    struct pm_name *name = pm_name_get(p->layout, p->region->name);

    if (name->part != NULL && name->part->is_leftover) {
        set_leftover(p, name->part);
        return true;
    }
    if (name->part != NULL && name->part->is_static) {
        return true; /* it had its place before */
    }
    if (name->part != NULL && !name->part->dropped) {
        return reject_reserved_name(name->part);
    }
    struct pm_part *leftover = pm_part_make(p->layout, p->region, name);
    leftover->is_leftover = true;
    set_leftover(p, leftover);
    return true;
}

bool pm_solve_simple(struct pm_layout *layout, struct pm_region *region)
{
    struct packing p = {.layout = layout, .region = region};

    release_leftover(layout, region);
    for (uint32_t i = 0; i < region->parts.count; i++) {
        p.empty_count += strstr(region->parts.v[i]->name->text, "EMPTY") != NULL;
    }
    if (!pm_static_area(layout, region, &p.free) || !pack_all(&p) || !add_leftover(&p)) {
        return false;
    }
    check_order(&p);
    return true;
}
