/* SPDX-License-Identifier: Apache-2.0 */
#include "solve.h"

/*
 * The last line of defence: looks only at addresses and at what was asked for. Most findings here are requirements
 * that were satisfiable one by one but not together; the solver follows one requirement of each partition.
 */

static bool is_leaf(const struct pm_part *part)
{
    return !part->dropped && !part->is_container && part->size != 0;
}

static bool check_bounds(const struct pm_part *part)
{
    const struct pm_region *region = part->region;
    bool ok = part->address >= region->base && part->address <= pm_region_end(region) &&
              part->size <= pm_region_end(region) - part->address;

    if (!ok) {
        ob_diag_error(&part->at, "'%s' at 0x%llx with 0x%llx bytes leaves region '%s'", part->name->text,
                      (unsigned long long)part->address, (unsigned long long)part->size, region->name);
    }
    return ok;
}

/** @param size of the partition; for the first one of a region with the padding that follows it */
static bool check_alignment(const struct pm_part *part, uint64_t size)
{
    if (part->is_static || pm_align_down_by(&part->align, part->address, size) == 0) {
        return true;
    }
    ob_diag_error(part->align.at, "'%s' at 0x%llx..0x%llx does not have the alignment asked for", part->name->text,
                  (unsigned long long)part->address, (unsigned long long)pm_part_end(part));
    return false;
}

static bool is_leaf_of(const struct pm_part *part, const struct pm_part *container)
{
    for (uint32_t i = 0; i < container->leaves.count; i++) {
        if (container->leaves.v[i] == part) {
            return true;
        }
    }
    return false;
}

static bool check_order(const struct pm_part *part, const struct pm_list *list, bool before)
{
    const struct pm_part *other = list->count == 0 ? NULL : list->choices[0].refs[0].name->part;

    if (other == NULL || part->region->strategy != PM_COMPLEX) {
        return true; /* beside `start` or `end`, or in a region that is filled in order */
    }
    if (is_leaf_of(part, other)) {
        return true; /* then it lies beside the container's other members */
    }
    bool ok = before ? pm_part_end(part) <= other->address : part->address >= pm_part_end(other);
    if (!ok) {
        ob_diag_error(list->choices[0].refs[0].at,
                      "'%s' lies at 0x%llx..0x%llx, not %s '%s' at 0x%llx..0x%llx: its 'before' and "
                      "'after' cannot both be followed; remove one",
                      part->name->text, (unsigned long long)part->address, (unsigned long long)pm_part_end(part),
                      before ? "before" : "after", other->name->text, (unsigned long long)other->address,
                      (unsigned long long)pm_part_end(other));
    }
    return ok;
}

static bool contains(const struct pm_part *container, const struct pm_part *part)
{
    return part->address >= container->address && pm_part_end(part) <= pm_part_end(container);
}

/** The dynamic partition takes what no entry names, also where its container ends: the entry is what is missing. */
static bool reject_hole(const struct pm_part *container, const struct pm_part *part)
{
    bool above = pm_part_end(part) > pm_part_end(container);
    uint64_t start = above ? pm_part_end(container) : part->address;
    uint64_t end = above ? pm_part_end(part) : container->address;

    ob_diag_error(&container->at,
                  "no entry names 0x%llx..0x%llx, so '%s' grows into it and out of '%s'; add one, for example "
                  "'EMPTY_%s: {address: 0x%llx, size: 0x%llx, region: %s}'",
                  (unsigned long long)start, (unsigned long long)end, part->name->text, container->name->text,
                  above ? "after" : "before", (unsigned long long)start, (unsigned long long)(end - start),
                  container->region->name);
    return false;
}

static bool check_static_container(const struct pm_part *container)
{
    for (uint32_t i = 0; i < container->span.count; i++) {
        const struct pm_choice *choice = &container->span.choices[i];
        const struct pm_part *part = choice->count == 0 ? NULL : choice->refs[0].name->part;
        if (part == NULL || part->dropped || part->region != container->region || contains(container, part)) {
            continue;
        }
        if (part->name == part->region->dynamic && part->address < pm_part_end(container) &&
            pm_part_end(part) > container->address) {
            return reject_hole(container, part);
        }
        ob_diag_error(&container->at,
                      "'%s' at 0x%llx..0x%llx does not cover its member '%s' at 0x%llx..0x%llx; correct "
                      "address and size of one of them",
                      container->name->text, (unsigned long long)container->address,
                      (unsigned long long)pm_part_end(container), part->name->text, (unsigned long long)part->address,
                      (unsigned long long)pm_part_end(part));
        return false;
    }
    return true;
}

static void warn_unequal_share(const struct pm_part *part)
{
    struct pm_part *source;

    if (part->is_static || part->share.count == 0 || !pm_share_source(part, &source) || source == NULL) {
        return;
    }
    uint64_t difference = source->size > part->size ? source->size - part->size : part->size - source->size;
    uint64_t remainder = part->weight == 0 ? 0 : part->weight + part->region->parts.count; /* of a division */
    if (difference > remainder) {
        ob_diag_warning(&part->at,
                        "'%s' has 0x%llx bytes and '%s', whose size it shares, 0x%llx: padding inside "
                        "'%s' belongs to it too; align its members' sizes",
                        part->name->text, (unsigned long long)part->size, source->name->text,
                        (unsigned long long)source->size, source->name->text);
    }
}

static bool check_part(const struct pm_part *part)
{
    bool ok = check_bounds(part);

    if (part->is_static) {
        return ok && check_static_container(part);
    }
    warn_unequal_share(part);
    ok = check_order(part, &part->before, true) && ok;
    return check_order(part, &part->after, false) && ok;
}

/** Leaves do not overlap; in a complex region only static containers may leave holes. */
static bool check_region(const struct pm_layout *layout, const struct pm_region *region)
{
    struct pm_parts leaves = {0};
    uint64_t end = region->base;
    bool ok = true;

    for (uint32_t i = 0; i < region->parts.count; i++) {
        if (is_leaf(region->parts.v[i])) {
            pm_parts_add(layout->arena, &leaves, region->parts.v[i]);
        }
    }
    pm_parts_sort(&leaves, pm_by_address);
    for (uint32_t i = 0; i < leaves.count; i++) {
        const struct pm_part *part = leaves.v[i];
        bool fits = part->is_static ? part->address >= end : part->address == end;
        if (!fits && !(part->address > end && i > 0 && leaves.v[i - 1]->is_static)) {
            ob_diag_error(&part->at, "Error when inspecting %s, invalid address 0x%llx, expected 0x%llx",
                          part->name->text, (unsigned long long)part->address, (unsigned long long)end);
            ok = false;
        }
        end = pm_part_end(part);
        bool padded = part->align.end != 0 && i + 1 < leaves.count && leaves.v[i + 1]->is_empty &&
                      (i == 0 || leaves.v[i - 1]->is_static);
        ok = check_alignment(part, part->size + (padded ? leaves.v[i + 1]->size : 0)) && ok;
    }
    return ok;
}

bool pm_verify(const struct pm_layout *layout)
{
    bool ok = true;

    for (uint32_t i = 0; i < layout->parts.count; i++) {
        const struct pm_part *part = layout->parts.v[i];
        if (!part->dropped) {
            ok = check_part(part) && ok;
        }
    }
    for (uint32_t i = 0; i < layout->region_count; i++) {
        ok = check_region(layout, &layout->regions[i]) && ok;
    }
    return ok;
}
