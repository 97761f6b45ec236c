/* SPDX-License-Identifier: Apache-2.0 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "profile.h"
#include "scenario.h"
#include "sim.h"

#define STARTS_MAX 16u

enum option_key { KEY_PROFILE = 0x200, KEY_OLD_SIZE, KEY_NEW_SIZE, KEY_FACTORY, KEY_JSON };

struct options {
    struct case_options cases;
    const struct sim_profile *profile;
    uint32_t old_size; /* of made-up images, bytes */
    uint32_t new_size;
    bool factory; /* dual: the second slot does not hold the copy of the old image yet */
    bool json;
};

/** What a start of the bootloader cost. */
struct cost {
    struct chip_cost {
        struct sim_chip_counts counts;
        uint32_t data_wear; /* erases of the most-worn sector that holds images */
        uint32_t max_wear;  /* ... of all */
    } chip[SIM_CHIPS];
    double seconds;
};

/** Which starts are shown. */
enum start { START_IDLE, START_UPGRADE, START_REVERT, STARTS };

static const char *const start_names[STARTS] = {"idle", "upgrade", "revert"};

struct bench {
    struct cost cost[STARTS];
    bool done[STARTS];
};

/* ---- measuring ---- */

static uint32_t erase_count(const struct sim_chip_counts *counts)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        count += counts->erases[i];
    }
    return count;
}

static void measure_wear(const struct sim_world *world, enum sim_chip_id id, struct chip_cost *cost)
{
    const struct sim_chip *chip = &world->machine.chip[id];
    uint32_t sector = ob_flash_erase_size(&chip->flash);
    uint32_t slot_size = id == SIM_INTERNAL ? world->config.internal.size : world->config.external.size;
    uint32_t limit = id == SIM_INTERNAL ? world->layout.primary_limit : world->layout.secondary_limit;

    for (uint32_t i = 0; i < chip->flash.size / sector; i++) {
        uint32_t erases = chip->state.wear[i] - world->wear[id][i];
        cost->max_wear = OB_MAX(cost->max_wear, erases);
        if (i * sector % slot_size < limit) {
            cost->data_wear = OB_MAX(cost->data_wear, erases);
        }
    }
}

static struct cost measure_boot(struct sim_world *world)
{
    struct cost cost = {0};

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        world->machine.chip[id].counts = (struct sim_chip_counts){0};
    }
    sim_world_step(world, NULL, 0);
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        cost.chip[id].counts = world->machine.chip[id].counts;
        measure_wear(world, (enum sim_chip_id)id, &cost.chip[id]);
        cost.seconds += (double)cost.chip[id].counts.busy_ns * 1e-9;
    }
    return cost;
}

/* What this start was: the bootloader says so. */
static enum start kind_of(const struct sim_world *world)
{
    switch (world->result.swap) {
    case OB_SWAP_TEST:
    case OB_SWAP_PERMANENT:
        return START_UPGRADE;
    case OB_SWAP_REVERT:
        return START_REVERT;
    default:
        return START_IDLE;
    }
}

/* Live through upgrade and revert (where there is a way back), and keep what the bootloader's part of it cost. */
static bool measure(struct sim_world *world, struct bench *bench)
{
    while (!world->watch.finished && world->failure[0] == '\0' && world->starts < STARTS_MAX) {
        if (world->watch.stage == SIM_STAGE_BOOT) {
            struct cost cost = measure_boot(world);
            enum start start = kind_of(world);
            if (!bench->done[start]) {
                bench->cost[start] = cost;
                bench->done[start] = true;
            }
        } else {
            sim_world_step(world, NULL, 0);
        }
    }
    return world->failure[0] == '\0';
}

/* ---- printing ---- */

static void print_chip(const char *name, const struct chip_cost *cost)
{
    printf("    %-10s %5u erases, %8" PRIu64 " bytes erased, %8" PRIu64 " programmed, %8" PRIu64
           " read, most-worn sector %u\n",
           name, erase_count(&cost->counts), cost->counts.erased_bytes, cost->counts.programmed_bytes,
           cost->counts.read_bytes, cost->data_wear);
}

static void print_text(const struct bench *bench)
{
    for (unsigned i = 0; i < STARTS; i++) {
        if (bench->done[i]) {
            printf("%s: %.2f s\n", start_names[i], bench->cost[i].seconds);
            print_chip("primary", &bench->cost[i].chip[SIM_INTERNAL]);
            print_chip("secondary", &bench->cost[i].chip[SIM_EXTERNAL]);
        }
    }
}

static cJSON *json_chip(const struct chip_cost *cost, const struct ob_flash *flash)
{
    cJSON *chip = cJSON_CreateObject();
    cJSON *by_size = cJSON_AddObjectToObject(chip, "erases_by_size");

    cJSON_AddNumberToObject(chip, "erases", erase_count(&cost->counts));
    cJSON_AddNumberToObject(chip, "erased_bytes", (double)cost->counts.erased_bytes);
    cJSON_AddNumberToObject(chip, "programmed_bytes", (double)cost->counts.programmed_bytes);
    cJSON_AddNumberToObject(chip, "program_commands", (double)cost->counts.programs);
    cJSON_AddNumberToObject(chip, "read_bytes", (double)cost->counts.read_bytes);
    cJSON_AddNumberToObject(chip, "max_wear", cost->data_wear);
    cJSON_AddNumberToObject(chip, "max_wear_with_trailer", cost->max_wear);
    cJSON_AddNumberToObject(chip, "busy_seconds", (double)cost->counts.busy_ns * 1e-9);
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        char size[16];
        snprintf(size, sizeof(size), "%u", flash->erase_sizes[i]);
        cJSON_AddNumberToObject(by_size, size, cost->counts.erases[i]);
    }
    return chip;
}

static void print_json(const struct bench *bench, const struct sim_world *world)
{
    cJSON *root = cJSON_CreateObject();

    for (unsigned i = 0; i < STARTS; i++) {
        if (!bench->done[i]) {
            cJSON_AddNullToObject(root, start_names[i]); /* this mode does not do it */
            continue;
        }
        cJSON *start = cJSON_AddObjectToObject(root, start_names[i]);
        cJSON_AddItemToObject(start, "primary",
                              json_chip(&bench->cost[i].chip[SIM_INTERNAL], &world->machine.chip[SIM_INTERNAL].flash));
        cJSON_AddItemToObject(start, "secondary",
                              json_chip(&bench->cost[i].chip[SIM_EXTERNAL], &world->machine.chip[SIM_EXTERNAL].flash));
        cJSON_AddNumberToObject(start, "seconds", bench->cost[i].seconds);
    }
    char *text = cJSON_Print(root);
    puts(text == NULL ? "" : text);
    cJSON_free(text);
    cJSON_Delete(root);
}

/* ---- command ---- */

static uint32_t size_argument(const char *option, char *arg, const struct argp_state *state)
{
    char *end;
    unsigned long value = strtoul(arg, &end, 0);

    if (end == arg || *end != '\0' || arg[0] == '-' || value < sim_image_overhead() || value > (64u << 20)) {
        argp_error(state, "%s: `%s` is not a number of bytes that an image can have", option, arg);
    }
    return (uint32_t)value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_PROFILE:
        options->profile = sim_profile_find(arg);
        if (options->profile == NULL) {
            argp_error(state, "--profile: `%s` is none; see --help", arg);
        }
        return 0;
    case KEY_OLD_SIZE:
        options->old_size = size_argument("--old-size", arg, state);
        return 0;
    case KEY_NEW_SIZE:
        options->new_size = size_argument("--new-size", arg, state);
        return 0;
    case KEY_FACTORY:
        options->factory = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->cases;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s`: an option was expected", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option table[] = {
        {"profile", KEY_PROFILE, "PARTS", 0,
         "whose times count: nrf5340+mx25r6435f (the default), nrf5340+mx25r6435f-4k, nrf52840+mx25r6435f. Without "
         "--primary and --secondary, its slots as well",
         1},
        {"old-size", KEY_OLD_SIZE, "BYTES", 0, "size of the made-up old image, 480662 by default", 1},
        {"new-size", KEY_NEW_SIZE, "BYTES", 0, "size of the made-up new image, 500662 by default", 1},
        {"factory", KEY_FACTORY, NULL, 0,
         "dual mode: the first upgrade of a device, which includes the one copy of the factory image", 1},
        {"json", KEY_JSON, NULL, 0, "the result as JSON", 2},
        {0},
    };
    static const struct argp_child children[] = {{&case_argp, 0, "What is simulated:", -1}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .doc = "Count what the bootloader erases, programs and reads in an upgrade and in going back from it, how worn "
               "the most-worn sector of a slot's image area gets, and how long the chips are busy."
               "\vErases of trailer and journal are counted; what the application does (erase, download) is not. Time "
               "is that of erases and programs; reading and computing are not part of it.",
        .children = children,
    };

    *options = (struct options){.profile = &sim_profiles[0], .old_size = 480662, .new_size = 500662};
    argp_parse(&argp, argc, argv, 0, NULL, options);
    if (options->cases.mode == NULL) {
        options->cases.mode = "slide";
    }
    if (options->cases.primary == NULL) {
        options->cases.primary = options->profile->primary;
        options->cases.secondary = options->profile->secondary;
    }
    if (options->cases.scenario == NULL) {
        options->cases.scenario = strcmp(options->cases.mode, "overwrite") == 0 ? "confirm" : "revert";
    }
}

/* The times of the part by erase size: a geometry may offer fewer sizes than the part has. */
static struct sim_timing timing_for(const struct ob_flash *flash, const char *part, bool internal,
                                    const struct sim_timing *timing)
{
    struct sim_geometry of_part;
    struct sim_timing out = *timing;

    if (sim_geometry_parse(part, internal, &of_part) != NULL) {
        return out; /* the table holds only what parses: a test sees to it */
    }
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        out.erase_us[i] = 0;
        for (unsigned k = 0; k < OB_FLASH_ERASE_SIZES; k++) {
            if (flash->erase_sizes[i] != 0 && of_part.erase_sizes[k] == flash->erase_sizes[i]) {
                out.erase_us[i] = timing->erase_us[k];
            }
        }
    }
    return out;
}

static bool timing_known(const struct sim_chip *chip)
{
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (chip->flash.erase_sizes[i] != 0 && chip->timing.erase_us[i] == 0) {
            return false;
        }
    }
    return true;
}

static enum ob_exit run(const struct options *options, const struct sim_case *config, const struct sim_files *files)
{
    struct sim_world world;
    struct bench bench = {0};
    enum ob_exit status = OB_EXIT_OK;
    const char *impossible = sim_world_init(&world, config, files);

    if (impossible != NULL) {
        ob_diag_error(NULL, "nothing to measure: %s", impossible);
        sim_world_free(&world);
        return OB_EXIT_USAGE;
    }
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        struct sim_chip *chip = &world.machine.chip[id];
        bool internal = id == SIM_INTERNAL;
        chip->timing = timing_for(&chip->flash, internal ? options->profile->primary : options->profile->secondary,
                                  internal, internal ? &options->profile->internal : &options->profile->external);
        if (!timing_known(chip)) {
            ob_diag_warning(NULL, "%s knows no time for an erase size of the %s slot: it counts as none",
                            options->profile->name, internal ? "primary" : "secondary");
        }
    }
    if (config->mode == OB_MODE_DUAL && !options->factory) {
        const struct sim_image *running = &world.image[SIM_IMAGE_A];
        sim_chip_poke(&world.machine.chip[SIM_EXTERNAL], world.slots.secondary[1].start, running->bytes, running->size);
    }
    if (!measure(&world, &bench)) {
        ob_diag_error(NULL, "the upgrade went wrong: %s", world.failure);
        status = OB_EXIT_FINDING;
    } else if (options->json) {
        print_json(&bench, &world);
    } else {
        print_text(&bench);
    }
    sim_world_free(&world);
    return status;
}

int sim_cmd_bench(int argc, char **argv)
{
    struct options options;
    struct file_images images;
    struct case_list list = {0};

    read_options(argc, argv, &options);
    enum ob_exit status = file_images_read(&options.cases, &images);
    if (status == OB_EXIT_OK && options.cases.old_file == NULL) {
        file_images_make(options.old_size, options.new_size, &images);
        options.cases.old_file = ""; /* as if they had been read */
    }
    if (status == OB_EXIT_OK) {
        status = case_list_make(&options.cases, &images, &list);
    }
    if (status == OB_EXIT_OK && list.count != 1) {
        ob_diag_error(NULL, "one mode and one scenario at a time");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = run(&options, &list.item[0], list.files);
    }
    case_list_free(&list);
    file_images_free(&images);
    return status;
}
