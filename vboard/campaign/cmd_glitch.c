/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/args.h>
#include <common/json.h>

#include <outboard/util.h>

#include "../commands.h"
#include "../memo.h"
#include "glitch.h"
#include "lines.h"
#include "workers.h"

/* `outboard board glitch`: a process for each job, each with a board of its own, and one that adds up. */

#define SAMPLE 1000u
#define PLACES_MAX 1000u
#define PLACES_SHOWN 20u
#define COUNT_MAX 1000000000u

enum {
    OPT_GOAL = 1280,
    OPT_UPDATE,
    OPT_NETWORK_UPDATE,
    OPT_STARTED,
    OPT_MODEL,
    OPT_IN,
    OPT_EVERY,
    OPT_VISITS,
    OPT_SAMPLE,
    OPT_PAIRS,
    OPT_REPLAY,
    OPT_JOBS,
    OPT_SHARD,
    OPT_JSON
};

enum goal { GOAL_NONE, GOAL_UNSIGNED, GOAL_DOWNGRADE };

/* Bypasses by the same fault of the same instruction. */
struct place {
    struct vb_glitch_result first;
    uint64_t count;
};

/* What a worker tells, in one write of less than PIPE_BUF bytes. */
struct message {
    enum { TELL_COUNTS, TELL_BYPASS, TELL_LEARNED, TELL_WHY, TELL_DONE } what;
    struct vb_glitch_counts counts;
    struct vb_glitch_result bypass;
    uint64_t steps, executions;
    char why[VB_WHY_SIZE];
};

struct campaign {
    struct vb_campaign board;
    enum goal goal;
    struct vb_glitch_options options;
    struct vb_glitch_place replay;
    unsigned jobs, shard, shards;
    bool json, replays;

    struct message *heard;
    struct vb_glitch_counts counts;
    struct place places[PLACES_MAX];
    unsigned place_count;
    uint64_t lost_places; /* bypasses for which there was no room */
    uint64_t steps, expected;
    char why[VB_WHY_SIZE];
    double start;
};

static const char *const end_names[VB_GLITCH_ENDS] = {
    [VB_GLITCH_HALTED] = "halted", [VB_GLITCH_STARTED] = "started", [VB_GLITCH_REFUSED] = "refused",
    [VB_GLITCH_FAULT] = "fault",   [VB_GLITCH_HANG] = "hang",       [VB_GLITCH_BYPASS] = "bypass",
};

/* ---- the command line ---- */

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "What goes wrong:", 2},
    {"goal", OPT_GOAL, "WHAT", 0,
     "unsigned: one bit of the signature of the image in the primary slot is wrong, and nothing else is there; "
     "downgrade: an image that is older than what runs is asked for",
     2},
    {"update", OPT_UPDATE, "FILE", 0,
     "downgrade: the signed image that runs, of a higher version than the build's, which is asked for", 2},
    {"network-update", OPT_NETWORK_UPDATE, "FILE", 0,
     "unsigned: the signed image that the network core is to get, with a wrong bit in its signature; what lies in the "
     "primary slot is valid then",
     2},
    {"started", OPT_STARTED, NULL, 0,
     "downgrade: the device has been started once before the older image is asked for, so its floor is stated", 2},
    {"model", OPT_MODEL, "LIST", 0,
     "skip1: an instruction is skipped; skip2: two in a row; branch: a condition counts the other way; r0: a call "
     "returns 0, 1 or -1; fetch: a byte or a word of an instruction is read as zeros; several with commas, or all "
     "(all)",
     2},
    {"in", OPT_IN, "LIST", 0, "only in functions whose names begin so; several with commas (everywhere)", 2},
    {"every", OPT_EVERY, "N", 0, "each N-th execution only", 2},
    {"visits", OPT_VISITS, "N", 0, "of each instruction the first N executions only (all)", 2},
    {"sample", OPT_SAMPLE, "N", 0, "so many trials inside the cryptography (1000)", 2},
    {"pairs", OPT_PAIRS, "N", 0, "so many trials with two faults apart from each other; reported, but no finding (0)",
     2},
    {"replay", OPT_REPLAY, "WORD", 0, "one trial, as a campaign named it", 2},
    {"jobs", OPT_JOBS, "N", 0, "processes (as many as there are processors)", 3},
    {"shard", OPT_SHARD, "I/N", 0, "the I-th of N parts, for several machines", 3},
    {"json", OPT_JSON, NULL, 0, "print the result as JSON", 3},
    {0},
};

static uint64_t number_of(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value < min || value > max) {
        ob_args_error(state, "%s %s: a number from %llu to %llu", option, text, (unsigned long long)min,
                      (unsigned long long)max);
    }
    return value;
}

static void parse_models(struct argp_state *state, struct campaign *campaign, const char *text)
{
    campaign->options.models = strcmp(text, "all") == 0 ? (1u << VB_FAULT_MODELS) - 1 : 0;
    while (campaign->options.models == 0 || (*text != '\0' && strcmp(text, "all") != 0)) {
        const size_t len = strcspn(text, ",");
        unsigned model = 0;
        while (model < VB_FAULT_MODELS &&
               (strlen(vb_fault_model_name(model)) != len || strncmp(text, vb_fault_model_name(model), len) != 0)) {
            model++;
        }
        if (model == VB_FAULT_MODELS) {
            ob_args_error(state, "--model %s: all, or some of skip1,skip2,branch,r0,fetch", text);
            return;
        }
        campaign->options.models |= 1u << model;
        text += len + (text[len] == ',');
    }
}

/* `g1234:0x00002e8a:skip1`; x instead of g: all of the cryptography is executed. */
static bool parse_place(const char *text, struct vb_glitch_place *out)
{
    char *end;

    out->inner = *text == 'x';
    if (*text != 'x' && *text != 'g') {
        return false;
    }
    out->step = strtoull(text + 1, &end, 10);
    return end != text + 1 && *end == ':' && vb_fault_parse(end + 1, &out->fault);
}

static void print_place(const struct vb_glitch_place *place, char *text, size_t size)
{
    char fault[VB_FAULT_TEXT];

    vb_fault_print(&place->fault, fault);
    snprintf(text, size, "%c%llu:%s", place->inner ? 'x' : 'g', (unsigned long long)place->step, fault);
}

static void parse_shard(struct argp_state *state, struct campaign *campaign, const char *text)
{
    char rest;

    if (sscanf(text, "%u/%u%c", &campaign->shard, &campaign->shards, &rest) != 2 || campaign->shard == 0 ||
        campaign->shard > campaign->shards) {
        ob_args_error(state, "--shard %s: I/N, with I from 1 to N", text);
    }
}

static void check(struct argp_state *state, const struct campaign *campaign)
{
    if (campaign->board.target.build == NULL) {
        ob_args_error(state, "say which build folder: its ELF files have the names of the functions");
    } else if (campaign->goal == GOAL_NONE) {
        ob_args_error(state, "say --goal unsigned or --goal downgrade");
    } else if (campaign->goal == GOAL_DOWNGRADE && campaign->board.new.path == NULL) {
        ob_args_error(state, "--goal downgrade goes with --update FILE: a signed image of a higher version than the "
                             "build's, which runs");
    } else if (campaign->goal == GOAL_UNSIGNED &&
               (campaign->board.new.path != NULL || campaign->board.started_before)) {
        ob_args_error(state, "--update and --started go with --goal downgrade");
    } else if (campaign->goal == GOAL_DOWNGRADE && campaign->board.network_update.path != NULL) {
        ob_args_error(state, "--network-update goes with --goal unsigned");
    }
}

static void parse_goal(struct argp_state *state, struct campaign *campaign, const char *text)
{
    if (strcmp(text, "unsigned") == 0) {
        campaign->goal = GOAL_UNSIGNED;
    } else if (strcmp(text, "downgrade") == 0) {
        campaign->goal = GOAL_DOWNGRADE;
    } else {
        ob_args_error(state, "--goal %s: say unsigned or downgrade", text);
    }
    campaign->board.scenario = campaign->goal == GOAL_DOWNGRADE ? VB_SCENARIO_OLDER : VB_SCENARIO_UNSIGNED;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct campaign *campaign = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &campaign->board.target;
        break;
    case OPT_GOAL:
        parse_goal(state, campaign, arg);
        break;
    case OPT_UPDATE:
        campaign->board.new.path = arg;
        break;
    case OPT_NETWORK_UPDATE:
        campaign->board.network_update.path = arg;
        break;
    case OPT_STARTED:
        campaign->board.started_before = true;
        break;
    case OPT_MODEL:
        parse_models(state, campaign, arg);
        break;
    case OPT_IN:
        campaign->options.functions = arg;
        break;
    case OPT_EVERY:
        campaign->options.every = number_of(state, "--every", arg, 1, COUNT_MAX);
        break;
    case OPT_VISITS:
        campaign->options.visits = number_of(state, "--visits", arg, 1, UINT16_MAX);
        break;
    case OPT_SAMPLE:
        campaign->options.sample = number_of(state, "--sample", arg, 0, COUNT_MAX);
        break;
    case OPT_PAIRS:
        campaign->options.pairs = number_of(state, "--pairs", arg, 0, COUNT_MAX);
        break;
    case OPT_REPLAY:
        campaign->replays = true;
        if (!parse_place(arg, &campaign->replay)) {
            ob_args_error(state, "--replay %s: a word like g1234:0x00002e8a:skip1", arg);
        }
        break;
    case OPT_JOBS:
        campaign->jobs = (unsigned)number_of(state, "--jobs", arg, 1, VB_JOBS_MAX);
        break;
    case OPT_SHARD:
        parse_shard(state, campaign, arg);
        break;
    case OPT_JSON:
        campaign->json = true;
        break;
    case ARGP_KEY_END:
        check(state, campaign);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* ---- in a worker ---- */

struct speaker {
    int pipe;
    struct message message; /* all bytes defined */
};

static void tell(void *ctx, const struct vb_glitch_result *bypass, const struct vb_glitch_counts *counts)
{
    struct speaker *speaker = ctx;

    speaker->message.what = TELL_COUNTS;
    speaker->message.counts = *counts;
    vb_worker_say(speaker->pipe, &speaker->message, sizeof(speaker->message));
    if (bypass != NULL) {
        speaker->message.what = TELL_BYPASS;
        speaker->message.bypass = *bypass;
        vb_worker_say(speaker->pipe, &speaker->message, sizeof(speaker->message));
    }
}

static void tell_why(struct speaker *speaker, const char *why)
{
    speaker->message.what = TELL_WHY;
    snprintf(speaker->message.why, sizeof(speaker->message.why), "%s", why);
    vb_worker_say(speaker->pipe, &speaker->message, sizeof(speaker->message));
}

/* One campaign: outside the cryptography, with known results in place of P-256's multiplication, or inside it. */
static bool work_on(struct campaign *campaign, struct speaker *speaker, bool inner)
{
    const char *why;
    struct vb_glitch *glitch = vb_glitch_new(&campaign->board, inner, &why);

    if (glitch == NULL) {
        tell_why(speaker, why);
        return false;
    }
    speaker->message.what = TELL_LEARNED;
    speaker->message.steps = vb_glitch_steps(glitch);
    speaker->message.executions = vb_glitch_executions(glitch, &campaign->options);
    vb_worker_say(speaker->pipe, &speaker->message, sizeof(speaker->message));
    why = vb_glitch_run(glitch, &campaign->options, tell, speaker);
    if (why != NULL) {
        tell_why(speaker, why);
    }
    vb_glitch_free(glitch);
    return why == NULL;
}

static void work(void *ctx, unsigned job, int pipe)
{
    struct campaign *campaign = ctx;
    static struct speaker speaker;

    speaker.pipe = pipe;
    if (vb_campaign_make(&campaign->board) != OB_EXIT_OK) {
        _exit(OB_EXIT_USAGE);
    }
    campaign->options.part = (campaign->shard - 1) * campaign->jobs + job;
    campaign->options.parts = campaign->shards * campaign->jobs;
    campaign->board.memo = vb_memo_new(&campaign->board.target.symbols);
    bool goes_on = work_on(campaign, &speaker, false);
    if (goes_on && campaign->options.sample > 0) {
        vb_memo_forget(campaign->board.memo, campaign->board.target.board);
        campaign->board.memo = NULL;
        work_on(campaign, &speaker, true);
    }
    speaker.message.what = TELL_DONE;
    vb_worker_say(pipe, &speaker.message, sizeof(speaker.message));
}

/* ---- in the parent ---- */

static void draw(void *ctx)
{
    const struct campaign *campaign = ctx;
    const double spent = vb_seconds() - campaign->start;
    const uint64_t done = campaign->counts.executions + campaign->counts.inner;
    char text[120];

    if (!campaign->json) {
        snprintf(text, sizeof(text), "%llu trials, %.0f a second, %llu bypasses",
                 (unsigned long long)campaign->counts.trials, (double)campaign->counts.trials / spent,
                 (unsigned long long)campaign->counts.ends[VB_GLITCH_BYPASS]);
        vb_draw_bar(campaign->expected == 0 ? 0 : (double)done / (double)campaign->expected, text);
    }
}

static void add_counts(struct vb_glitch_counts *to, const struct vb_glitch_counts *more)
{
    to->executions += more->executions;
    to->trials += more->trials;
    to->seen += more->seen;
    to->compared += more->compared;
    to->otherwise += more->otherwise;
    to->inner += more->inner;
    to->pairs += more->pairs;
    to->pair_bypasses += more->pair_bypasses;
    to->nulls += more->nulls;
    for (unsigned i = 0; i < VB_GLITCH_ENDS; i++) {
        to->ends[i] += more->ends[i];
    }
    for (unsigned i = 0; i < VB_FAULT_MODELS; i++) {
        to->models[i] += more->models[i];
    }
}

static void add_bypass(struct campaign *campaign, const struct vb_glitch_result *bypass)
{
    for (unsigned i = 0; i < campaign->place_count; i++) {
        struct place *place = &campaign->places[i];
        const struct vb_fault *fault = &place->first.place.fault;
        if (fault->address == bypass->place.fault.address && fault->model == bypass->place.fault.model &&
            fault->variant == bypass->place.fault.variant && place->first.place.inner == bypass->place.inner) {
            place->count++;
            if (bypass->place.step < place->first.place.step) { /* not who was quicker decides what is named */
                place->first = *bypass;
            }
            return;
        }
    }
    if (campaign->place_count < PLACES_MAX) {
        campaign->places[campaign->place_count++] = (struct place){.first = *bypass, .count = 1};
    } else {
        campaign->lost_places++;
    }
}

/* @return false: this worker is done */
static bool hear(void *ctx)
{
    struct campaign *campaign = ctx;
    const struct message *message = campaign->heard;

    switch (message->what) {
    case TELL_COUNTS:
        add_counts(&campaign->counts, &message->counts);
        break;
    case TELL_BYPASS:
        if (message->bypass.second_step == 0) {
            add_bypass(campaign, &message->bypass);
        }
        break;
    case TELL_LEARNED:
        campaign->steps = campaign->steps == 0 ? message->steps : campaign->steps;
        campaign->expected += message->executions / campaign->jobs / campaign->shards;
        break;
    case TELL_WHY:
        memcpy(campaign->why, message->why, sizeof(campaign->why));
        break;
    default:
        break;
    }
    return message->what != TELL_DONE;
}

/* ---- the result ---- */

static int by_address(const void *a, const void *b)
{
    const struct vb_glitch_place *left = &((const struct place *)a)->first.place;
    const struct vb_glitch_place *right = &((const struct place *)b)->first.place;

    return left->fault.address != right->fault.address ? (left->fault.address < right->fault.address ? -1 : 1)
                                                       : left->fault.model - right->fault.model;
}

static cJSON *json_of_place(const struct campaign *campaign, const struct place *place)
{
    cJSON *json = cJSON_CreateObject();
    char text[256];

    print_place(&place->first.place, text, sizeof(text));
    cJSON_AddStringToObject(json, "word", text);
    cJSON_AddStringToObject(json, "model", vb_fault_model_name(place->first.place.fault.model));
    vb_target_place(&campaign->board.target, place->first.place.fault.address, text, sizeof(text));
    cJSON_AddStringToObject(json, "at", text);
    vb_line_of(campaign->board.target.build, place->first.place.fault.address, text, sizeof(text));
    cJSON_AddStringToObject(json, "line", text);
    cJSON_AddNumberToObject(json, "bypasses", (double)place->count);
    cJSON_AddBoolToObject(json, "wild", place->first.wild);
    cJSON_AddBoolToObject(json, "in_a_later_start", place->first.later);
    return json;
}

static void add_ends(cJSON *json, const struct vb_glitch_counts *counts)
{
    cJSON *ends = cJSON_AddObjectToObject(json, "ends");
    cJSON *models = cJSON_AddObjectToObject(json, "models");

    for (unsigned i = 0; i < VB_GLITCH_ENDS; i++) {
        cJSON_AddNumberToObject(ends, end_names[i], (double)counts->ends[i]);
    }
    for (unsigned i = 0; i < VB_FAULT_MODELS; i++) {
        cJSON_AddNumberToObject(models, vb_fault_model_name(i), (double)counts->models[i]);
    }
}

static void print_json(const struct campaign *campaign, double seconds)
{
    const struct vb_glitch_counts *counts = &campaign->counts;
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "trials", (double)counts->trials);
    cJSON_AddNumberToObject(json, "bypasses", (double)counts->ends[VB_GLITCH_BYPASS]);
    cJSON *places = cJSON_AddArrayToObject(json, "places");
    for (unsigned i = 0; i < campaign->place_count; i++) {
        cJSON_AddItemToArray(places, json_of_place(campaign, &campaign->places[i]));
    }
    add_ends(json, counts);
    cJSON_AddNumberToObject(json, "instructions", (double)campaign->steps);
    cJSON_AddNumberToObject(json, "executions", (double)counts->executions);
    cJSON_AddNumberToObject(json, "inside_cryptography", (double)counts->inner);
    cJSON_AddNumberToObject(json, "ended_early", (double)counts->seen);
    cJSON_AddNumberToObject(json, "compared", (double)counts->compared);
    cJSON_AddNumberToObject(json, "ended_otherwise", (double)counts->otherwise);
    cJSON_AddNumberToObject(json, "null_faults", (double)counts->nulls);
    cJSON_AddNumberToObject(json, "pairs", (double)counts->pairs);
    cJSON_AddNumberToObject(json, "pair_bypasses", (double)counts->pair_bypasses);
    cJSON_AddNumberToObject(json, "seconds", seconds);
    ob_json_print(stdout, json);
}

static void print_places(const struct campaign *campaign)
{
    for (unsigned i = 0; i < OB_MIN(campaign->place_count, PLACES_SHOWN); i++) {
        const struct place *place = &campaign->places[i];
        char word[VB_FAULT_TEXT + 24];
        char at[100];
        char line[256];
        print_place(&place->first.place, word, sizeof(word));
        vb_target_place(&campaign->board.target, place->first.place.fault.address, at, sizeof(at));
        vb_line_of(campaign->board.target.build, place->first.place.fault.address, line, sizeof(line));
        printf("  %5llu  %s  %s, %s%s\n", (unsigned long long)place->count, word, at, line,
               place->first.wild ? ", a wild jump" : "");
    }
    if (campaign->place_count > PLACES_SHOWN) {
        printf("  ... and %u places more: --json has them\n", campaign->place_count - PLACES_SHOWN);
    }
}

static void print_text(const struct campaign *campaign, double seconds)
{
    const struct vb_glitch_counts *counts = &campaign->counts;

    printf("%llu trials in a start of %llu instructions: all of %llu executions, %llu inside the cryptography; "
           "%.0f s, %.0f a second\n",
           (unsigned long long)counts->trials, (unsigned long long)campaign->steps,
           (unsigned long long)counts->executions, (unsigned long long)counts->inner, seconds,
           (double)counts->trials / seconds);
    for (unsigned i = 0; i < VB_GLITCH_ENDS; i++) {
        printf("%s%s %llu", i == 0 ? "" : ", ", end_names[i], (unsigned long long)counts->ends[i]);
    }
    printf("\n%llu ended early, in a state that was known; %llu of those were run to the end all the same; %llu trials "
           "without a fault ended as the start itself\n",
           (unsigned long long)counts->seen, (unsigned long long)counts->compared, (unsigned long long)counts->nulls);
    if (counts->pairs > 0) {
        printf("%llu trials with two faults, %llu bypasses\n", (unsigned long long)counts->pairs,
               (unsigned long long)counts->pair_bypasses);
    }
    print_places(campaign);
    if (campaign->place_count > 0) {
        const struct vb_campaign *board = &campaign->board;
        const char *path = campaign->goal == GOAL_DOWNGRADE ? board->old.path : board->network_update.path;
        char word[VB_FAULT_TEXT + 24];
        print_place(&campaign->places[0].first.place, word, sizeof(word));
        printf("again: outboard board glitch %s --goal %s%s --replay %s\n", board->target.build,
               campaign->goal == GOAL_DOWNGRADE ? "downgrade --update "
               : path != NULL                   ? "unsigned --network-update "
                                                : "unsigned",
               path != NULL ? path : "", word);
    }
}

static enum ob_exit run(struct campaign *campaign)
{
    static struct message message;
    const struct vb_hearing hearing = {campaign, &message, sizeof(message), hear, draw};
    struct vb_workers workers;

    campaign->start = vb_seconds();
    campaign->heard = &message;
    if (!vb_workers_start(&workers, campaign->jobs, work, campaign)) {
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = vb_workers_hear(&workers, &hearing, "glitch", campaign->why);
    if (status != OB_EXIT_OK && status != OB_EXIT_INTERRUPTED) {
        return status;
    }
    qsort(campaign->places, campaign->place_count, sizeof(campaign->places[0]), by_address);
    (campaign->json ? print_json : print_text)(campaign, vb_seconds() - campaign->start);
    return campaign->counts.ends[VB_GLITCH_BYPASS] > 0 ? OB_EXIT_FINDING : status;
}

static enum ob_exit replay(struct campaign *campaign)
{
    struct vb_glitch_result result;
    char at[100];
    const char *why;

    if (vb_campaign_make(&campaign->board) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    campaign->board.memo = campaign->replay.inner ? NULL : vb_memo_new(&campaign->board.target.symbols);
    struct vb_glitch *glitch = vb_glitch_new(&campaign->board, campaign->replay.inner, &why);
    if (glitch != NULL) {
        why = vb_glitch_try(glitch, &campaign->replay, &result);
    }
    vb_glitch_free(glitch);
    vb_memo_free(campaign->board.memo);
    if (why != NULL) {
        ob_diag_error(NULL, "board: glitch: %s", why);
        return OB_EXIT_USAGE;
    }
    vb_target_place(&campaign->board.target, result.pc, at, sizeof(at));
    printf("%s%s, at %s%s%s\n", end_names[result.end], result.later ? " in a later start" : "", at,
           result.why[0] != '\0' ? ": " : "", result.why);
    return result.end == VB_GLITCH_BYPASS ? OB_EXIT_FINDING : OB_EXIT_OK;
}

int vb_cmd_glitch(int argc, char **argv)
{
    static const struct argp_child children[] = {{&vb_target_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "BUILD --goal unsigned\nBUILD --goal downgrade --update FILE",
        .doc =
            "Let one instruction go wrong in a start of the very binaries, on a virtual board: each execution of each "
            "instruction from the reset to the end, and a sample of those inside the cryptography. What may not run "
            "must not. Nothing is written to the build folder.\v"
            "  outboard board glitch build/dfu --goal unsigned\n\n"
            "Exit status: 0 nothing ran that may not, 1 something did, 2 wrong usage or an unreadable file.",
        .children = children};
    static struct campaign campaign;

    campaign.options = (struct vb_glitch_options){.models = (1u << VB_FAULT_MODELS) - 1, .every = 1, .sample = SAMPLE};
    campaign.jobs = vb_workers_default();
    campaign.shard = campaign.shards = 1;
    ob_args_parse(&argp, argc, argv, 0, &campaign);
    signal(SIGPIPE, SIG_IGN);
    enum ob_exit status = vb_campaign_prepare(&campaign.board);
    if (status == OB_EXIT_OK && !vb_campaign_is_in_flash(&campaign.board, "glitch")) {
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = (campaign.replays ? replay : run)(&campaign);
    }
    vb_campaign_free(&campaign.board);
    return status;
}
