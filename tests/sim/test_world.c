/* SPDX-License-Identifier: Apache-2.0 */
/* A cut from a kept moment leaves exactly what living through the stage up to it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "history.h"
#include "scenario.h"

#define MOMENTS 200u

struct kept {
    struct sim_world *world;
    struct sim_moment moment[MOMENTS];
    uint32_t count;
};

static struct kept kept;

static void keep(void *ctx, const struct sim_operation *operation)
{
    struct kept *all = ctx;

    assert_true(all->count < MOMENTS);
    sim_world_keep(all->world, operation, &all->moment[all->count++]);
}

static void step_and_keep(struct sim_world *world)
{
    kept.count = 0;
    kept.world = world;
    world->machine.observe = keep;
    world->machine.observe_ctx = &kept;
    assert_true(sim_world_step(world, NULL, 0));
    world->machine.observe = NULL;
}

/* Every tear that ends the power, in the operation of a moment. */
static void compare_cuts(struct sim_world *world, const struct sim_world_state *before, const struct sim_moment *moment)
{
    for (unsigned kind = 0; kind < SIM_TEAR_BROWNOUT; kind++) {
        for (unsigned variant = 0; variant < sim_tear_variants((enum sim_tear_kind)kind); variant++) {
            struct sim_event event = {
                .kind = SIM_EVENT_CUT, .at = moment->state.machine.op + 1, .tear = {(uint8_t)kind, (uint8_t)variant}};
            assert_true(sim_world_cut(world, before, moment, &event));
            uint64_t quick = sim_world_hash(world);
            sim_world_restore(world, before);
            assert_true(sim_world_step(world, &event, 1));
            assert_true(sim_world_hash(world) == quick);
        }
    }
}

static void a_cut_from_a_moment_is_the_cut_of_its_stage(void **state)
{
    (void)state;
    static struct sim_world world;
    struct sim_world_state before = {0};
    struct sim_world_state after = {0};
    struct sim_case config = {0};
    struct sim_history history;
    uint32_t compared = 0;

    assert_null(sim_id_parse("slide/3K:512:4:64/4K:512:1/revert/small/1/-", &config, &history));
    assert_null(sim_world_init(&world, &config, NULL));
    while (!world.watch.finished) {
        sim_world_save(&world, &before);
        step_and_keep(&world);
        sim_world_save(&world, &after);
        for (uint32_t i = 0; i < kept.count; i++) {
            compare_cuts(&world, &before, &kept.moment[i]);
        }
        compared += kept.count;
        sim_world_restore(&world, &after);
    }
    assert_int_equal(compared, world.machine.op); /* all operations of the history */
    for (uint32_t i = 0; i < MOMENTS; i++) {
        sim_world_state_free(&world, &kept.moment[i].state);
    }
    sim_world_state_free(&world, &before);
    sim_world_state_free(&world, &after);
    sim_world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_cut_from_a_moment_is_the_cut_of_its_stage)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
