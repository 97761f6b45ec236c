/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/json.h"
#include "one_case.h"
#include "windows.h"

#define LARGEST_MS 16000u /* windows that are tried */
#define SMALLEST_MS 20u
#define FINER_BY 16u /* steps between two powers of two, when the smallest is looked for */
#define PHASES 4u
#define ALL_PHASES 32u
#define STARTS 150u /* of an update, or of going back, at most */

enum option_key { KEY_ON = 0x200, KEY_ALL_PHASES };

struct options {
    struct one_case_options one;
    uint32_t on_ms; /* 0: look for the smallest */
    uint32_t phases;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_ON:
        options->on_ms = (uint32_t)ob_args_number(state, "--on", arg, 1, 3600000);
        return 0;
    case KEY_ALL_PHASES:
        options->phases = ALL_PHASES;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->one;
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
        {0},
    };
    static const struct argp_child children[] = {{&one_case_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .doc =
            "The supply lasts only so long each time, for ever: find the shortest windows from which on every update "
            "and every going back ends, whatever part of a window is left when it begins, and how many starts it "
            "takes. The parts' largest times count.\v\n\n"
            "  outboard sim windows --mode slide --on 1000\n\n"
            "Exit status: 0 they do, 1 the windows of --on are too short, or none is found up to 16 s, 2 wrong usage.",
        .children = children,
    };

    *options = (struct options){.one = one_case_defaults, .phases = PHASES};
    options->one.build = "small";
    ob_args_parse(&argp, argc, argv, 0, options);
}

static void print_result(const struct options *options, double ms, const struct sim_windows_result *result)
{
    if (!options->one.json) {
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
    ob_json_print(stdout, root);
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

static enum ob_exit run(void *ctx, const struct sim_case *config, const struct sim_files *files)
{
    const struct options *options = ctx;
    const struct sim_profile *profile = options->one.profile;
    struct sim_windows_options windows = {
        .config = config, .files = files, .phases = options->phases, .starts = STARTS};
    struct sim_windows_result result;
    double ms = options->on_ms;
    bool ends;

    if (one_case_speed(&options->one, &windows.speed) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    if (!sim_part_timing(sim_part_find(profile->internal), config->internal.erase_sizes,
                         windows.timing[SIM_INTERNAL]) ||
        !sim_part_timing(sim_part_find(profile->external), config->external.erase_sizes,
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

    read_options(argc, argv, &options);
    return (int)one_case_run(&options.one, "permanent", run, &options);
}
