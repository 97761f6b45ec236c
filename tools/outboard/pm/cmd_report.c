/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/file.h"
#include "cmd.h"
#include "picture.h"

enum key {
    KEY_PARTITIONS = 0x100,
    KEY_REGIONS,
    KEY_SVG,
    KEY_HTML,
};

static const struct argp_option options_table[] = {
    {"partitions", KEY_PARTITIONS, "FILE", 0, "partitions.yml of the build", 0},
    {"regions", KEY_REGIONS, "FILE", 0, "regions.yml of the build", 0},
    {"svg", KEY_SVG, "FILE", 0, "write a picture instead", 0},
    {"html", KEY_HTML, "FILE", 0, "write a page with picture and table instead", 0},
    {0},
};

static const char doc[] = "Show where everything is: in the terminal, as a picture, or as a page.";

struct options {
    const char *partitions;
    const char *regions;
    const char *svg;
    const char *html;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_PARTITIONS:
        o->partitions = arg;
        return 0;
    case KEY_REGIONS:
        o->regions = arg;
        return 0;
    case KEY_SVG:
        o->svg = arg;
        return 0;
    case KEY_HTML:
        o->html = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->partitions == NULL || o->regions == NULL) {
            argp_error(state, "--partitions and --regions are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_terminal(struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count)
{
    const char *no_color = getenv("NO_COLOR");
    bool colour = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0');

    setlocale(LC_CTYPE, "");
    pm_report_text(stdout, arena, pictures, count, colour, strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
}

typedef void (*writer)(FILE *out, struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count);

static enum ob_exit write_file(const char *path, writer write, struct ob_arena *arena,
                               const struct pm_picture *pictures, uint32_t count)
{
    struct ob_file_text file = {.path = path};
    char *text = NULL;
    enum ob_exit rc = OB_EXIT_USAGE;

    if (path == NULL) {
        return OB_EXIT_OK;
    }
    FILE *out = open_memstream(&text, &file.len);
    if (out == NULL) {
        return rc;
    }
    write(out, arena, pictures, count);
    if (fclose(out) == 0) {
        file.data = text;
        rc = ob_file_write_all(&file, 1);
    }
    free(text);
    return rc;
}

static enum ob_exit check_places(const struct pm_layout *layout)
{
    for (uint32_t i = 0; i < layout->parts.count; i++) {
        const struct pm_part *part = layout->parts.v[i];
        if (part->address < part->region->base || pm_part_end(part) > pm_region_end(part->region)) {
            ob_diag_error(&part->at, "'%s' is outside region '%s'; do the two files belong together?", part->name->text,
                          part->region->name);
            return OB_EXIT_FINDING;
        }
    }
    return OB_EXIT_OK;
}

static enum ob_exit report(const struct options *o, struct pm_layout *layout)
{
    struct ob_arena *arena = layout->arena;
    struct pm_picture *pictures = ob_arena_array(arena, layout->region_count, sizeof(*pictures));

    pm_container_depths(layout);
    for (uint32_t i = 0; i < layout->region_count; i++) {
        pm_picture_make(arena, &layout->regions[i], &pictures[i]);
    }
    if (o->svg == NULL && o->html == NULL) {
        print_terminal(arena, pictures, layout->region_count);
    }
    enum ob_exit rc = write_file(o->svg, pm_report_svg, arena, pictures, layout->region_count);
    return rc == OB_EXIT_OK ? write_file(o->html, pm_report_html, arena, pictures, layout->region_count) : rc;
}

int pm_cmd_report(int argc, char **argv)
{
    static const struct argp argp = {options_table, parse_option, NULL, doc, NULL, NULL, NULL};
    struct ob_arena arena = {0};
    struct pm_layout layout = {.arena = &arena};
    struct options o = {0};

    enum ob_exit rc = pm_args_parse(&argp, argc, argv, &o);
    if (rc == OB_EXIT_OK) {
        rc = pm_load_regions(&layout, o.regions);
    }
    if (rc == OB_EXIT_OK) {
        rc = pm_load_resolved(&layout, o.partitions);
    }
    if (rc == OB_EXIT_OK) {
        rc = check_places(&layout);
    }
    if (rc == OB_EXIT_OK) {
        rc = report(&o, &layout);
    }
    ob_arena_free(&arena);
    return (int)rc;
}
