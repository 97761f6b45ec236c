/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"
#include "parts.h"
#include "profile.h"
#include "scenario.h"

/* MX25R6435F, as the devicetrees of the nRF development kits quote it. */
static const uint8_t mx25r64_bfp[] = {
    0xe5, 0x20, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x03, 0x44, 0xeb, 0x08, 0x6b, 0x08, 0x3b, 0x04, 0xbb,
    0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0xff, 0xff, 0xff, 0x00, 0xff, 0x0c, 0x20, 0x0f, 0x52,
    0x10, 0xd8, 0x00, 0xff, 0x23, 0x72, 0xf5, 0x00, 0x82, 0xed, 0x04, 0xcc, 0x44, 0x83, 0x48, 0x44,
    0x30, 0xb0, 0x30, 0xb0, 0xf7, 0xc4, 0xd5, 0x5c, 0x00, 0xbe, 0x29, 0xff, 0xf0, 0xd0, 0xff, 0xff,
};

static void own_table_of_a_chip_says_what_ours_says(void **state)
{
    const struct sim_part *part = sim_part_find("MX25R6435F");
    struct sim_part taken = {0};

    (void)state;
    assert_true(sim_part_take_bfp(mx25r64_bfp, sizeof(mx25r64_bfp), &taken));
    assert_int_equal(taken.page_size, part->page_size);
    assert_memory_equal(taken.erase_sizes, part->erase_sizes, sizeof(part->erase_sizes));
    assert_memory_equal(taken.timing, part->timing, sizeof(part->timing));
}

static void table_without_times_is_not_taken(void **state)
{
    struct sim_part taken = {.page_size = 7};

    (void)state;
    assert_false(sim_part_take_bfp(mx25r64_bfp, 36, &taken));
    assert_int_equal(taken.page_size, 7);
}

static void parts_are_complete_and_found_by_what_a_devicetree_says(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sim_part_count; i++) {
        const struct sim_part *part = &sim_parts[i];
        struct sim_timing timing[SIM_PACES];

        assert_ptr_equal(sim_part_find(part->name), part);
        assert_ptr_equal(part->controller != NULL ? sim_part_of_controller(part->controller)
                                                  : sim_part_of_jedec_id(part->jedec_id),
                         part);
        assert_true(sim_part_timing(part, part->erase_sizes, timing));
        assert_memory_equal(timing, part->timing, sizeof(timing));
        assert_true(part->endurance >= 10000 && part->timing[SIM_TYPICAL].program_first_ns != 0);
        for (unsigned k = 0; k < OB_FLASH_ERASE_SIZES; k++) {
            assert_true(part->timing[SIM_WORST].erase_us[k] >= part->timing[SIM_TYPICAL].erase_us[k]);
        }
    }
}

static void time_of_an_unknown_erase_size_is_not_made_up(void **state)
{
    const uint32_t sizes[OB_FLASH_ERASE_SIZES] = {0x1000, 0x40000};
    struct sim_timing timing[SIM_PACES];

    (void)state;
    assert_false(sim_part_timing(sim_part_find("MX25R6435F"), sizes, timing));
    assert_int_equal(timing[SIM_TYPICAL].erase_us[0], 48000);
    assert_int_equal(timing[SIM_TYPICAL].erase_us[1], 0);
}

static void profiles_name_known_parts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sim_profile_count; i++) {
        assert_non_null(sim_part_find(sim_profiles[i].internal));
        assert_non_null(sim_part_find(sim_profiles[i].external));
    }
}

/** Erases of the most-worn sector of a chip so far. */
static uint32_t most_worn(const struct sim_chip *chip)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < chip->flash.size / ob_flash_erase_size(&chip->flash); i++) {
        most = OB_MAX(most, chip->state.wear[i]);
    }
    return most;
}

static void run_updates(struct sim_world *world, unsigned count)
{
    while (count > 0) {
        bool boot = world->watch.stage == SIM_STAGE_BOOT;

        sim_world_step(world, NULL, 0);
        assert_string_equal(world->failure, "");
        if (boot && (world->result.swap == OB_SWAP_TEST || world->result.swap == OB_SWAP_PERMANENT)) {
            count--;
        }
    }
}

/* A budget takes the first update of a device for all that follow. */
static void second_update_wears_as_much_as_the_first(void **state)
{
    static const enum ob_mode_id modes[] = {OB_MODE_SLIDE, OB_MODE_OVERWRITE, OB_MODE_DUAL};

    (void)state;
    for (unsigned i = 0; i < OB_ARRAY_SIZE(modes); i++) {
        struct sim_case config = {.mode = modes[i], .updateable = 1, .set = SIM_SET_FULL, .seed = 1};
        const struct sim_timing timing[SIM_CHIPS][SIM_PACES] = {0};
        struct sim_world world;
        struct sim_bench bench;

        config.scenario = sim_scenario_find("twice");
        assert_null(sim_geometry_parse("128K:4K:4:256", true, &config.internal));
        assert_null(sim_geometry_parse("128K:4K,32K,64K:1", false, &config.external));
        config.external_start = 0x3000;
        assert_null(sim_bench_run(&config, NULL, timing, NULL, false, &bench));
        assert_string_equal(bench.failure, "");
        assert_null(sim_world_init(&world, &config, NULL));
        run_updates(&world, 2);
        for (unsigned id = 0; id < SIM_CHIPS; id++) {
            uint32_t once = bench.start[SIM_BENCH_UPGRADE].chip[id].total_wear;
            assert_in_range(most_worn(&world.machine.chip[id]), once, 2 * once);
        }
        sim_world_free(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_table_of_a_chip_says_what_ours_says),
        cmocka_unit_test(table_without_times_is_not_taken),
        cmocka_unit_test(parts_are_complete_and_found_by_what_a_devicetree_says),
        cmocka_unit_test(time_of_an_unknown_erase_size_is_not_made_up),
        cmocka_unit_test(profiles_name_known_parts),
        cmocka_unit_test(second_update_wears_as_much_as_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
