/* SPDX-License-Identifier: Apache-2.0 */
#include "region_options.h"

#include <string.h>

/*
 * The options of the SDK's script carry the region's name, so their table is built from what follows --regions before
 * argp sees the command line.
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

uint32_t pm_region_option_count(const struct pm_region_options *o)
{
    return o->names.count * FIELD_COUNT;
}

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
        ob_args_error(state, "placement strategy '%s' is none of start_to_end, end_to_start, complex", arg);
    }
}

static const char *text_or_null(const char *arg)
{
    return arg[0] == '\0' ? NULL : arg;
}

error_t pm_region_option(struct pm_region_options *o, int key, char *arg, struct argp_state *state)
{
    uint32_t index = (uint32_t)(key - PM_KEY_REGION);

    if (key < PM_KEY_REGION || index >= pm_region_option_count(o)) {
        return ARGP_ERR_UNKNOWN;
    }
    struct pm_region *region = &o->layout->regions[index / FIELD_COUNT];

    switch ((enum field)(index % FIELD_COUNT)) {
    case FIELD_SIZE:
        if (!parse_bytes(arg, &region->size) || region->size == 0) {
            ob_args_error(state, "region '%s': '%s' is no size of 1 byte to 4 GiB", region->name, arg);
        }
        o->has_size[index / FIELD_COUNT] = true;
        return 0;
    case FIELD_BASE:
        if (!parse_bytes(arg, &region->base)) {
            ob_args_error(state, "region '%s': '%s' is no address below 4 GiB", region->name, arg);
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
            ob_args_error(state, "region '%s': '%s' is no partition name", region->name, arg);
        }
        region->dynamic = pm_name_get(o->layout, arg);
        return 0;
    case FIELD_COUNT:
        break;
    }
    return ARGP_ERR_UNKNOWN;
}

/** The words after --regions, before argp runs. */
static void read_regions(struct pm_region_options *o, int argc, char **argv)
{
    bool inside = false;

    for (int i = 1; i < argc; i++) {
        bool is_option = strncmp(argv[i], "--", 2) == 0;
        if (!is_option && inside) {
            pm_words_add(&o->names, argv[i], o->layout->arena);
        } else if (is_option) {
            inside = strcmp(argv[i], "--regions") == 0;
            if (strncmp(argv[i], "--regions=", 10) == 0) {
                pm_words_add(&o->names, argv[i] + 10, o->layout->arena);
                inside = true;
            }
        }
    }
}

static bool make_regions(struct pm_region_options *o)
{
    struct pm_layout *layout = o->layout;

    if (o->names.count == 0 || o->names.count > PM_REGIONS_MAX) {
        ob_diag_error(NULL, "give 1 to %u names after --regions", PM_REGIONS_MAX);
        return false;
    }
    layout->regions = ob_arena_array(layout->arena, o->names.count, sizeof(*layout->regions));
    for (uint32_t i = 0; i < o->names.count; i++) {
        char *name = ob_arena_printf(layout->arena, "%s", o->names.v[i]);
        for (char *dash = strchr(name, '-'); dash != NULL; dash = strchr(dash, '-')) {
            *dash = '_';
        }
        if (!pm_name_is_valid(name) || pm_region_find(layout, name) != NULL) {
            ob_diag_error(NULL, "'%s' is no region name, or given twice", o->names.v[i]);
            return false;
        }
        layout->regions[i].name = name;
        layout->region_count++;
    }
    return true;
}

bool pm_region_options_begin(struct pm_region_options *o, int argc, char **argv)
{
    read_regions(o, argc, argv);
    return o->names.count == 0 || make_regions(o);
}

void pm_region_options_table(const struct pm_region_options *o, struct argp_option *table)
{
    for (uint32_t i = 0; i < pm_region_option_count(o); i++) {
        const struct field_option *field = &fields[i % FIELD_COUNT];
        table[i] = (struct argp_option){
            .name = ob_arena_printf(o->layout->arena, "%s-%s", o->names.v[i / FIELD_COUNT], field->suffix),
            .key = PM_KEY_REGION + (int)i,
            .arg = field->arg,
            .doc = field->doc,
            .group = 1 + (int)(i / FIELD_COUNT),
        };
    }
}

static bool settle(struct pm_region_options *o)
{
    for (uint32_t i = 0; i < o->layout->region_count; i++) {
        struct pm_region *region = &o->layout->regions[i];
        if (!o->has_size[i]) {
            ob_diag_error(NULL, "region '%s' has no size; give --%s-size", region->name, o->names.v[i]);
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

bool pm_region_options_end(struct pm_region_options *o)
{
    return settle(o) && dynamic_names_differ(o->layout);
}
