/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/signature.h>
#include <outboard/util.h>

#include "ledger.h"
#include "receiver.h"
#include "rng.h"
#include "scenario.h"
#include "sets.h"

#define RETRIES 50u /* longer than SIM_FAULT_WHILE lasts */

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

/* How many secondary slots an image has. */
static uint32_t secondaries(const struct sim_case *config)
{
    return config->mode == OB_MODE_DUAL ? 2 : 1;
}

/* What the longest job of these slots can be recorded in, and the events beside it. */
static uint32_t ledger_size(const struct sim_case *config)
{
    const struct sim_geometry *internal = &config->internal;
    const struct ob_flash flash = {.write_size = internal->write_size, .erase_sizes = {internal->erase_sizes[0]}};
    uint32_t unit = OB_MAX(internal->erase_sizes[0], config->external.erase_sizes[0]);
    uint32_t units = config->max_units != 0 ? config->max_units : ob_div_up(internal->size, unit);

    return ob_ledger_size(&flash, config->updateable, 2 * units * config->updateable);
}

/* Behind the ledger, where the largest erase command fits. */
static uint32_t primaries_start(const struct sim_case *config)
{
    const struct sim_geometry *internal = &config->internal;
    uint32_t largest = internal->erase_sizes[0];

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        largest = OB_MAX(largest, internal->erase_sizes[i]);
    }
    return ob_align_up(ledger_size(config), largest);
}

static void choose_slots(struct sim_world *world)
{
    const struct sim_case *config = &world->config;
    const struct ob_flash *internal = &world->machine.chip[SIM_INTERNAL].flash;
    const struct ob_flash *external = &world->machine.chip[SIM_EXTERNAL].flash;
    uint32_t start = config->external_start;
    uint32_t first = primaries_start(config);

    world->ledger = (struct ob_area){.flash = internal, .start = 0, .size = ledger_size(config)};
    for (uint32_t number = 0; number < config->updateable; number++) {
        struct ob_slots *slots = &world->slots[number];
        slots->primary = (struct ob_area){
            .flash = internal, .start = first + number * config->internal.size, .size = config->internal.size};
        world->home[number] = slots->primary;
        for (uint32_t i = 0; i < secondaries(config); i++) {
            slots->secondary[i] = (struct ob_area){.flash = external, .start = start, .size = config->external.size};
            start += config->external.size;
        }
    }
    if (config->handover) {
        sim_receiver_init(world);
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
    world->keys = (struct ob_keys){.key = &world->key, .count = 1, .type = &ob_signature_p256};
    if (world->config.encrypted) {
        world->decryption =
            (struct ob_decryption){.wrap = &ob_wrap_ec256, .key = sim_device_key, .size = SIM_CONTENT_KEY_SIZE};
        world->keys.decryption = &world->decryption;
        sim_secrets_watch(world);
    }
    world->boot.mode = world->mode;
    world->boot.keys = &world->keys;
    world->boot.hooks = &world->hooks;
    world->boot.images = world->slots;
    world->boot.ledger = &world->ledger;
    world->boot.image_count = world->config.updateable;
    world->boot.work = &world->work;
    world->boot.max_units = world->max_units;
    world->boot.guard = world->config.scenario->guard;
}

static void default_factory(struct sim_world *world)
{
    for (uint32_t number = 0; number < world->config.updateable; number++) {
        const struct sim_image *image = &world->image[number][SIM_IMAGE_A];
        sim_chip_poke(&world->machine.chip[SIM_INTERNAL], world->home[number].start, image->bytes, image->size);
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

static void make_chips(struct sim_world *world)
{
    const struct sim_case *config = &world->config;
    struct sim_geometry internal = config->internal;
    struct sim_geometry external = config->external;

    internal.size = primaries_start(config) + internal.size * config->updateable;
    external.size = config->external_start + external.size * config->updateable * secondaries(config);
    sim_machine_init(&world->machine, &internal, &external, 0);
    sim_world_reseed(world, config->seed);
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        world->wear[chip] = checked(calloc(sim_chip_sectors(&world->machine.chip[chip]), sizeof(uint32_t)));
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
        return "a slot is too small for its own trailer";
    }
    uint32_t capacity = ob_layout_capacity(&world->layout, &slots->primary, &slots->secondary[0], config->mode);
    if (capacity < sim_image_overhead() + 512 + (config->encrypted ? SIM_IMAGE_ENCRYPTED_SIZE : 0)) {
        return "the slots have no room for an image";
    }
    const char *impossible = sim_set_fill(world, config->set == SIM_SET_FILES ? files : NULL, capacity);
    if (impossible != NULL) {
        return impossible;
    }
    make_boot(world);
    if (config->scenario->factory != NULL) {
        config->scenario->factory(world);
    } else {
        default_factory(world);
    }
    return NULL;
}

void sim_world_free(struct sim_world *world)
{
    for (unsigned i = 0; i < SIM_UPDATEABLE_MAX * SIM_IMAGES; i++) {
        sim_image_free(&world->image[i / SIM_IMAGES][i % SIM_IMAGES]);
    }
    for (unsigned chip = 0; chip < SIM_CHIPS; chip++) {
        free(world->wear[chip]);
    }
    sim_chip_state_free(&world->machine.chip[SIM_EXTERNAL], &world->face);
    sim_receiver_free(world);
    sim_secrets_free(&world->secrets);
    sim_machine_free(&world->machine);
}

static struct sim_place internal_place(const struct sim_world *world, uint32_t off)
{
    uint32_t first = world->home[0].start;
    uint32_t size = world->config.internal.size;

    if (off < first) {
        return (struct sim_place){off < world->ledger.size ? SIM_REGION_LEDGER : SIM_REGION_NONE, 0, off};
    }
    struct sim_place place = {SIM_REGION_PRIMARY, (off - first) / size, (off - first) % size};
    if (place.off >= world->layout.primary_limit) {
        place.region = SIM_REGION_PRIMARY_TRAILER;
    }
    return place;
}

struct sim_place sim_world_place(const struct sim_world *world, enum sim_chip_id chip, uint32_t off)
{
    const struct ob_layout *layout = &world->layout;
    uint32_t first = world->config.external_start;
    uint32_t size = world->config.external.size;

    if (chip == SIM_INTERNAL) {
        return internal_place(world, off);
    }
    if (off < first) {
        return (struct sim_place){SIM_REGION_NONE, 0, off};
    }
    struct sim_place place = {SIM_REGION_SECONDARY, (off - first) / size, (off - first) % size};
    if (place.off >= layout->secondary_limit) {
        place.region = SIM_REGION_SECONDARY_TRAILER;
    }
    return place;
}

void sim_world_reseed(struct sim_world *world, uint64_t seed)
{
    world->config.seed = seed;
    world->machine.rng = sim_mix(seed, 1);
}

uint32_t sim_world_cells(const struct sim_world *world)
{
    return 8 * (world->machine.chip[SIM_INTERNAL].flash.size + world->machine.chip[SIM_EXTERNAL].flash.size);
}

/* The chip of one of all the cells, and *cell is which one of it. */
static enum sim_chip_id chip_of_cell(const struct sim_world *world, uint32_t *cell)
{
    const uint32_t internal = 8 * world->machine.chip[SIM_INTERNAL].flash.size;
    const bool outside = *cell >= internal;

    *cell -= outside ? internal : 0;
    return outside ? SIM_EXTERNAL : SIM_INTERNAL;
}

void sim_world_wear_out(struct sim_world *world, const struct sim_event *event)
{
    uint32_t cell = event->at % sim_world_cells(world);
    const enum sim_chip_id id = chip_of_cell(world, &cell);

    sim_chip_wear_out(&world->machine.chip[id], cell, event->tear.variant);
    world->watch.worn = true;
    world->events++;
}

void sim_world_note_touched(struct sim_world *world)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        sim_chip_note_touched(&world->machine.chip[id]);
    }
}

bool sim_world_was_touched(const struct sim_world *world, uint32_t cell)
{
    const enum sim_chip_id id = chip_of_cell(world, &cell);

    return sim_chip_was_touched(&world->machine.chip[id], cell);
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
    uint64_t hash = sim_mix(sim_machine_hash(&world->machine, world->ledger.size), sim_ledger_hash(world));

    return sim_hash(hash, &world->watch, sizeof(world->watch));
}
