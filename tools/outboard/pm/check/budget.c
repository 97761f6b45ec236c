/* SPDX-License-Identifier: Apache-2.0 */
#include "budget.h"

#include <stdlib.h>

#include <outboard/util.h>

#include "scenario.h"

#define SLOT_SIZE_MAX (16U << 20) /* a rehearsal takes seconds beyond */

/* ---- which parts ---- */

void pm_part_option(struct pm_budget_names *names, int key, const char *arg)
{
    names->part[key == PM_KEY_PART_INTERNAL ? SIM_INTERNAL : SIM_EXTERNAL] = arg;
}

static const struct sim_part *part_of_controller(const struct pm_image *image, const struct ob_yaml *node)
{
    const char *parent = pm_node_text(node, "parent");
    const struct ob_yaml *list = parent == NULL ? NULL : ob_yaml_get(pm_image_node(image, parent), "compatible");
    const struct sim_part *part = NULL;

    for (uint32_t i = 0; part == NULL && list != NULL && list->kind == OB_YAML_LIST && i < list->count; i++) {
        part = list->items[i]->text == NULL ? NULL : sim_part_of_controller(list->items[i]->text);
    }
    return part;
}

/** By what the devicetree says: the chip's id and table, or the controller that its flash belongs to. */
static void find_part(const struct pm_check *check, const struct pm_slot *slot, struct pm_budget_part *found)
{
    uint8_t id[SIM_JEDEC_ID_SIZE];
    bool has_id = pm_node_bytes(slot->node, "jedec-id", id, sizeof(id)) == sizeof(id);
    const struct sim_part *part = has_id ? sim_part_of_jedec_id(id) : part_of_controller(check->bootloader, slot->node);

    found->part = part == NULL ? (struct sim_part){.name = "chip"} : *part;
    found->own_table = sim_part_take_bfp(slot->chip.bfp, slot->chip.bfp_len, &found->part);
    if (found->own_table) {
        found->part.times_unconfirmed = false;
    } else if (part == NULL) {
        for (uint32_t i = 0; slot->chip.is_usable && i < OB_FLASH_ERASE_SIZES; i++) {
            found->part.erase_sizes[i] = slot->chip.sfdp.erase[i].size; /* a table may have sizes and no times */
        }
        found->why_unknown =
            ob_arena_printf(check->arena, "nothing is known about the times of %s",
                            slot->node == NULL ? slot->part->name->text : pm_node_text(slot->node, "path"));
    }
}

static enum ob_exit choose_part(const struct pm_check *check, const struct pm_slot *slot, const char *name,
                                struct pm_budget_part *found)
{
    if (name == NULL) {
        find_part(check, slot, found);
        return OB_EXIT_OK;
    }
    const struct sim_part *part = sim_part_find(name);
    if (part == NULL) {
        const char *known = sim_parts[0].name;
        for (unsigned i = 1; i < sim_part_count; i++) {
            known = ob_arena_printf(check->arena, "%s, %s", known, sim_parts[i].name);
        }
        ob_diag_error(NULL, "no part '%s' is known; known are %s", name, known);
        return OB_EXIT_USAGE;
    }
    found->part = *part;
    return OB_EXIT_OK;
}

/* ---- the device ---- */

/** The slot's erase unit, as the layout counts with, and what larger erase commands the part has. */
static const char *erase_sizes(struct ob_arena *arena, const struct pm_slot *slot, const struct sim_part *part)
{
    uint32_t unit = slot->flash.erase_sizes[0];
    const char *text = ob_arena_printf(arena, "%u", unit);
    uint32_t count = 1;

    for (uint32_t i = 0; i < OB_FLASH_ERASE_SIZES && count < OB_FLASH_ERASE_SIZES; i++) {
        if (part->erase_sizes[i] > unit && part->erase_sizes[i] % unit == 0) {
            text = ob_arena_printf(arena, "%s,%u", text, part->erase_sizes[i]);
            count++;
        }
    }
    return text;
}

static const char *describe_chip(struct ob_arena *arena, const struct pm_slot *slot, const struct pm_budget_part *part,
                                 bool internal, struct sim_geometry *out)
{
    uint32_t word = slot->flash.write_size;
    const char *text = ob_arena_printf(arena, "%u:%s:%u", slot->area.size, erase_sizes(arena, slot, &part->part), word);

    if (part->part.page_size >= word) {
        text = ob_arena_printf(arena, "%s:%u", text, OB_MIN(part->part.page_size, SIM_PROGRAM_MAX));
    }
    return sim_geometry_parse(text, internal, out);
}

static uint32_t largest(const uint32_t sizes[OB_FLASH_ERASE_SIZES])
{
    uint32_t size = sizes[0];

    for (uint32_t i = 1; i < OB_FLASH_ERASE_SIZES; i++) {
        size = OB_MAX(size, sizes[i]);
    }
    return size;
}

static const char *describe(struct ob_arena *arena, const struct pm_budget *budget, struct sim_case *config)
{
    const struct pm_pair *pair = budget->pair;
    const char *wrong = describe_chip(arena, &pair->primary, &budget->part[SIM_INTERNAL], true, &config->internal);

    if (wrong == NULL) {
        wrong = describe_chip(arena, &pair->secondary, &budget->part[SIM_EXTERNAL], false, &config->external);
    }
    if (wrong == NULL && OB_MAX(pair->primary.area.size, pair->secondary.area.size) > SLOT_SIZE_MAX) {
        wrong = "slots of more than 16 MiB are not rehearsed";
    }
    if (wrong == NULL) { /* what lies in front of the slot matters only for how it is aligned */
        config->external_start = pair->secondary.area.start % largest(config->external.erase_sizes);
        config->max_units = pair->layout.max_units;
    }
    return wrong;
}

/* ---- the rehearsal ---- */

/**
 * The largest erase commands are used when an image leaves room for them, so an image that fills the slot is not the
 * one with the longest operation: images of half that size are tried as well.
 */
static const char *find_longest(const struct sim_case *config, const struct sim_timing timing[SIM_CHIPS][SIM_PACES],
                                struct pm_budget_row *row)
{
    struct sim_case half = *config;
    struct sim_bench bench;
    uint32_t size = OB_MAX(row->bench.capacity / 2, sim_image_overhead());
    struct sim_image old_image = sim_image_make(size, 1, (struct ob_version){.major = 1}, 0);
    struct sim_image new_image = sim_image_make(size, 2, (struct ob_version){.major = 2}, 0);
    const struct sim_files files = {&old_image, &new_image, sim_image_key()};

    half.set = SIM_SET_FILES;
    const char *impossible = sim_bench_run(&half, &files, timing, NULL, row->first, &bench);
    for (unsigned i = 0; i < SIM_BENCH_STARTS && impossible == NULL; i++) {
        row->longest_ns = OB_MAX(row->longest_ns, row->bench.start[i].longest_ns[SIM_WORST]);
        row->longest_ns = OB_MAX(row->longest_ns, bench.start[i].longest_ns[SIM_WORST]);
    }
    sim_image_free(&old_image);
    sim_image_free(&new_image);
    return impossible;
}

static void rehearse(struct ob_arena *arena, const struct pm_budget *budget, struct pm_budget_row *row)
{
    struct sim_case config = {.mode = row->mode, .updateable = 1, .set = SIM_SET_FULL, .seed = 1};
    struct sim_timing timing[SIM_CHIPS][SIM_PACES];

    config.scenario = sim_scenario_find(row->mode == OB_MODE_OVERWRITE ? "confirm" : "revert");
    row->impossible = describe(arena, budget, &config);
    if (row->impossible != NULL) {
        return;
    }
    bool internal =
        sim_part_timing(&budget->part[SIM_INTERNAL].part, config.internal.erase_sizes, timing[SIM_INTERNAL]);
    bool external =
        sim_part_timing(&budget->part[SIM_EXTERNAL].part, config.external.erase_sizes, timing[SIM_EXTERNAL]);
    row->timed = internal && external;
    row->impossible = sim_bench_run(&config, NULL, timing, NULL, row->first, &row->bench);
    if (row->impossible == NULL && row->bench.failure[0] != '\0') {
        row->impossible = ob_arena_printf(arena, "%s", row->bench.failure);
    }
    if (row->impossible == NULL) {
        row->impossible = find_longest(&config, timing, row);
    }
}

enum ob_exit pm_budget_make(const struct pm_check *check, const struct pm_pair *pair,
                            const struct pm_budget_names *names, bool all, struct pm_budget *budget)
{
    static const struct pm_budget_row rows[PM_BUDGET_ROWS] = {
        {.name = "slide", .mode = OB_MODE_SLIDE},
        {.name = "overwrite", .mode = OB_MODE_OVERWRITE},
        {.name = "dual", .mode = OB_MODE_DUAL},
        {.name = "dual, first update", .mode = OB_MODE_DUAL, .first = true},
    };

    *budget = (struct pm_budget){.pair = pair};
    enum ob_exit rc = choose_part(check, &pair->primary, names->part[SIM_INTERNAL], &budget->part[SIM_INTERNAL]);
    if (rc == OB_EXIT_OK) {
        rc = choose_part(check, &pair->secondary, names->part[SIM_EXTERNAL], &budget->part[SIM_EXTERNAL]);
    }
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < PM_BUDGET_ROWS; i++) {
        if (all || rows[i].mode == pair->mode) {
            struct pm_budget_row *row = &budget->row[budget->row_count++];
            *row = rows[i];
            rehearse(check->arena, budget, row);
        }
    }
    return rc;
}

/* ---- what limits are about ---- */

uint64_t pm_budget_install_ns(const struct pm_budget_row *row)
{
    const struct sim_bench_cost *start = row->bench.start;

    return OB_MAX(sim_bench_ns(&start[SIM_BENCH_UPGRADE], SIM_WORST),
                  sim_bench_ns(&start[SIM_BENCH_REVERT], SIM_WORST));
}

uint32_t pm_budget_updates(const struct pm_budget *budget, const struct pm_budget_row *row)
{
    uint32_t updates = UINT32_MAX;

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        uint32_t wear = row->bench.start[SIM_BENCH_UPGRADE].chip[id].total_wear;
        updates = wear == 0 ? updates : OB_MIN(updates, budget->part[id].part.endurance / wear);
    }
    return updates == UINT32_MAX ? 0 : updates;
}
