/* SPDX-License-Identifier: Apache-2.0 */
#include "solve.h"

/*
 * Every size in a complex region is weight * x + fixed, where x is the size of the dynamic partition: it has (1, 0),
 * an ordinary partition (0, size), a container the sum of its leaves, and a sharer what its source has. The sizes of a
 * region add up to the space there is, which gives x. What the division leaves over goes to the dynamic partition.
 */

#define WEIGHT_MAX (UINT64_C(1) << 16)

static bool form(struct pm_complex *c, struct pm_part *part, uint32_t depth);

static bool check_form(const struct pm_part *part)
{
    if (part->weight > WEIGHT_MAX || part->fixed > PM_END_MAX) {
        ob_diag_error(&part->at, "the size of '%s' is beyond 4 GiB; check its 'share_size'", part->name->text);
        return false;
    }
    return true;
}

static bool form_container(struct pm_complex *c, struct pm_part *container, uint32_t depth)
{
    container->weight = 0;
    container->fixed = 0;
    for (uint32_t i = 0; i < container->leaves.count; i++) {
        struct pm_part *leaf = container->leaves.v[i];
        if (!form(c, leaf, depth + 1)) {
            return false;
        }
        container->weight += leaf->weight;
        container->fixed += leaf->fixed;
    }
    return true;
}

static bool form_leaf(struct pm_complex *c, struct pm_part *part, uint32_t depth)
{
    struct pm_part *source;

    if (!pm_share_source(part, &source)) {
        return false;
    }
    if (source == NULL) {
        part->fixed = part->size;
        return true;
    }
    if (source->region != c->region) {
        part->fixed = source->size; /* solved before: see pm_regions_in_order() */
        return true;
    }
    if (!form(c, source, depth + 1)) {
        return false;
    }
    part->origin = source->origin == NULL ? source : source->origin;
    part->origin->sharers++;
    part->weight = source->weight;
    part->fixed = source->fixed;
    return true;
}

/** The depth bounds the recursion. */
static bool form(struct pm_complex *c, struct pm_part *part, uint32_t depth)
{
    if (part->mark == PM_DONE) {
        return true;
    }
    if (part->mark == PM_OPEN) {
        ob_diag_error(&part->at, "the size of '%s' depends on itself; give it a 'size'", part->name->text);
        return false;
    }
    if (depth > 2 * PM_NESTING_MAX) {
        ob_diag_error(&part->at, "a chain of 'share_size' is longer than %u; name its source directly", PM_NESTING_MAX);
        return false;
    }
    part->mark = PM_OPEN;
    bool ok = part->is_container ? form_container(c, part, depth) : form_leaf(c, part, depth);
    part->mark = PM_DONE;
    return ok && check_form(part);
}

bool pm_size_forms(struct pm_complex *c)
{
    for (uint32_t i = 0; i < c->leaves.count; i++) {
        c->leaves.v[i]->mark = PM_UNSEEN;
    }
    for (uint32_t i = 0; i < c->containers.count; i++) {
        c->containers.v[i]->mark = PM_UNSEEN;
    }
    c->dynamic->mark = PM_DONE;
    c->dynamic->weight = 1;
    c->dynamic->fixed = 0;
    for (uint32_t i = 0; i < c->leaves.count; i++) {
        if (!form(c, c->leaves.v[i], 0)) {
            return false;
        }
        c->weight += c->leaves.v[i]->weight;
    }
    return true;
}

static bool reject_overflow(const struct pm_complex *c, uint64_t fixed)
{
    const struct pm_part *largest = c->dynamic;

    for (uint32_t i = 0; i < c->order.count; i++) {
        largest = c->order.v[i]->fixed > largest->fixed ? c->order.v[i] : largest;
    }
    ob_diag_error(&largest->at,
                  "End of last partition is after last valid address: region '%s' has 0x%llx bytes for "
                  "these partitions, which need 0x%llx and leave nothing to '%s': 0x%llx too many; make "
                  "one smaller (the largest is '%s' with 0x%llx) or move one to another region",
                  c->region->name, (unsigned long long)c->area.size, (unsigned long long)fixed, c->dynamic->name->text,
                  (unsigned long long)(fixed + c->weight - c->area.size), largest->name->text,
                  (unsigned long long)largest->fixed);
    return false;
}

bool pm_size_apply(struct pm_complex *c)
{
    uint64_t fixed = 0;

    for (uint32_t i = 0; i < c->order.count; i++) {
        fixed += c->order.v[i]->fixed;
    }
    if (fixed + c->weight > c->area.size) {
        return reject_overflow(c, fixed);
    }
    uint64_t x = (c->area.size - fixed) / c->weight;
    for (uint32_t i = 0; i < c->order.count; i++) {
        struct pm_part *part = c->order.v[i];
        part->size = part->weight * x + part->fixed;
    }
    c->dynamic->size += c->area.size - fixed - c->weight * x;
    return true;
}
