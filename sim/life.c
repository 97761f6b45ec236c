/* SPDX-License-Identifier: Apache-2.0 */
/* What a world lives through: stages, and the events in them. */
#include <string.h>

#include "forger.h"
#include "judge.h"
#include "log.h"
#include "receiver.h"
#include "rng.h"
#include "scenario.h"
#include "updaters.h"

#define QUIET_STARTS 3u /* in a row: then a history is over */

static void run_boot(void *arg)
{
    struct sim_world *world = arg;

    world->boot_err = ob_boot_run(&world->boot, &world->result);
}

static void run_app(void *arg)
{
    struct sim_world *world = arg;

    const struct sim_trouble *trouble = &world->machine.trouble;

    if ((trouble->absent || trouble->faulty) && !world->config.scenario->without_external) {
        world->watch.app_worked = true; /* it waits for better times */
    } else if (world->watch.split || world->watch.gave_up) {
        world->watch.app_worked = false; /* it has given up */
    } else {
        world->watch.app_worked = world->config.scenario->app(world);
    }
}

/* The power failed in a start. */
static void end_boot(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;

    watch->face = 0;
    sim_judge_credit_completed(world);
    watch->interrupted = true;
    watch->absent_starts = world->config.scenario->without_external && watch->absent_starts == 0;
}

/* One look is not enough: cells may read differently at the next start. */
static bool come_to_rest(struct sim_watch *watch)
{
    watch->quiet++;
    return watch->quiet >= QUIET_STARTS;
}

/* Nothing is started, nothing can be, and nobody expects it. */
static bool gives_up(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    bool expected = watch->spoilt || watch->worn || sim_judge_blank(world);
    bool hopeless = watch->spoilt || (expected && !watch->boot_worked) || sim_judge_beyond_repair(world);

    return hopeless && come_to_rest(watch);
}

static void boot_stage(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    uint32_t op = world->machine.op;

    world->starts++;
    memset(&world->work, (int)world->starts, sizeof(world->work)); /* RAM holds whatever it likes */
    sim_receiver_start(world);
    sim_machine_start(&world->machine, watch->absent_starts > 0);
    if (watch->face != 0) {
        sim_forge_face(world);
    }
    world->machine.face = watch->face != 0 ? &world->face : NULL;
    enum sim_end end = sim_machine_run(&world->machine, run_boot, world);
    world->machine.face = NULL;
    bool lied = watch->face != 0;
    watch->face = 0;
    if (end == SIM_END_HUNG) {
        sim_world_fail(world, "the bootloader hangs");
        return;
    }
    if (end == SIM_END_POWER) {
        end_boot(world);
        return;
    }
    if (watch->absent_starts > 0) {
        watch->absent_starts--;
    }
    if (sim_judge_left_to_chance(world)) {
        watch->finished = true;
        return;
    }
    watch->boot_worked = world->machine.op != op || world->machine.event_count > 0;
    watch->spoilt |= world->machine.trouble.spoilt;
    if (world->boot_err != OB_OK) {
        sim_judge_refused_start(world);
        watch->interrupted = true;
        watch->finished |= gives_up(world) || sim_judge_source_flickers(world);
        return; /* somebody switches it off and on again */
    }
    bool put_off = sim_judge_source_flickers(world);
    watch->stage = SIM_STAGE_APP;
    sim_judge_running(world);
    if (put_off && sim_world_may_be_running(world)) {
        watch->interrupted = true;
    } else if (!sim_world_disturbed(world) && !watch->spoilt && !watch->worn) {
        if (!watch->split && !lied) {
            sim_judge_settled(world);
            sim_judge_record(world);
        }
        watch->interrupted = false;
    } else if (!sim_world_disturbed(world)) {
        watch->interrupted = false;
    } else if (sim_machine_disturbed(&world->machine)) {
        watch->interrupted = true;
    }
}

static void run_ask(void *arg)
{
    const struct sim_world *world = arg;

    if (world->config.scenario->updater != NULL) {
        sim_updater_judge(arg);
    } else {
        sim_judge_answer(arg);
    }
}

/* Requests and downloads that take several writes: docs/SIMULATOR.md, "What is not promised". */
static void end_app(struct sim_world *world)
{
    world->watch.finished |= (world->watch.careless && sim_judge_ghostly(world)) || sim_judge_left_to_chance(world) ||
                             (world->armed > 0 && sim_judge_cannot_undo(world));
    world->watch.split |= world->watch.asking;
    world->watch.spoilt |= world->watch.forged && world->watch.damaged; /* what was forged may lie beside it */
    world->watch.asking = false;
}

static void app_stage(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;

    watch->stage = SIM_STAGE_BOOT;
    watch->app_worked = true; /* if it is cut, it did */
    sim_receiver_hide(world);
    enum sim_end end = sim_machine_run(&world->machine, run_ask, world);
    if (end == SIM_END_RETURNED && world->failure[0] == '\0') {
        end = sim_machine_run(&world->machine, run_app, world);
    }
    if (end == SIM_END_HUNG) {
        sim_world_fail(world, "the application hangs");
    }
    end_app(world);
    watch->spoilt |= world->machine.trouble.spoilt;
    bool quiet = end == SIM_END_RETURNED && !watch->app_worked && !watch->boot_worked && !world->machine.trouble.absent;
    if (!quiet) {
        watch->quiet = 0;
    } else if (come_to_rest(watch)) {
        watch->finished = true;
        if (watch->gave_up && world->config.scenario->updater != NULL) { /* others are told by the library */
            sim_judge_told_why(world);
        }
        if (!watch->split && !watch->spoilt && sim_beliefs_restless(&watch->beliefs)) {
            sim_world_fail(world, "nothing happens any more, although something was asked for");
        }
    }
}

static void arm(struct sim_world *world, const struct sim_event *events, uint32_t count)
{
    world->machine.events = events;
    world->machine.event_count = count;
    world->armed = count;
    world->events += count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t event = (uint64_t)events[i].at << 24 | (uint64_t)events[i].kind << 16 |
                         (uint64_t)events[i].tear.kind << 8 | events[i].tear.variant |
                         (uint64_t)events[i].beside.kind << 60 | (uint64_t)events[i].beside.variant << 56;
        world->machine.rng = sim_mix(world->machine.rng, sim_mix(world->config.seed, event));
    }
}

static void note_wear(struct sim_world *world, const struct sim_chip_state *chip[SIM_CHIPS])
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        memcpy(world->wear[id], chip[id]->wear, sim_chip_sectors(&world->machine.chip[id]) * sizeof(uint32_t));
    }
}

/* However a stage ended: the chips must have been treated well in it. */
static bool end_stage(struct sim_world *world)
{
    sim_judge_stage(world);
    return world->failure[0] == '\0';
}

bool sim_world_step(struct sim_world *world, const struct sim_event *events, uint32_t count)
{
    struct sim_chip *chip = world->machine.chip;

    note_wear(world, (const struct sim_chip_state *[]){&chip[SIM_INTERNAL].state, &chip[SIM_EXTERNAL].state});
    world->downloads = 0;
    world->retries = 0;
    world->flickers = !sim_judge_images_are_steady(world);
    arm(world, events, count);
    sim_log_to(world->log, world->log_ctx);
    if (world->watch.stage == SIM_STAGE_BOOT) {
        boot_stage(world);
    } else {
        app_stage(world);
    }
    sim_log_to(NULL, NULL);
    return end_stage(world);
}

void sim_world_keep(const struct sim_world *world, const struct sim_operation *operation, struct sim_moment *out)
{
    sim_world_save(world, &out->state);
    out->downloads = world->downloads;
    out->retries = world->retries;
    out->flickers = world->flickers;
    out->operation = *operation;
    if (operation->src != NULL) {
        memcpy(out->data, operation->src, operation->len);
    }
}

bool sim_world_cut(struct sim_world *world, const struct sim_world_state *before, const struct sim_moment *moment,
                   const struct sim_event *event)
{
    const struct sim_chip_state *chip = before->machine.chip;
    struct sim_operation operation = moment->operation;

    note_wear(world, (const struct sim_chip_state *[]){&chip[SIM_INTERNAL], &chip[SIM_EXTERNAL]});
    sim_world_restore(world, &moment->state);
    world->downloads = moment->downloads;
    world->retries = moment->retries;
    world->flickers = moment->flickers;
    arm(world, event, 1);
    operation.src = operation.src != NULL ? moment->data : NULL;
    sim_machine_cut(&world->machine, &operation, event);
    if (before->watch.stage == SIM_STAGE_BOOT) {
        end_boot(world);
    } else {
        end_app(world);
    }
    return end_stage(world);
}
