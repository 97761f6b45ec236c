/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "solve.h"

/*
 * The order of a complex region. Partitions are put directly beside their anchor, the first existing name of their
 * `before` or `after`, in rounds over a growing order. Whatever the rounds leave open is decided by name:
 * see docs/PARTITION_MANAGER.md, "Ties".
 */

static struct pm_name *first_name(const struct pm_list *list)
{
    return list->count == 0 ? NULL : list->choices[0].refs[0].name;
}

static int compare_lists(const struct pm_list *a, const struct pm_list *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        int order = strcmp(a->choices[i].refs[0].name->text, b->choices[i].refs[0].name->text);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

/** The keys of a placement that say something, as a number with a digit for each in the order they were written. */
static uint32_t key_order(const struct pm_part *part)
{
    const struct ob_yaml *placement = ob_yaml_get(part->def, "placement");
    uint32_t number = 0;

    for (uint32_t i = 0; placement != NULL && i < placement->count; i++) {
        const char *key = placement->pairs[i].key->text;
        if (strcmp(key, "before") == 0) {
            number = part->before.count == 0 ? number : number * 10 + 1;
        } else if (strcmp(key, "after") == 0) {
            number = part->after.count == 0 ? number : number * 10 + 2;
        } else {
            number = number * 10 + (strcmp(key, "align") == 0 ? 3 : 4);
        }
    }
    return number;
}

/** Equal as the SDK compares, which is by text: the same keys in another order are another placement. */
static int compare_placement(const struct pm_part *a, const struct pm_part *b)
{
    int order = compare_lists(&a->before, &b->before);

    order = order != 0 ? order : compare_lists(&a->after, &b->after);
    order = order != 0 ? order : pm_by_number(key_order(a), key_order(b));
    order = order != 0 ? order : pm_by_number(a->align.start, b->align.start);
    order = order != 0 ? order : pm_by_number(a->align.end, b->align.end);
    return order != 0 ? order : pm_by_number(a->align.next, b->align.next);
}

static int by_placement(const struct pm_part *a, const struct pm_part *b)
{
    int order = compare_placement(a, b);

    return order != 0 ? order : pm_by_name(a, b);
}

static int by_turn(const struct pm_part *a, const struct pm_part *b)
{
    int order = pm_by_number(a->turn, b->turn);

    return order != 0 ? order : pm_by_name(a, b);
}

/** Largest first; of equal ones the one that became known last. */
static int by_coverage(const struct pm_part *a, const struct pm_part *b)
{
    int order = pm_by_number(b->leaves.count, a->leaves.count);

    return order != 0 ? order : pm_by_number(b->position, a->position);
}

/**
 * Members of containers come last, those of the smallest at the very end: that keeps them together. Members of one
 * container keep the order of its span, so this is the one order of a file that decides over addresses.
 */
static void set_turns(struct pm_complex *c)
{
    struct pm_parts containers = {0};
    uint32_t turn = 0;

    for (uint32_t i = 0; i < c->containers.count; i++) {
        c->containers.v[i]->position = i;
        pm_parts_add(c->layout->arena, &containers, c->containers.v[i]);
    }
    pm_parts_sort(&containers, by_coverage);
    for (uint32_t i = 0; i < containers.count; i++) {
        for (uint32_t j = 0; j < containers.v[i]->leaves.count; j++) {
            containers.v[i]->leaves.v[j]->turn = ++turn;
        }
    }
}

/** Partitions with equal placements line up by name: each goes before the next one. */
static void chain_equal_placements(struct pm_parts *waiting)
{
    pm_parts_sort(waiting, by_placement);
    for (uint32_t i = 0; i < waiting->count; i++) {
        struct pm_part *part = waiting->v[i];
        bool chained = i + 1 < waiting->count && compare_placement(part, waiting->v[i + 1]) == 0;
        part->anchor_before = chained ? waiting->v[i + 1]->name : first_name(&part->before);
        part->anchor_after = chained ? NULL : first_name(&part->after);
    }
}

static void queue_by_anchor(struct pm_parts *waiting)
{
    pm_parts_sort(waiting, by_turn);
    for (uint32_t i = waiting->count; i > 0; i--) {
        struct pm_part *part = waiting->v[i - 1];
        if (part->anchor_before != NULL) {
            part->next_before = part->anchor_before->before_this;
            part->anchor_before->before_this = part;
        }
        if (part->anchor_after != NULL) {
            part->next_after = part->anchor_after->after_this;
            part->anchor_after->after_this = part;
        }
    }
}

static void insert(struct pm_complex *c, uint32_t index, struct pm_part *part)
{
    pm_parts_insert(c->layout->arena, &c->order, index, part);
    for (uint32_t i = index; i < c->order.count; i++) {
        c->order.v[i]->position = i;
    }
}

/** @return the first one waiting for this name that has not been placed through its other anchor */
static struct pm_part *next_waiting(struct pm_name *anchor, bool before)
{
    struct pm_part **head = before ? &anchor->before_this : &anchor->after_this;

    while (*head != NULL && (*head)->position != PM_UNPLACED) {
        *head = before ? (*head)->next_before : (*head)->next_after;
    }
    return *head;
}

/** Where to insert beside a container: before its first placed leaf or behind its last. */
static bool beside_container(const struct pm_part *container, bool before, uint32_t *index)
{
    bool found = false;

    for (uint32_t i = 0; i < container->leaves.count; i++) {
        uint32_t position = container->leaves.v[i]->position;
        uint32_t candidate = before ? position : position + 1;
        if (position == PM_UNPLACED) {
            continue;
        }
        if (!found || (before ? candidate < *index : candidate > *index)) {
            *index = candidate;
            found = true;
        }
    }
    return found;
}

static bool beside_anchor(const struct pm_complex *c, const struct pm_name *anchor, bool before, uint32_t *index)
{
    const struct pm_part *part = anchor->part;

    if (part == NULL) { /* `start` or `end`: the only names without a partition that were kept */
        *index = before ? c->order.count : 0;
        return true;
    }
    if (part->is_container) {
        return beside_container(part, before, index);
    }
    *index = before ? part->position : part->position + 1;
    return part->position != PM_UNPLACED;
}

/** Place what waits for an anchor, then what waits for that one, and so on. */
static uint32_t place_at(struct pm_complex *c, struct pm_name *anchor, bool before)
{
    uint32_t placed = 0;
    uint32_t index = 0;

    for (;;) {
        struct pm_part *part = next_waiting(anchor, before);
        if (part == NULL || !beside_anchor(c, anchor, before, &index)) {
            return placed;
        }
        insert(c, index, part);
        placed++;
        anchor = part->name;
    }
}

/** One walk over `start`, the order as it is now, `end`, and the containers. */
static uint32_t pass(struct pm_complex *c, bool before)
{
    uint32_t count = c->order.count;
    struct pm_part **anchors = calloc(count + 1, sizeof(struct pm_part *));
    uint32_t placed = 0;

    if (anchors == NULL) {
        return 0;
    }
    memcpy(anchors, c->order.v, count * sizeof(struct pm_part *));
    placed += place_at(c, pm_name_get(c->layout, "start"), before);
    for (uint32_t i = 0; i < count; i++) {
        placed += place_at(c, anchors[i]->name, before);
    }
    placed += place_at(c, pm_name_get(c->layout, "end"), before);
    for (uint32_t i = 0; i < c->containers.count; i++) {
        placed += place_at(c, c->containers.v[i]->name, before);
    }
    free(anchors);
    return placed;
}

static bool reject_endless(const struct pm_complex *c)
{
    struct pm_parts open = {0};

    for (uint32_t i = 0; i < c->leaves.count; i++) {
        if (c->leaves.v[i]->position == PM_UNPLACED) {
            pm_parts_add(c->layout->arena, &open, c->leaves.v[i]);
        }
    }
    ob_diag_error(
        &open.v[0]->at,
        "Unable to solve the following partitions (endless loop): %s; they only refer to each other: place one "
        "of them beside 'start', 'end' or '%s'",
        pm_parts_text(c->layout->arena, &open, " "), c->dynamic->name->text);
    return false;
}

static bool is_consecutive(const struct pm_complex *c, const struct pm_part *container)
{
    uint32_t first = UINT32_MAX;
    uint32_t last = 0;

    for (uint32_t i = 0; i < container->leaves.count; i++) {
        uint32_t position = container->leaves.v[i]->position;
        first = position < first ? position : first;
        last = position > last ? position : last;
    }
    if (last - first + 1 == container->leaves.count) {
        return true;
    }
    struct pm_parts between = {.v = &c->order.v[first], .count = last - first + 1};
    ob_diag_error(&container->at,
                  "partition %s (%s) does not span over consecutive parts. Solution: %s; add what lies between to its "
                  "'span', or place it elsewhere",
                  container->name->text, pm_parts_text(c->layout->arena, &container->members, ", "),
                  pm_parts_text(c->layout->arena, &between, " "));
    return false;
}

bool pm_order(struct pm_complex *c)
{
    struct pm_parts waiting = {0};

    for (uint32_t i = 0; i < c->leaves.count; i++) {
        if (c->leaves.v[i] != c->dynamic) {
            pm_parts_add(c->layout->arena, &waiting, c->leaves.v[i]);
        }
    }
    insert(c, 0, c->dynamic);
    set_turns(c);
    if (waiting.count != 0) {
        chain_equal_placements(&waiting);
        queue_by_anchor(&waiting);
    }
    while (c->order.count < c->leaves.count) {
        uint32_t placed = pass(c, true);
        placed += pass(c, false);
        if (placed == 0) {
            return reject_endless(c);
        }
    }
    bool ok = true;
    for (uint32_t i = 0; i < c->containers.count; i++) {
        ok = is_consecutive(c, c->containers.v[i]) && ok;
    }
    return ok;
}
