/* SPDX-License-Identifier: Apache-2.0 */
/* The flash model keeps the rules of NOR flash, also when it is interrupted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chip.h"
#include "rng.h"

static const struct sim_geometry geometry = {
    .size = 16384,
    .erase_sizes = {1024, 4096},
    .write_size = 4,
    .program_size = 64,
    .program_limit = 2,
};

static int set_up(void **state)
{
    static struct sim_chip chip;

    sim_chip_init(&chip, &geometry);
    *state = &chip;
    return 0;
}

static int tear_down(void **state)
{
    sim_chip_free(*state);
    return 0;
}

static uint64_t rng = 1;

static uint8_t read_byte(struct sim_chip *chip, uint32_t off)
{
    uint8_t byte;

    sim_chip_read(chip, &rng, off, &byte, 1);
    return byte;
}

static void program_byte(struct sim_chip *chip, uint32_t off, uint8_t value, const struct sim_tear *tear)
{
    sim_chip_program(chip, off, &value, 1, tear, &rng);
}

static void a_new_chip_is_erased(void **state)
{
    struct sim_chip *chip = *state;

    for (uint32_t off = 0; off < geometry.size; off++) {
        assert_int_equal(read_byte(chip, off), 0xff);
    }
    assert_true(sim_chip_steady(chip, 0, geometry.size));
}

static void programming_only_clears_bits(void **state)
{
    struct sim_chip *chip = *state;

    program_byte(chip, 1000, 0xf0, NULL);
    program_byte(chip, 1000, 0x3c, NULL);
    assert_int_equal(read_byte(chip, 1000), 0x30);
    assert_int_equal(read_byte(chip, 999), 0xff);
    assert_int_equal(read_byte(chip, 1001), 0xff);
}

static void an_erase_sets_its_unit_and_nothing_else(void **state)
{
    struct sim_chip *chip = *state;

    for (uint32_t off = 0; off < geometry.size; off += 256) {
        program_byte(chip, off, 0, NULL);
    }
    sim_chip_erase(chip, 4096, 4096, NULL, &rng);
    for (uint32_t off = 0; off < geometry.size; off += 256) {
        assert_int_equal(read_byte(chip, off), off >= 4096 && off < 8192 ? 0xff : 0);
    }
    assert_int_equal(chip->state.wear[3], 0);
    assert_int_equal(chip->state.wear[4], 1);
    assert_int_equal(chip->state.wear[7], 1);
    assert_int_equal(chip->state.wear[8], 0);
}

static void a_word_may_be_programmed_twice_and_not_three_times(void **state)
{
    struct sim_chip *chip = *state;

    program_byte(chip, 8, 0xfe, NULL);
    program_byte(chip, 9, 0xfe, NULL);
    assert_null(chip->violation);
    program_byte(chip, 11, 0xfe, NULL);
    assert_non_null(chip->violation);
    assert_int_equal(chip->violation_off, 8);
}

static void an_erase_allows_programming_again(void **state)
{
    struct sim_chip *chip = *state;

    program_byte(chip, 8, 0xfe, NULL);
    program_byte(chip, 8, 0xfe, NULL);
    sim_chip_erase(chip, 0, 1024, NULL, &rng);
    program_byte(chip, 8, 0xfe, NULL);
    assert_null(chip->violation);
}

static void a_torn_program_leaves_something_between_old_and_new(void **state)
{
    struct sim_chip *chip = *state;
    uint8_t source[64];

    memset(source, 0x5a, sizeof(source));
    for (uint8_t kind = SIM_TEAR_NONE; kind <= SIM_TEAR_BROWNOUT; kind++) {
        for (uint8_t variant = 0; variant < sim_tear_variants((enum sim_tear_kind)kind); variant++) {
            struct sim_tear tear = {kind, variant};
            sim_chip_erase(chip, 0, 1024, NULL, &rng);
            sim_chip_program(chip, 0, source, sizeof(source), &tear, &rng);
            for (uint32_t off = 0; off < sizeof(source); off++) {
                assert_int_equal(read_byte(chip, off) & 0x5a, 0x5a); /* no bit falls that should not */
            }
            assert_int_equal(read_byte(chip, sizeof(source)), 0xff);
        }
    }
}

static void a_torn_erase_leaves_old_bits_or_ones(void **state)
{
    struct sim_chip *chip = *state;

    for (uint8_t kind = SIM_TEAR_NONE; kind <= SIM_TEAR_BROWNOUT; kind++) {
        for (uint8_t variant = 0; variant < sim_tear_variants((enum sim_tear_kind)kind); variant++) {
            struct sim_tear tear = {kind, variant};
            sim_chip_erase(chip, 0, 1024, NULL, &rng);
            program_byte(chip, 100, 0xa5, NULL);
            sim_chip_erase(chip, 0, 1024, &tear, &rng);
            assert_int_equal(read_byte(chip, 100) & 0xa5, 0xa5);
        }
    }
}

static void an_astray_program_lands_elsewhere_in_its_page(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear one_word_on = {SIM_TEAR_ASTRAY, 0};
    uint8_t source[8] = {0};

    sim_chip_program(chip, 60, source, 4, &one_word_on, &rng); /* the last word of a page: around to its first */
    assert_int_equal(read_byte(chip, 60), 0xff);
    assert_int_equal(read_byte(chip, 0), 0);
    assert_int_equal(read_byte(chip, 64), 0xff);
    program_byte(chip, 1024, 0, NULL);
    sim_chip_erase(chip, 1024, 1024, &one_word_on, &rng);
    assert_int_equal(read_byte(chip, 1024), 0);
}

static void a_neighbour_changes_as_the_cells_do_that_were_meant(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear in_front = {SIM_TEAR_NEIGHBOUR, 0};
    const struct sim_tear behind = {SIM_TEAR_NEIGHBOUR, 1};

    program_byte(chip, 1024, 0x12, &behind);
    assert_int_equal(read_byte(chip, 1024), 0x12);
    assert_int_equal(__builtin_popcount(read_byte(chip, 1025)), 7);
    program_byte(chip, 1023, 0, NULL);
    sim_chip_erase(chip, 1024, 1024, &in_front, &rng);
    assert_int_equal(read_byte(chip, 1024), 0xff);
    assert_int_equal(__builtin_popcount(read_byte(chip, 1023)), 1);
    sim_chip_erase(chip, 0, 1024, &in_front, &rng); /* there is nothing in front of the chip */
}

static void a_worn_cell_keeps_what_it_holds(void **state)
{
    struct sim_chip *chip = *state;

    program_byte(chip, 8, 0xf0, NULL);
    sim_chip_wear_out(chip, 8 * 8 + 3, 0);
    sim_chip_erase(chip, 0, 1024, NULL, &rng);
    assert_int_equal(read_byte(chip, 8), 0xf7);
    sim_chip_wear_out(chip, 9 * 8 + 7, 1);
    program_byte(chip, 9, 0x00, NULL);
    assert_int_equal(read_byte(chip, 9), 0x80);
    sim_chip_erase(chip, 0, 1024, NULL, &rng);
    assert_int_equal(read_byte(chip, 8), 0xff);
}

static void a_prefix_is_done_and_the_rest_is_not(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear half = {SIM_TEAR_PREFIX, 0};
    uint8_t source[64] = {0};

    sim_chip_program(chip, 0, source, sizeof(source), &half, &rng);
    assert_int_equal(read_byte(chip, 31), 0);
    assert_int_equal(read_byte(chip, 32), 0xff);
}

static void metastable_cells_change_their_mind_at_a_start(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear new_then_old = {SIM_TEAR_METASTABLE, SIM_MOOD_NEW_THEN_OLD};

    program_byte(chip, 0, 0x0f, &new_then_old);
    assert_false(sim_chip_steady(chip, 0, 1));
    sim_chip_start(chip);
    assert_int_equal(read_byte(chip, 0), 0x0f);
    sim_chip_start(chip);
    assert_int_equal(read_byte(chip, 0), 0xff);
    sim_chip_start(chip);
    assert_int_equal(read_byte(chip, 0), 0xff);
}

static void metastable_cells_can_change_from_read_to_read(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_EACH_READ};
    bool seen[256] = {0};

    program_byte(chip, 0, 0x00, &tear);
    sim_chip_start(chip);
    for (int i = 0; i < 100; i++) {
        seen[read_byte(chip, 0)] = true;
    }
    assert_true(seen[0x00]);
    assert_true(seen[0xff]);
}

static void programming_again_makes_cells_steady(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_EACH_BIT};

    program_byte(chip, 0, 0x0f, &tear);
    program_byte(chip, 0, 0x0f, NULL);
    assert_true(sim_chip_steady(chip, 0, 1));
    assert_int_equal(read_byte(chip, 0), 0x0f);
}

static void an_erase_makes_cells_steady(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_EACH_BIT};

    program_byte(chip, 0, 0x0f, NULL);
    sim_chip_erase(chip, 0, 1024, &tear, &rng);
    assert_false(sim_chip_steady(chip, 0, 1));
    sim_chip_erase(chip, 0, 1024, NULL, &rng);
    assert_true(sim_chip_steady(chip, 0, 1));
    assert_int_equal(read_byte(chip, 0), 0xff);
}

static void weakly_erased_cells_stay_metastable_where_ones_are_programmed(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_NEW_THEN_OLD};

    program_byte(chip, 0, 0x00, NULL);
    sim_chip_erase(chip, 0, 1024, &tear, &rng);
    sim_chip_start(chip);
    assert_int_equal(read_byte(chip, 0), 0xff); /* a blank check would pass */
    program_byte(chip, 0, 0xf0, NULL);
    assert_int_equal(read_byte(chip, 0), 0xf0); /* so would a read-back */
    sim_chip_start(chip);
    assert_int_equal(read_byte(chip, 0), 0x00);
}

static void a_restored_state_is_the_saved_one(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_EACH_BIT};
    struct sim_chip_state saved = {0};

    program_byte(chip, 5, 0x11, NULL);
    program_byte(chip, 6, 0x11, &tear);
    uint64_t hash = sim_chip_hash(chip);
    sim_chip_save(chip, &saved);
    sim_chip_erase(chip, 0, 4096, NULL, &rng);
    program_byte(chip, 9000, 0x22, NULL);
    assert_int_not_equal(sim_chip_hash(chip), hash);
    sim_chip_restore(chip, &saved);
    assert_int_equal(sim_chip_hash(chip), hash);
    assert_int_equal(read_byte(chip, 5), 0x11);
    assert_false(sim_chip_steady(chip, 6, 1));
    assert_int_equal(chip->state.wear[0], 0);
    sim_chip_state_free(chip, &saved);
}

static void metastable_cells_and_program_counts_are_part_of_the_state(void **state)
{
    struct sim_chip *chip = *state;
    const struct sim_tear tear = {SIM_TEAR_METASTABLE, SIM_MOOD_EACH_BIT};

    uint64_t blank = sim_chip_hash(chip);
    program_byte(chip, 0, 0xff, NULL);
    uint64_t counted = sim_chip_hash(chip);
    assert_int_not_equal(counted, blank);
    program_byte(chip, 4, 0x00, &tear);
    assert_int_not_equal(sim_chip_hash(chip), counted);
}

static void cells_that_nothing_programs_are_not_touched(void **state)
{
    struct sim_chip *chip = *state;

    sim_chip_poke(chip, 7, (const uint8_t[]){0xfe}, 1);
    sim_chip_note_touched(chip);
    program_byte(chip, 5, 0x7f, NULL);
    sim_chip_erase(chip, 0, 4096, NULL, &rng);
    for (uint32_t cell = 0; cell < 8 * 16; cell++) {
        bool touched = cell == 8 * 7 || cell == 8 * 5 + 7;
        assert_int_equal(sim_chip_was_touched(chip, cell), touched);
    }
}

static void time_is_that_of_the_part(void **state)
{
    struct sim_chip *chip = *state;
    uint8_t source[64] = {0};

    chip->timing[SIM_TYPICAL] = (struct sim_timing){
        .erase_us = {10, 25},
        .program_first_ns = 32000,
        .program_next_ns = 1000,
        .program_max_ns = 90000,
        .timed_word = 1,
    };
    sim_chip_erase(chip, 0, 1024, NULL, &rng);
    sim_chip_erase(chip, 0, 4096, NULL, &rng);
    assert_int_equal(chip->counts.busy_ns[SIM_TYPICAL], 35000);
    sim_chip_program(chip, 0, source, 11, NULL, &rng);
    assert_int_equal(chip->counts.busy_ns[SIM_TYPICAL], 35000 + 42000);
    sim_chip_program(chip, 0, source, 64, NULL, &rng);
    assert_int_equal(chip->counts.busy_ns[SIM_TYPICAL], 35000 + 42000 + 90000);
    assert_int_equal(chip->counts.programmed_bytes, 75);
    assert_int_equal(chip->counts.erases[0], 1);
    assert_int_equal(chip->counts.erases[1], 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_chip_is_erased),
        TEST(programming_only_clears_bits),
        TEST(an_erase_sets_its_unit_and_nothing_else),
        TEST(a_word_may_be_programmed_twice_and_not_three_times),
        TEST(an_erase_allows_programming_again),
        TEST(a_torn_program_leaves_something_between_old_and_new),
        TEST(a_torn_erase_leaves_old_bits_or_ones),
        TEST(an_astray_program_lands_elsewhere_in_its_page),
        TEST(a_neighbour_changes_as_the_cells_do_that_were_meant),
        TEST(a_worn_cell_keeps_what_it_holds),
        TEST(a_prefix_is_done_and_the_rest_is_not),
        TEST(metastable_cells_change_their_mind_at_a_start),
        TEST(metastable_cells_can_change_from_read_to_read),
        TEST(programming_again_makes_cells_steady),
        TEST(an_erase_makes_cells_steady),
        TEST(weakly_erased_cells_stay_metastable_where_ones_are_programmed),
        TEST(a_restored_state_is_the_saved_one),
        TEST(metastable_cells_and_program_counts_are_part_of_the_state),
        TEST(cells_that_nothing_programs_are_not_touched),
        TEST(time_is_that_of_the_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
