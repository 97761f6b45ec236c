/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "partitions.h"

/* Properties of partitions.yml in the order they are written: sorted, as every SDK version writes them. */

static void emit_number(FILE *out, const char *key, uint64_t value)
{
    fprintf(out, "  %s: 0x%llx\n", key, (unsigned long long)value);
}

static void emit_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, "  %s: ", key);
    ob_yaml_print_text(out, text);
    fputc('\n', out);
}

static void emit_item(FILE *out, int indent, const char *name)
{
    fprintf(out, "%*s- ", indent, "");
    ob_yaml_print_text(out, name);
    fputc('\n', out);
}

static void emit_list(FILE *out, int indent, const char *key, const struct pm_list *list)
{
    if (list->count != 0) {
        fprintf(out, "%*s%s:\n", indent, "", key);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        emit_item(out, indent, list->choices[i].refs[0].name->text);
    }
}

/** @return the name that a choice came down to; NULL: `one_of` found nothing */
static const struct pm_name *chosen_name(const struct pm_choice *choice, const struct pm_region *region)
{
    for (uint32_t i = 0; i < choice->count; i++) {
        if (!choice->one_of || pm_exists_in(choice->refs[i].name, region)) {
            return choice->refs[i].name;
        }
    }
    return NULL;
}

static void emit_share(FILE *out, const struct pm_part *part)
{
    bool begun = false;

    for (uint32_t i = 0; i < part->share.count; i++) {
        const struct pm_name *name = chosen_name(&part->share.choices[i], part->region);
        if (name != NULL) {
            fputs(begun ? "" : "  share_size:\n", out);
            emit_item(out, 2, name->text);
            begun = true;
        }
    }
}

/** What the container covers, containers in it flattened, as every partitions.yml has it. */
static void emit_leaves(FILE *out, const char *key, const struct pm_part *container)
{
    fprintf(out, "  %s:\n", key);
    for (uint32_t i = 0; i < container->leaves.count; i++) {
        emit_item(out, 2, container->leaves.v[i]->name->text);
    }
}

static void emit_align(FILE *out, const struct pm_align *align)
{
    if (align->start != 0 || align->end != 0) {
        fprintf(out, "    align:\n      %s: 0x%llx\n", align->start != 0 ? "start" : "end",
                (unsigned long long)(align->start != 0 ? align->start : align->end));
    }
}

static void emit_placement(FILE *out, const struct pm_part *part)
{
    bool empty = part->before.count == 0 && part->after.count == 0 && part->align.start == 0 && part->align.end == 0;

    if (empty) {
        return;
    }
    fputs("  placement:\n", out);
    emit_list(out, 4, "after", &part->after);
    emit_align(out, &part->align);
    emit_list(out, 4, "before", &part->before);
}

static void emit_as_written(FILE *out, const struct pm_part *part, const char *key)
{
    const struct ob_yaml *value = ob_yaml_get(part->def, key);

    if (value != NULL) {
        fputs("  ", out);
        ob_yaml_print_text(out, key);
        fputc(':', out);
        ob_yaml_print(out, value, 4);
    }
}

/* Every property this program computes; whatever else a definition holds is written as it was. */
static const char *const computed[] = {
    "address", "device",     "end_address", "inside", "orig_span", "placement",
    "region",  "share_size", "sharers",     "size",   "span",
};

static bool is_computed(const char *key)
{
    for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
        if (strcmp(key, computed[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void emit_container(FILE *out, const struct pm_part *part, const char *key)
{
    if (part->is_static) {
        emit_as_written(out, part, key);
    } else if (part->is_container) {
        emit_leaves(out, key, part);
    }
}

static void emit_device(FILE *out, const struct pm_part *part)
{
    bool packed = part->region->strategy != PM_COMPLEX && !part->is_empty && !part->is_leftover;

    if (part->is_static) {
        emit_as_written(out, part, "device");
    } else if (packed && part->region->device != NULL) {
        emit_text(out, "device", part->region->device);
    }
}

static void emit_computed(FILE *out, const struct pm_part *part, const char *key)
{
    if (strcmp(key, "address") == 0) {
        emit_number(out, key, part->address);
    } else if (strcmp(key, "device") == 0) {
        emit_device(out, part);
    } else if (strcmp(key, "end_address") == 0) {
        emit_number(out, key, pm_part_end(part));
    } else if (strcmp(key, "inside") == 0 && !part->is_static) {
        emit_list(out, 2, key, &part->inside);
    } else if (strcmp(key, "span") == 0 || strcmp(key, "orig_span") == 0) {
        emit_container(out, part, key);
    } else if (strcmp(key, "placement") == 0 && !part->is_static) {
        emit_placement(out, part);
    } else if (strcmp(key, "region") == 0) {
        emit_text(out, key, part->region->name);
    } else if (strcmp(key, "share_size") == 0 && !part->is_static) {
        emit_share(out, part);
    } else if (strcmp(key, "sharers") == 0 && part->sharers != 0) {
        emit_number(out, key, part->sharers);
    } else if (strcmp(key, "size") == 0) {
        emit_number(out, key, part->size);
    } else if (part->is_static) {
        emit_as_written(out, part, key);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void emit_part(FILE *out, struct ob_arena *arena, const struct pm_part *part)
{
    const uint32_t computed_count = sizeof(computed) / sizeof(computed[0]);
    uint32_t written = part->def == NULL ? 0 : part->def->count;
    const char **keys = ob_arena_array(arena, written + computed_count, sizeof(*keys));
    uint32_t count = computed_count;

    memcpy(keys, computed, sizeof(computed));
    for (uint32_t i = 0; i < written; i++) {
        if (!is_computed(part->def->pairs[i].key->text)) {
            keys[count++] = part->def->pairs[i].key->text;
        }
    }
    qsort(keys, count, sizeof(*keys), by_text);
    ob_yaml_print_text(out, part->name->text);
    fputs(":\n", out);
    for (uint32_t i = 0; i < count; i++) {
        if (is_computed(keys[i])) {
            emit_computed(out, part, keys[i]);
        } else {
            emit_as_written(out, part, keys[i]);
        }
    }
}

void pm_emit_partitions(FILE *out, const struct pm_layout *layout)
{
    struct pm_parts sorted = {0};

    for (uint32_t i = 0; i < layout->parts.count; i++) {
        if (!layout->parts.v[i]->dropped) {
            pm_parts_add(layout->arena, &sorted, layout->parts.v[i]);
        }
    }
    pm_parts_sort(&sorted, pm_by_name);
    for (uint32_t i = 0; i < sorted.count; i++) {
        emit_part(out, layout->arena, sorted.v[i]);
    }
}

static void emit_optional(FILE *out, const char *key, const char *text)
{
    if (text == NULL) {
        fprintf(out, "  %s: null\n", key);
    } else {
        emit_text(out, key, text);
    }
}

static int by_region_name(const void *a, const void *b)
{
    const struct pm_region *const *left = a;
    const struct pm_region *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

void pm_emit_regions(FILE *out, const struct pm_layout *layout)
{
    static const char *const strategies[] = {"start_to_end", "end_to_start", "complex"};
    const struct pm_region **sorted = ob_arena_array(layout->arena, layout->region_count, sizeof(*sorted));

    for (uint32_t i = 0; i < layout->region_count; i++) {
        sorted[i] = &layout->regions[i];
    }
    qsort(sorted, layout->region_count, sizeof(*sorted), by_region_name);
    for (uint32_t i = 0; i < layout->region_count; i++) {
        const struct pm_region *region = sorted[i];
        ob_yaml_print_text(out, region->name);
        fputs(":\n", out);
        emit_number(out, "base_address", region->base);
        emit_optional(out, "default_driver_kconfig", region->driver);
        emit_optional(out, "device", region->device);
        emit_optional(out, "dynamic_partition", region->dynamic == NULL ? NULL : region->dynamic->text);
        emit_text(out, "name", region->name);
        emit_text(out, "placement_strategy", strategies[region->strategy]);
        emit_number(out, "size", region->size);
        if (region->unfixed != NULL) {
            emit_text(out, "unfixed_order", region->unfixed);
        }
    }
}
