/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"
#include "cmd.h"
#include "pm.h"

/*
 * The options of the SDK's script, with the same names. Those of a region carry the region's name, so the table of
 * options is built from what follows --regions before argp sees the command line.
 */

enum field {
    FIELD_SIZE,
    FIELD_BASE,
    FIELD_STRATEGY,
    FIELD_DEVICE,
    FIELD_DRIVER,
    FIELD_DYNAMIC,
    FIELD_COUNT,
};

struct field_option {
    const char *suffix;
    const char *arg;
    const char *doc;
};

static const struct field_option fields[FIELD_COUNT] = {
    {"size", "BYTES", "size of the region (required)"},
    {"base-address", "ADDRESS", "its first address (0)"},
    {"placement-strategy", "STRATEGY", "start_to_end (default), end_to_start or complex"},
    {"device", "TEXT", "device for the flash map, for example DT_CHOSEN(nordic_pm_ext_flash)"},
    {"default-driver-kconfig", "SYMBOL", "Kconfig symbol that is 1 when its driver is compiled in"},
    {"dynamic-partition", "NAME", "complex only: what takes all leftover space (app)"},
};

enum key {
    KEY_INPUTS = 0x100,
    KEY_REGIONS,
    KEY_STATIC,
    KEY_PARTITIONS,
    KEY_REGIONS_OUT,
    KEY_FIELD, /* + FIELD_COUNT * region + field */
};

#define COMMON_OPTION_COUNT 5U
#define REGIONS_MAX 64U

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
    struct pm_words regions;
    const char *static_config;
    const char *partitions_out;
    const char *regions_out;
    bool has_size[REGIONS_MAX];
    int last_key; /* which list a word without an option continues */
};

static bool parse_bytes(const char *text, uint64_t *value)
{
    struct ob_yaml node = {.kind = OB_YAML_SCALAR, .text = text};

    return ob_yaml_to_u64(&node, value) && *value <= PM_END_MAX;
}

static void parse_strategy(const char *arg, struct pm_region *region, struct argp_state *state)
{
    if (strcmp(arg, "start_to_end") == 0) {
        region->strategy = PM_START_TO_END;
    } else if (strcmp(arg, "end_to_start") == 0) {
        region->strategy = PM_END_TO_START;
    } else if (strcmp(arg, "complex") == 0) {
        region->strategy = PM_COMPLEX;
    } else {
        argp_error(state, "placement strategy '%s' is none of start_to_end, end_to_start, complex", arg);
    }
}

static const char *text_or_null(const char *arg)
{
    return arg[0] == '\0' ? NULL : arg;
}

static error_t parse_field(uint32_t index, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    struct pm_region *region = &o->layout->regions[index / FIELD_COUNT];

    switch ((enum field)(index % FIELD_COUNT)) {
    case FIELD_SIZE:
        if (!parse_bytes(arg, &region->size) || region->size == 0) {
            argp_error(state, "region '%s': '%s' is no size of 1 byte to 4 GiB", region->name, arg);
        }
        o->has_size[index / FIELD_COUNT] = true;
        return 0;
    case FIELD_BASE:
        if (!parse_bytes(arg, &region->base)) {
            argp_error(state, "region '%s': '%s' is no address below 4 GiB", region->name, arg);
        }
        return 0;
    case FIELD_STRATEGY:
        parse_strategy(arg, region, state);
        return 0;
    case FIELD_DEVICE:
        region->device = text_or_null(arg);
        return 0;
    case FIELD_DRIVER:
        region->driver = text_or_null(arg);
        return 0;
    case FIELD_DYNAMIC:
        if (!pm_name_is_valid(arg)) {
            argp_error(state, "region '%s': '%s' is no partition name", region->name, arg);
        }
        region->dynamic = pm_name_get(o->layout, arg);
        return 0;
    case FIELD_COUNT:
        break;
    }
    return ARGP_ERR_UNKNOWN;
}

static error_t parse_word(struct options *o, char *arg, struct argp_state *state)
{
    if (o->last_key == KEY_INPUTS) {
        pm_words_add(&o->inputs, arg, o->arena);
    } else if (o->last_key != KEY_REGIONS) { /* regions were read before: see read_regions() */
        argp_error(state, "'%s' belongs to no option", arg);
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
        if (key >= KEY_FIELD && key < KEY_FIELD + (int)(o->regions.count * FIELD_COUNT)) {
            return parse_field((uint32_t)(key - KEY_FIELD), arg, state);
        }
        return ARGP_ERR_UNKNOWN;
    }
}

/** The words after --regions, before argp runs. */
static void read_regions(struct options *o, int argc, char **argv)
{
    bool inside = false;

    for (int i = 1; i < argc; i++) {
        bool is_option = strncmp(argv[i], "--", 2) == 0;
        if (!is_option && inside) {
            pm_words_add(&o->regions, argv[i], o->arena);
        } else if (is_option) {
            inside = strcmp(argv[i], "--regions") == 0;
            if (strncmp(argv[i], "--regions=", 10) == 0) {
                pm_words_add(&o->regions, argv[i] + 10, o->arena);
                inside = true;
            }
        }
    }
}

static bool make_regions(struct options *o)
{
    struct pm_layout *layout = o->layout;

    if (o->regions.count == 0 || o->regions.count > REGIONS_MAX) {
        ob_diag_error(NULL, "give 1 to %u names after --regions", REGIONS_MAX);
        return false;
    }
    layout->regions = ob_arena_array(o->arena, o->regions.count, sizeof(*layout->regions));
    for (uint32_t i = 0; i < o->regions.count; i++) {
        char *name = ob_arena_printf(o->arena, "%s", o->regions.v[i]);
        for (char *dash = strchr(name, '-'); dash != NULL; dash = strchr(dash, '-')) {
            *dash = '_';
        }
        if (!pm_name_is_valid(name) || pm_region_find(layout, name) != NULL) {
            ob_diag_error(NULL, "'%s' is no region name, or given twice", o->regions.v[i]);
            return false;
        }
        layout->regions[i].name = name;
        layout->region_count++;
    }
    return true;
}

static struct argp_option *make_options(struct options *o)
{
    uint32_t count = COMMON_OPTION_COUNT + o->regions.count * FIELD_COUNT;
    struct argp_option *options = ob_arena_array(o->arena, count + 1, sizeof(*options));

    memcpy(options, common_options, sizeof(common_options));
    for (uint32_t i = 0; i < o->regions.count * FIELD_COUNT; i++) {
        const struct field_option *field = &fields[i % FIELD_COUNT];
        options[COMMON_OPTION_COUNT + i] = (struct argp_option){
            .name = ob_arena_printf(o->arena, "%s-%s", o->regions.v[i / FIELD_COUNT], field->suffix),
            .key = KEY_FIELD + (int)i,
            .arg = field->arg,
            .doc = field->doc,
            .group = 1 + (int)(i / FIELD_COUNT),
        };
    }
    return options;
}

static bool settle_regions(struct options *o)
{
    for (uint32_t i = 0; i < o->layout->region_count; i++) {
        struct pm_region *region = &o->layout->regions[i];
        if (!o->has_size[i]) {
            ob_diag_error(NULL, "region '%s' has no size; give --%s-size", region->name, o->regions.v[i]);
            return false;
        }
        if (region->size > PM_END_MAX - region->base) {
            ob_diag_error(NULL, "region '%s' ends above 4 GiB", region->name);
            return false;
        }
        if (region->strategy == PM_COMPLEX && region->dynamic == NULL) {
            region->dynamic = pm_name_get(o->layout, "app");
        }
        if (region->strategy != PM_COMPLEX) {
            region->dynamic = NULL;
        }
    }
    return true;
}

static bool dynamic_names_differ(const struct pm_layout *layout)
{
    for (uint32_t i = 0; i < layout->region_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const struct pm_name *dynamic = layout->regions[i].dynamic;
            if (dynamic != NULL && dynamic == layout->regions[j].dynamic) {
                ob_diag_error(NULL,
                              "regions '%s' and '%s' both have the dynamic partition '%s'; give one "
                              "another --<region>-dynamic-partition",
                              layout->regions[j].name, layout->regions[i].name, dynamic->text);
                return false;
            }
        }
    }
    return true;
}

static const char doc[] =
    "Lay out the partitions of one domain.\v"
    "Every region named after --regions adds its own options: --NAME-size, --NAME-base-address, "
    "--NAME-placement-strategy, --NAME-device, --NAME-default-driver-kconfig, --NAME-dynamic-partition. "
    "Give --regions to see them here. Numbers are decimal or 0x.\n\n"
    "Nothing is written unless everything fits. Exit status: 0 fine, 1 the layout is impossible, "
    "2 wrong usage or an unreadable file.";

static enum ob_exit parse_options(struct options *o, int argc, char **argv)
{
    read_regions(o, argc, argv);
    if (o->regions.count != 0 && !make_regions(o)) {
        return OB_EXIT_USAGE;
    }
    struct argp argp = {make_options(o), parse_option, NULL, doc, NULL, NULL, NULL};
    enum ob_exit rc = pm_args_parse(&argp, argc, argv, o);
    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (o->regions.count == 0 || o->partitions_out == NULL || o->regions_out == NULL) {
        ob_diag_error(NULL, "%s needs --regions, --output-partitions and --output-regions", argv[0]);
        return OB_EXIT_USAGE;
    }
    return settle_regions(o) && dynamic_names_differ(o->layout) ? OB_EXIT_OK : OB_EXIT_USAGE;
}

static enum ob_exit write_outputs(const struct options *o)
{
    struct ob_file_text files[2] = {{.path = o->partitions_out}, {.path = o->regions_out}};
    char *text[2] = {NULL, NULL};
    enum ob_exit rc = OB_EXIT_USAGE;

    FILE *partitions = open_memstream(&text[0], &files[0].len);
    FILE *regions = open_memstream(&text[1], &files[1].len);
    if (partitions != NULL && regions != NULL) {
        pm_emit_partitions(partitions, o->layout);
        pm_emit_regions(regions, o->layout);
    }
    bool ok = partitions != NULL && fclose(partitions) == 0;
    ok = regions != NULL && fclose(regions) == 0 && ok;
    if (ok) {
        files[0].data = text[0];
        files[1].data = text[1];
        rc = ob_file_write_all(files, 2);
    }
    free(text[0]);
    free(text[1]);
    return rc;
}

int pm_cmd_resolve(int argc, char **argv)
{
    struct ob_arena arena = {0};
    struct pm_layout layout = {.arena = &arena};
    struct options o = {.arena = &arena, .layout = &layout};

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
