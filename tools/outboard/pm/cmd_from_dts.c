/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/file.h"
#include "cmd.h"
#include "read/dts.h"

enum key {
    KEY_NODE = 0x100,
    KEY_BASE,
    KEY_SIZE,
    KEY_PAD,
    KEY_AGREE,
    KEY_DEFAULT_IN,
    KEY_NEED,
    KEY_OUTPUT,
};

static const struct argp_option options_table[] = {
    {"node", KEY_NODE, "REGION=NODE", 0,
     "the flash device that is a region, by label or path; otherwise chosen zephyr,flash is flash_primary and "
     "nordic,pm-ext-flash, or the one other chip with partitions, is external_flash",
     0},
    {"base", KEY_BASE, "REGION=ADDRESS", 0,
     "where a region begins in the layout; otherwise flash that the CPU reads begins where its node says, others at 0",
     0},
    {"size", KEY_SIZE, "REGION=BYTES", 0, "how much of the device the layout uses; all by default", 0},
    {"pad", KEY_PAD, "BYTES", 0, "room for the image header at the start of slot0_partition; 0x200 by default", 0},
    {"agree", KEY_AGREE, "IMAGE=FILE", 0, "the devicetree of another image, which has to have the same partitions", 0},
    {"default-in", KEY_DEFAULT_IN, "FOLDER", 0,
     "partitions written in files there are a board's own: they give way to others that overlap them", 0},
    {"need", KEY_NEED, "NAME", 0, "a partition that has to be there, by its name in the layout", 0},
    {"output", KEY_OUTPUT, "FILE", 0, "where to write it; standard output by default", 0},
    {0},
};

static const char doc[] = "Make a pm_static.yml from the partitions of a devicetree.\v"
                          "FILE is what 'dtc' reads or writes: the devicetree.dts or devicetree.dtb of a build here, "
                          "the zephyr.dts of a Zephyr or "
                          "SDK build. An overlay alone says nothing about the chips that it is for.\n\n"
                          "  outboard pm from-dts build/zephyr/zephyr.dts --output pm_static.yml";

#define AGREE_MAX 8U

struct options {
    struct ob_arena arena;
    struct pm_dts_regions regions;
    const char *agree[AGREE_MAX];
    uint32_t agree_count;
    struct pm_words defaults;
    struct pm_words needs;
    const char *input;
    const char *output;
    uint64_t pad;
};

static bool parse_pad(struct options *o, const char *arg)
{
    const char *end = arg;

    if (ob_args_take_number(&end, 0x10000, &o->pad) && *end == '\0') {
        return true;
    }
    ob_diag_error(NULL, "--pad: '%s' is no number of bytes up to 0x10000", arg);
    return false;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    bool ok = true;

    switch (key) {
    case KEY_NODE:
        ok = pm_dts_region_node(&o->regions, &o->arena, arg);
        break;
    case KEY_BASE:
        ok = pm_dts_region_base(&o->regions, &o->arena, arg);
        break;
    case KEY_SIZE:
        ok = pm_dts_region_size(&o->regions, &o->arena, arg);
        break;
    case KEY_PAD:
        ok = parse_pad(o, arg);
        break;
    case KEY_AGREE:
        if (o->agree_count == AGREE_MAX || strchr(arg, '=') == NULL) {
            ob_args_error(state, "--agree %s: give it as IMAGE=FILE, at most %u of them", arg, AGREE_MAX);
        }
        o->agree[o->agree_count++] = arg;
        break;
    case KEY_DEFAULT_IN:
        pm_words_add(&o->defaults, arg, &o->arena);
        break;
    case KEY_NEED:
        pm_words_add(&o->needs, arg, &o->arena);
        break;
    case KEY_OUTPUT:
        o->output = arg;
        break;
    case ARGP_KEY_ARG:
        if (o->input != NULL) {
            ob_args_error(state, "one FILE, not also '%s'", arg);
        }
        o->input = arg;
        break;
    case ARGP_KEY_NO_ARGS:
        ob_args_error(state, "the FILE of a devicetree is missing");
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (!ok) {
        exit(ob_diag_end(OB_EXIT_USAGE)); /* it was said why */
    }
    return 0;
}

static enum ob_exit read_dts(struct options *o, const char *path, struct pm_dts *dts)
{
    struct dt_tree *tree = ob_arena_alloc(&o->arena, sizeof(*tree));
    enum ob_exit rc = pm_dts_open(&o->arena, path, tree);

    *dts = (struct pm_dts){.arena = &o->arena,
                           .tree = tree,
                           .regions = o->regions,
                           .pad = o->pad,
                           .defaults = o->defaults.v,
                           .default_count = o->defaults.count};
    return rc == OB_EXIT_OK ? pm_dts_read(dts) : rc;
}

static enum ob_exit check_agreement(struct options *o, const struct pm_dts *own)
{
    enum ob_exit rc = OB_EXIT_OK;

    for (uint32_t i = 0; rc == OB_EXIT_OK && i < o->agree_count; i++) {
        const char *equal = strchr(o->agree[i], '=');
        struct pm_dts other;
        rc = read_dts(o, equal + 1, &other);
        if (rc == OB_EXIT_OK) {
            const char *image = ob_arena_text(&o->arena, o->agree[i], (size_t)(equal - o->agree[i]));
            rc = pm_dts_agree(own, &other, image);
        }
    }
    return rc;
}

static enum ob_exit write_static(const struct options *o, const struct pm_dts *dts)
{
    struct ob_file_text file = {.path = o->output};
    FILE *out = ob_file_text_open(&file);

    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = pm_dts_emit_static(out, dts);
    fclose(out);
    if (rc == OB_EXIT_OK && o->output == NULL) {
        fputs(file.data, stdout);
    } else if (rc == OB_EXIT_OK) {
        rc = ob_file_write_all(&file, 1);
    }
    ob_file_text_free(&file, 1);
    return rc;
}

int pm_cmd_from_dts(int argc, char **argv)
{
    static const struct argp argp = {options_table, parse_option, "FILE", doc, NULL, NULL, NULL};
    struct options o = {.pad = 0x200};
    struct pm_dts dts;

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = read_dts(&o, o.input, &dts);
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < o.needs.count; i++) {
        rc = pm_dts_need(&dts, o.needs.v[i]);
    }
    if (rc == OB_EXIT_OK) {
        rc = check_agreement(&o, &dts);
    }
    if (rc == OB_EXIT_OK) {
        rc = write_static(&o, &dts);
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}
