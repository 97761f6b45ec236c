/* SPDX-License-Identifier: Apache-2.0 */
/* The devices that only the nRF5340 has, each by itself. What start-up code does with them together: tests/build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench.h"
#include "dev/devices.h"

#define SPU 0x50003000u
#define CLOCK 0x50005000u
#define RESETREAS 0x50005400u
#define NVMC 0x50039000u
#define UICR 0x00ff8000u
#define CTRLAP 0x50006000u
#define KEY 0x50fa50fau

static int begin(void **state)
{
    (void)state;
    bench_begin("nRF5340");
    return 0;
}

static void peripherals_answer_at_the_alias_that_the_spu_says(void **state)
{
    (void)state;
    bench_write(0x5000f510, 3); /* TIMER0 */
    assert_int_equal(bench_read(0x5000f510), 3);
    (void)bench_read(0x4000f510);
    bench_assert_refused("it is secure");
    bench_write(SPU + 0x800 + 4 * 0x0f, 0x02);
    assert_int_equal(bench_read(0x4000f510), 3);
    (void)bench_read(0x5000f510);
    bench_assert_refused("it is non-secure");
    (void)bench_read(0x40003400);
    bench_assert_refused("secure accesses only");
}

static void what_the_spu_locks_stays_until_a_reset(void **state)
{
    (void)state;
    bench_write(SPU + 0x600, 0x115);
    bench_write(SPU + 0x600, 0x17);
    bench_assert_refused("locked until the next reset");
    bench_soft_reset();
    bench_write(SPU + 0x600, 0x17);
    bench_assert_fine();
}

static void flash_is_not_written_where_the_spu_forbids_it(void **state)
{
    (void)state;
    bench_write(SPU + 0x600, 0x115); /* the first 16 KiB */
    bench_write(NVMC + 0x504, 1);
    vb_nvmc_store(bench, 0x4000, 4, 0x12345678);
    bench_assert_fine();
    vb_nvmc_store(bench, 0x3ffc, 4, 0);
    bench_assert_refused("SPU.FLASHREGION");
    assert_int_equal(bench->flash[0x3ffc], 0xff);
    assert_int_equal(bench->flash[0x4000], 0x78);
}

static void a_page_is_erased_by_a_word_of_ones(void **state)
{
    (void)state;
    bench_write(NVMC + 0x504, 1);
    vb_nvmc_store(bench, 0x5004, 4, 0);
    bench_write(NVMC + 0x504, 2);
    vb_nvmc_store(bench, 0x5000, 4, 0xffffffff);
    bench_assert_fine();
    assert_int_equal(bench->flash[0x5004], 0xff);
    vb_nvmc_store(bench, 0x5000, 4, 0);
    bench_assert_refused("a word of ones");
}

static void clocks_take_their_time(void **state)
{
    (void)state;
    bench_write(CLOCK + 0x008, 1);
    assert_int_equal(bench_read(CLOCK + 0x104), 0);
    assert_int_equal(bench_read(CLOCK + 0x414), 1);
    bench_wait(CLOCK + 0x104, 1, 1000);
    assert_int_equal(bench_read(CLOCK + 0x418), 0x10001);
    bench_write(CLOCK + 0x518, 2); /* RC goes on until the next start */
    bench_write(CLOCK + 0x104, 0);
    bench_write(CLOCK + 0x008, 1);
    bench_pass_us(100000);
    assert_int_equal(bench_read(CLOCK + 0x104), 0); /* the crystal is slow */
    bench_wait(CLOCK + 0x104, 1, 200000);
    bench_assert_fine();
}

static void an_image_is_entered_with_clocks_as_after_a_reset(void **state)
{
    (void)state;
    vb_board_handover(bench);
    bench_assert_fine();
    bench_write(CLOCK + 0x5b8, 0);
    vb_board_handover(bench);
    bench_assert_refused("HFCLK192MCTRL is 0");
    bench_write(CLOCK + 0x5b8, 2);
    bench_write(0x50001500, 1);
    vb_board_handover(bench);
    bench_assert_refused("CACHE: is left on");
}

static void reasons_of_resets_are_kept_until_they_are_cleared(void **state)
{
    (void)state;
    assert_int_equal(bench_read(RESETREAS), 0);
    bench_soft_reset();
    vb_bus_reset(bench, VB_RESET_WATCHDOG1);
    assert_int_equal(bench_read(RESETREAS), 1u << 3 | 1u << 25);
    bench_write(RESETREAS, 1u << 3);
    assert_int_equal(bench_read(RESETREAS), 1u << 25);
    vb_bus_reset(bench, VB_RESET_POWER);
    assert_int_equal(bench_read(RESETREAS), 0);
}

static void general_purpose_registers_outlive_a_soft_reset(void **state)
{
    (void)state;
    bench_write(CLOCK + 0x51c, 0xb1);
    bench_soft_reset();
    assert_int_equal(bench_read(CLOCK + 0x51c), 0xb1);
}

static void the_debug_port_follows_uicr(void **state)
{
    (void)state;
    assert_int_equal(bench_read(CTRLAP + 0x600) & 3, 0);
    bench_write(NVMC + 0x504, 1);
    bench_write(UICR, KEY);
    bench_write(UICR + 0x1c, KEY);
    bench_assert_fine();
    assert_int_equal(bench_read(CTRLAP + 0x600) & 3, 3);
    bench_write(CTRLAP + 0x544, bench_read(UICR));
    bench_write(CTRLAP + 0x540, 1);
    bench_write(CTRLAP + 0x544, 0);
    bench_assert_refused("locked until the next reset");
}

static void both_watchdogs_bite(void **state)
{
    static const enum vb_reset reasons[] = {VB_RESET_WATCHDOG0, VB_RESET_WATCHDOG1};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t base = 0x50018000 + 0x1000 * i;

        bench_begin("nRF5340");
        bench_write(base + 0x504, 32768);
        bench_write(base, 1);
        bench_pass_us(900000);
        bench_write(base + 0x600, 0x6e524635);
        bench_pass_us(900000);
        assert_false(bench->reset_wanted);
        bench_pass_us(200000);
        assert_true(bench->reset_wanted);
        assert_int_equal(bench->reset_why, reasons[i]);
    }
}

static void nameless_addresses_are_those_of_the_errata(void **state)
{
    (void)state;
    bench_write(0x5000470c, 0x7e);
    bench_write(0x502012a0, 0);
    assert_int_equal(bench_read(0x50032420), 0);
    bench_assert_fine();
    bench_write(0x50004710, 0);
    bench_assert_refused("0x50004710");
}

static void a_slow_clock_of_early_documents_is_noted(void **state)
{
    (void)state;
    bench_write(0x50005518, 0);
    bench_write(0x50005008, 1);
    bench_wait(0x50005104, 1, 700);
    assert_string_equal(bench->notes[0],
                        "CLOCK: LFCLKSRC = 0 is a source of early documents only (LFULP); it counts as LFRC");
    bench_write(0x50005518, 4);
    bench_assert_refused("LFCLKSRC = 4 is none of its sources");
}

static void system_off_is_rest(void **state)
{
    (void)state;
    bench_write(0x50004500, 1);
    assert_int_equal(bench->end, VB_END_RESTS);
    assert_string_equal(bench->why, "is in System OFF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(peripherals_answer_at_the_alias_that_the_spu_says, begin, bench_end),
        cmocka_unit_test_setup_teardown(what_the_spu_locks_stays_until_a_reset, begin, bench_end),
        cmocka_unit_test_setup_teardown(flash_is_not_written_where_the_spu_forbids_it, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_page_is_erased_by_a_word_of_ones, begin, bench_end),
        cmocka_unit_test_setup_teardown(clocks_take_their_time, begin, bench_end),
        cmocka_unit_test_setup_teardown(an_image_is_entered_with_clocks_as_after_a_reset, begin, bench_end),
        cmocka_unit_test_setup_teardown(reasons_of_resets_are_kept_until_they_are_cleared, begin, bench_end),
        cmocka_unit_test_setup_teardown(general_purpose_registers_outlive_a_soft_reset, begin, bench_end),
        cmocka_unit_test_setup_teardown(the_debug_port_follows_uicr, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_slow_clock_of_early_documents_is_noted, begin, bench_end),
        cmocka_unit_test_setup_teardown(system_off_is_rest, begin, bench_end),
        cmocka_unit_test_setup_teardown(both_watchdogs_bite, begin, bench_end),
        cmocka_unit_test_setup_teardown(nameless_addresses_are_those_of_the_errata, begin, bench_end),
    };

    return cmocka_run_group_tests_name("nRF5340", tests, NULL, NULL);
}
