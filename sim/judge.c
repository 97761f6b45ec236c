/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <string.h>

#include <outboard/util.h>

#include "receiver.h"
#include "scenario.h"

#define ASKED_OFTEN 3u        /* retries in one start */
#define WORN_ATTEMPTS 3u      /* at a step in one round */
#define WORN_ROUNDS 2u        /* a job, and its way back, which fails there as well */
#define STEP_TRIES 3u         /* of a step whose source reads differently each time, in one round of a job */
#define FLICKERING_ROUNDS 4u  /* ... of it: one that fails, and is not waited behind; three that end badly */
#define DECEIVED_ATTEMPTS 18u /* ... of a chip that shows something else each time: three jobs, copied twice more */
#define STARTS_QUIET 12u      /* a history without events ends within so many starts */
#define STARTS_UPDATER 28u    /* ... of an updater, whose script is longer */
#define STARTS_EVENT 4u       /* each event may add so many */

/* ---- what lies where ---- */

bool sim_world_runs(const struct sim_world *world, enum sim_image_id image)
{
    return (world->rules.same[world->watch.observed] >> image & 1) != 0; /* nothing is the same as SIM_IMAGE_NO */
}

/* Do these bytes of an image lie there? Metastable cells count as right if `lenient`. */
static bool holds_image(const struct sim_chip *chip, uint32_t start, const struct sim_image *image,
                        const uint8_t *bytes, bool lenient)
{
    uint8_t part[SIM_BLOCK];

    if (start > chip->flash.size || image->size > chip->flash.size - start) {
        return false;
    }
    if (!lenient && !sim_chip_steady(chip, start, image->size)) {
        return false;
    }
    for (uint32_t at = 0; at < image->size;) {
        uint32_t len = OB_MIN(image->size - at, (uint32_t)sizeof(part));
        sim_chip_peek(chip, start + at, part, len);
        for (uint32_t i = 0; i < len; i++) {
            if (part[i] != bytes[at + i] && sim_chip_steady(chip, start + at + i, 1)) {
                return false;
            }
        }
        at += len;
    }
    return image->size != 0;
}

bool sim_world_holds(const struct sim_world *world, enum sim_chip_id chip, uint32_t start,
                     const struct sim_image *image)
{
    return holds_image(&world->machine.chip[chip], start, image, chip == SIM_INTERNAL ? image->bytes : image->stored,
                       false);
}

bool sim_world_may_hold(const struct sim_world *world, uint32_t start, const struct sim_image *image)
{
    return holds_image(&world->machine.chip[SIM_EXTERNAL], start, image, image->stored, true);
}

static bool primary_holds(const struct sim_world *world, uint32_t number, enum sim_image_id image, bool lenient)
{
    const struct sim_image *running = &world->image[number][image];

    return holds_image(&world->machine.chip[SIM_INTERNAL], world->home[number].start, running, running->bytes, lenient);
}

/* Which of the images is in the primary slot, of several images in all of them; SIM_IMAGE_NO: none. */
static enum sim_image_id image_in_primary(const struct sim_world *world, bool lenient)
{
    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES; i++) {
        bool all = true;
        for (uint32_t number = 0; number < world->config.updateable; number++) {
            all = all && primary_holds(world, number, (enum sim_image_id)i, lenient);
        }
        if (all) {
            return (enum sim_image_id)i;
        }
    }
    return SIM_IMAGE_NO;
}

/*
 * In the middle of a job the external chip does not answer, however often it is asked, or somebody takes from it all
 * that the job needs: then what verifies is started, and metastable cells may read right once. docs/SIMULATOR.md, "What
 * is not promised".
 */
static bool beyond_promises(const struct sim_world *world)
{
    const struct sim_watch *watch = &world->watch;
    bool silent = watch->interrupted && (world->machine.trouble.absent || world->retries >= ASKED_OFTEN);

    return silent || (watch->forged && watch->spoilt);
}

static bool is_runnable(const struct sim_world *world, uint32_t number)
{
    bool lenient = beyond_promises(world);
    bool one = false;

    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES; i++) {
        one = one || (world->image[number][i].valid && primary_holds(world, number, (enum sim_image_id)i, lenient));
    }
    return one;
}

/* Every primary holds one of its images that may run. */
static bool all_runnable(const struct sim_world *world)
{
    bool all = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        all = all && is_runnable(world, number);
    }
    return all;
}

static struct sim_rules rules_of(const struct sim_world *world)
{
    struct sim_rules rules = world->rules;

    rules.refusal_possible = world->watch.damaged || world->watch.worn;
    return rules;
}

/* The chips did not do their part in this start. */
bool sim_world_disturbed(const struct sim_world *world)
{
    return world->machine.trouble.absent || sim_machine_disturbed(&world->machine);
}

/* ---- what runs ---- */

/*
 * An operation fell short in cells that an earlier cut had left metastable, and reported success: reading back may have
 * shown what was expected. What follows is left to chance. docs/SIMULATOR.md, "What is not promised".
 */
bool sim_judge_left_to_chance(const struct sim_world *world)
{
    return world->machine.trouble.blind;
}

/* Of what all truths say was confirmed, the oldest. */
static void raise_floor(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    uint8_t lowest = UINT8_MAX;

    for (unsigned i = 0; i < watch->beliefs.count; i++) {
        lowest = OB_MIN(lowest, world->rules.rank[sim_belief_kept(&watch->beliefs.belief[i], &world->rules)]);
    }
    if (lowest != UINT8_MAX) {
        watch->floor = OB_MAX(watch->floor, lowest);
    }
}

void sim_judge_running(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    struct sim_beliefs before = watch->beliefs;
    struct sim_rules rules = rules_of(world);
    enum sim_image_id image = image_in_primary(world, false);
    bool flickers = sim_judge_source_flickers(world);
    bool put_off = sim_world_disturbed(world) || flickers;
    bool same[SIM_IMAGES];

    if (image == SIM_IMAGE_NO && beyond_promises(world)) {
        image = image_in_primary(world, true);
    }
    if (sim_receiver_is_missing(world) && is_runnable(world, 0)) {
        watch->split = true; /* said so */
        watch->observed = (uint8_t)image;
        return;
    }
    if (watch->split || watch->spoilt ? !all_runnable(world) : image == SIM_IMAGE_NO || !world->rules.valid[image]) {
        sim_world_fail(world, all_runnable(world)
                                  ? "started images of a transaction that do not belong together"
                                  : "started what is not one of the signed images, or lies in unsteady cells");
        return;
    }
    watch->observed = (uint8_t)image;
    if (world->rules.guarded && image != SIM_IMAGE_NO && world->rules.rank[image] < watch->floor) {
        sim_world_fail(world, "image %c was started, which is older than what was confirmed", "-ABCxO"[image]);
    }
    if (watch->split || watch->spoilt) {
        return; /* what may be true is not known any more */
    }
    for (unsigned i = 0; i < SIM_IMAGES; i++) {
        same[i] = (rules.same[image] >> i & 1) != 0;
    }
    if (watch->worn) {
        sim_beliefs_doubt_previous(&watch->beliefs);
    }
    sim_beliefs_start(&watch->beliefs, &rules);
    if (put_off) {
        sim_beliefs_join(&watch->beliefs, &before); /* nothing was done this time */
    }
    struct sim_beliefs seen = watch->beliefs;
    sim_beliefs_see_image(&seen, same);
    if (seen.overflow) {
        sim_world_fail(world, "the simulator lost track: too many possibilities");
    } else if (seen.count == 0) {
        sim_world_fail(world, "image %c was started, which nobody asked for at this point", "-ABCxO"[image]);
    }
    if (!put_off || (!flickers && !sim_machine_disturbed(&world->machine) && !watch->interrupted)) {
        watch->beliefs = seen;
    } else {
        sim_beliefs_see_copied(&watch->beliefs, same);
    }
    raise_floor(world);
}

/* Readings of metastable cells between which all others lie. */
static const enum sim_force views[] = {SIM_FORCE_OLD, SIM_FORCE_NEW};

/* What the ledger says if metastable cells read like this. */
static enum ob_err read_forced(struct sim_world *world, enum sim_force force, struct ob_ledger *ledger)
{
    sim_machine_force(&world->machine, force);
    enum ob_err err = ob_ledger_read(&world->ledger, world->config.updateable, ledger);
    sim_machine_force(&world->machine, SIM_FORCE_NOT);
    return err;
}

static bool is_begun(const struct ob_ledger *ledger)
{
    return ledger->now.counts && ob_ledger_kind(ledger) != OB_RECORD_QUIET;
}

static bool is_in_phase(const struct ob_ledger *ledger, uint16_t phase)
{
    return ledger->now.counts && (ledger->now.value & OB_RECORD_PHASE) == phase;
}

/* A transaction is begun: of its images one may be new and another old, and only the external chip tells. */
static bool may_be_split(struct sim_world *world)
{
    bool begun = false;

    for (unsigned i = 0; world->config.updateable > 1 && i < OB_ARRAY_SIZE(views); i++) {
        struct ob_ledger ledger;
        begun |= read_forced(world, views[i], &ledger) != OB_OK || is_begun(&ledger);
    }
    return begun;
}

bool sim_judge_blank(const struct sim_world *world)
{
    const struct sim_beliefs *beliefs = &world->watch.beliefs;
    bool blank = beliefs->count > 0;

    for (unsigned i = 0; i < beliefs->count; i++) {
        blank &= beliefs->belief[i].running == SIM_IMAGE_NO && beliefs->belief[i].request != SIM_YES;
    }
    return blank;
}

/* A cell of the primary does not take programming any more, and two images that replace each other both need it. */
static bool needs_worn_cell(const struct sim_world *world)
{
    const struct sim_worn *worn = &world->machine.chip[SIM_INTERNAL].state.worn;
    struct sim_place place = sim_world_place(world, SIM_INTERNAL, worn->off);
    unsigned need = 0;

    if (worn->mask == 0 || worn->stuck == 0 || place.region != SIM_REGION_PRIMARY) {
        return false;
    }
    for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES; i++) {
        const struct sim_image *image = &world->image[place.slot][i];
        need += image->valid && place.off < image->size && (image->bytes[place.off] & worn->mask) == 0;
    }
    return need > 1;
}

bool sim_judge_beyond_repair(const struct sim_world *world)
{
    return needs_worn_cell(world) ||
           (world->watch.worn && (sim_beliefs_blank(&world->watch.beliefs) || !world->rules.revertible));
}

bool sim_judge_images_are_steady(const struct sim_world *world)
{
    bool steady = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        for (uint32_t i = 0; i < OB_ARRAY_SIZE(world->slots[number].secondary); i++) {
            const struct ob_area *slot = &world->slots[number].secondary[i];
            steady &= slot->flash == NULL ||
                      sim_chip_steady(&world->machine.chip[SIM_EXTERNAL], slot->start, world->layout.secondary_limit);
        }
    }
    return steady;
}

bool sim_judge_source_flickers(const struct sim_world *world)
{
    const struct sim_beliefs *beliefs = &world->watch.beliefs;

    return world->flickers && sim_beliefs_one_way(beliefs, &world->rules) && !sim_beliefs_idle(beliefs);
}

void sim_judge_refused_start(struct sim_world *world)
{
    enum sim_image_id image = image_in_primary(world, false);

    if (!sim_world_disturbed(world) && !sim_judge_blank(world) && !world->watch.spoilt &&
        !sim_judge_beyond_repair(world) && !sim_judge_source_flickers(world)) {
        sim_world_fail(world, "nothing was started: %s", ob_err_text(world->boot_err));
    } else if (image != SIM_IMAGE_NO && world->rules.valid[image] && !may_be_split(world)) {
        sim_world_fail(world, "nothing was started, because of an external chip that is not needed: %s",
                       ob_err_text(world->boot_err));
    }
}

void sim_judge_settled(struct sim_world *world)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(views); i++) {
        struct ob_ledger ledger;
        enum ob_err err = read_forced(world, views[i], &ledger);
        if (err != OB_OK) {
            sim_world_fail(world, "the ledger cannot be read: %s", ob_err_text(err));
        } else if (is_begun(&ledger)) {
            sim_world_fail(world, "an application was started while an installation is half done");
        } else if (is_in_phase(&ledger, OB_RECORD_DONE)) {
            sim_world_fail(world, "the end of an installation is not stated");
        }
    }
}

bool sim_world_may_be_running(struct sim_world *world)
{
    struct ob_ledger ledger;

    return read_forced(world, SIM_FORCE_NEW, &ledger) == OB_OK && is_begun(&ledger);
}

static bool has_digest(const struct sim_image *image, const uint8_t digest[OB_DIGEST_SIZE])
{
    uint8_t own[OB_DIGEST_SIZE];

    sim_image_digest(image, own);
    return memcmp(own, digest, sizeof(own)) == 0;
}

/*
 * A cut in the very last write of an installation is like a cut just after it, when the image has been started and its
 * trial has begun: nobody can tell. So if the flash may read as if all was complete, that is one of the possible
 * truths.
 */
void sim_judge_credit_completed(struct sim_world *world)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    struct sim_rules rules = rules_of(world);
    struct sim_beliefs completed = {0};
    struct ob_ledger ledger;
    enum ob_err err = read_forced(world, SIM_FORCE_NEW, &ledger);

    if (err != OB_OK || !is_in_phase(&ledger, OB_RECORD_QUIET)) {
        return;
    }
    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        if (belief->request != SIM_NO &&
            has_digest(&world->image[0][belief->requested], ledger.head.part[0].in_digest)) {
            struct sim_beliefs one;
            sim_beliefs_set(&one, belief);
            sim_beliefs_start(&one, &rules);
            sim_beliefs_join(&completed, &one);
        }
    }
    sim_beliefs_join(beliefs, &completed);
}

void sim_judge_answer(struct sim_world *world)
{
    struct ob_update_state state;
    /* Of several images the first one decides whether they stay. */
    enum ob_err err = ob_update_read_state(&world->slots[0], &world->ledger, 0, &state);

    if (sim_world_disturbed(world) || world->watch.split || world->watch.spoilt) {
        return;
    }
    if (err != OB_OK) {
        sim_world_fail(world, "the state cannot be read: %s", ob_err_text(err));
    }
    if (!world->rules.revertible) {
        return; /* there, an application is told by it of its first start only */
    }
    sim_beliefs_see_confirmed(&world->watch.beliefs, state.confirmed);
    if (world->watch.beliefs.count == 0) {
        sim_world_fail(world, state.confirmed ? "what runs counts as confirmed, and nobody confirmed it"
                                              : "what runs does not count as confirmed any more");
    }
}

bool sim_judge_cannot_undo(const struct sim_world *world)
{
    const struct sim_worn *worn = &world->machine.chip[SIM_INTERNAL].state.worn;
    struct sim_place place = sim_world_place(world, SIM_INTERNAL, worn->off);
    const struct ob_slots *slots = &world->slots[place.slot];
    bool kept = false;

    if (worn->mask == 0 || place.region != SIM_REGION_PRIMARY || world->config.mode != OB_MODE_DUAL) {
        return false;
    }
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(slots->secondary); i++) {
        const struct sim_image *running = &world->image[place.slot][world->watch.observed];
        kept = kept || sim_world_holds(world, SIM_EXTERNAL, slots->secondary[i].start, running);
    }
    return !kept;
}

bool sim_judge_ghostly(const struct sim_world *world)
{
    bool steady = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct ob_area *slot = &world->slots[number].secondary[0];
        uint32_t limit = world->layout.secondary_limit;
        steady &= sim_chip_steady(&world->machine.chip[SIM_EXTERNAL], slot->start + limit, slot->size - limit);
    }
    return !steady;
}

/* ---- how the chips were treated ---- */

/*
 * Erases of one sector within one stage. An application erases once for each download. A job erases a data sector once,
 * and once more if it was cut there. So does each retry that the surroundings allow (a source that flickers).
 */
static uint32_t wear_bound(const struct sim_world *world, enum sim_chip_id chip, uint32_t off)
{
    if (world->downloads > 0) {
        return world->downloads;
    }
    enum sim_region region = sim_world_place(world, chip, off).region;
    bool data = region == SIM_REGION_PRIMARY || region == SIM_REGION_SECONDARY;
    bool refusal = world->config.scenario->updater != NULL || rules_of(world).refusal_possible;
    uint32_t bound = data && !refusal ? 1 : 2; /* a refusal and a job may come in one start */

    for (unsigned i = 0; i < world->watch.beliefs.count; i++) {
        if (world->watch.beliefs.belief[i].previous_lost) {
            bound++; /* going back on a copy that turns out to be destroyed, and forth again */
            break;
        }
    }
    if (world->watch.spoilt || world->watch.forged) {
        bound = bound * DECEIVED_ATTEMPTS + world->retries * WORN_ATTEMPTS;
    } else if (world->watch.worn) {
        bound = (bound * WORN_ROUNDS + world->retries) * WORN_ATTEMPTS;
    } else if (world->flickers || sim_judge_left_to_chance(world)) {
        bound += STEP_TRIES * (FLICKERING_ROUNDS + world->retries);
    }
    return bound + (world->watch.interrupted ? 1 : 0) + world->armed + world->retries;
}

static void check_wear(struct sim_world *world)
{
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        const struct sim_chip *part = &world->machine.chip[chip];
        uint32_t sector = ob_flash_erase_size(&part->flash);
        for (uint32_t i = 0; i < sim_chip_sectors(part); i++) {
            uint32_t erases = part->state.wear[i] - world->wear[chip][i];
            if (erases > wear_bound(world, (enum sim_chip_id)chip, i * sector)) {
                sim_world_fail(world, "%s sector %u was erased %u times",
                               chip == SIM_INTERNAL ? "internal" : "external", i, erases);
            }
        }
    }
}

static void check_rules_of_chips(struct sim_world *world)
{
    enum sim_chip_id chip;
    const char *violation = sim_machine_violation(&world->machine, &chip);

    if (violation != NULL && !world->machine.trouble.brownout) { /* an erase that never was: the read-back will tell */
        sim_world_fail(world, "%s flash, 0x%x: %s", chip == SIM_INTERNAL ? "internal" : "external",
                       world->machine.chip[chip].violation_off, violation);
    }
    sim_machine_forgive(&world->machine);
}

static void check_patience(struct sim_world *world)
{
    uint32_t script = world->config.scenario->updater != NULL ? STARTS_UPDATER : STARTS_QUIET;

    if (world->starts > script + STARTS_EVENT * world->events) {
        sim_world_fail(world, "it does not come to rest after %u starts", world->starts);
    }
}

void sim_judge_stage(struct sim_world *world)
{
    check_rules_of_chips(world);
    check_wear(world);
    check_patience(world);
}
