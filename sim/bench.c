/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#define STARTS_MAX 16u

/* World first: what the world hands to its hooks is this. */
struct run {
    struct sim_world world;
    uint64_t fed_ns[SIM_PACES]; /* when the watchdog was fed last */
    uint64_t longest_ns[SIM_PACES];
};

static uint64_t busy_ns(const struct sim_world *world, unsigned pace)
{
    return world->machine.ns[pace];
}

static void feed(void *ctx)
{
    struct run *run = ctx;

    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        uint64_t now = busy_ns(&run->world, pace);
        run->longest_ns[pace] = OB_MAX(run->longest_ns[pace], now - run->fed_ns[pace]);
        run->fed_ns[pace] = now;
    }
}

static void measure_wear(const struct sim_world *world, enum sim_chip_id id, struct sim_bench_chip *cost)
{
    const struct sim_chip *chip = &world->machine.chip[id];
    uint32_t sector = ob_flash_erase_size(&chip->flash);

    for (uint32_t i = 0; i < sim_chip_sectors(chip); i++) {
        enum sim_region region = sim_world_place(world, id, i * sector).region;
        uint32_t erases = chip->state.wear[i] - world->wear[id][i];
        cost->max_wear = OB_MAX(cost->max_wear, erases);
        cost->total_wear = OB_MAX(cost->total_wear, chip->state.wear[i]);
        if (region == SIM_REGION_PRIMARY || region == SIM_REGION_SECONDARY) {
            cost->data_wear = OB_MAX(cost->data_wear, erases);
        }
    }
}

static struct sim_bench_cost measure_boot(struct run *run)
{
    struct sim_bench_cost cost = {.done = true};

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        run->world.machine.chip[id].counts = (struct sim_chip_counts){0};
    }
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        run->fed_ns[pace] = busy_ns(&run->world, pace);
        cost.ns[pace] = run->fed_ns[pace];
    }
    memset(run->longest_ns, 0, sizeof(run->longest_ns));
    sim_world_step(&run->world, NULL, 0);
    feed(run);
    for (unsigned pace = 0; pace < SIM_PACES; pace++) {
        cost.ns[pace] = busy_ns(&run->world, pace) - cost.ns[pace];
    }
    memcpy(cost.longest_ns, run->longest_ns, sizeof(cost.longest_ns));
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        cost.chip[id].counts = run->world.machine.chip[id].counts;
        measure_wear(&run->world, (enum sim_chip_id)id, &cost.chip[id]);
    }
    return cost;
}

/* What this start was: the bootloader says so. */
static enum sim_bench_start kind_of(const struct sim_world *world)
{
    switch (world->result.swap) {
    case OB_SWAP_TEST:
    case OB_SWAP_PERMANENT:
        return SIM_BENCH_UPGRADE;
    case OB_SWAP_REVERT:
        return SIM_BENCH_REVERT;
    default:
        return SIM_BENCH_IDLE;
    }
}

static void measure(struct run *run, struct sim_bench *out)
{
    struct sim_world *world = &run->world;

    while (!world->watch.finished && world->failure[0] == '\0' && world->starts < STARTS_MAX) {
        if (world->watch.stage != SIM_STAGE_BOOT) {
            sim_world_step(world, NULL, 0);
            continue;
        }
        struct sim_bench_cost cost = measure_boot(run);
        struct sim_bench_cost *first = &out->start[kind_of(world)];
        if (!first->done) {
            *first = cost;
        }
    }
}

static void prepare(struct run *run, const struct sim_timing timing[SIM_CHIPS][SIM_PACES], bool factory)
{
    struct sim_world *world = &run->world;

    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        memcpy(world->machine.chip[id].timing, timing[id], sizeof(world->machine.chip[id].timing));
    }
    world->hooks.feed = feed;
    if (world->config.mode == OB_MODE_DUAL && !factory) {
        const struct sim_image *running = &world->image[0][SIM_IMAGE_A];
        sim_chip_poke(&world->machine.chip[SIM_EXTERNAL], world->slots[0].secondary[1].start, running->stored,
                      running->size);
    }
}

const char *sim_bench_run(const struct sim_case *config, const struct sim_files *files,
                          const struct sim_timing timing[SIM_CHIPS][SIM_PACES], const struct sim_speed *speed,
                          bool factory, struct sim_bench *out)
{
    struct run run = {0};
    const char *impossible = sim_world_init(&run.world, config, files);

    *out = (struct sim_bench){0};
    if (impossible == NULL) {
        prepare(&run, timing, factory);
        if (speed != NULL) {
            run.world.machine.speed = *speed;
        }
        measure(&run, out);
        memcpy(out->failure, run.world.failure, sizeof(out->failure));
        for (unsigned id = 0; id < SIM_CHIPS; id++) {
            out->flash[id] = run.world.machine.chip[id].flash;
        }
        out->capacity = ob_layout_capacity(&run.world.layout, &run.world.slots[0].primary,
                                           &run.world.slots[0].secondary[0], config->mode);
    }
    sim_world_free(&run.world);
    return impossible;
}

uint64_t sim_bench_ns(const struct sim_bench_cost *cost, enum sim_pace pace)
{
    return cost->ns[pace];
}

uint32_t sim_bench_erases(const struct sim_chip_counts *counts)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        count += counts->erases[i];
    }
    return count;
}
