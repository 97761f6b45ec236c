/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../common/json.h"
#include "bench.h"
#include "one_case.h"

enum option_key { KEY_FACTORY = 0x200 };

struct options {
    struct one_case_options one; /* without a build: no downtime is asked for */
    bool factory;                /* dual: the second slot does not hold the copy of the old image yet */
};

static const char *const start_names[SIM_BENCH_STARTS] = {"idle", "upgrade", "revert"};

/* ---- printing ---- */

static void print_chip(const char *name, const struct sim_bench_chip *cost)
{
    printf("    %-10s %5u erases, %8" PRIu64 " bytes erased, %8" PRIu64 " programmed, %8" PRIu64
           " read, most-worn sector %u\n",
           name, sim_bench_erases(&cost->counts), cost->counts.erased_bytes, cost->counts.programmed_bytes,
           cost->counts.read_bytes, cost->data_wear);
}

static double seconds(const struct sim_bench_cost *cost)
{
    return (double)sim_bench_ns(cost, SIM_TYPICAL) * 1e-9;
}

/* downtime: the same with computing and the bus; NULL: nobody asked */
static void print_text(const struct sim_bench *bench, const struct sim_bench *downtime, bool timed)
{
    for (unsigned i = 0; i < SIM_BENCH_STARTS; i++) {
        const struct sim_bench_cost *cost = &bench->start[i];
        if (cost->done) {
            timed ? printf("%s: %.2f s\n", start_names[i], seconds(cost))
                  : printf("%s: time unknown\n", start_names[i]);
            if (downtime != NULL) {
                printf("    downtime   %.2f s\n", seconds(&downtime->start[i]));
            }
            print_chip("primary", &cost->chip[SIM_INTERNAL]);
            print_chip("secondary", &cost->chip[SIM_EXTERNAL]);
        }
    }
}

static cJSON *json_chip(const struct sim_bench_chip *cost, const struct ob_flash *flash, bool timed)
{
    cJSON *chip = cJSON_CreateObject();
    cJSON *by_size = cJSON_AddObjectToObject(chip, "erases_by_size");

    cJSON_AddNumberToObject(chip, "erases", sim_bench_erases(&cost->counts));
    cJSON_AddNumberToObject(chip, "erased_bytes", (double)cost->counts.erased_bytes);
    cJSON_AddNumberToObject(chip, "programmed_bytes", (double)cost->counts.programmed_bytes);
    cJSON_AddNumberToObject(chip, "program_commands", (double)cost->counts.programs);
    cJSON_AddNumberToObject(chip, "read_bytes", (double)cost->counts.read_bytes);
    cJSON_AddNumberToObject(chip, "max_wear", cost->data_wear);
    cJSON_AddNumberToObject(chip, "max_wear_with_trailer", cost->max_wear);
    if (timed) {
        cJSON_AddNumberToObject(chip, "busy_seconds", (double)cost->counts.busy_ns[SIM_TYPICAL] * 1e-9);
    }
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        char size[16];
        snprintf(size, sizeof(size), "%u", flash->erase_sizes[i]);
        cJSON_AddNumberToObject(by_size, size, cost->counts.erases[i]);
    }
    return chip;
}

static void print_json(const struct sim_bench *bench, const struct sim_bench *downtime, bool timed)
{
    cJSON *root = cJSON_CreateObject();

    cJSON_AddBoolToObject(root, "untimed", !timed);
    for (unsigned i = 0; i < SIM_BENCH_STARTS; i++) {
        const struct sim_bench_cost *cost = &bench->start[i];
        if (!cost->done) {
            cJSON_AddNullToObject(root, start_names[i]); /* this mode does not do it */
            continue;
        }
        cJSON *start = cJSON_AddObjectToObject(root, start_names[i]);
        cJSON_AddItemToObject(start, "primary",
                              json_chip(&cost->chip[SIM_INTERNAL], &bench->flash[SIM_INTERNAL], timed));
        cJSON_AddItemToObject(start, "secondary",
                              json_chip(&cost->chip[SIM_EXTERNAL], &bench->flash[SIM_EXTERNAL], timed));
        if (timed) {
            cJSON_AddNumberToObject(start, "seconds", seconds(cost));
        }
        if (downtime != NULL) {
            cJSON_AddNumberToObject(start, "downtime_seconds", seconds(&downtime->start[i]));
        }
    }
    ob_json_print(stdout, root);
}

/* ---- command ---- */

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    (void)arg;
    switch (key) {
    case KEY_FACTORY:
        options->factory = true;
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
        {"factory", KEY_FACTORY, NULL, 0,
         "dual mode: the first upgrade of a device, which includes the one copy of the factory image", 1},
        {0},
    };
    static const struct argp_child children[] = {{&one_case_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .doc = "Count what the bootloader erases, programs and reads in an upgrade and in going back from it, how worn "
               "the most-worn sector of a slot's image area gets, and how long the chips are busy."
               "\vErases of trailers and ledger are counted; what the application does (erase, download) is not. Time "
               "is that of erases and programs; reading and computing are not part of it. With --build the whole "
               "downtime is printed as well.\n\n"
               "  outboard sim bench --mode slide --build fast",
        .children = children,
    };

    *options = (struct options){.one = one_case_defaults};
    ob_args_parse(&argp, argc, argv, 0, options);
}

/* @return false: nothing is known about an erase of these slots, so there is no sum of times */
static bool find_times(const struct options *options, const struct sim_case *config,
                       struct sim_timing timing[SIM_CHIPS][SIM_PACES])
{
    const char *names[SIM_CHIPS] = {options->one.profile->internal, options->one.profile->external};
    const struct sim_geometry *slots[SIM_CHIPS] = {&config->internal, &config->external};
    bool known = true;

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        if (!sim_part_timing(sim_part_find(names[id]), slots[id]->erase_sizes, timing[id])) {
            ob_diag_warning(NULL,
                            "%s has no time for an erase size of the %s slot: no times are given; --profile chooses "
                            "the parts",
                            names[id], id == SIM_INTERNAL ? "primary" : "secondary");
            known = false;
        }
    }
    return known;
}

/* The same once more, on a clock that also counts computing and the bus. */
static enum ob_exit measure_downtime(const struct options *options, const struct sim_case *config,
                                     const struct sim_files *files,
                                     const struct sim_timing timing[SIM_CHIPS][SIM_PACES], struct sim_bench *out)
{
    struct sim_speed speed;
    enum ob_exit status = one_case_speed(&options->one, &speed);

    if (status == OB_EXIT_OK && sim_bench_run(config, files, timing, &speed, options->factory, out) != NULL) {
        status = OB_EXIT_USAGE;
    }
    return status;
}

static enum ob_exit run(void *ctx, const struct sim_case *config, const struct sim_files *files)
{
    const struct options *options = ctx;
    struct sim_timing timing[SIM_CHIPS][SIM_PACES];
    struct sim_bench bench;
    struct sim_bench whole;

    bool timed = find_times(options, config, timing);
    const char *impossible = sim_bench_run(config, files, timing, NULL, options->factory, &bench);
    if (impossible != NULL) {
        ob_diag_error(NULL, "nothing to measure: %s", impossible);
        return OB_EXIT_USAGE;
    }
    if (bench.failure[0] != '\0') {
        ob_diag_error(NULL, "the upgrade went wrong: %s", bench.failure);
        return OB_EXIT_FINDING;
    }
    bool whole_too = options->one.build != NULL;
    if (whole_too && measure_downtime(options, config, files, timing, &whole) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    const struct sim_bench *downtime = whole_too && timed ? &whole : NULL;
    options->one.json ? print_json(&bench, downtime, timed) : print_text(&bench, downtime, timed);
    return OB_EXIT_OK;
}

int sim_cmd_bench(int argc, char **argv)
{
    struct options options;

    read_options(argc, argv, &options);
    return (int)one_case_run(&options.one, "confirm", run, &options);
}
