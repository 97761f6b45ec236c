/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"
#include "read/load.h"
#include "region_options.h"
#include "solve/solve.h"
#include "write/partitions.h"

/* The options of the SDK's script, with the same names. */

enum key {
    KEY_INPUTS = 0x100,
    KEY_REGIONS,
    KEY_STATIC,
    KEY_PARTITIONS,
    KEY_REGIONS_OUT,
};

#define COMMON_OPTION_COUNT 5U

static const struct argp_option common_options[COMMON_OPTION_COUNT] = {
    {"input-files", KEY_INPUTS, "FILE...", 0, "pm.yml files, in the order they are merged", 0},
    {"regions", KEY_REGIONS, "NAME...", 0, "the regions there are, in the order they are solved", 0},
    {"static-config", KEY_STATIC, "FILE", 0, "pm_static.yml: partitions with fixed places", 0},
    {"output-partitions", KEY_PARTITIONS, "FILE", 0, "where to write partitions.yml", 0},
    {"output-regions", KEY_REGIONS_OUT, "FILE", 0, "where to write regions.yml", 0},
};

struct options {
    struct ob_arena *arena;
    struct pm_layout *layout;
    struct pm_words inputs;
    struct pm_region_options regions;
    const char *static_config;
    const char *partitions_out;
    const char *regions_out;
    int last_key; /* which list a word without an option continues */
};

static error_t parse_word(struct options *o, char *arg, struct argp_state *state)
{
    if (o->last_key == KEY_INPUTS) {
        pm_words_add(&o->inputs, arg, o->arena);
    } else if (o->last_key != KEY_REGIONS) { /* regions were read before: see pm_region_options_begin() */
        ob_args_error(state, "'%s' belongs to no option", arg);
    }
    return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    if (key == ARGP_KEY_ARG) {
        return parse_word(o, arg, state);
    }
    if (key >= KEY_INPUTS && key < 0x1000000) {
        o->last_key = key;
    }
    switch (key) {
    case KEY_INPUTS:
        pm_words_add(&o->inputs, arg, o->arena);
        return 0;
    case KEY_REGIONS:
        return 0;
    case KEY_STATIC:
        o->static_config = arg;
        return 0;
    case KEY_PARTITIONS:
        o->partitions_out = arg;
        return 0;
    case KEY_REGIONS_OUT:
        o->regions_out = arg;
        return 0;
    default:
        return pm_region_option(&o->regions, key, arg, state);
    }
}

static const char doc[] =
    "Lay out the partitions of one domain.\v"
    "Every region named after --regions adds its own options: --NAME-size, --NAME-base-address, "
    "--NAME-placement-strategy, --NAME-device, --NAME-default-driver-kconfig, --NAME-dynamic-partition. "
    "Give --regions to see them here. Numbers are decimal or 0x.\n\n"
    "Nothing is written unless everything fits.\n\n"
    "  outboard pm resolve --input-files pm.yml --static-config pm_static.yml \\\n"
    "    --regions flash_primary --flash_primary-size 0x100000 \\\n"
    "    --flash_primary-placement-strategy complex \\\n"
    "    --output-partitions partitions.yml --output-regions regions.yml";

static struct argp_option *make_table(const struct options *o)
{
    uint32_t count = COMMON_OPTION_COUNT + pm_region_option_count(&o->regions);
    struct argp_option *table = ob_arena_array(o->arena, count + 1, sizeof(*table));

    memcpy(table, common_options, sizeof(common_options));
    pm_region_options_table(&o->regions, table + COMMON_OPTION_COUNT);
    return table;
}

static enum ob_exit parse_options(struct options *o, int argc, char **argv)
{
    if (!pm_region_options_begin(&o->regions, argc, argv)) {
        return OB_EXIT_USAGE;
    }
    struct argp argp = {make_table(o), parse_option, NULL, doc, NULL, NULL, NULL};
    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, o);
    if (o->regions.names.count == 0 || o->partitions_out == NULL || o->regions_out == NULL) {
        ob_diag_error(NULL, "%s needs --regions, --output-partitions and --output-regions", argv[0]);
        return OB_EXIT_USAGE;
    }
    return pm_region_options_end(&o->regions) ? OB_EXIT_OK : OB_EXIT_USAGE;
}

static enum ob_exit write_outputs(const struct options *o)
{
    struct ob_file_text files[2] = {{.path = o->partitions_out}, {.path = o->regions_out}};
    void (*const write[2])(FILE * out, const struct pm_layout *layout) = {pm_emit_partitions, pm_emit_regions};
    enum ob_exit rc = OB_EXIT_OK;

    for (uint32_t i = 0; rc == OB_EXIT_OK && i < 2; i++) {
        FILE *out = ob_file_text_open(&files[i]);
        if (out == NULL) {
            rc = OB_EXIT_USAGE;
        } else {
            write[i](out, o->layout);
            fclose(out);
        }
    }
    if (rc == OB_EXIT_OK) {
        rc = ob_file_write_all(files, 2);
    }
    ob_file_text_free(files, 2);
    return rc;
}

int pm_cmd_resolve(int argc, char **argv)
{
    struct ob_arena arena = {0};
    struct pm_layout layout = {.arena = &arena};
    struct options o = {.arena = &arena, .layout = &layout, .regions = {.layout = &layout}};

    enum ob_exit rc = parse_options(&o, argc, argv);
    if (rc == OB_EXIT_OK) {
        rc = pm_load(&layout, o.static_config, o.inputs.v, o.inputs.count);
    }
    if (rc == OB_EXIT_OK) {
        rc = pm_solve(&layout);
    }
    if (rc == OB_EXIT_OK) {
        rc = write_outputs(&o);
    }
    ob_arena_free(&arena);
    return (int)rc;
}
