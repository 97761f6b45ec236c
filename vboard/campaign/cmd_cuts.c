/* SPDX-License-Identifier: Apache-2.0 OR MIT */
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
#include "campaign_options.h"
#include "futures.h"
#include "report.h"
#include "search.h"
#include "workers.h"

/* `outboard board cuts`: a process for each job, each with a board of its own, and one that adds up. */

#define FAILURES_SHOWN 10u
#define INSTRUCTIONS 16u

enum {
    OPT_TEAR = 1024,
    OPT_EVERY,
    OPT_DEPTH,
    OPT_AGAIN,
    OPT_INSTRUCTIONS,
    OPT_JOBS,
    OPT_SHARD,
    OPT_JSON,
    OPT_REPORT,
    OPT_EXECUTE
};

struct cuts {
    struct vb_campaign campaign;
    struct vb_search_options search;
    unsigned jobs, shard, shards;
    bool json, executes_all;
    const char *report_path;

    struct vb_golden golden;
    struct vb_report report;
    uint64_t expected, done, failures, old, new;
    struct vb_memo_counts memo;
    struct vb_future_counts futures;
    struct vb_search_result first_failure;
    struct message *heard;
    double start;
};

/* What a worker tells, in one write of less than PIPE_BUF bytes. */
struct message {
    enum { TELL_RESULT, TELL_COUNTS, TELL_WHY } what;
    struct vb_search_result result;
    struct vb_memo_counts memo;
    struct vb_future_counts futures;
};

/* ---- the command line ---- */

static const struct argp_option options[] = {
    {"tear", OPT_TEAR, "LIST", 0,
     "what the operation leaves that the power fails in: all, or some of none, prefix, bits, metastable, brownout with "
     "commas; left out: one variant of each. Metastable cells of the internal flash are settled at random",
     2},
    {"every", OPT_EVERY, "N", 0, "each N-th operation only", 2},
    {"depth", OPT_DEPTH, "N", 0, "so many cuts one after the other, each everywhere (1)", 2},
    {"again", OPT_AGAIN, "N", 0, "cut the same operation N times in a row (1)", 2},
    {"instructions", OPT_INSTRUCTIONS, "N", 0, "so many cuts between operations, spread over all instructions (16)", 2},
    {"execute-all", OPT_EXECUTE, NULL, 0,
     "execute the loops of the cryptography each time, and every start to its end; left out: a result that is "
     "known for the same input is used, and a cut is over in a state of the whole board that an earlier one came "
     "through",
     2},
    {"jobs", OPT_JOBS, "N", 0, "processes (as many as there are processors)", 3},
    {"shard", OPT_SHARD, "I/N", 0, "the I-th of N parts, for several machines", 3},
    {"json", OPT_JSON, NULL, 0, "print the result as JSON", 3},
    {"report", OPT_REPORT, "FILE.html", 0, "write a page that shows every operation and what came of its cuts", 3},
    {0},
};

static void add_tear(struct vb_search_options *search, unsigned kind, unsigned variant)
{
    if (search->tear_count < VB_TEARS_MAX) {
        search->tears[search->tear_count++] = (struct sim_tear){.kind = (uint8_t)kind, .variant = (uint8_t)variant};
    }
}

static void add_kind(struct vb_search_options *search, unsigned kind, bool all)
{
    for (unsigned variant = 0; variant < (all ? sim_tear_variants((enum sim_tear_kind)kind) : 1); variant++) {
        add_tear(search, kind, variant);
    }
}

static bool parse_tears(struct vb_search_options *search, const char *text)
{
    search->tear_count = 0;
    while (*text != '\0') {
        bool known = false;
        for (unsigned kind = 0; kind < SIM_TEAR_ASTRAY && !known; kind++) {
            size_t len = strlen(sim_tear_name(kind));
            known = strncmp(text, sim_tear_name(kind), len) == 0 && (text[len] == ',' || text[len] == '\0');
            if (known) {
                add_kind(search, kind, true);
                text += len + (text[len] == ',');
            }
        }
        if (!known) {
            return false;
        }
    }
    return search->tear_count > 0;
}

static void default_tears(struct vb_search_options *search, bool all)
{
    search->tear_count = 0;
    for (unsigned kind = 0; kind < SIM_TEAR_ASTRAY; kind++) { /* the others are the simulator's alone */
        add_kind(search, kind, all);
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct cuts *cuts = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &cuts->campaign;
        break;
    case OPT_TEAR:
        if (strcmp(arg, "all") == 0) {
            default_tears(&cuts->search, true);
        } else if (!parse_tears(&cuts->search, arg)) {
            ob_args_error(state, "--tear %s: all, or some of none,prefix,bits,metastable,brownout", arg);
        }
        break;
    case OPT_EVERY:
        cuts->search.every = (unsigned)ob_args_number(state, "--every", arg, 1, 1000000);
        break;
    case OPT_DEPTH:
        cuts->search.depth = (unsigned)ob_args_number(state, "--depth", arg, 1, VB_CUTS_MAX);
        break;
    case OPT_AGAIN:
        cuts->search.again = (unsigned)ob_args_number(state, "--again", arg, 1, VB_CUTS_MAX);
        break;
    case OPT_INSTRUCTIONS:
        cuts->search.instructions = (unsigned)ob_args_number(state, "--instructions", arg, 0, 1000000);
        break;
    case OPT_EXECUTE:
        cuts->executes_all = true;
        break;
    case OPT_JOBS:
        cuts->jobs = (unsigned)ob_args_number(state, "--jobs", arg, 1, VB_JOBS_MAX);
        break;
    case OPT_SHARD:
        ob_args_shard(state, arg, &cuts->shard, &cuts->shards);
        break;
    case OPT_JSON:
        cuts->json = true;
        break;
    case OPT_REPORT:
        cuts->report_path = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* ---- in a worker ---- */

static void tell(void *ctx, const struct vb_search_result *result)
{
    static struct message message; /* all bytes defined */

    message.what = TELL_RESULT;
    message.result = *result;
    vb_worker_say(*(const int *)ctx, &message, sizeof(message));
}

static void work(void *ctx, unsigned job, int pipe)
{
    struct cuts *cuts = ctx;
    static struct message message;

    if (vb_campaign_make(&cuts->campaign) != OB_EXIT_OK) {
        _exit(OB_EXIT_USAGE);
    }
    cuts->campaign.memo = cuts->executes_all ? NULL : vb_memo_new(&cuts->campaign.target.symbols);
    cuts->search.part = (cuts->shard - 1) * cuts->jobs + job;
    cuts->search.parts = cuts->shards * cuts->jobs;
    cuts->search.foresees = !cuts->executes_all && cuts->campaign.network_update.path == NULL;
    const char *why = vb_search_run(&cuts->campaign, &cuts->search, tell, &pipe);
    if (why != NULL) {
        message.what = TELL_WHY;
        vb_worker_say(pipe, &message, sizeof(message));
    }
    message.what = TELL_COUNTS;
    message.memo = vb_memo_counts(cuts->campaign.memo);
    message.futures = vb_futures_counts(cuts->campaign.futures);
    vb_worker_say(pipe, &message, sizeof(message));
    vb_futures_free(cuts->campaign.futures);
}

/* ---- in the parent ---- */

static void draw_bar(void *ctx)
{
    const struct cuts *cuts = ctx;
    double spent = vb_seconds() - cuts->start;
    double part = cuts->expected == 0 ? 1 : (double)cuts->done / (double)cuts->expected;
    char text[120];

    if (!cuts->json) {
        snprintf(text, sizeof(text), "%.1f cuts/s  %.0f s left  %llu failures", (double)cuts->done / spent,
                 part > 0.005 ? spent / part - spent : 0.0, (unsigned long long)cuts->failures);
        vb_draw_bar(part, text);
    }
}

static void show_failure(const struct cuts *cuts, const struct vb_search_result *result)
{
    char word[VB_CUTS_TEXT];

    if (cuts->failures > FAILURES_SHOWN || cuts->json) {
        return;
    }
    vb_cuts_print(&result->cuts, word);
    fprintf(stderr, "%s%s: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", word, result->history.why);
}

/* Which of two failures is named first does not depend on which worker was quicker. */
static bool is_before(const struct vb_cut *a, const struct vb_cut *b)
{
    uint64_t left = a->instruction != 0 ? UINT64_MAX : a->operation;
    uint64_t right = b->instruction != 0 ? UINT64_MAX : b->operation;

    return left != right ? left < right : a->tear.kind * 16 + a->tear.variant < b->tear.kind * 16 + b->tear.variant;
}

static void add_result(struct cuts *cuts, const struct vb_search_result *result)
{
    cuts->done++;
    cuts->old += result->history.outcome == VB_OUTCOME_OLD;
    cuts->new += result->history.outcome == VB_OUTCOME_NEW;
    vb_report_add(&cuts->report, result);
    if (result->history.outcome == VB_OUTCOME_FAILED) {
        if (cuts->failures == 0 || is_before(&result->cuts.items[0], &cuts->first_failure.cuts.items[0])) {
            cuts->first_failure = *result;
        }
        cuts->failures++;
        show_failure(cuts, result);
    }
}

/* @return false: this worker is done */
static bool hear(void *ctx)
{
    struct cuts *cuts = ctx;
    const struct message *message = cuts->heard;

    switch (message->what) {
    case TELL_RESULT:
        add_result(cuts, &message->result);
        return true;
    case TELL_COUNTS:
        cuts->memo.executed += message->memo.executed;
        cuts->memo.replayed += message->memo.replayed;
        cuts->memo.compared += message->memo.compared;
        cuts->futures.known += message->futures.known;
        cuts->futures.compared += message->futures.compared;
        return false;
    default:
        return true; /* the parent's own uncut run found the same */
    }
}

/* ---- the result ---- */

static void print_json(const struct cuts *cuts, double seconds, bool complete)
{
    char word[VB_CUTS_TEXT];
    cJSON *json = cJSON_CreateObject();

    cJSON_AddNumberToObject(json, "operations", cuts->golden.log.count);
    cJSON_AddNumberToObject(json, "steps", cuts->golden.log.step_count);
    cJSON_AddNumberToObject(json, "cuts", (double)cuts->done);
    cJSON_AddNumberToObject(json, "failures", (double)cuts->failures);
    if (cuts->failures > 0) {
        vb_cuts_print(&cuts->first_failure.cuts, word);
        cJSON_AddStringToObject(json, "first_failure", word);
        cJSON_AddStringToObject(json, "first_reason", cuts->first_failure.history.why);
    } else {
        cJSON_AddNullToObject(json, "first_failure");
    }
    cJSON_AddNumberToObject(json, "old", (double)cuts->old);
    cJSON_AddNumberToObject(json, "new", (double)cuts->new);
    cJSON_AddBoolToObject(json, "complete", complete);
    cJSON_AddNumberToObject(json, "seconds", seconds);
    cJSON_AddNumberToObject(json, "executed", (double)cuts->memo.executed);
    cJSON_AddNumberToObject(json, "replayed", (double)cuts->memo.replayed);
    cJSON_AddNumberToObject(json, "compared", (double)cuts->memo.compared);
    cJSON_AddNumberToObject(json, "known", (double)cuts->futures.known);
    cJSON_AddNumberToObject(json, "lived_through", (double)cuts->futures.compared);
    ob_json_print(stdout, json);
}

static void print_text(const struct cuts *cuts, double seconds, bool complete)
{
    char word[VB_CUTS_TEXT];

    printf("%u operations, %llu cuts, %llu failures; at rest the old image ran %llu times, the new one %llu; %.1f s, "
           "%.1f cuts/s%s\n",
           cuts->golden.log.count, (unsigned long long)cuts->done, (unsigned long long)cuts->failures,
           (unsigned long long)cuts->old, (unsigned long long)cuts->new, seconds, (double)cuts->done / seconds,
           complete ? "" : " (stopped: interrupted)");
    if (cuts->futures.known > 0) {
        printf("%llu came to a state from which it was known how it goes on; %llu of those were lived through all the "
               "same\n",
               (unsigned long long)cuts->futures.known, (unsigned long long)cuts->futures.compared);
    }
    if (cuts->memo.replayed > 0) {
        printf("Loops of the cryptography: %llu executed, %llu results used again, %llu of those executed all the same "
               "and "
               "equal\n",
               (unsigned long long)cuts->memo.executed, (unsigned long long)cuts->memo.replayed,
               (unsigned long long)cuts->memo.compared);
    }
    if (cuts->failures > 0) {
        vb_cuts_print(&cuts->first_failure.cuts, word);
        printf("again: outboard board run ");
        vb_campaign_print(&cuts->campaign, stdout);
        printf(" --cut %s\n", word);
    }
}

/* @param heard  OB_EXIT_OK or OB_EXIT_INTERRUPTED */
static enum ob_exit finish(struct cuts *cuts, double seconds, enum ob_exit heard)
{
    enum ob_exit status = cuts->failures > 0 ? OB_EXIT_FINDING : heard;

    if (cuts->report_path != NULL) {
        enum ob_exit written =
            vb_report_write(&cuts->report, cuts->report_path, &cuts->campaign, &cuts->golden, seconds);
        status = written != OB_EXIT_OK ? written : status;
    }
    (cuts->json ? print_json : print_text)(cuts, seconds, heard == OB_EXIT_OK);
    return status;
}

static enum ob_exit run(struct cuts *cuts)
{
    static struct message message;
    const struct vb_hearing hearing = {cuts, &message, sizeof(message), hear, draw_bar};
    struct vb_workers workers;

    cuts->start = vb_seconds();
    cuts->heard = &message;
    if (!vb_workers_start(&workers, cuts->jobs, work, cuts) || vb_campaign_make(&cuts->campaign) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    const char *why = vb_golden_run(&cuts->campaign, &cuts->golden, NULL);
    cuts->expected = vb_search_count(&cuts->golden, &cuts->search) / cuts->shards;
    enum ob_exit status = vb_workers_hear(&workers, &hearing, "without any cut", why);
    if (status != OB_EXIT_OK && status != OB_EXIT_INTERRUPTED) {
        return status;
    }
    return finish(cuts, vb_seconds() - cuts->start, status);
}

static bool is_the_same(const struct vb_image *old, const struct vb_image *new)
{
    return old->size == new->size && old->size != 0 && memcmp(old->data, new->data, old->size) == 0;
}

int vb_cmd_cuts(int argc, char **argv)
{
    static const struct argp_child children[] = {{&vb_campaign_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "BUILD --update FILE\n--board NAME --internal FILE... --old FILE --new FILE --slot ADDR",
        .doc =
            "Cut the power in every flash operation of an update, on a virtual board that runs the very binaries; then "
            "start again until the board rests. Each time the old or the new image must run, whole. Nothing is "
            "written to the build folder.\v"
            "  outboard board cuts build/dfu --update app_update.bin --json",
        .children = children};
    static struct cuts cuts;

    cuts.search = (struct vb_search_options){.every = 1, .depth = 1, .again = 1, .instructions = INSTRUCTIONS};
    cuts.jobs = vb_workers_default();
    cuts.shard = cuts.shards = 1;
    default_tears(&cuts.search, false);
    ob_args_parse(&argp, argc, argv, 0, &cuts);
    signal(SIGPIPE, SIG_IGN);
    if (cuts.campaign.new.path == NULL && cuts.campaign.network_update.path == NULL) {
        ob_diag_error(
            NULL,
            "board: cuts: say which image is to be installed: --update FILE, --network-update FILE, or with --board "
            "--new FILE");
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = cuts.report_path == NULL ? OB_EXIT_OK : vb_report_check(cuts.report_path);
    if (status == OB_EXIT_OK) {
        status = vb_campaign_prepare(&cuts.campaign);
    }
    if (status == OB_EXIT_OK && is_the_same(&cuts.campaign.old, &cuts.campaign.new)) {
        ob_diag_error(&(struct ob_loc){.file = cuts.campaign.new.path},
                      "is the image that runs already, so nothing tells old from new; give another version");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        status = run(&cuts);
    }
    vb_report_free(&cuts.report);
    vb_golden_free(&cuts.golden);
    vb_campaign_free(&cuts.campaign);
    return status;
}
