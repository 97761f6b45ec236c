/* SPDX-License-Identifier: Apache-2.0 */
#include "dt.h"

#include <stdlib.h>
#include <string.h>

#include "../commands.h"
#include "../common/args.h"
#include "../common/file.h"
#include "../common/subcommand.h"

enum option_key {
    KEY_DTB = 0x100,
    KEY_BINDINGS,
    KEY_HEADER,
    KEY_JSON,
    KEY_SOURCE,
    KEY_PLACES,
    KEY_NODES,
    KEY_IMAGE,
    KEY_GROW,
};

struct link_options {
    struct dt_link link;
    char **command;
};

struct options {
    const char *dtb;
    struct dt_dirs bindings;
    const char *header;
    const char *json;
    const char *source;
    const char *places;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_DTB:
        options->dtb = arg;
        return 0;
    case KEY_BINDINGS:
        if (options->bindings.count == DT_DIRS_MAX) {
            ob_args_error(state, "at most %d times --bindings", DT_DIRS_MAX);
            return 0;
        }
        options->bindings.v[options->bindings.count++] = arg;
        return 0;
    case KEY_HEADER:
        options->header = arg;
        return 0;
    case KEY_JSON:
        options->json = arg;
        return 0;
    case KEY_SOURCE:
        options->source = arg;
        return 0;
    case KEY_PLACES:
        options->places = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->dtb == NULL || options->bindings.count == 0 || options->header == NULL) {
            ob_args_error(state, "--dtb, --bindings and --header are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_link_option(int key, char *arg, struct argp_state *state)
{
    struct link_options *options = state->input;
    struct dt_link *link = &options->link;
    switch (key) {
    case KEY_NODES:
        link->nodes = arg;
        return 0;
    case KEY_IMAGE:
        link->image = arg;
        return 0;
    case KEY_GROW:
        link->grow = arg;
        return 0;
    case ARGP_KEY_END:
        if (link->nodes == NULL) {
            ob_args_error(state, "--nodes is needed");
        }
        return 0;
    case ARGP_KEY_NO_ARGS:
        ob_args_error(state, "the command of the linker is missing");
        return 0;
    case ARGP_KEY_ARGS: /* everything after `--` is the linker's */
        options->command = state->argv + state->next;
        state->next = state->argc;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum ob_exit write_outputs(const struct options *options, const struct dt_tree *tree)
{
    struct ob_file_text files[2] = {{.path = options->header}, {.path = options->json}};
    size_t count = options->json == NULL ? 1 : 2;
    for (size_t i = 0; i < count; i++) {
        FILE *out = ob_file_text_open(&files[i]);
        if (out == NULL) {
            return OB_EXIT_USAGE;
        }
        (i == 0 ? dt_print_header : dt_print_json)(out, tree);
        fclose(out);
    }
    enum ob_exit status = ob_file_write_all(files, count);
    ob_file_text_free(files, count);
    return status;
}

static enum ob_exit generate(const struct options *options, struct ob_arena *arena)
{
    struct dt_tree tree;
    struct dt_bindings bindings;
    enum ob_exit status = dt_tree_read(arena, options->dtb, options->source, &tree);
    if (status == OB_EXIT_OK && options->places != NULL) {
        status = dt_places_read(arena, options->places, &tree.places);
    }
    if (status == OB_EXIT_OK) {
        status = dt_bindings_read(arena, &options->bindings, &bindings);
    }
    if (status == OB_EXIT_OK) {
        status = dt_check(&tree, &bindings);
    }
    if (status == OB_EXIT_OK) {
        status = dt_order(&tree);
    }
    if (status == OB_EXIT_OK) {
        status = write_outputs(options, &tree);
    }
    return status;
}

static int cmd_link(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"nodes", KEY_NODES, "FILE", 0, "what 'outboard dt --json' wrote for this image", 0},
        {"image", KEY_IMAGE, "NAME", 0, "name of the image in messages", 0},
        {"grow", KEY_GROW, "TEXT", 0, "cure for an image that is larger than its partition", 0},
        {0},
    };
    static const struct argp argp = {
        known,
        parse_link_option,
        "-- COMMAND...",
        "Run a linker, and explain which devicetree node an undefined __device_dts_ord_<n> is and what to set.\v"
        "  outboard dt link --nodes devicetree.json -- arm-none-eabi-gcc main.o\n\n"
        "Exit status: the linker's.",
        NULL,
        NULL,
        NULL};
    struct link_options options = {.link = {.image = "image", .grow = "make it smaller, or its partition larger"}};
    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &options);
    return dt_link(&options.link, options.command);
}

static error_t parse_arrange_option(int key, char *arg, struct argp_state *state)
{
    const char **source = state->input;
    if (key == ARGP_KEY_ARG && *source == NULL) {
        *source = arg;
        return 0;
    }
    if (key == ARGP_KEY_NO_ARGS) {
        ob_args_error(state, "the devicetree source is missing");
    }
    return ARGP_ERR_UNKNOWN;
}

static int cmd_arrange(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse_arrange_option,
        "SOURCE",
        "In a preprocessed devicetree source, put the properties of each node before its child nodes, as dtc wants "
        "them. The file is written over.\v"
        "  outboard dt arrange devicetree.pre.dts",
        NULL,
        NULL,
        NULL};
    const char *source = NULL;
    ob_args_parse(&argp, argc, argv, 0, &source);
    return (int)dt_arrange(source);
}

int ob_cmd_dt(int argc, char **argv)
{
    static const struct argp_option known[] = {
        {"dtb", KEY_DTB, "FILE", 0, "devicetree blob, compiled with dtc -@ so that labels are kept", 0},
        {"bindings", KEY_BINDINGS, "DIR", 0,
         "what each compatible must and may have: DIR/*.yaml; may be repeated, the first counts", 0},
        {"header", KEY_HEADER, "FILE", 0, "C header to write", 0},
        {"json", KEY_JSON, "FILE", 0, "the same facts for scripts: chosen, nodes by ordinal, properties", 0},
        {"places", KEY_PLACES, "FILE", 0,
         "the same tree by 'dtc -T -T -O dts': messages then name file, line and column", 0},
        {"source", KEY_SOURCE, "NAME", 0, "file that messages name instead of the blob", 0},
        {0},
    };
    static const struct argp argp = {
        known,
        parse_option,
        "--dtb FILE --bindings DIR... --header FILE [--json FILE]\n"
        "link --nodes FILE [--image NAME] [--grow TEXT] -- COMMAND...\n"
        "arrange SOURCE",
        "Check a devicetree against the bindings and turn it into a C header.\v"
        "'outboard dt link' runs a linker and explains missing devices; 'outboard dt arrange' "
        "puts the properties of a preprocessed source before child nodes.\n\n"
        "  outboard dt --dtb devicetree.dtb --bindings dts/bindings \\\n"
        "    --header devicetree.h",
        NULL,
        NULL,
        NULL};
    static const struct ob_subcommand commands[] = {
        {"link", cmd_link, "outboard dt link", NULL},
        {"arrange", cmd_arrange, "outboard dt arrange", NULL},
    };
    int answer;
    if (ob_subcommand_run("outboard dt", commands, sizeof(commands) / sizeof(commands[0]), argc, argv, &answer)) {
        return answer;
    }
    struct options options = {0};
    ob_args_parse(&argp, argc, argv, 0, &options);
    options.source = options.source == NULL ? options.dtb : options.source;
    struct ob_arena arena = {0};
    enum ob_exit status = generate(&options, &arena);
    ob_arena_free(&arena);
    return (int)status;
}
