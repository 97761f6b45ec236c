/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/log.h>
#include <outboard/state.h>
#include <outboard/util.h>

#include "rng.h"
#include "scenario.h"

#define RETRIES 50u      /* longer than SIM_FAULT_WHILE lasts */
#define ASKED_OFTEN 3u   /* retries in one start */
#define STARTS_QUIET 12u /* a history without events ends within so many starts */
#define STARTS_EVENT 4u  /* each event may add so many */

static struct sim_world *current; /* whose bootloader runs: ob_log() has no context */

void ob_log(enum ob_log_level level, const char *format, ...)
{
    static const char letters[] = "EWI";
    char line[200];
    va_list args;

    if (current == NULL || current->log == NULL) {
        return;
    }
    int at = snprintf(line, sizeof(line), "%c: ", letters[level]);
    va_start(args, format);
    vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
    va_end(args);
    current->log(current->log_ctx, line);
}

void sim_world_fail(struct sim_world *world, const char *format, ...)
{
    va_list args;

    if (world->failure[0] == '\0') {
        va_start(args, format);
        vsnprintf(world->failure, sizeof(world->failure), format, args);
        va_end(args);
    }
}

/* ---- making a device ---- */

const char *sim_set_name(enum sim_set set)
{
    static const char *const names[SIM_SETS] = {
        [SIM_SET_SMALL] = "small", [SIM_SET_GROW] = "grow", [SIM_SET_SHRINK] = "shrink", [SIM_SET_UNITS] = "units",
        [SIM_SET_FULL] = "full",   [SIM_SET_SAME] = "same", [SIM_SET_BYTE] = "byte",     [SIM_SET_FILES] = "files",
    };

    return names[set];
}

static const struct ob_mode *find_mode(enum ob_mode_id id)
{
    static const struct ob_mode *const modes[] = {&ob_mode_slide, &ob_mode_overwrite, &ob_mode_dual};

    for (unsigned i = 0; i < OB_ARRAY_SIZE(modes); i++) {
        if (modes[i]->id == id) {
            return modes[i];
        }
    }
    return NULL;
}

struct sizes {
    uint32_t old_size, new_size, other_size;
};

static struct sizes choose_sizes(enum sim_set set, uint32_t unit, uint32_t capacity)
{
    uint32_t least = sim_image_overhead() + 16;
    struct sizes sizes = {least + 61, least + 128, least + 7};

    switch (set) {
    case SIM_SET_GROW:
        sizes = (struct sizes){unit + unit / 3 + 7, 2 * unit + 13, unit - 5};
        break;
    case SIM_SET_SHRINK:
        sizes = (struct sizes){2 * unit + 13, unit + unit / 3 + 7, unit};
        break;
    case SIM_SET_UNITS:
        sizes = (struct sizes){unit, 2 * unit, unit};
        break;
    case SIM_SET_FULL:
        sizes = (struct sizes){capacity, capacity, capacity - unit / 2};
        break;
    case SIM_SET_SAME:
    case SIM_SET_BYTE:
        sizes = (struct sizes){unit + 100, unit + 100, least};
        break;
    default:
        break;
    }
    sizes.old_size = OB_MAX(least, OB_MIN(sizes.old_size, capacity));
    sizes.new_size = OB_MAX(least, OB_MIN(sizes.new_size, capacity));
    sizes.other_size = OB_MAX(least, OB_MIN(sizes.other_size, capacity));
    return sizes;
}

static void make_images(struct sim_world *world, uint32_t number, uint32_t capacity)
{
    uint32_t unit = ob_layout_unit(&world->slots[0].primary, &world->slots[0].secondary[0]);
    struct sizes sizes = choose_sizes(world->config.set, unit, capacity);
    struct sim_image *image = world->image[number];
    uint32_t seed = SIM_IMAGES * number;

    if (number % 2 == 1) { /* of two images one grows while the other shrinks */
        sizes = (struct sizes){sizes.new_size, sizes.old_size, sizes.other_size};
    }
    image[SIM_IMAGE_A] = sim_image_make(sizes.old_size, seed + 1, (struct ob_version){.major = 1});
    switch (world->config.set) {
    case SIM_SET_SAME:
        image[SIM_IMAGE_B] = sim_image_copy(&image[SIM_IMAGE_A]);
        break;
    case SIM_SET_BYTE:
        image[SIM_IMAGE_B] = sim_image_vary(&image[SIM_IMAGE_A]);
        break;
    default:
        image[SIM_IMAGE_B] = sim_image_make(sizes.new_size, seed + 2, (struct ob_version){.major = 1, .minor = 1});
        break;
    }
    image[SIM_IMAGE_C] = sim_image_make(sizes.other_size, seed + 3, (struct ob_version){.major = 1, .minor = 2});
    image[SIM_IMAGE_OLD] = sim_image_make(sizes.other_size, seed + 4, (struct ob_version){.minor = 9});
}

static void take_images(struct sim_world *world, uint32_t number, const struct sim_files *files)
{
    struct sim_image *image = world->image[number];

    image[SIM_IMAGE_A] = sim_image_copy(files->old_image);
    image[SIM_IMAGE_B] = sim_image_copy(files->new_image);
    image[SIM_IMAGE_C] = sim_image_copy(files->old_image);
    image[SIM_IMAGE_OLD] = sim_image_copy(files->old_image);
}

/* The images of all kinds. Of several only the last one is at fault, where one is. */
static void fill_images(struct sim_world *world, const struct sim_files *files, uint32_t capacity)
{
    bool older = world->config.scenario->downgrade_prevention;
    uint32_t last = world->config.updateable - 1;

    world->key = files != NULL ? files->key : sim_image_key();
    for (uint32_t number = 0; number <= last; number++) {
        struct sim_image *image = world->image[number];
        if (files != NULL) {
            take_images(world, number, files);
        } else {
            make_images(world, number, capacity);
        }
        image[SIM_IMAGE_BAD] = sim_image_copy(&image[SIM_IMAGE_B]);
        image[SIM_IMAGE_OLD].valid = !older;
    }
    sim_image_damage(&world->image[last][SIM_IMAGE_BAD]);
    for (uint32_t number = 0; older && number < last; number++) {
        sim_image_free(&world->image[number][SIM_IMAGE_OLD]);
        world->image[number][SIM_IMAGE_OLD] = sim_image_copy(&world->image[number][SIM_IMAGE_B]);
    }
}

static const char *check_image_sizes(const struct sim_world *world, uint32_t capacity)
{
    for (unsigned i = 0; i < world->config.updateable * SIM_IMAGES; i++) {
        if (world->image[i / SIM_IMAGES][i % SIM_IMAGES].size > capacity) {
            return "an image is too large for these slots";
        }
    }
    return NULL;
}

static bool same_bytes(const struct sim_image *a, const struct sim_image *b)
{
    return a->size == b->size && a->size != 0 && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool same_images(const struct sim_world *world, enum sim_image_id a, enum sim_image_id b)
{
    bool same = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        same = same && same_bytes(&world->image[number][a], &world->image[number][b]);
    }
    return same;
}

/* The bootloader shall accept it; of several images, all of them. */
static bool is_valid(const struct sim_world *world, enum sim_image_id image)
{
    bool valid = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        valid = valid && world->image[number][image].valid;
    }
    return valid;
}

static void fill_rules(struct sim_world *world)
{
    struct sim_rules *rules = &world->rules;

    rules->revertible = world->mode->revertible;
    for (unsigned i = 0; i < SIM_IMAGES; i++) {
        rules->valid[i] = is_valid(world, (enum sim_image_id)i);
        for (unsigned other = 0; other < SIM_IMAGES; other++) {
            rules->same[i] |= (uint8_t)(same_images(world, (enum sim_image_id)i, (enum sim_image_id)other) << other);
        }
    }
}

/* How many secondary slots an image has. */
static uint32_t secondaries(const struct sim_case *config)
{
    return config->mode == OB_MODE_DUAL ? 2 : 1;
}

static void choose_slots(struct sim_world *world)
{
    const struct sim_case *config = &world->config;
    const struct ob_flash *internal = &world->machine.chip[SIM_INTERNAL].flash;
    const struct ob_flash *external = &world->machine.chip[SIM_EXTERNAL].flash;
    uint32_t start = config->external_start;

    for (uint32_t number = 0; number < config->updateable; number++) {
        struct ob_slots *slots = &world->slots[number];
        slots->primary = (struct ob_area){internal, number * config->internal.size, config->internal.size};
        for (uint32_t i = 0; i < secondaries(config); i++) {
            slots->secondary[i] = (struct ob_area){external, start, config->external.size};
            start += config->external.size;
        }
    }
}

static bool retry(void *ctx, enum ob_err err, uint32_t attempt)
{
    struct sim_world *world = ctx;

    (void)err;
    world->retries++;
    /* If it does not answer to the reset either, the next attempt fails as well. */
    enum ob_err reset = ob_flash_reset(&world->machine.chip[SIM_EXTERNAL].flash);
    (void)reset;
    return attempt < RETRIES;
}

static void make_boot(struct sim_world *world)
{
    world->hooks = (struct ob_hooks){.ctx = world, .retry = retry};
    world->keys = (struct ob_keys){&world->key, 1};
    world->boot.mode = world->mode;
    world->boot.keys = &world->keys;
    world->boot.hooks = &world->hooks;
    world->boot.images = world->slots;
    world->boot.image_count = world->config.updateable;
    world->boot.work = &world->work;
    world->boot.max_units = world->max_units;
    world->boot.downgrade_prevention = world->config.scenario->downgrade_prevention;
}

static void default_factory(struct sim_world *world)
{
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct sim_image *image = &world->image[number][SIM_IMAGE_A];
        sim_chip_poke(&world->machine.chip[SIM_INTERNAL], world->slots[number].primary.start, image->bytes,
                      image->size);
    }
    sim_beliefs_set(&world->watch.beliefs, &(struct sim_belief){.running = SIM_IMAGE_A});
}

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static uint32_t sectors(const struct sim_world *world, unsigned chip)
{
    const struct ob_flash *flash = &world->machine.chip[chip].flash;

    return flash->size / ob_flash_erase_size(flash);
}

static void make_chips(struct sim_world *world)
{
    const struct sim_case *config = &world->config;
    struct sim_geometry internal = config->internal;
    struct sim_geometry external = config->external;

    internal.size *= config->updateable;
    external.size = config->external_start + external.size * config->updateable * secondaries(config);
    sim_machine_init(&world->machine, &internal, &external, sim_mix(config->seed, 1));
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        world->wear[chip] = checked(calloc(sectors(world, chip), sizeof(uint32_t)));
    }
}

const char *sim_world_init(struct sim_world *world, const struct sim_case *config, const struct sim_files *files)
{
    const struct ob_slots *slots = &world->slots[0]; /* the others are alike */

    memset(world, 0, sizeof(*world));
    world->config = *config;
    world->mode = find_mode(config->mode);
    make_chips(world);
    choose_slots(world);
    world->max_units = config->max_units;
    if (world->max_units == 0) {
        world->max_units = ob_layout_units_needed(&slots->primary, &slots->secondary[0]);
    }
    if (ob_layout(&slots->primary, &slots->secondary[0], world->max_units, &world->layout) != OB_OK) {
        return "a slot is too small for its own trailer and journal";
    }
    uint32_t capacity = ob_layout_capacity(&world->layout, &slots->primary, &slots->secondary[0], config->mode);
    if (capacity < sim_image_overhead() + 512) {
        return "the slots have no room for an image";
    }
    fill_images(world, config->set == SIM_SET_FILES ? files : NULL, capacity);
    fill_rules(world);
    make_boot(world);
    if (config->scenario->factory != NULL) {
        config->scenario->factory(world);
    } else {
        default_factory(world);
    }
    return check_image_sizes(world, capacity);
}

void sim_world_free(struct sim_world *world)
{
    for (unsigned i = 0; i < SIM_UPDATEABLE_MAX * SIM_IMAGES; i++) {
        sim_image_free(&world->image[i / SIM_IMAGES][i % SIM_IMAGES]);
    }
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        free(world->wear[chip]);
    }
    sim_machine_free(&world->machine);
}

/* ---- states ---- */

void sim_world_save(const struct sim_world *world, struct sim_world_state *out)
{
    sim_machine_save(&world->machine, &out->machine);
    out->watch = world->watch;
    out->starts = world->starts;
    out->events = world->events;
}

void sim_world_restore(struct sim_world *world, const struct sim_world_state *from)
{
    sim_machine_restore(&world->machine, &from->machine);
    world->watch = from->watch;
    world->starts = from->starts;
    world->events = from->events;
}

void sim_world_state_free(const struct sim_world *world, struct sim_world_state *state)
{
    sim_machine_state_free(&world->machine, &state->machine);
}

uint64_t sim_world_hash(struct sim_world *world)
{
    return sim_hash(sim_machine_hash(&world->machine), &world->watch, sizeof(world->watch));
}

/* ---- checks ---- */

bool sim_world_runs(const struct sim_world *world, enum sim_image_id image)
{
    return (world->rules.same[world->watch.observed] >> image & 1) != 0; /* nothing is the same as SIM_IMAGE_NO */
}

/* Do the bytes of an image lie there? Metastable cells count as right if `lenient`. */
static bool holds_image(const struct sim_chip *chip, uint32_t start, const struct sim_image *image, bool lenient)
{
    uint8_t part[SIM_BLOCK];

    if (!lenient && !sim_chip_steady(chip, start, image->size)) {
        return false;
    }
    for (uint32_t at = 0; at < image->size;) {
        uint32_t len = OB_MIN(image->size - at, (uint32_t)sizeof(part));
        sim_chip_peek(chip, start + at, part, len);
        for (uint32_t i = 0; i < len; i++) {
            if (part[i] != image->bytes[at + i] && sim_chip_steady(chip, start + at + i, 1)) {
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
    return holds_image(&world->machine.chip[chip], start, image, false);
}

static bool primary_holds(const struct sim_world *world, uint32_t number, enum sim_image_id image, bool lenient)
{
    return holds_image(&world->machine.chip[SIM_INTERNAL], world->slots[number].primary.start,
                       &world->image[number][image], lenient);
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

/* Every primary holds one of its images that may run. */
static bool all_runnable(const struct sim_world *world)
{
    bool all = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        bool one = false;
        for (unsigned i = SIM_IMAGE_NO + 1; i < SIM_IMAGES; i++) {
            one = one || (world->image[number][i].valid && primary_holds(world, number, (enum sim_image_id)i, false));
        }
        all = all && one;
    }
    return all;
}

static struct sim_rules rules_of(const struct sim_world *world)
{
    struct sim_rules rules = world->rules;

    rules.refusal_possible = world->watch.damaged;
    return rules;
}

/* The chips did not do their part in this start. */
bool sim_world_disturbed(const struct sim_world *world)
{
    return world->machine.trouble.absent || sim_machine_disturbed(&world->machine);
}

/*
 * In the middle of a job the external chip does not answer, however often it is asked: then what verifies is started,
 * and metastable cells may read right once. docs/SIMULATOR.md, "What is not promised".
 */
static bool beyond_promises(const struct sim_world *world)
{
    return world->watch.interrupted && (world->machine.trouble.absent || world->retries >= ASKED_OFTEN);
}

/*
 * An operation fell short in cells that an earlier cut had left metastable, and reported success: reading back may have
 * shown what was expected. What follows is left to chance. docs/SIMULATOR.md, "What is not promised".
 */
static bool left_to_chance(const struct sim_world *world)
{
    return world->machine.trouble.blind;
}

/* What runs must be an image whose bytes the watcher knows, and one that the history allows. */
static void check_running(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    struct sim_beliefs before = watch->beliefs;
    struct sim_rules rules = rules_of(world);
    enum sim_image_id image = image_in_primary(world, false);
    bool same[SIM_IMAGES];

    if (image == SIM_IMAGE_NO && beyond_promises(world)) {
        image = image_in_primary(world, true);
    }
    if (watch->split ? !all_runnable(world) : image == SIM_IMAGE_NO || !world->rules.valid[image]) {
        sim_world_fail(world, all_runnable(world)
                                  ? "started images of a transaction that do not belong together"
                                  : "started what is not one of the signed images, or lies in unsteady cells");
        return;
    }
    watch->observed = (uint8_t)image;
    if (watch->split) {
        return; /* what may be true is not known any more */
    }
    for (unsigned i = 0; i < SIM_IMAGES; i++) {
        same[i] = (rules.same[image] >> i & 1) != 0;
    }
    sim_beliefs_start(&watch->beliefs, &rules);
    if (sim_world_disturbed(world)) {
        sim_beliefs_join(&watch->beliefs, &before); /* nothing was done this time */
    }
    struct sim_beliefs seen = watch->beliefs;
    sim_beliefs_see_image(&seen, same);
    if (seen.overflow) {
        sim_world_fail(world, "the simulator lost track: too many possibilities");
    } else if (seen.count == 0) {
        sim_world_fail(world, "image %c was started, which nobody asked for at this point", "-ABCxO"[image]);
    }
    if (!sim_world_disturbed(world) || (!sim_machine_disturbed(&world->machine) && !watch->interrupted)) {
        watch->beliefs = seen;
    } else {
        sim_beliefs_see_copied(&watch->beliefs, same);
    }
}

/* Readings of metastable cells between which all others lie. */
static const enum sim_force views[] = {SIM_FORCE_OLD, SIM_FORCE_NEW};

/* A transaction is begun: of its images one may be new and another old, and only the external chip tells. */
static bool may_be_split(struct sim_world *world)
{
    bool begun = false;

    for (uint32_t number = 0; world->config.updateable > 1 && number < world->config.updateable; number++) {
        for (unsigned i = 0; i < OB_ARRAY_SIZE(views); i++) {
            sim_machine_force(&world->machine, views[i]);
            begun |= ob_trailer_begun(&world->slots[number].primary, world->layout.align);
        }
    }
    sim_machine_force(&world->machine, SIM_FORCE_NOT);
    return begun;
}

/* Only a job that is half done, on a failing external chip, excuses a start that starts nothing; or a blank device. */
static void check_refused_start(struct sim_world *world)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    enum sim_image_id image = image_in_primary(world, false);
    bool blank = beliefs->count > 0;

    for (unsigned i = 0; i < beliefs->count; i++) {
        blank &= beliefs->belief[i].running == SIM_IMAGE_NO && beliefs->belief[i].request != SIM_YES;
    }
    if (!sim_world_disturbed(world) && !blank) {
        sim_world_fail(world, "nothing was started: %s", ob_err_text(world->boot_err));
    } else if (image != SIM_IMAGE_NO && world->rules.valid[image] && !may_be_split(world)) {
        sim_world_fail(world, "nothing was started, because of an external chip that is not needed: %s",
                       ob_err_text(world->boot_err));
    }
}

/* What an image's slots say if metastable cells read like this. */
static enum ob_err read_forced(struct sim_world *world, uint32_t number, enum sim_force force, struct ob_state *state)
{
    sim_machine_force(&world->machine, force);
    enum ob_err err = ob_state_read(&world->slots[number], world->max_units, (uint8_t)number, state);
    sim_machine_force(&world->machine, SIM_FORCE_NOT);
    return err;
}

/* After a start that met no trouble nothing is half done, however the metastable cells read that a cut left behind. */
static void check_settled(struct sim_world *world, uint32_t number)
{
    bool ended = false;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(views); i++) {
        struct ob_state state;
        enum ob_err err = read_forced(world, number, views[i], &state);
        if (err != OB_OK) {
            sim_world_fail(world, "the state cannot be read: %s", ob_err_text(err));
        } else if ((state.phase == OB_PHASE_RUNNING || state.phase == OB_PHASE_COPIED) && views[i] == SIM_FORCE_OLD) {
            /* Only a mark that is stated twice begins a job: in this view nothing was begun that reads otherwise. */
            sim_world_fail(world, "an application was started while an installation is half done");
        }
        ended |= state.phase != OB_PHASE_DONE || state.settled;
    }
    if (!ended) {
        sim_world_fail(world, "the end of an installation is not stated");
    }
}

bool sim_world_may_be_running(struct sim_world *world)
{
    bool running = false;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        struct ob_state state;
        enum ob_err err = read_forced(world, number, SIM_FORCE_NEW, &state);
        running |= err == OB_OK && state.phase == OB_PHASE_RUNNING;
    }
    return running;
}

/*
 * Erases of one sector within one stage. An application erases once for each download. A job erases a data sector once,
 * and once more if it was cut there. So does each retry that the surroundings allow (a source that flickers).
 */
static uint32_t wear_bound(const struct sim_world *world, enum sim_chip_id chip, uint32_t off)
{
    if (world->downloads > 0) {
        return world->downloads;
    }
    uint32_t slot_off = (off - world->config.external_start) % world->config.external.size;
    bool data = chip == SIM_INTERNAL ? off % world->config.internal.size < world->layout.primary_limit
                                     : slot_off < world->layout.secondary_limit;
    uint32_t bound = data ? 1 : 2;

    for (unsigned i = 0; i < world->watch.beliefs.count; i++) {
        if (world->watch.beliefs.belief[i].previous_lost) {
            bound++; /* going back on a copy that turns out to be destroyed, and forth again */
            break;
        }
    }
    return bound + (world->watch.interrupted ? 1 : 0) + world->armed + world->retries;
}

static void check_wear(struct sim_world *world)
{
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        const struct sim_chip *part = &world->machine.chip[chip];
        uint32_t sector = ob_flash_erase_size(&part->flash);
        for (uint32_t i = 0; i < sectors(world, chip); i++) {
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

/* ---- stages ---- */

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
    } else if (world->watch.split) {
        world->watch.app_worked = false; /* it has given up */
    } else {
        world->watch.app_worked = world->config.scenario->app(world);
    }
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
static void credit_completed(struct sim_world *world)
{
    struct sim_beliefs *beliefs = &world->watch.beliefs;
    struct sim_rules rules = rules_of(world);
    struct sim_beliefs completed = {0};
    struct ob_state state; /* of a transaction's leader, which is finished last */
    enum ob_err err = read_forced(world, 0, SIM_FORCE_NEW, &state);

    if (err != OB_OK || state.phase != OB_PHASE_DONE || !state.settled) {
        return;
    }
    for (unsigned i = 0; i < beliefs->count; i++) {
        const struct sim_belief *belief = &beliefs->belief[i];
        if (belief->request != SIM_NO && has_digest(&world->image[0][belief->requested], state.ctx.job.in_digest)) {
            struct sim_beliefs one;
            sim_beliefs_set(&one, belief);
            sim_beliefs_start(&one, &rules);
            sim_beliefs_join(&completed, &one);
        }
    }
    sim_beliefs_join(beliefs, &completed);
}

/* The power failed in a start. */
static void end_boot(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;

    credit_completed(world);
    watch->interrupted = true;
    watch->absent_starts = world->config.scenario->without_external && watch->absent_starts == 0;
}

static void boot_stage(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;
    uint32_t op = world->machine.op;

    world->starts++;
    memset(&world->work, (int)world->starts, sizeof(world->work)); /* RAM holds whatever it likes */
    sim_machine_start(&world->machine, watch->absent_starts > 0);
    enum sim_end end = sim_machine_run(&world->machine, run_boot, world);
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
    if (left_to_chance(world)) {
        watch->finished = true;
        return;
    }
    watch->boot_worked = world->machine.op != op || world->machine.event_count > 0;
    if (world->boot_err != OB_OK) {
        check_refused_start(world);
        watch->interrupted = true;
        return; /* somebody switches it off and on again */
    }
    watch->stage = SIM_STAGE_APP;
    check_running(world);
    if (!sim_world_disturbed(world)) {
        for (uint32_t number = 0; number < world->config.updateable && !watch->split; number++) {
            check_settled(world, number);
        }
        watch->interrupted = false;
    } else if (sim_machine_disturbed(&world->machine)) {
        watch->interrupted = true;
    }
}

/* The answer of the library must be one that the history allows. */
static void ask_state(struct sim_world *world)
{
    struct ob_update_state state;
    /* Of several images the first one decides whether they stay. */
    enum ob_err err = ob_update_read_state(&world->slots[0], world->max_units, &state);

    if (sim_world_disturbed(world) || world->watch.split) {
        return;
    }
    if (err != OB_OK) {
        sim_world_fail(world, "the state cannot be read: %s", ob_err_text(err));
    }
    sim_beliefs_see_confirmed(&world->watch.beliefs, state.confirmed);
    if (world->watch.beliefs.count == 0) {
        sim_world_fail(world, state.confirmed ? "what runs counts as confirmed, and nobody confirmed it"
                                              : "what runs does not count as confirmed any more");
    }
}

static void run_ask(void *arg)
{
    ask_state(arg);
}

/* Request or journal of some image may be read, or not: who erases a slot without withdrawing them first risks that. */
static bool is_ghostly(const struct sim_world *world)
{
    bool steady = true;

    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct ob_area *slot = &world->slots[number].secondary[0];
        uint32_t limit = world->layout.secondary_limit;
        steady &= sim_chip_steady(&world->machine.chip[SIM_EXTERNAL], slot->start + limit, slot->size - limit);
    }
    return !steady;
}

/* Requests and downloads that take several writes: docs/SIMULATOR.md, "What is not promised". */
static void end_app(struct sim_world *world)
{
    world->watch.finished |= (world->watch.careless && is_ghostly(world)) || left_to_chance(world);
    world->watch.split |= world->watch.asking;
    world->watch.asking = false;
}

static void app_stage(struct sim_world *world)
{
    struct sim_watch *watch = &world->watch;

    watch->stage = SIM_STAGE_BOOT;
    watch->app_worked = true; /* if it is cut, it did */
    enum sim_end end = sim_machine_run(&world->machine, run_ask, world);
    if (end == SIM_END_RETURNED && world->failure[0] == '\0') {
        end = sim_machine_run(&world->machine, run_app, world);
    }
    if (end == SIM_END_HUNG) {
        sim_world_fail(world, "the application hangs");
    }
    end_app(world);
    if (end == SIM_END_RETURNED && !watch->app_worked && !watch->boot_worked && !world->machine.trouble.absent) {
        watch->finished = true;
        if (!watch->split && sim_beliefs_restless(&watch->beliefs)) {
            sim_world_fail(world, "nothing happens any more, although something was asked for");
        }
    }
}

static void check_patience(struct sim_world *world)
{
    if (world->starts > STARTS_QUIET + STARTS_EVENT * world->events) {
        sim_world_fail(world, "it does not come to rest after %u starts", world->starts);
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
                         (uint64_t)events[i].tear.kind << 8 | events[i].tear.variant;
        world->machine.rng = sim_mix(world->machine.rng, sim_mix(world->config.seed, event));
    }
}

static void note_wear(struct sim_world *world, const struct sim_chip_state *chip[SIM_CHIPS])
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        memcpy(world->wear[id], chip[id]->wear, sectors(world, id) * sizeof(uint32_t));
    }
}

/* However a stage ended: the chips must have been treated well in it. */
static bool end_stage(struct sim_world *world)
{
    check_rules_of_chips(world);
    check_wear(world);
    check_patience(world);
    return world->failure[0] == '\0';
}

bool sim_world_step(struct sim_world *world, const struct sim_event *events, uint32_t count)
{
    struct sim_chip *chip = world->machine.chip;

    note_wear(world, (const struct sim_chip_state *[]){&chip[SIM_INTERNAL].state, &chip[SIM_EXTERNAL].state});
    world->downloads = 0;
    world->retries = 0;
    arm(world, events, count);
    current = world;
    if (world->watch.stage == SIM_STAGE_BOOT) {
        boot_stage(world);
    } else {
        app_stage(world);
    }
    current = NULL;
    return end_stage(world);
}

void sim_world_keep(const struct sim_world *world, const struct sim_operation *operation, struct sim_moment *out)
{
    sim_world_save(world, &out->state);
    out->downloads = world->downloads;
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
    world->retries = 0;
    arm(world, event, 1);
    operation.src = operation.src != NULL ? moment->data : NULL;
    sim_machine_cut(&world->machine, &operation, &event->tear);
    if (before->watch.stage == SIM_STAGE_BOOT) {
        end_boot(world);
    } else {
        end_app(world);
    }
    return end_stage(world);
}
