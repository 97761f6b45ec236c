/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/file.h"
#include "inputs.h"
#include "report/report.h"

enum key {
    KEY_SVG = 0x100,
    KEY_HTML,
    KEY_JSON,
};

static const struct argp_option options_table[] = {
    PM_INPUT_OPTIONS,
    {"svg", KEY_SVG, "FILE", 0, "write a picture instead", 3},
    {"html", KEY_HTML, "FILE", 0, "write a page with picture and table instead", 3},
    {"json", KEY_JSON, NULL, 0, "print the budgets as JSON instead", 3},
    PM_PART_OPTIONS,
    {0},
};

static const char doc[] =
    "Show where everything is: in the terminal, as a picture, or as a page.\v"
    "With the image named mcuboot, also what updates cost in each mode: time, erases, lifetime. They are "
    "rehearsed by the bootloader's own code on a model of the two chips.\n\n"
    "  outboard pm report --partitions partitions.yml --regions regions.yml \\\n"
    "    --image app=build --image mcuboot=build/mcuboot";

struct options {
    struct ob_arena arena;
    struct pm_inputs inputs;
    struct pm_budget_names names;
    const char *svg;
    const char *html;
    bool json;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_SVG:
        o->svg = arg;
        return 0;
    case KEY_HTML:
        o->html = arg;
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    case PM_KEY_PART_INTERNAL:
    case PM_KEY_PART_EXTERNAL:
        pm_part_option(&o->names, key, arg);
        return 0;
    default:
        return pm_inputs_option(&o->inputs, &o->arena, key, arg);
    }
}

static void print_terminal(const struct pm_report *report)
{
    const char *no_color = getenv("NO_COLOR");
    bool colour = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0');

    setlocale(LC_CTYPE, "");
    pm_report_text(stdout, report->arena, report->pictures, report->picture_count, colour,
                   strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
    for (uint32_t i = 0; i < report->use_count; i++) {
        const struct pm_use *use = &report->uses[i];
        printf("%s: the image takes %llu of %llu bytes, %.1f %%\n", use->image, (unsigned long long)use->bytes,
               (unsigned long long)use->room, 100.0 * (double)use->bytes / (double)use->room);
    }
    for (uint32_t i = 0; i < report->budget_count; i++) {
        pm_budget_text(stdout, report->arena, &report->budgets[i]);
    }
}

static void write_svg(FILE *out, const struct pm_report *report)
{
    pm_report_svg(out, report->arena, report->pictures, report->picture_count);
}

static enum ob_exit write_file(const char *path, void (*write)(FILE *out, const struct pm_report *report),
                               const struct pm_report *report)
{
    struct ob_file_text file = {.path = path};

    if (path == NULL) {
        return OB_EXIT_OK;
    }
    FILE *out = ob_file_text_open(&file);
    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    write(out, report);
    return ob_file_text_write(&file, out);
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

static void make_pictures(struct pm_layout *layout, struct pm_report *report)
{
    report->picture_count = layout->region_count;
    report->pictures = ob_arena_array(report->arena, layout->region_count, sizeof(*report->pictures));
    pm_container_depths(layout);
    for (uint32_t i = 0; i < layout->region_count; i++) {
        pm_picture_make(report->arena, &layout->regions[i], &report->pictures[i]);
    }
}

/** The images that were built, and their partitions. */
static void find_uses(struct pm_check *check, struct pm_report *report)
{
    for (uint32_t i = 0; i < check->image_count; i++) {
        const struct pm_image *image = &check->images[i];
        const struct pm_part *part = pm_name_get(&check->layout, image->name)->part;
        struct stat binary;
        bool is_built = stat(ob_arena_printf(check->arena, "%s/%s.bin", image->folder, image->name), &binary) == 0;
        if (is_built && part != NULL && part->size != 0) {
            report->uses[report->use_count++] = (struct pm_use){image->name, (uint64_t)binary.st_size, part->size};
        }
    }
}

/** For each pair of slots that can work; why another cannot is what `check` says. */
static enum ob_exit make_budgets(const struct options *o, const struct pm_check *check, struct pm_report *report)
{
    enum ob_exit rc = OB_EXIT_OK;

    report->budgets = ob_arena_array(report->arena, PM_PAIRS_MAX, sizeof(*report->budgets));
    for (uint32_t i = 0; rc == OB_EXIT_OK && i < check->pairs.count; i++) {
        if (check->pairs.v[i].capacity != 0) {
            rc = pm_budget_make(check, &check->pairs.v[i], &o->names, true, &report->budgets[report->budget_count++]);
        }
    }
    return rc;
}

static enum ob_exit show(const struct options *o, const struct pm_report *report)
{
    if (o->json) {
        pm_report_json(stdout, report);
    } else if (o->svg == NULL && o->html == NULL) {
        print_terminal(report);
    }
    enum ob_exit rc = write_file(o->svg, write_svg, report);
    return rc == OB_EXIT_OK ? write_file(o->html, pm_report_html, report) : rc;
}

int pm_cmd_report(int argc, char **argv)
{
    static const struct argp argp = {options_table, parse_option, NULL, doc, NULL, NULL, NULL};
    struct options o = {0};
    struct pm_check check = {.arena = &o.arena};
    struct pm_report report = {.arena = &o.arena};

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = pm_inputs_read(&o.inputs, argv[0], &check);
    if (rc == OB_EXIT_OK) {
        rc = check_places(&check.layout);
    }
    if (rc == OB_EXIT_OK) {
        make_pictures(&check.layout, &report);
        find_uses(&check, &report);
        rc = make_budgets(&o, &check, &report);
    }
    if (rc == OB_EXIT_OK) {
        rc = show(&o, &report);
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}
