/* SPDX-License-Identifier: Apache-2.0 */
#include "windows.h"

#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#define STAGES_BEFORE 6u /* until the update is asked for */
#define STATES_MAX 1024u

struct run {
    struct sim_world world;
    const struct sim_windows_options *options;
    uint64_t window_ns;
    uint64_t first_ns;          /* of the first window, which may be a rest of one */
    uint64_t state[STATES_MAX]; /* at the beginning of each start: one that comes again comes for ever */
    uint32_t starts;
};

static bool fail(struct sim_windows_result *out, uint32_t phase, const char *why)
{
    out->ends = false;
    out->phase = phase;
    snprintf(out->why, sizeof(out->why), "%s", why);
    return false;
}

static bool seen_before(struct run *run, uint64_t hash)
{
    for (uint32_t i = 0; i < run->starts && i < STATES_MAX; i++) {
        if (run->state[i] == hash) {
            return true;
        }
    }
    if (run->starts < STATES_MAX) {
        run->state[run->starts] = hash;
    }
    return false;
}

/* Starts in windows until one reaches the application. */
static const char *live_through_windows(struct run *run)
{
    struct sim_world *world = &run->world;

    run->starts = 0;
    do {
        if (run->starts == run->options->starts) {
            return "it takes too many starts";
        }
        if (seen_before(run, sim_world_hash(world))) {
            return "it does the same again in every window";
        }
        world->machine.window_end_ns =
            world->machine.ns[SIM_WORST] + (run->starts == 0 ? run->first_ns : run->window_ns);
        world->events++; /* the end of the window */
        bool good = sim_world_step(world, NULL, 0);
        world->machine.window_end_ns = 0;
        run->starts++;
        if (!good) {
            return world->failure;
        }
    } while (world->watch.stage == SIM_STAGE_BOOT);
    return NULL;
}

/* From the factory until the application has asked for the update, with all the power in the world. */
static void ask(struct sim_world *world)
{
    for (unsigned i = 0; i < STAGES_BEFORE && world->failure[0] == '\0'; i++) {
        bool app = world->watch.stage == SIM_STAGE_APP;
        sim_world_step(world, NULL, 0);
        if (app && world->watch.script > 0) {
            return;
        }
    }
}

/* One update, and going back from it where the mode can, with the first window cut short. */
static bool try_phase(struct run *run, const struct sim_world_state *asked, uint32_t phase,
                      struct sim_windows_result *out)
{
    struct sim_world *world = &run->world;
    unsigned jobs = world->rules.revertible ? 2 : 1;

    sim_world_restore(world, asked);
    run->first_ns = run->window_ns * (run->options->phases - phase) / run->options->phases;
    for (unsigned job = 0; job < jobs; job++) {
        const char *why = live_through_windows(run);
        if (why != NULL) {
            world->failure[0] = '\0';
            return fail(out, phase, why);
        }
        if (!sim_world_runs(world, job == 0 ? SIM_IMAGE_B : SIM_IMAGE_A)) {
            return fail(out, phase, "the application starts, and nothing has come of it");
        }
        if (run->starts > out->most_starts) {
            out->most_starts = run->starts;
            out->phase = phase;
        }
        sim_world_step(world, NULL, 0); /* the application does not confirm */
    }
    return true;
}

const char *sim_windows_try(const struct sim_windows_options *options, uint64_t window_ns,
                            struct sim_windows_result *out)
{
    static struct run run;
    struct sim_world_state asked = {0};
    const char *impossible = NULL;

    memset(&run, 0, sizeof(run));
    run.options = options;
    run.window_ns = window_ns;
    *out = (struct sim_windows_result){.ends = true};
    impossible = sim_world_init(&run.world, options->config, options->files);
    if (impossible == NULL) {
        for (unsigned id = 0; id < SIM_CHIPS; id++) {
            memcpy(run.world.machine.chip[id].timing, options->timing[id], sizeof(options->timing[id]));
        }
        run.world.machine.speed = options->speed;
        ask(&run.world);
        sim_world_save(&run.world, &asked);
        for (uint32_t phase = 0; phase < options->phases && try_phase(&run, &asked, phase, out); phase++) {
        }
        sim_world_state_free(&run.world, &asked);
    }
    sim_world_free(&run.world);
    return impossible;
}
