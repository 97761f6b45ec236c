/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../commands.h"
#include "../memo.h"
#include "cmd_glitch.h"
#include "workers.h"

/* `outboard board glitch`: a process for each job, each with a board of its own, and one that adds up. */

#define SAMPLE 1000u

/* What a worker tells, in one write of less than PIPE_BUF bytes. */
struct vb_glitch_message {
    enum { TELL_COUNTS, TELL_BYPASS, TELL_LEARNED, TELL_WHY, TELL_DONE } what;
    struct vb_glitch_counts counts;
    struct vb_glitch_result bypass;
    uint64_t steps, executions;
    char why[VB_WHY_SIZE];
};

/* ---- in a worker ---- */

struct speaker {
    int pipe;
    struct vb_glitch_message message; /* all bytes defined */
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
static bool work_on(struct vb_glitch_campaign *campaign, struct speaker *speaker, bool inner)
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
    struct vb_glitch_campaign *campaign = ctx;
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
    const struct vb_glitch_campaign *campaign = ctx;
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

static void add_bypass(struct vb_glitch_campaign *campaign, const struct vb_glitch_result *bypass)
{
    for (unsigned i = 0; i < campaign->place_count; i++) {
        struct vb_glitch_bypasses *place = &campaign->places[i];
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
    if (campaign->place_count < VB_GLITCH_PLACES_MAX) {
        campaign->places[campaign->place_count++] = (struct vb_glitch_bypasses){.first = *bypass, .count = 1};
    } else {
        campaign->lost_places++;
    }
}

/* @return false: this worker is done */
static bool hear(void *ctx)
{
    struct vb_glitch_campaign *campaign = ctx;
    const struct vb_glitch_message *message = campaign->heard;

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

static enum ob_exit run(struct vb_glitch_campaign *campaign)
{
    static struct vb_glitch_message message;
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
    vb_glitch_print(campaign, vb_seconds() - campaign->start);
    return campaign->counts.ends[VB_GLITCH_BYPASS] > 0 ? OB_EXIT_FINDING : status;
}

static enum ob_exit replay(struct vb_glitch_campaign *campaign)
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
    printf("%s%s, at %s%s%s\n", vb_glitch_end_name((enum vb_glitch_end)result.end),
           result.later ? " in a later start" : "", at, result.why[0] != '\0' ? ": " : "", result.why);
    return result.end == VB_GLITCH_BYPASS ? OB_EXIT_FINDING : OB_EXIT_OK;
}

int vb_cmd_glitch(int argc, char **argv)
{
    static struct vb_glitch_campaign campaign;

    campaign.options = (struct vb_glitch_options){.models = (1u << VB_FAULT_MODELS) - 1, .every = 1, .sample = SAMPLE};
    campaign.jobs = vb_workers_default();
    campaign.shard = campaign.shards = 1;
    ob_args_parse(&vb_glitch_argp, argc, argv, 0, &campaign);
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
