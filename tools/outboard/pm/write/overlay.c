/* SPDX-License-Identifier: Apache-2.0 */
#include "../read/dts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/*
 * A layout as a devicetree overlay. Nodes hold each other as containers do. Left out is what reading adds again: the
 * unused end of a chip outside, the dynamic partition of RAM, and pad and application in a slot that holds just these.
 */

#define PRIMARY "mcuboot_primary"
#define PRIMARY_APP "mcuboot_primary_app"
#define PAD "mcuboot_pad"
#define APP "app"
#define PAD_SIZE 0x200u
#define RAM "sram_primary"

struct writer {
    FILE *out;
    const struct pm_layout *layout;
    const struct pm_dts_regions *regions;
    struct pm_part **outer; /* of each partition of the layout, by its index: the container around it */
    bool *is_group;         /* of each: a container that cuts across another one */
    uint32_t group_count;
    bool is_plain_slot; /* mcuboot_primary holds pad and application, and nothing else */
    bool failed;
};

static void fail(struct writer *w, const struct pm_part *part, const char *what)
{
    ob_diag_error(&part->at, "'%s' cannot be said in a devicetree: %s", part->name->text, what);
    w->failed = true;
}

/* ---- which partition lies in which ---- */

/** Does it name the partition, or a container that covers it? Containers nest at most PM_NESTING_MAX deep. */
static bool covers(const struct pm_part *container, const struct pm_part *part)
{
    for (uint32_t i = 0; i < container->span.count; i++) {
        const struct pm_part *member = container->span.choices[i].refs[0].name->part;
        if (member == part || (member != NULL && member != container && member->is_container && covers(member, part))) {
            return true;
        }
    }
    return false;
}

/** All that the inner one covers is covered by the outer one as well. */
static bool contains(const struct pm_part *outer, const struct pm_part *inner)
{
    if (!inner->is_container) {
        return covers(outer, inner);
    }
    for (uint32_t i = 0; i < inner->span.count; i++) {
        const struct pm_part *member = inner->span.choices[i].refs[0].name->part;
        if (member == NULL || (member != outer && !contains(outer, member))) {
            return false;
        }
    }
    return inner->span.count != 0;
}

static bool is_within(const struct pm_part *outer, const struct pm_part *inner)
{
    return inner->region == outer->region && inner->address >= outer->address &&
           pm_part_end(inner) <= pm_part_end(outer);
}

/** Of two containers over the same, the one that takes more room is outside; else the one whose name is shorter. */
static bool is_outside(const struct pm_part *outer, const struct pm_part *inner)
{
    if (!outer->is_container || outer == inner || !contains(outer, inner)) {
        return false;
    }
    if (!inner->is_container || !contains(inner, outer)) {
        return true;
    }
    if (outer->size != inner->size) {
        return outer->size > inner->size;
    }
    size_t len = strlen(outer->name->text);
    size_t inner_len = strlen(inner->name->text);
    return len != inner_len ? len < inner_len : strcmp(outer->name->text, inner->name->text) < 0;
}

/** They share something, and each has something of its own. */
static bool cuts_across(const struct pm_part *a, const struct pm_part *b)
{
    bool is_beside = pm_part_end(a) <= b->address || pm_part_end(b) <= a->address;

    return a != b && a->region == b->region && a->is_container && b->is_container && !is_beside && !contains(a, b) &&
           !contains(b, a);
}

/** RAM is cut out of the linker's, so that a node in it holds no others. */
static bool is_in_ram(const struct pm_part *part)
{
    return strcmp(part->region->name, RAM) == 0;
}

/** Of two that cut across each other, the smaller one is a group; so is every container in RAM. */
static void find_groups(struct writer *w)
{
    const struct pm_parts *parts = &w->layout->parts;

    w->is_group = ob_arena_array(w->layout->arena, parts->count, sizeof(*w->is_group));
    for (uint32_t i = 0; i < parts->count; i++) {
        w->is_group[i] = parts->v[i]->is_container && is_in_ram(parts->v[i]);
        for (uint32_t j = 0; j < parts->count && !w->is_group[i]; j++) {
            const struct pm_part *a = parts->v[i];
            const struct pm_part *b = parts->v[j];
            bool is_smaller = a->size != b->size ? a->size < b->size : strcmp(a->name->text, b->name->text) < 0;
            w->is_group[i] = is_smaller && cuts_across(a, b);
        }
        w->group_count += w->is_group[i];
    }
}

static void find_outer(struct writer *w)
{
    const struct pm_parts *parts = &w->layout->parts;

    w->outer = ob_arena_array(w->layout->arena, parts->count, sizeof(struct pm_part *));
    for (uint32_t i = 0; i < parts->count; i++) {
        for (uint32_t j = 0; j < parts->count; j++) {
            struct pm_part *candidate = parts->v[j];
            bool is_closer = w->outer[i] == NULL || is_outside(w->outer[i], candidate);
            if (!w->is_group[i] && !w->is_group[j] && is_outside(candidate, parts->v[i]) && is_closer) {
                w->outer[i] = candidate;
            }
        }
        parts->v[i]->position = i;
    }
}

static const struct pm_part *outer_of(const struct writer *w, const struct pm_part *part)
{
    return w->outer[part->position];
}

/* ---- what need not be written, and what cannot ---- */

static const struct pm_part *named(const struct writer *w, const char *name)
{
    for (uint32_t i = 0; i < w->layout->parts.count; i++) {
        if (strcmp(w->layout->parts.v[i]->name->text, name) == 0) {
            return w->layout->parts.v[i];
        }
    }
    return NULL;
}

static bool is_in_group(const struct writer *w, const struct pm_part *part)
{
    bool found = false;

    for (uint32_t i = 0; i < w->layout->parts.count; i++) {
        found = found || (w->is_group[i] && covers(w->layout->parts.v[i], part));
    }
    return found;
}

static bool is_plain_slot(const struct writer *w)
{
    const struct pm_part *slot = named(w, PRIMARY);
    const struct pm_part *pad = named(w, PAD);
    const struct pm_part *inner = named(w, PRIMARY_APP);
    const struct pm_part *app = named(w, APP);
    uint32_t members = 0;

    if (slot == NULL || pad == NULL || inner == NULL || app == NULL || is_in_group(w, pad) || is_in_group(w, app)) {
        return false;
    }
    for (uint32_t i = 0; i < w->layout->parts.count; i++) {
        members += w->outer[i] == slot || w->outer[i] == inner;
    }
    return members == 3 && outer_of(w, pad) == slot && outer_of(w, inner) == slot && outer_of(w, app) == inner &&
           pad->address == slot->address && pad->size == PAD_SIZE && inner->address == pm_part_end(pad) &&
           pm_part_end(inner) == pm_part_end(slot) && app->address == inner->address && app->size == inner->size;
}

/** The unused rest of a region: reading finds it again. */
static bool is_rest(const struct pm_part *part)
{
    const struct pm_region *region = part->region;
    bool has_name = strcmp(part->name->text, region->name) == 0;

    if (!has_name || part->is_container) {
        return false;
    }
    return region->strategy == PM_START_TO_END ? pm_part_end(part) == pm_region_end(region)
                                               : region->strategy == PM_COMPLEX;
}

static bool is_implied(const struct writer *w, const struct pm_part *part)
{
    const struct pm_part *outer = outer_of(w, part);
    bool is_in_slot =
        outer != NULL && (strcmp(outer->name->text, PRIMARY) == 0 || strcmp(outer->name->text, PRIMARY_APP) == 0);

    return (is_rest(part) && !is_in_group(w, part)) || (w->is_plain_slot && is_in_slot);
}

/** Before anything follows a span. */
static void check_span(struct writer *w, const struct pm_part *part)
{
    if (part->depth >= PM_NESTING_MAX) {
        fail(w, part, "it covers itself, or containers are nested too deep");
    }
    for (uint32_t i = 0; i < part->span.count; i++) {
        if (part->span.choices[i].refs[0].name->part == NULL) {
            fail(w, part, "it covers a partition that does not exist");
        }
    }
}

static void check_part(struct writer *w, const struct pm_part *part)
{
    const struct pm_part *outer = outer_of(w, part);

    if (ob_yaml_get(part->def, "affiliation") != NULL || ob_yaml_get(part->def, "extra_params") != NULL) {
        fail(w, part, "nodes have no affiliation and no extra_params; keep this layout in a pm_static.yml");
    }
    if (part->size == 0 && !is_rest(part)) {
        fail(w, part, "it has no bytes");
    }
    if (outer != NULL && !is_within(outer, part)) {
        fail(w, part,
             ob_arena_printf(w->layout->arena, "it does not lie within its container '%s'", outer->name->text));
    }
    for (uint32_t i = 0; i < w->layout->parts.count; i++) {
        const struct pm_part *other = w->layout->parts.v[i];
        bool is_group = w->is_group[i] || w->is_group[part->position];
        bool is_beside = other != part && other->region == part->region && outer_of(w, other) == outer && !is_group;
        bool is_before = part->position < i;
        if (is_beside && is_before && other->address < pm_part_end(part) && part->address < pm_part_end(other)) {
            fail(w, part,
                 ob_arena_printf(w->layout->arena, "it overlaps '%s', and neither holds the other", other->name->text));
        }
    }
}

/* ---- nodes ---- */

static bool is_label(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_') {
            return false;
        }
    }
    return *text != '\0';
}

static const char *label_of(const struct writer *w, const struct pm_part *part)
{
    const char *fixed = is_in_ram(part) && !part->is_container ? part->name->text : pm_dts_label_of(part->name->text);
    const char *label = ob_arena_printf(w->layout->arena, "%s_partition", part->name->text);

    if (fixed != NULL) {
        return fixed;
    }
    return pm_dts_name_of(label) == NULL ? label : part->name->text;
}

/** Containers are children too; the order is that of addresses, what takes more room first. */
static int by_place(const void *a, const void *b)
{
    const struct pm_part *left = *(const struct pm_part *const *)a;
    const struct pm_part *right = *(const struct pm_part *const *)b;
    int order = pm_by_number(left->address, right->address);

    order = order != 0 ? order : pm_by_number(right->size, left->size);
    return order != 0 ? order : strcmp(left->name->text, right->name->text);
}

static const struct pm_part **children_of(const struct writer *w, const struct pm_region *region,
                                          const struct pm_part *outer, uint32_t *count)
{
    const struct pm_parts *parts = &w->layout->parts;
    const struct pm_part **children = ob_arena_array(w->layout->arena, parts->count, sizeof(struct pm_part *));

    *count = 0;
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct pm_part *part = parts->v[i];
        bool is_child = part->region == region && outer_of(w, part) == outer && !w->is_group[i];
        if (is_child && !is_implied(w, part)) {
            children[(*count)++] = part;
        }
    }
    qsort(children, *count, sizeof(*children), by_place);
    return children;
}

static void write_nodes(struct writer *w, const struct pm_region *region, const struct pm_part *outer, int indent)
{
    uint32_t count;
    const struct pm_part **children = children_of(w, region, outer, &count);
    uint64_t from = outer != NULL ? outer->address : region->base;

    for (uint32_t i = 0; i < count; i++) {
        const struct pm_part *part = children[i];
        unsigned long long start = part->address - from;
        uint32_t inner_count;
        fprintf(w->out, "%*s%s: partition@%llx {\n", indent, "", label_of(w, part), start);
        (void)children_of(w, region, part, &inner_count);
        if (inner_count != 0) {
            fprintf(w->out, "%*scompatible = \"fixed-subpartitions\";\n", indent + 4, "");
        }
        fprintf(w->out, "%*slabel = \"%s\";\n", indent + 4, "", part->name->text);
        fprintf(w->out, "%*sreg = <0x%llx 0x%llx>;\n", indent + 4, "", start, (unsigned long long)part->size);
        if (inner_count != 0) {
            fprintf(w->out, "%*s#address-cells = <1>;\n%*s#size-cells = <1>;\n", indent + 4, "", indent + 4, "");
            write_nodes(w, region, part, indent + 4);
        }
        fprintf(w->out, "%*s};\n", indent, "");
    }
}

/** A reference to the node of a region; NULL: nobody knows it. */
static const char *node_of(struct writer *w, const struct pm_region *region)
{
    const struct pm_dts_region *given = pm_dts_region_find(w->regions, region->name);
    const char *guess = strcmp(region->name, "external_flash") == 0 ? "mx25r64" : "flash0";

    if (given != NULL && given->node != NULL) {
        return given->node[0] == '/' ? ob_arena_printf(w->layout->arena, "{%s}", given->node) : given->node;
    }
    if (region->device != NULL && is_label(region->device)) {
        return region->device;
    }
    if (region->device != NULL &&
        (strcmp(region->name, "external_flash") == 0 || strcmp(region->name, "flash_primary") == 0)) {
        ob_diag_note(NULL, "region %s is taken to be the node &%s; --node %s=LABEL names another", region->name, guess,
                     region->name);
        return guess;
    }
    return strcmp(region->name, "flash_primary") == 0 ? guess : NULL;
}

static void write_flash(struct writer *w, const struct pm_region *region)
{
    uint32_t count;
    const struct pm_part **children = children_of(w, region, NULL, &count);

    if (count == 0) {
        return;
    }
    const char *node = node_of(w, region);
    if (node == NULL) {
        fail(w, children[0],
             ob_arena_printf(w->layout->arena, "region %s is no node; --node %s=LABEL says which one it is",
                             region->name, region->name));
        return;
    }
    if (strcmp(region->name, "ram_flash") == 0) {
        ob_diag_note(NULL,
                     "region ram_flash is &%s, which images other than the bootloader may not have: leave it out there",
                     node);
    }
    fprintf(w->out, "\n&%s {\n    /delete-node/ partitions;\n\n    partitions {\n", node);
    fputs("        compatible = \"fixed-partitions\";\n        #address-cells = <1>;\n        #size-cells = <1>;\n\n",
          w->out);
    write_nodes(w, region, NULL, 8);
    fputs("    };\n};\n", w->out);
}

static void write_ram(struct writer *w, const struct pm_region *region)
{
    uint32_t count;
    const struct pm_part **children = children_of(w, region, NULL, &count);

    if (count == 0) {
        return;
    }
    fputs(
        "\n/ {\n    reserved-memory {\n        #address-cells = <1>;\n        #size-cells = <1>;\n        ranges;\n\n",
        w->out);
    for (uint32_t i = 0; i < count; i++) {
        const struct pm_part *part = children[i];
        fprintf(w->out, "        %s: memory@%llx {\n", label_of(w, part), (unsigned long long)part->address);
        fprintf(w->out, "            compatible = \"zephyr,memory-region\";\n            reg = <0x%llx 0x%llx>;\n",
                (unsigned long long)part->address, (unsigned long long)part->size);
        fprintf(w->out, "            zephyr,memory-region = \"%s\";\n        };\n", part->name->text);
    }
    fputs("    };\n};\n", w->out);
}

static void write_groups(struct writer *w)
{
    if (w->group_count == 0) {
        return;
    }
    fputs("\n/ {\n    partition-groups {\n        #address-cells = <1>;\n        #size-cells = <1>;\n\n", w->out);
    for (uint32_t i = 0; i < w->layout->parts.count; i++) {
        const struct pm_part *part = w->layout->parts.v[i];
        if (!w->is_group[i]) {
            continue;
        }
        unsigned long long start = part->address - part->region->base;
        fprintf(w->out, "        %s: %s@%llx {\n            compatible = \"" PM_DTS_GROUP "\";\n", label_of(w, part),
                part->name->text, start);
        fprintf(w->out, "            label = \"%s\";\n            reg = <0x%llx 0x%llx>;\n            partitions =",
                part->name->text, start, (unsigned long long)part->size);
        for (uint32_t m = 0; m < part->span.count; m++) {
            fprintf(w->out, "%s <&%s>", m == 0 ? "" : ",", label_of(w, part->span.choices[m].refs[0].name->part));
        }
        fputs(";\n        };\n", w->out);
    }
    fputs("    };\n};\n", w->out);
}

static void write_chosen(struct writer *w)
{
    const struct pm_part *code = named(w, PRIMARY) != NULL ? named(w, PRIMARY) : named(w, APP);

    if (code != NULL && !is_rest(code)) {
        fprintf(w->out, "\n/ {\n    chosen {\n        zephyr,code-partition = &%s;\n    };\n};\n", label_of(w, code));
    }
}

enum ob_exit pm_dts_emit_overlay(FILE *out, const struct pm_layout *layout, const struct pm_dts_regions *regions)
{
    struct writer w = {.out = out, .layout = layout, .regions = regions};

    for (uint32_t i = 0; i < layout->parts.count; i++) {
        check_span(&w, layout->parts.v[i]);
    }
    if (w.failed) {
        return OB_EXIT_FINDING;
    }
    find_groups(&w);
    find_outer(&w);
    w.is_plain_slot = is_plain_slot(&w);
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        check_part(&w, layout->parts.v[i]);
    }
    fputs("/* File generated by outboard pm output, for the application. In the bootloader's overlay include it, and "
          "choose\n"
          " * zephyr,code-partition = &boot_partition. */\n",
          out);
    for (uint32_t i = 0; i < layout->region_count && !w.failed; i++) {
        if (strcmp(layout->regions[i].name, RAM) == 0) {
            write_ram(&w, &layout->regions[i]);
        } else {
            write_flash(&w, &layout->regions[i]);
        }
    }
    write_groups(&w);
    write_chosen(&w);
    return w.failed ? OB_EXIT_FINDING : OB_EXIT_OK;
}
