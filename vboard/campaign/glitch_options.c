/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cmd_glitch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers.h"

/* What goes wrong, where and how often: the command line. */

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

static void parse_models(struct argp_state *state, struct vb_glitch_campaign *campaign, const char *text)
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

static void check(struct argp_state *state, const struct vb_glitch_campaign *campaign)
{
    if (campaign->board.target.build == NULL) {
        ob_args_error(state, "say which build folder: its ELF files have the names of the functions");
    } else if (campaign->goal == VB_GOAL_NONE) {
        ob_args_error(state, "say --goal unsigned or --goal downgrade");
    } else if (campaign->goal == VB_GOAL_DOWNGRADE && campaign->board.new.path == NULL) {
        ob_args_error(state, "--goal downgrade goes with --update FILE: a signed image of a higher version than the "
                             "build's, which runs");
    } else if (campaign->goal == VB_GOAL_UNSIGNED &&
               (campaign->board.new.path != NULL || campaign->board.started_before)) {
        ob_args_error(state, "--update and --started go with --goal downgrade");
    } else if (campaign->goal == VB_GOAL_DOWNGRADE && campaign->board.network_update.path != NULL) {
        ob_args_error(state, "--network-update goes with --goal unsigned");
    }
}

static void parse_goal(struct argp_state *state, struct vb_glitch_campaign *campaign, const char *text)
{
    if (strcmp(text, "unsigned") == 0) {
        campaign->goal = VB_GOAL_UNSIGNED;
    } else if (strcmp(text, "downgrade") == 0) {
        campaign->goal = VB_GOAL_DOWNGRADE;
    } else {
        ob_args_error(state, "--goal %s: say unsigned or downgrade", text);
    }
    campaign->board.scenario = campaign->goal == VB_GOAL_DOWNGRADE ? VB_SCENARIO_OLDER : VB_SCENARIO_UNSIGNED;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct vb_glitch_campaign *campaign = state->input;

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
        campaign->options.every = ob_args_number(state, "--every", arg, 1, COUNT_MAX);
        break;
    case OPT_VISITS:
        campaign->options.visits = ob_args_number(state, "--visits", arg, 1, UINT16_MAX);
        break;
    case OPT_SAMPLE:
        campaign->options.sample = ob_args_number(state, "--sample", arg, 0, COUNT_MAX);
        break;
    case OPT_PAIRS:
        campaign->options.pairs = ob_args_number(state, "--pairs", arg, 0, COUNT_MAX);
        break;
    case OPT_REPLAY:
        campaign->replays = true;
        if (!parse_place(arg, &campaign->replay)) {
            ob_args_error(state, "--replay %s: a word like g1234:0x00002e8a:skip1", arg);
        }
        break;
    case OPT_JOBS:
        campaign->jobs = (unsigned)ob_args_number(state, "--jobs", arg, 1, VB_JOBS_MAX);
        break;
    case OPT_SHARD:
        ob_args_shard(state, arg, &campaign->shard, &campaign->shards);
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

static const struct argp_child children[] = {{&vb_target_argp, 0, NULL, 0}, {0}};

const struct argp vb_glitch_argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "BUILD --goal unsigned\nBUILD --goal downgrade --update FILE",
    .doc = "Let one instruction go wrong in a start of the very binaries, on a virtual board: each execution of each "
           "instruction from the reset to the end, and a sample of those inside the cryptography. What may not run "
           "must not. Nothing is written to the build folder.\v"
           "  outboard board glitch build/dfu --goal unsigned\n\n"
           "Exit status: 0 nothing ran that may not, 1 something did, 2 wrong usage or an unreadable file.",
    .children = children};
