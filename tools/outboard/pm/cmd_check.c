/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/binary.h"
#include "../common/file.h"
#include "../common/json.h"
#include "check/budget.h"
#include "inputs.h"
#include "read/build.h"

#define UPDATE_MAX (256u << 20) /* bytes: more than any slot */

enum key {
    KEY_LOCK = 0x100,
    KEY_UPDATE,
    KEY_LINKED,
    KEY_JSON,
    KEY_QUIET,
    KEY_BUILD,
    KEY_OUTPUT,
};

static const struct argp_option check_options[] = {
    {"build", KEY_BUILD, "FOLDER", 0,
     "a build as it lies there, in place of the three below: of this project, of Zephyr or of the nRF Connect SDK", 0},
    PM_INPUT_OPTIONS,
    {"lock", KEY_LOCK, "FILE", 0, "the released layout, from 'outboard pm lock'", 2},
    {"update", KEY_UPDATE, "FILE", 0, "a signed update that has to fit", 2},
    PM_PART_OPTIONS,
    {"linked", KEY_LINKED, NULL, 0, "the images' NAME.elf have to be linked with this layout", 2},
    {"quiet", KEY_QUIET, NULL, 0, "say nothing about a sound layout", 3},
    {"json", KEY_JSON, NULL, 0, "print findings and slots as JSON", 3},
    {0},
};

static const struct argp_option lock_options[] = {
    PM_INPUT_OPTIONS,
    {"output", KEY_OUTPUT, "FILE", 0, "the lock file to write", 2},
    {0},
};

static const char check_doc[] =
    "Find at build time what would fail on a device.\v"
    "The image named mcuboot is the bootloader: its drivers, devicetree, mode and BOOT_MAX_IMG_SECTORS count for the "
    "slots. Of devicetree.json (written by 'outboard dt --json') these are used: chosen, and of each node path, "
    "parent, labels, okay, driver, properties size (bits), erase-block-size (4096), write-block-size (1).\n\n"
    "  outboard pm check --build build/dfu";

static const char lock_doc[] = "Record a released layout, for 'outboard pm check --lock'.\v"
                               "  outboard pm lock --partitions partitions.yml --regions regions.yml \\\n"
                               "    --image app=build --image mcuboot=build/mcuboot --output pm_lock.yml";

struct options {
    struct ob_arena arena;
    struct pm_inputs inputs;
    struct pm_budget_names names;
    const char *build;
    const char *lock;
    const char *update;
    const char *output;
    bool linked;
    bool quiet;
    bool json;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_LOCK:
        o->lock = arg;
        return 0;
    case KEY_UPDATE:
        o->update = arg;
        return 0;
    case KEY_OUTPUT:
        o->output = arg;
        return 0;
    case PM_KEY_PART_INTERNAL:
    case PM_KEY_PART_EXTERNAL:
        pm_part_option(&o->names, key, arg);
        return 0;
    case KEY_BUILD:
        o->build = arg;
        return 0;
    case KEY_LINKED:
        o->linked = true;
        return 0;
    case KEY_QUIET:
        o->quiet = true;
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    default:
        return pm_inputs_option(&o->inputs, &o->arena, key, arg);
    }
}

static void add_pair_json(cJSON *list, const struct pm_pair *pair)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "primary", pair->primary.part->name->text);
    cJSON_AddStringToObject(item, "secondary", pair->secondary.part->name->text);
    cJSON_AddStringToObject(item, "mode", pm_mode_name(pair->mode));
    cJSON_AddNumberToObject(item, "units_needed", pair->units_needed);
    cJSON_AddNumberToObject(item, "capacity", pair->capacity);
    if (pair->capacity != 0) {
        cJSON_AddNumberToObject(item, "unit", ob_layout_unit(&pair->primary.area, &pair->secondary.area));
        cJSON_AddNumberToObject(item, "max_units", pair->layout.max_units);
        cJSON_AddNumberToObject(item, "trailer_size", pair->secondary.area.size - pair->layout.secondary_limit);
    }
    cJSON_AddItemToArray(list, item);
}

static void print_json(const struct pm_check *check)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *findings = cJSON_AddArrayToObject(root, "findings");
    cJSON *slots = cJSON_AddArrayToObject(root, "slots");
    char hash[11];

    snprintf(hash, sizeof(hash), "0x%08x", pm_layout_hash(&check->layout));
    cJSON_AddStringToObject(root, "layout_hash", hash);

    for (uint32_t i = 0; i < check->finding_count; i++) {
        cJSON_AddItemToArray(findings, cJSON_CreateString(check->findings[i]));
    }
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        add_pair_json(slots, &check->pairs.v[i]);
    }
    ob_json_print(stdout, root);
}

static void print_slots(const struct pm_check *check)
{
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        if (pair->capacity != 0) {
            printf("%s in %s: updates of up to %u bytes (%s, %u units of %u bytes, trailer %u)\n",
                   pair->secondary.part->name->text, pair->secondary.part->region->name, pair->capacity,
                   pm_mode_name(pair->mode), pair->units_needed,
                   ob_layout_unit(&pair->primary.area, &pair->secondary.area),
                   pair->secondary.area.size - pair->layout.secondary_limit);
        }
    }
}

static void print_result(const struct options *o, const struct pm_check *check)
{
    if (o->json) {
        print_json(check);
    } else if (!o->quiet && (check->bootloader == NULL || !check->bootloader->is_zephyr)) {
        print_slots(check);
    }
}

/* The size of a file that holds something else says nothing. */
static enum ob_exit check_update(const char *path, struct pm_check *check)
{
    const struct ob_loc at = {.file = path};
    char *data;
    size_t len;
    enum ob_exit rc = ob_file_read(path, UPDATE_MAX, &data, &len);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (len == 0) {
        ob_diag_error(&at, "is empty");
    } else if (ob_binary_kind_of(data, len) != OB_BINARY_RAW) {
        ob_diag_error(&at, "is an ELF, HEX or UF2 file; give the image's bytes as they lie in a slot (the .bin file)");
    } else if (ob_binary_no_content(data, len) != NULL) {
        ob_diag_error(&at, "%s", ob_binary_no_content(data, len));
    } else {
        pm_check_update(check, path, len);
        free(data);
        return OB_EXIT_OK;
    }
    free(data);
    return OB_EXIT_USAGE;
}

static enum ob_exit check_files(const struct options *o, struct pm_check *check)
{
    enum ob_exit rc = o->update != NULL ? check_update(o->update, check) : OB_EXIT_OK;

    if (rc == OB_EXIT_OK && o->linked) {
        rc = pm_check_linked(check);
    }
    return rc != OB_EXIT_OK || o->lock == NULL ? rc : pm_lock_compare(check, o->lock);
}

static enum ob_exit check_layout(const struct options *o, struct pm_check *check)
{
    pm_check_drivers(check);
    pm_check_chips(check);
    if (check->bootloader != NULL && check->bootloader->is_zephyr) {
        pm_check_mcuboot(check, o->quiet || o->json);
        return OB_EXIT_OK;
    }
    pm_check_slots(check);
    if (o->lock == NULL) { /* which finds what moved */
        pm_check_order(check);
    }
    return pm_check_budget(check, &o->names);
}

int pm_cmd_check(int argc, char **argv)
{
    static const struct argp argp = {check_options, parse_option, NULL, check_doc, NULL, NULL, NULL};
    struct options o = {0};
    struct pm_check check = {.arena = &o.arena};

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = o.build != NULL ? pm_build_read(o.build, &check)
                                      : pm_inputs_read(&o.inputs, "outboard pm check without --build", &check);
    if (rc == OB_EXIT_OK) {
        rc = check_layout(&o, &check);
    }
    if (rc == OB_EXIT_OK) {
        rc = check_files(&o, &check);
    }
    if (rc == OB_EXIT_OK) {
        print_result(&o, &check);
        rc = check.finding_count == 0 ? OB_EXIT_OK : OB_EXIT_FINDING;
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}

static enum ob_exit write_lock(const struct options *o, const struct pm_check *check)
{
    struct ob_file_text file = {.path = o->output};
    FILE *out = ob_file_text_open(&file);

    if (out == NULL) {
        return OB_EXIT_USAGE;
    }
    pm_lock_write(out, check);
    return ob_file_text_write(&file, out);
}

int pm_cmd_lock(int argc, char **argv)
{
    static const struct argp argp = {lock_options, parse_option, NULL, lock_doc, NULL, NULL, NULL};
    struct options o = {0};
    struct pm_check check = {.arena = &o.arena};

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = pm_inputs_read(&o.inputs, argv[0], &check);
    if (rc == OB_EXIT_OK && (o.output == NULL || check.bootloader == NULL)) {
        ob_diag_error(NULL, "%s needs --output and --image mcuboot=FOLDER", argv[0]);
        rc = OB_EXIT_USAGE;
    }
    if (rc == OB_EXIT_OK) {
        pm_check_slots(&check);
        rc = check.finding_count == 0 ? write_lock(&o, &check) : OB_EXIT_FINDING;
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}
