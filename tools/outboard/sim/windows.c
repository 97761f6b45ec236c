/* SPDX-License-Identifier: Apache-2.0 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"
#include "scenario.h"
#include "sim.h"
#include "windows.h"

#define LARGEST_MS 16000u /* windows that are tried */
#define SMALLEST_MS 20u
#define FINER_BY 16u /* steps between two powers of two, when the smallest is looked for */
#define PHASES 4u
#define ALL_PHASES 32u
#define STARTS 150u

enum option_key {
    KEY_ON = 0x200,
    KEY_ALL_PHASES,
    KEY_STARTS,
    KEY_PROFILE,
    KEY_BUILD,
    KEY_BUS,
    KEY_OLD_SIZE,
    KEY_NEW_SIZE,
    KEY_JSON
};

struct options {
    struct case_options cases;
    const struct sim_profile *profile;
    const char *build;
    const char *bus;
    uint32_t on_ms; /* 0: look for the smallest */
    uint32_t phases;
    uint32_t starts;
    uint32_t old_size;
    uint32_t new_size;
    bool json;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_ON:
        options->on_ms = number_argument("--on", arg, 1, 3600000, state);
        return 0;
    case KEY_ALL_PHASES:
        options->phases = ALL_PHASES;
        return 0;
    case KEY_STARTS:
        options->starts = number_argument("--starts", arg, 1, 1000, state);
        return 0;
    case KEY_PROFILE:
        options->profile = sim_profile_find(arg);
        if (options->profile == NULL) {
            argp_error(state, "--profile: `%s` is none; see outboard sim bench --help", arg);
        }
        return 0;
    case KEY_BUILD:
        options->build = arg;
        return 0;
    case KEY_BUS:
        options->bus = arg;
        return 0;
    case KEY_OLD_SIZE:
        options->old_size = number_argument("--old-size", arg, sim_image_overhead(), 64u << 20, state);
        return 0;
    case KEY_NEW_SIZE:
        options->new_size = number_argument("--new-size", arg, sim_image_overhead(), 64u << 20, state);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->cases;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option table[] = {
        {"on", KEY_ON, "MS", 0, "try windows of this length only; without it, the smallest that do are looked for", 1},
        {"all-phases", KEY_ALL_PHASES, NULL, 0, "the first window is cut short in 32 ways, not in 4", 1},
        {"starts", KEY_STARTS, "N", 0, "of an update, or of going back, at most; 150 by default", 1},
        {"profile", KEY_PROFILE, "PARTS", 0, "as of outboard sim bench; the parts' largest times count", 1},
        {"build", KEY_BUILD, "NAME", 0, "what computing costs: small (the default) or fast", 1},
        {"bus", KEY_BUS, "NAME", 0, "of the external chip: spi8 (8 MHz, the default) or quad32 (32 MHz, four lanes)",
         1},
        {"old-size", KEY_OLD_SIZE, "BYTES", 0, "size of the made-up old image, 480662 by default", 1},
        {"new-size", KEY_NEW_SIZE, "BYTES", 0, "size of the made-up new image, 500662 by default", 1},
        {"json", KEY_JSON, NULL, 0, "the result as JSON", 2},
        {0},
    };
    static const struct argp_child children[] = {{&case_argp, 0, "What is simulated:", -1}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .doc =
            "The supply lasts only so long each time, for ever: find the shortest windows from which on every update "
            "and every going back ends, whatever part of a window is left when it begins, and how many starts it "
            "takes.\vExit status 1 if the windows of --on are too short, or none is found up to 16 s.",
        .children = children,
    };

    *options = (struct options){.profile = &sim_profiles[0],
                                .build = "small",
                                .bus = "spi8",
                                .phases = PHASES,
                                .starts = STARTS,
                                .old_size = 480662,
                                .new_size = 500662};
    argp_parse(&argp, argc, argv, 0, NULL, options);
    if (options->cases.mode == NULL) {
        options->cases.mode = "slide";
    }
    if (options->cases.primary == NULL) {
        options->cases.primary = options->profile->primary;
        options->cases.secondary = options->profile->secondary;
    }
    if (options->cases.scenario == NULL) {
        options->cases.scenario = strcmp(options->cases.mode, "overwrite") == 0 ? "permanent" : "revert";
    }
}

static void print_result(const struct options *options, double ms, const struct sim_windows_result *result)
{
    if (!options->json) {
        printf("%.0f ms: ", ms);
        result->ends ? printf("ends, after %u starts at most\n", result->most_starts)
                     : printf("does not end, phase %u of %u: %s\n", result->phase, options->phases, result->why);
        return;
    }
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "window_ms", ms);
    cJSON_AddBoolToObject(root, "ends", result->ends);
    cJSON_AddNumberToObject(root, "starts", result->most_starts);
    cJSON_AddNumberToObject(root, "phases", options->phases);
    cJSON_AddStringToObject(root, "why", result->why);
    char *text = cJSON_Print(root);
    puts(text == NULL ? "" : text);
    cJSON_free(text);
    cJSON_Delete(root);
}

static double finer(double ms)
{
    return ms * (1.0 - 0.5 / FINER_BY);
}

/* From long windows to short ones, until one is too short: all that are longer do. */
static bool find_smallest(const struct sim_windows_options *windows, double *found_ms, struct sim_windows_result *found)
{
    bool any = false;

    for (double ms = LARGEST_MS; ms >= SMALLEST_MS; ms = finer(ms)) {
        struct sim_windows_result result;
        if (sim_windows_try(windows, (uint64_t)(ms * 1e6), &result) != NULL || !result.ends) {
            *found = any ? *found : result;
            return any;
        }
        *found_ms = ms;
        *found = result;
        any = true;
    }
    return any;
}

static enum ob_exit run(const struct options *options, const struct case_list *list)
{
    struct sim_windows_options windows = {
        .config = &list->item[0], .files = list->files, .phases = options->phases, .starts = options->starts};
    struct sim_windows_result result;
    double ms = options->on_ms;
    bool ends;

    if (!sim_speed_find(options->build, options->bus, &windows.speed)) {
        ob_diag_error(NULL, "--build is small or fast, --bus spi8 or quad32");
        return OB_EXIT_USAGE;
    }
    if (!sim_part_timing(sim_part_find(options->profile->internal), windows.config->internal.erase_sizes,
                         windows.timing[SIM_INTERNAL]) ||
        !sim_part_timing(sim_part_find(options->profile->external), windows.config->external.erase_sizes,
                         windows.timing[SIM_EXTERNAL])) {
        ob_diag_error(NULL, "the parts of --profile have no time for an erase of these slots");
        return OB_EXIT_USAGE;
    }
    if (options->on_ms != 0) {
        ends = sim_windows_try(&windows, (uint64_t)options->on_ms * 1000000, &result) == NULL && result.ends;
    } else {
        ends = find_smallest(&windows, &ms, &result);
        ms = ends ? ms : LARGEST_MS;
    }
    print_result(options, ms, &result);
    return ends ? OB_EXIT_OK : OB_EXIT_FINDING;
}

int sim_cmd_windows(int argc, char **argv)
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
        status = run(&options, &list);
    }
    case_list_free(&list);
    file_images_free(&images);
    return status;
}
