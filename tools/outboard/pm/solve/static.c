/* SPDX-License-Identifier: Apache-2.0 */
#include "solve.h"

/*
 * Static partitions and the one area they leave free. A static container takes the space between its members too
 * if all of them are static: real layouts round containers up to whole sectors.
 */

static bool is_inside_region(const struct pm_part *part)
{
    const struct pm_region *region = part->region;

    if (part->address >= region->base && part->address <= pm_region_end(region) &&
        part->size <= pm_region_end(region) - part->address) {
        return true;
    }
    ob_diag_error(&part->at,
                  "'%s' is 0x%llx..0x%llx, outside region '%s', which is 0x%llx..0x%llx; correct its "
                  "address or size",
                  part->name->text, (unsigned long long)part->address, (unsigned long long)pm_part_end(part),
                  region->name, (unsigned long long)region->base, (unsigned long long)pm_region_end(region));
    return false;
}

static uint32_t covers_of(const struct pm_part *member)
{
    if (member == NULL || member->dropped) {
        return PM_COVERS_NOTHING;
    }
    if (!member->is_static) {
        return PM_COVERS_DYNAMIC;
    }
    return member->is_container ? member->covers : PM_COVERS_STATIC;
}

static uint32_t find_covers(const struct pm_part *container)
{
    uint32_t most = PM_COVERS_NOTHING;

    for (uint32_t i = 0; i < container->span.count; i++) {
        const struct pm_choice *choice = &container->span.choices[i];
        for (uint32_t j = 0; j < choice->count; j++) {
            uint32_t covers = covers_of(choice->refs[j].name->part);
            most = covers > most ? covers : most;
        }
    }
    return most;
}

void pm_static_mark(struct pm_layout *layout)
{
    bool changed = true;

    while (changed) { /* each round raises at least one */
        changed = false;
        for (uint32_t i = 0; i < layout->parts.count; i++) {
            struct pm_part *part = layout->parts.v[i];
            uint32_t covers = part->is_static && part->is_container ? find_covers(part) : PM_COVERS_NOTHING;
            changed = changed || covers != part->covers;
            part->covers = covers;
        }
    }
}

static bool takes_space(const struct pm_part *part)
{
    return part->size != 0 && part->covers != PM_COVERS_DYNAMIC;
}

static bool has_members(const struct pm_part *part)
{
    if (!part->is_container || part->covers != PM_COVERS_NOTHING) {
        return true;
    }
    ob_diag_error(
        &part->at,
        "static container '%s' covers no partition: nothing that its 'span' names exists; define a member, or "
        "remove the 'span' to reserve the space",
        part->name->text);
    return false;
}

/** A container comes before what begins where it does. */
static int outer_first(const struct pm_part *a, const struct pm_part *b)
{
    bool differ = a->address == b->address && a->is_container != b->is_container;

    return differ ? (a->is_container ? -1 : 1) : pm_by_address(a, b);
}

static bool collect(struct pm_layout *layout, const struct pm_region *region, struct pm_parts *taken)
{
    bool ok = true;

    for (uint32_t i = 0; i < region->parts.count; i++) {
        struct pm_part *part = region->parts.v[i];
        if (!part->is_static || part->dropped) {
            continue;
        }
        ok = is_inside_region(part) && has_members(part) && ok;
        if (takes_space(part)) {
            pm_parts_add(layout->arena, taken, part);
        }
    }
    pm_parts_sort(taken, outer_first);
    return ok;
}

static bool leaves_are_disjoint(const struct pm_parts *taken)
{
    const struct pm_part *last = NULL;
    bool ok = true;

    for (uint32_t i = 0; i < taken->count; i++) {
        const struct pm_part *part = taken->v[i];
        if (part->is_container) {
            continue;
        }
        if (last != NULL && part->address < pm_part_end(last)) {
            ob_diag_error(&part->at,
                          "'%s' at 0x%llx overlaps '%s', which ends at 0x%llx (%s:%u:%u); move one, or "
                          "make it smaller",
                          part->name->text, (unsigned long long)part->address, last->name->text,
                          (unsigned long long)pm_part_end(last), last->at.file, last->at.line, last->at.col);
            ok = false;
        }
        last = last == NULL || pm_part_end(part) > pm_part_end(last) ? part : last;
    }
    return ok;
}

struct gaps {
    struct pm_area first;
    uint32_t count;
    const char *text;
};

static void add_gap(struct pm_layout *layout, struct gaps *gaps, uint64_t start, uint64_t end)
{
    if (end <= start) {
        return;
    }
    if (gaps->count == 0) {
        gaps->first = (struct pm_area){start, end - start};
    }
    gaps->count++;
    if (gaps->count <= 16) {
        gaps->text = ob_arena_printf(layout->arena, "%s 0x%llx-0x%llx", gaps->text, (unsigned long long)start,
                                     (unsigned long long)end);
    }
}

static struct gaps find_gaps(struct pm_layout *layout, const struct pm_region *region, const struct pm_parts *taken)
{
    struct gaps gaps = {.text = ""};
    uint64_t end = region->base;

    for (uint32_t i = 0; i < taken->count; i++) {
        add_gap(layout, &gaps, end, taken->v[i]->address);
        end = pm_part_end(taken->v[i]) > end ? pm_part_end(taken->v[i]) : end;
    }
    add_gap(layout, &gaps, end, pm_region_end(region));
    return gaps;
}

static bool check_complex(const struct pm_region *region, const struct pm_parts *taken, const struct gaps *gaps)
{
    if (gaps->count == 1) {
        return true;
    }
    ob_diag_error(taken->count == 0 ? NULL : &taken->v[0]->at,
                  "Incorrect amount of gaps found in static configuration. There must be exactly one gap in "
                  "the static configuration to support placing the dynamic partitions (such as 'app'). "
                  "Region '%s': Gaps found (%u):%s; %s",
                  region->name, gaps->count, gaps->text,
                  gaps->count == 0 ? "make a partition smaller" : "fill the smaller gaps with partitions");
    return false;
}

static bool check_simple(const struct pm_region *region, const struct pm_parts *taken, const struct gaps *gaps)
{
    bool upwards = region->strategy == PM_START_TO_END;
    const struct ob_loc *at = taken->count == 0 ? NULL : &taken->v[0]->at;

    if (gaps->count > 1) {
        ob_diag_error(at,
                      "Incorrect amount of gaps found in static configuration for region '%s'. Gaps found "
                      "(%u):%s; fill all but the last one with partitions",
                      region->name, gaps->count, gaps->text);
        return false;
    }
    uint64_t gap_end = gaps->first.start + gaps->first.size;
    if (gaps->count == 1 && (upwards ? gap_end != pm_region_end(region) : gaps->first.start != region->base)) {
        ob_diag_error(at,
                      "Statically defined partitions are not packed at %s of region '%s'. The gap is%s; fill "
                      "it with a partition",
                      upwards ? "start" : "end", region->name, gaps->text);
        return false;
    }
    return true;
}

bool pm_static_area(struct pm_layout *layout, const struct pm_region *region, struct pm_area *area)
{
    struct pm_parts taken = {0};

    if (!collect(layout, region, &taken) || !leaves_are_disjoint(&taken)) {
        return false;
    }
    struct gaps gaps = find_gaps(layout, region, &taken);
    *area = gaps.first;
    if (gaps.count == 0) {
        area->start = region->strategy == PM_START_TO_END ? pm_region_end(region) : region->base;
    }
    return region->strategy == PM_COMPLEX ? check_complex(region, &taken, &gaps) : check_simple(region, &taken, &gaps);
}
