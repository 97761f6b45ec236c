/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../pm/read/build.h"
#include "inspect.h"

enum key { KEY_BUILD = 0x100, KEY_KEY, KEY_ENC_KEY, KEY_INTERNAL, KEY_EXTERNAL, KEY_JSON };

struct options {
    struct ob_arena arena;
    struct pm_inputs inputs;
    struct pm_words keys;
    const char *enc_key;
    struct pm_words dumps[FLASH_CHIPS];
    const char *build;
    bool json;
};

static const struct argp_option known[] = {
    PM_INPUT_OPTIONS,
    {"build", KEY_BUILD, "FOLDER", 0, "a build as it lies there, in place of the three below", 0},
    {"key", KEY_KEY, "PEM", 0, "a key of the device, public or private; may be repeated", 2},
    {"enc-key", KEY_ENC_KEY, "PEM", 0,
     "the private key that the device decrypts with: encrypted images are looked into", 2},
    {"internal", KEY_INTERNAL, "DUMP", 0,
     "dump of the internal flash: raw, HEX, ELF or UF2; may be repeated for parts of it", 3},
    {"external", KEY_EXTERNAL, "DUMP", 0, "dump of the external chip", 3},
    {"json", KEY_JSON, NULL, 0, "print JSON", 4},
    {0},
};

static const char doc[] = "Why does this device not boot, or not update? From dumps of its flash.\v"
                          "DUMP is of the whole chip, or of one partition, which its size tells; DUMP@OFFSET says "
                          "where a raw one begins. regions.yml is "
                          "looked for beside partitions.yml. Without --image the bootloader counts as one with default "
                          "settings, and without --key every "
                          "signature as good: the output says so. Without --enc-key the content of encrypted images is "
                          "not looked at. The dumps are not changed.\n\n"
                          "docs/INSPECT.md lists the findings.\n\n"
                          "  outboard flash inspect --build build/dfu \\\n"
                          "    --internal internal.hex --external external.bin\n\n"
                          "Exit status: 0 nothing stands in its way, 1 a problem, 2 wrong usage or an unreadable file.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_BUILD:
        o->build = arg;
        return 0;
    case KEY_KEY:
        pm_words_add(&o->keys, arg, &o->arena);
        return 0;
    case KEY_ENC_KEY:
        o->enc_key = arg;
        return 0;
    case KEY_INTERNAL:
    case KEY_EXTERNAL:
        pm_words_add(&o->dumps[key == KEY_EXTERNAL], arg, &o->arena);
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    case ARGP_KEY_END:
        if (o->dumps[FLASH_INTERNAL].count == 0) {
            ob_args_error(state, "--internal is needed: what is begun and what runs lies there");
        }
        return 0;
    default:
        return pm_inputs_option(&o->inputs, &o->arena, key, arg);
    }
}

/** regions.yml lies beside partitions.yml. */
static const char *beside(struct ob_arena *arena, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');

    return ob_arena_printf(arena, "%.*s%s", slash == NULL ? 0 : (int)(slash + 1 - path), path, name);
}

static enum ob_exit read_build(struct options *o, const char *program, struct pm_check *check)
{
    if (o->build != NULL) {
        o->inputs.partitions = ob_arena_printf(&o->arena, "%s/partitions.yml", o->build);
        return pm_build_read(o->build, check);
    }
    if (o->inputs.partitions != NULL && o->inputs.regions == NULL) {
        o->inputs.regions = beside(&o->arena, o->inputs.partitions, "regions.yml");
    }
    enum ob_exit rc = pm_inputs_read(&o->inputs, program, check);
    if (rc == OB_EXIT_OK && check->bootloader == NULL) {
        static const struct pm_image unknown = {.name = "mcuboot"};
        check->bootloader = &unknown;
        pm_pairs_find(&check->layout, check->bootloader, &check->pairs);
    }
    return rc;
}

static enum ob_exit read_dumps(const struct options *o, struct flash_device *device)
{
    struct flash_place places[64];
    enum ob_exit rc = OB_EXIT_OK;

    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        struct flash_chip *chip = &device->chip[id];
        uint32_t count = 0;
        for (uint32_t i = 0; i < chip->region->parts.count && count < sizeof(places) / sizeof(places[0]); i++) {
            const struct pm_part *part = chip->region->parts.v[i];
            places[count++] = (struct flash_place){part->name->text, (uint32_t)(part->address - chip->region->base),
                                                   (uint32_t)part->size};
        }
        for (uint32_t i = 0; i < o->dumps[id].count && rc == OB_EXIT_OK; i++) {
            rc = flash_dump_read(chip, o->dumps[id].v[i], places, count);
        }
    }
    return rc;
}

/** One file given for both chips, or one chip read twice. */
static bool are_one(const struct flash_chip *internal, const struct flash_chip *external)
{
    const size_t len = OB_MIN(internal->known_len, external->known_len);

    return internal->path != NULL && external->path != NULL && internal->is_whole &&
           !ob_filled(internal->bytes, len, 0xff) && !ob_filled(internal->bytes, len, 0) &&
           memcmp(internal->bytes, external->bytes, len) == 0;
}

static enum ob_exit inspect(const struct options *o, struct flash_report *report)
{
    struct flash_device *device = report->device;
    enum ob_exit rc = OB_EXIT_OK;

    if (are_one(&device->chip[FLASH_INTERNAL], &device->chip[FLASH_EXTERNAL])) {
        ob_diag_error(&(struct ob_loc){.file = device->chip[FLASH_EXTERNAL].path},
                      "holds what the internal flash does; give the dump of the external chip");
        return OB_EXIT_USAGE;
    }
    flash_device_settle(device);
    rc = flash_keys_read(device, &o->keys, o->enc_key, (struct ob_arena *)&o->arena);
    if (rc != OB_EXIT_OK) {
        return rc;
    }
    flash_slots_read(device);
    flash_orders_read(device, &report->orders);
    for (uint32_t i = 0; i < device->boot.image_count; i++) {
        flash_status_read(device, i, &report->status[i]);
    }
    if (device->family == FLASH_OUTBOARD) {
        flash_next_run(device, &report->orders, &report->next);
    }
    flash_findings_make(report);
    if (o->json) {
        flash_print_json(stdout, report);
    } else {
        flash_print_text(stdout, report);
    }
    for (uint32_t i = 0; i < report->finding_count; i++) {
        rc = report->finding[i].severity == FLASH_PROBLEM ? OB_EXIT_FINDING : rc;
        free(report->finding[i].what);
    }
    free(report->next.log);
    return rc;
}

int flash_cmd_inspect(int argc, char **argv)
{
    static const struct argp argp = {known, parse_option, NULL, doc, NULL, NULL, NULL};
    static struct flash_device device; /* it points into itself */
    static struct flash_report report = {.device = &device};
    struct options o = {0};
    struct pm_check check = {.arena = &o.arena};

    ob_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &o);
    enum ob_exit rc = read_build(&o, argv[0], &check);
    if (rc == OB_EXIT_OK) {
        rc = flash_device_init(&device, &check, o.inputs.partitions);
        rc = rc == OB_EXIT_OK ? read_dumps(&o, &device) : rc;
        rc = rc == OB_EXIT_OK ? inspect(&o, &report) : rc;
        flash_device_free(&device);
    }
    ob_arena_free(&o.arena);
    return (int)rc;
}
