/* SPDX-License-Identifier: Apache-2.0 */
/* Geometries and replay ids say what they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "history.h"
#include "profile.h"

static void a_geometry_has_size_erase_sizes_and_write_size(void **state)
{
    (void)state;
    struct sim_geometry geometry;

    assert_null(sim_geometry_parse("0x84000:4K,32K,64K:1", false, &geometry));
    assert_int_equal(geometry.size, 528 * 1024);
    assert_int_equal(geometry.erase_sizes[0], 4096);
    assert_int_equal(geometry.erase_sizes[1], 32768);
    assert_int_equal(geometry.erase_sizes[2], 65536);
    assert_int_equal(geometry.erase_sizes[3], 0);
    assert_int_equal(geometry.write_size, 1);
    assert_int_equal(geometry.program_size, 256);
    assert_int_equal(geometry.program_limit, 0);
    assert_null(sim_geometry_parse("528K:4096:4", true, &geometry));
    assert_int_equal(geometry.size, 0x84000);
    assert_int_equal(geometry.program_size, 4);
    assert_int_equal(geometry.program_limit, 2);
}

static void a_wrong_geometry_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "4K",
                                        "4K:",
                                        "4K:4K",
                                        "4K:4K:",
                                        "4K:4K:3",
                                        "4K:4K:64",
                                        "5K:4K:1",
                                        "8K:4K:1:",
                                        "8K:4K:4:6",
                                        "8K:4K:1x",
                                        "8K:4K,4K:1",
                                        "8K:4K,6K:1",
                                        "8K:100:1",
                                        "0:4K:1",
                                        "-8K:4K:1",
                                        "8K:0:1",
                                        "99999M:4K:1",
                                        "8K:4K:1:1024",
                                        "1M:1K,2K,4K,8K,16K:1",
                                        "8K:4K:1:256:1"};
    struct sim_geometry geometry;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_non_null(sim_geometry_parse(wrong[i], false, &geometry));
    }
}

static void every_built_in_geometry_parses(void **state)
{
    (void)state;
    struct sim_geometry geometry;

    assert_true(sim_pair_count >= 12);
    for (unsigned i = 0; i < sim_pair_count; i++) {
        assert_null(sim_geometry_parse(sim_pairs[i].primary, true, &geometry));
        assert_null(sim_geometry_parse(sim_pairs[i].secondary, false, &geometry));
    }
    for (unsigned i = 0; i < sim_profile_count; i++) {
        assert_null(sim_geometry_parse(sim_profiles[i].primary, true, &geometry));
        assert_null(sim_geometry_parse(sim_profiles[i].secondary, false, &geometry));
    }
}

static void an_id_comes_back_as_it_was(void **state)
{
    (void)state;
    static const char id[] = "dual/24K:4K:4:64/32K:4K,32K:1:256/confirm/grow/7/c17p1+c203m0+f9p2";
    struct sim_case config = {0};
    struct sim_history history;
    char printed[SIM_ID_SIZE];

    assert_null(sim_id_parse(id, &config, &history));
    assert_int_equal(config.mode, OB_MODE_DUAL);
    assert_int_equal(history.count, 3);
    assert_int_equal(history.event[1].at, 203);
    assert_int_equal(history.event[1].tear.kind, SIM_TEAR_METASTABLE);
    assert_int_equal(history.event[2].kind, SIM_FAULT_ONCE);
    sim_id_print(&config, &history, printed);
    assert_string_equal(printed, id);
}

static void an_id_says_how_many_images_a_transaction_has(void **state)
{
    (void)state;
    static const char id[] = "slide.3/3K:512:4:64/4K:512:1:256/confirm/grow/1/-";
    struct sim_case config = {0};
    struct sim_history history;
    char printed[SIM_ID_SIZE];

    assert_null(sim_id_parse("slide/3K:512:4:64/4K:512:1:256/confirm/grow/1/-", &config, &history));
    assert_int_equal(config.updateable, 1);
    assert_null(sim_id_parse(id, &config, &history));
    assert_int_equal(config.updateable, 3);
    sim_id_print(&config, &history, printed);
    assert_string_equal(printed, id);
}

static void a_wrong_id_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "slide",
        "slip/24K:4K:4/32K:4K:1/confirm/grow/1/-",
        "slide.1/24K:4K:4/32K:4K:1/confirm/grow/1/-",
        "slide.4/24K:4K:4/32K:4K:1/confirm/grow/1/-",
        "slide.2x/24K:4K:4/32K:4K:1/confirm/grow/1/-",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/-/-",
        "slide/24K:4K:4/32K:4K:1/nothing/grow/1/-",
        "slide/24K:4K:4/32K:4K:1/confirm/huge/1/-",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/c5",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/c5p9",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/z5p0",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/c5p0+",
        "slide/24K:4K:4/32K:4K:1/confirm/grow/1/c5p0,c6p0",
    };
    struct sim_case config = {0};
    struct sim_history history;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_non_null(sim_id_parse(wrong[i], &config, &history));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_geometry_has_size_erase_sizes_and_write_size),
        cmocka_unit_test(a_wrong_geometry_is_refused),
        cmocka_unit_test(every_built_in_geometry_parses),
        cmocka_unit_test(an_id_comes_back_as_it_was),
        cmocka_unit_test(an_id_says_how_many_images_a_transaction_has),
        cmocka_unit_test(a_wrong_id_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
