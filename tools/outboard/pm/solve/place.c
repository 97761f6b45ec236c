/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "solve.h"

/*
 * Addresses in a complex region: upwards from its start to the dynamic partition, then downwards from its end. A
 * partition that is not aligned moves away from the edge it was packed against, and an EMPTY partition fills the hole.
 * The bytes come out of the dynamic partition, and out of those that share its size.
 */

enum outcome {
    PLACED,   /* everything fits */
    INSERTED, /* padding changed the sizes: start again */
    FAILED,   /* an error was printed */
};

uint64_t pm_align_down_by(const struct pm_align *align, uint64_t address, uint64_t size)
{
    if (align->start != 0) {
        return address % align->start;
    }
    return align->end != 0 ? (address + size) % align->end : 0;
}

uint64_t pm_align_up_by(const struct pm_align *align, uint64_t address, uint64_t size)
{
    uint64_t over = pm_align_down_by(align, address, size);

    return over == 0 ? 0 : (align->start != 0 ? align->start : align->end) - over;
}

struct pm_part *pm_empty_make(struct pm_layout *layout, struct pm_region *region, uint32_t *count, uint64_t size)
{
    struct pm_name *name;

    do {
        char text[32];
        snprintf(text, sizeof(text), "EMPTY_%u", (*count)++);
        name = pm_name_get(layout, text);
    } while (name->part != NULL);
    struct pm_part *part = pm_part_make(layout, region, name);
    part->is_empty = true;
    part->size = size;
    part->fixed = size;
    return part;
}

static struct pm_list *list_of(struct pm_layout *layout, struct pm_name *name)
{
    struct pm_list *list = ob_arena_alloc(layout->arena, sizeof(*list));

    list->choices = ob_arena_alloc(layout->arena, sizeof(*list->choices));
    list->choices[0].refs = ob_arena_alloc(layout->arena, sizeof(struct pm_ref));
    list->choices[0].refs[0].name = name;
    list->choices[0].count = 1;
    list->count = 1;
    return list;
}

/** Padding directly before or behind order[index]. */
static void insert_empty(struct pm_complex *c, uint32_t index, bool before, uint64_t size)
{
    struct pm_part *neighbour = c->order.v[index];
    struct pm_part *empty = pm_empty_make(c->layout, c->region, &c->empty_count, size);

    empty->at = neighbour->at;
    *(before ? &empty->before : &empty->after) = *list_of(c->layout, neighbour->name);
    pm_parts_insert(c->layout->arena, &c->order, before ? index : index + 1, empty);
}

static enum outcome reject_dynamic_in_front(const struct pm_part *part, const struct pm_part *dynamic)
{
    ob_diag_error(part->align.at == NULL ? &part->at : part->align.at, /* `app` itself is written nowhere */
                  "Invalid combination, can not have dynamic partition in front of app with alignment: "
                  "'%s' would have to move, and its size with it; align its neighbour instead, or place "
                  "it behind '%s'",
                  part->name->text, dynamic->name->text);
    return FAILED;
}

static enum outcome reject_first(const struct pm_complex *c, const struct pm_part *part)
{
    ob_diag_error(&part->at,
                  "'%s' is first in region '%s', at 0x%llx, which is no multiple of 0x%llx, and nothing "
                  "may be put before the first partition; give it an alignment that the region's start "
                  "has",
                  part->name->text, c->region->name, (unsigned long long)part->address,
                  (unsigned long long)part->align.start);
    return FAILED;
}

/** Move order[index] up. Sizes only change when other partitions share the dynamic one's size. */
static enum outcome move_up(struct pm_complex *c, uint32_t index, uint64_t by)
{
    struct pm_part *part = c->order.v[index];

    if (part->weight != 0) {
        return reject_dynamic_in_front(part, c->dynamic);
    }
    if (index == 0 && part->align.start != 0 && c->area.start == c->region->base) {
        return reject_first(c, part);
    }
    /* The vector table stays at the region's start: padding of the first partition goes behind it. */
    insert_empty(c, index, index != 0 || part->align.start != 0, by);
    return INSERTED;
}

/** The end of the first partition counts with the padding behind it. */
static bool is_padded_first(const struct pm_complex *c, uint32_t index)
{
    return index == 0 && c->order.v[0]->align.end != 0 && c->order.count > 1 && c->order.v[1]->is_empty;
}

/** The sizes of sharers are out of date once padding was inserted. */
static enum outcome outcome_of_pass(const struct pm_complex *c, bool inserted)
{
    return inserted && c->weight > 1 ? INSERTED : PLACED;
}

static enum outcome ascend(struct pm_complex *c)
{
    uint64_t address = c->area.start;
    uint64_t weight_below = 0;
    bool inserted = false;

    for (uint32_t i = 0;; i++) {
        struct pm_part *part = c->order.v[i];
        part->address = address;
        uint64_t by = pm_align_up_by(&part->align, address, part->size);
        if (by != 0 && !is_padded_first(c, i)) {
            enum outcome outcome = move_up(c, i, by);
            if (outcome == FAILED || weight_below != 0) {
                return outcome;
            }
            inserted = true;
            part = c->order.v[i]; /* the padding itself, or the first partition */
            part->address = address;
        }
        if (part == c->dynamic) {
            return outcome_of_pass(c, inserted);
        }
        weight_below += part->weight;
        address += part->size;
    }
}

static enum outcome reject_reduction(const struct pm_part *part, uint64_t by, uint64_t shares)
{
    ob_diag_error(&part->at,
                  "The current configuration gives %s a non-word-aligned size: it has to move down by "
                  "0x%llx bytes, which %llu partitions of equal size would have to pay in words; change "
                  "the size of a partition behind or before it",
                  part->name->text, (unsigned long long)by, (unsigned long long)shares);
    return FAILED;
}

/** A sharer moves down by shrinking itself and everything that shares the size; the bytes go behind it. */
static enum outcome shrink_shares(struct pm_complex *c, uint32_t index, uint64_t by)
{
    struct pm_part *part = c->order.v[index];
    uint64_t in_front = part->align.end != 0 ? part->weight : 0;

    for (uint32_t i = 0; i < index; i++) {
        in_front += c->order.v[i]->weight;
    }
    uint64_t reduction = by / in_front;
    if (by % in_front != 0 || reduction % 4 != 0) {
        return reject_reduction(part, by, in_front);
    }
    if (reduction >= c->dynamic->size) {
        ob_diag_error(&part->at,
                      "Unable to align '%s' because it requires %s's size to be less than 0.; make "
                      "another partition smaller or lower the alignment",
                      part->name->text, c->dynamic->name->text);
        return FAILED;
    }
    insert_empty(c, index, false, reduction * c->weight);
    return INSERTED;
}

static enum outcome move_down(struct pm_complex *c, uint32_t index, uint64_t by)
{
    if (c->order.v[index]->weight != 0) {
        return shrink_shares(c, index, by);
    }
    insert_empty(c, index, false, by);
    return INSERTED;
}

static enum outcome descend(struct pm_complex *c)
{
    uint64_t end = c->area.start + c->area.size;
    uint64_t weight_above = 0;
    bool inserted = false;

    for (uint32_t i = c->order.count; i > 0 && c->order.v[i - 1] != c->dynamic; i--) {
        struct pm_part *part = c->order.v[i - 1];
        if (part->size > end - c->area.start || (inserted && part->weight != 0)) {
            return INSERTED; /* its size is out of date, or there is too much padding: pm_size_apply() knows */
        }
        part->address = end - part->size;
        uint64_t by = pm_align_down_by(&part->align, part->address, part->size);
        if (by != 0) {
            enum outcome outcome = move_down(c, i - 1, by);
            if (outcome == FAILED || part->weight + weight_above != 0 || by > part->address - c->area.start) {
                return outcome;
            }
            inserted = true;
            part->address -= by;
            c->order.v[i]->address = part->address + part->size;
        }
        weight_above += part->weight;
        end = part->address;
    }
    return outcome_of_pass(c, inserted);
}

static bool apply_align_next(struct pm_complex *c)
{
    for (uint32_t i = 0; i + 1 < c->order.count; i++) {
        uint64_t wanted = c->order.v[i]->align.next;
        struct pm_part *next = c->order.v[i + 1];
        uint64_t have = next->align.start;
        if (wanted == 0) {
            continue;
        }
        bool divides = have == 0 || wanted % have == 0 || have % wanted == 0;
        if (next->align.end != 0 || !divides) {
            ob_diag_error(&c->order.v[i]->at,
                          "Align config already present in %s, and it does not fit 'align_next: 0x%llx' of "
                          "'%s'; remove one of them",
                          next->name->text, (unsigned long long)wanted, c->order.v[i]->name->text);
            return false;
        }
        next->align.start = wanted > have ? wanted : have;
        next->align.at = next->align.at == NULL ? c->order.v[i]->align.at : next->align.at;
    }
    return true;
}

static bool reject_runaway(const struct pm_complex *c)
{
    ob_diag_error(NULL,
                  "Unable to fulfill alignment requirement automatically. Region '%s': every padding moves "
                  "another partition off its alignment; change sizes so that they are multiples of the "
                  "alignments, or fix the layout with a static configuration",
                  c->region->name);
    return false;
}

bool pm_place(struct pm_complex *c)
{
    uint32_t limit = 2 * c->order.count + 64; /* a layout that converges needs one padding a partition */

    if (!apply_align_next(c)) {
        return false;
    }
    for (uint32_t round = 0; round < limit; round++) {
        if (!pm_size_apply(c)) {
            return false;
        }
        enum outcome outcome = ascend(c);
        if (outcome == PLACED) {
            outcome = descend(c);
        }
        if (outcome != INSERTED) {
            return outcome == PLACED && pm_size_apply(c);
        }
    }
    return reject_runaway(c);
}
