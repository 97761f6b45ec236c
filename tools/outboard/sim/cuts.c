/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/json.h"
#include "scenario.h"
#include "sim.h"

#define FAILURES_PER_CASE 100u
#define RANDOM_HISTORIES 20000u
#define TEARS_ALL ((1u << SIM_TEAR_ASTRAY) - 1)

enum option_key {
    KEY_TEAR = 0x200,
    KEY_DEPTH,
    KEY_FAULTS,
    KEY_WORN,
    KEY_STRIDE,
    KEY_HOSTILE,
    KEY_JOBS,
    KEY_SHARD,
    KEY_BUDGET,
    KEY_HISTORIES,
    KEY_LIST,
    KEY_FIRST,
    KEY_JSON
};

struct options {
    struct case_options cases;
    struct sim_search_options search;
    double budget; /* seconds; 0: none */
    uint32_t jobs;
    bool first; /* stop at the first case that fails */
    bool json;
};

static bool add_tear(const char *name, unsigned *tears)
{
    if (strcmp(name, "all") == 0) {
        *tears |= TEARS_ALL;
        return true;
    }
    for (unsigned kind = 0; kind < SIM_TEAR_KINDS; kind++) {
        if (strcmp(name, sim_tear_name(kind)) == 0) {
            *tears |= 1u << kind;
            return true;
        }
    }
    return false;
}

static void take_tears(struct options *options, char *list, const struct argp_state *state)
{
    char *name;

    options->search.tears = 0;
    while ((name = strsep(&list, ",")) != NULL) {
        if (!add_tear(name, &options->search.tears)) {
            ob_args_error(state,
                          "--tear: '%s' is none of none, prefix, bits, metastable, brownout, astray, neighbour, all",
                          name);
        }
    }
}

/* Called in the workers: one write for each line, so that they do not mix. */
static void list_failure(const char *id, const char *reason)
{
    char line[SIM_ID_SIZE + 220];
    int len = snprintf(line, sizeof(line), "outboard sim replay %s  # %s\n", id, reason);

    if (write(STDERR_FILENO, line, (size_t)len) != len) {
        return; /* the result counts them all the same */
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_TEAR:
        take_tears(options, arg, state);
        return 0;
    case KEY_DEPTH:
        options->search.depth = (uint32_t)ob_args_number(state, "--depth", arg, 0, SIM_EVENTS_MAX);
        return 0;
    case KEY_FAULTS:
        options->search.faults = true;
        return 0;
    case KEY_WORN:
        options->search.worn = true;
        return 0;
    case KEY_HOSTILE:
        options->search.hostile = true;
        return 0;
    case KEY_STRIDE:
        options->search.stride = (uint32_t)ob_args_number(state, "--stride", arg, 1, 1u << 30);
        return 0;
    case KEY_JOBS:
        options->jobs = (uint32_t)ob_args_number(state, "--jobs", arg, 1, 256);
        return 0;
    case KEY_SHARD:
        ob_args_shard(state, arg, &options->search.shard, &options->search.shards);
        options->search.shard--;
        return 0;
    case KEY_BUDGET:
        options->budget = (uint32_t)ob_args_number(state, "--budget", arg, 1, 10000000);
        return 0;
    case KEY_HISTORIES:
        options->search.histories = (uint32_t)ob_args_number(state, "--histories", arg, 1, 2000000000);
        return 0;
    case KEY_LIST:
        options->search.on_failure = list_failure;
        return 0;
    case KEY_FIRST:
        options->search.failures = 1;
        options->first = true;
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
        {"tear", KEY_TEAR, "KIND[,KIND...]", 0,
         "what an interrupted operation leaves: none (the cut falls between operations), prefix, bits, metastable, "
         "brownout (it is dropped or ends early, and code runs on), astray (a program lands elsewhere in its page), "
         "neighbour "
         "(cells beside it change as well) or all (the default: the first five)",
         1},
        {"depth", KEY_DEPTH, "N", 0,
         "cuts in one history, 1 by default. Up to 2: all of them. From 3 on: histories drawn at random", 1},
        {"faults", KEY_FAULTS, NULL, 0,
         "the last event is not a cut: each access of the external chip fails in four ways", 1},
        {"worn", KEY_WORN, NULL, 0,
         "the first event is a worn cell, which is stuck at 0 or at 1 from the beginning: each cell of both chips in "
         "turn, alone (--depth 1) or with each cut (--depth 2)",
         1},
        {"hostile", KEY_HOSTILE, NULL, 0,
         "an event may also be that somebody writes to the external chip before a start: every image, every request, "
         "blank, zeros, noise; or that the chip shows that or its own content at each read",
         1},
        {"stride", KEY_STRIDE, "N", 0, "of worn cells, only each N-th", 1},
        {"histories", KEY_HISTORIES, "N", 0, "from depth 3 on: how many for each case", 1},
        {"jobs", KEY_JOBS, "N", 0, "processes; all processors by default", 2},
        {"shard", KEY_SHARD, "I/N", 0, "the I-th of N parts of the work, for several machines", 2},
        {"budget", KEY_BUDGET, "SECONDS", 0, "stop after so long; the search is then not complete, and says so", 2},
        {"first", KEY_FIRST, NULL, 0, "stop at the first failure; cases behind it are not searched", 2},
        {"list", KEY_LIST, NULL, 0, "print every failure on stderr as it is found, not only the first of each case", 2},
        {"json", KEY_JSON, NULL, 0, "the result as JSON", 2},
        {0},
    };
    static const struct argp_child children[] = {{&case_argp, 0, "What is simulated:", -1}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .doc = "Cut the power in every flash operation of the bootloader and of the application, restart, and check "
               "that a verified image runs, that it is the one the application asked for, and that flash was treated "
               "as its data sheet allows.\vEach failure has a replay id: outboard sim replay ID.\n\n"
               "  outboard sim cuts --tiny\n"
               "  outboard sim cuts --mode slide --depth 2 --budget 600 --json\n\n"
               "Exit status: 0 nothing failed, 1 something did, 2 wrong usage, 130 interrupted.",
        .children = children,
    };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    *options = (struct options){
        .cases.seed = 1,
        .search = {.depth = 1,
                   .tears = TEARS_ALL,
                   .shards = 1,
                   .stride = 1,
                   .histories = RANDOM_HISTORIES,
                   .failures = FAILURES_PER_CASE},
        .jobs = processors > 0 ? (uint32_t)processors : 1,
    };
    ob_args_parse(&argp, argc, argv, 0, options);
}

static void print_case(const struct sim_case *config, const struct case_result *result, bool interrupted)
{
    char id[SIM_ID_SIZE];
    struct sim_history none = {0};

    sim_id_print(config, &none, id);
    id[strlen(id) - strlen("/-")] = '\0';
    printf("%-70s %9" PRIu64 " runs %9" PRIu64 " cuts %8" PRIu64 " states  %s%s\n", id, result->sum.runs,
           result->sum.cuts, result->sum.states,
           result->sum.failures != 0 ? "FAILED"
           : result->searched        ? "ok"
                                     : "NOT SEARCHED",
           !result->sum.out_of_time ? ""
           : interrupted            ? " (stopped: interrupted)"
                                    : " (stopped: out of time)");
    if (result->sum.failures != 0) {
        printf("    %" PRIu64 " failures%s; the first: %s\n    outboard sim replay %s\n", result->sum.failures,
               result->sum.failures >= FAILURES_PER_CASE ? " at least" : "", result->sum.first_reason,
               result->sum.first_failure);
    }
}

static void add_skipped(cJSON *root, const struct case_list *list)
{
    cJSON *all = cJSON_AddArrayToObject(root, "not_applicable");

    for (uint32_t i = 0; i < list->skipped_count; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "mode", sim_mode_name(list->skipped[i].mode));
        cJSON_AddStringToObject(one, "scenario", list->skipped[i].scenario->name);
        cJSON_AddStringToObject(one, "reason", list->skipped[i].why);
        cJSON_AddNumberToObject(one, "cases", list->skipped[i].cases);
        cJSON_AddItemToArray(all, one);
    }
}

static void print_json(const struct sim_search_result *sum, const struct case_list *list, double seconds)
{
    cJSON *root = cJSON_CreateObject();

    cJSON_AddNumberToObject(root, "cases", list->count);
    add_skipped(root, list);
    cJSON_AddNumberToObject(root, "runs", (double)sum->runs);
    cJSON_AddNumberToObject(root, "cuts", (double)sum->cuts);
    cJSON_AddNumberToObject(root, "states", (double)sum->states);
    cJSON_AddNumberToObject(root, "failures", (double)sum->failures);
    if (sum->first_failure[0] != '\0') {
        cJSON_AddStringToObject(root, "first_failure", sum->first_failure);
        cJSON_AddStringToObject(root, "first_reason", sum->first_reason);
    } else {
        cJSON_AddNullToObject(root, "first_failure");
    }
    cJSON_AddBoolToObject(root, "complete", !sum->out_of_time);
    cJSON_AddNumberToObject(root, "seconds", seconds);
    ob_json_print(stdout, root);
}

static struct sim_search_result add_up(const struct case_list *list, const struct case_result *results)
{
    struct sim_search_result sum = {0};

    for (uint32_t i = 0; i < list->count; i++) {
        const struct sim_search_result *part = &results[i].sum;
        if (sum.first_failure[0] == '\0') {
            memcpy(sum.first_failure, part->first_failure, sizeof(sum.first_failure));
            memcpy(sum.first_reason, part->first_reason, sizeof(sum.first_reason));
        }
        sum.runs += part->runs;
        sum.cuts += part->cuts;
        sum.states += part->states;
        sum.failures += part->failures + !results[i].searched; /* nothing is known about it: that is no success */
        sum.out_of_time |= part->out_of_time;
    }
    return sum;
}

static void print_results(const struct options *options, const struct case_list *list,
                          const struct case_result *results, const struct sim_search_result *sum, bool interrupted,
                          double seconds)
{
    if (options->json) {
        print_json(sum, list, seconds);
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        print_case(&list->item[i], &results[i], interrupted);
    }
    for (uint32_t i = 0; i < list->skipped_count; i++) {
        const struct case_skipped *skipped = &list->skipped[i];
        printf("%s, %s: does not apply: %s (%u cases)\n", sim_mode_name(skipped->mode), skipped->scenario->name,
               skipped->why, skipped->cases);
    }
    printf("%u cases, %" PRIu64 " runs, %" PRIu64 " cuts, %" PRIu64 " states, %" PRIu64 " failures, %.1f s\n",
           list->count, sum->runs, sum->cuts, sum->states, sum->failures, seconds);
}

static enum ob_exit search(struct options *options, const struct case_list *list)
{
    struct case_result *results = calloc(list->count, sizeof(*results));
    double start = sim_now();

    if (results == NULL) {
        abort();
    }
    options->search.deadline = options->budget != 0 ? start + options->budget : 0;
    bool progress = isatty(STDERR_FILENO) == 1;
    bool interrupted = !workers_search(list, &options->search, options->jobs, options->first, progress, results);
    struct sim_search_result sum = add_up(list, results);
    print_results(options, list, results, &sum, interrupted, sim_now() - start);
    free(results);
    return sum.failures != 0 ? OB_EXIT_FINDING : interrupted ? OB_EXIT_INTERRUPTED : OB_EXIT_OK;
}

int sim_cmd_cuts(int argc, char **argv)
{
    struct options options;
    struct file_images images;
    struct case_list list = {0};

    read_options(argc, argv, &options);
    enum ob_exit status = file_images_read(&options.cases, &images);
    if (status == OB_EXIT_OK) {
        status = case_list_make(&options.cases, &images, &list);
    }
    if (status == OB_EXIT_OK) {
        status = search(&options, &list);
    }
    case_list_free(&list);
    file_images_free(&images);
    return status;
}
