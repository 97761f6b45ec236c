/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that every Nordic SoC has, on the nRF52840: what software can rely on, and what ends the run. QSPI and
 * SPIM have files of their own, so has what only the nRF5340 has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"
#include "dev/devices.h"

#define CLOCK 0x40000000u
#define RESETREAS 0x40000400u
#define UARTE 0x40002000u
#define TIMER 0x40008000u
#define RTC 0x4000b000u
#define WDT 0x40010000u
#define NVMC 0x4001e000u
#define ACL 0x4001e800u
#define P0 0x50000500u
#define UICR 0x10001000u
#define TEMP 0x4000c000u
#define EGU 0x40014000u
#define PWM 0x4001c000u
#define MWU 0x40020000u
#define RAM 0x20001000u
#define RELOAD 0x6e524635u

static int begin(void **state)
{
    (void)state;
    bench_begin("nRF52840");
    return 0;
}

/* ---- time ---- */

static uint32_t captured(void)
{
    bench_write(TIMER + 0x040, 1);
    return bench_read(TIMER + 0x540);
}

static void a_timer_counts_and_wraps_as_wide_as_it_was_told(void **state)
{
    (void)state;
    bench_write(TIMER + 0x510, 4); /* 1 MHz */
    bench_write(TIMER + 0x000, 1);
    bench_pass_us(1000);
    assert_in_range(captured(), 999, 1001);
    assert_in_range(bench_read(TIMER + 0x540), 999, 1001); /* a read does not count on */
    bench_pass_us(65536);
    assert_in_range(captured(), 999, 1001); /* 16 bits */
    bench_write(TIMER + 0x004, 1);
    bench_write(TIMER + 0x00c, 1);
    bench_write(TIMER + 0x508, 3);
    bench_write(TIMER + 0x000, 1);
    bench_pass_us(100000);
    assert_in_range(captured(), 99999, 100001);
    bench_write(TIMER + 0x004, 1);
    bench_pass_us(1000);
    assert_in_range(captured(), 99999, 100001);
    bench_assert_fine();
}

static void a_timer_tells_when_it_reaches_a_value(void **state)
{
    (void)state;
    bench_write(TIMER + 0x510, 4);
    bench_write(TIMER + 0x544, 500);
    bench_write(TIMER + 0x000, 1);
    bench_pass_us(490);
    assert_int_equal(bench_read(TIMER + 0x144), 0);
    bench_pass_us(20);
    assert_int_equal(bench_read(TIMER + 0x144), 1);
}

static void the_rtc_needs_its_clock(void **state)
{
    (void)state;
    bench_write(RTC + 0x000, 1);
    bench_pass_us(100000);
    assert_int_equal(bench_read(RTC + 0x504), 0);
    bench_assert_fine(); /* noted only: it counts once the clock runs */
    begin(state);
    bench_write(CLOCK + 0x008, 1);
    bench_wait(CLOCK + 0x104, 1, 1000);
    bench_write(RTC + 0x000, 1);
    bench_pass_us(1000000);
    assert_in_range(bench_read(RTC + 0x504), 32766, 32769);
    bench_assert_fine();
}

/* ---- the watchdog ---- */

static void start_watchdog(uint32_t seconds)
{
    bench_write(WDT + 0x504, seconds * 32768);
    bench_write(WDT + 0x508, 3); /* two channels */
    bench_write(WDT + 0x000, 1);
}

static void every_channel_of_the_watchdog_has_to_be_fed(void **state)
{
    (void)state;
    start_watchdog(1);
    bench_pass_us(900000);
    bench_write(WDT + 0x600, RELOAD);
    bench_write(WDT + 0x604, RELOAD);
    bench_pass_us(900000);
    bench_write(WDT + 0x600, RELOAD);
    assert_false(bench->reset_wanted);
    bench_pass_us(200000);
    assert_true(bench->reset_wanted);
    assert_int_equal(bench->reset_why, VB_RESET_WATCHDOG0);
}

static void a_soft_reset_does_not_stop_the_watchdog(void **state)
{
    (void)state;
    start_watchdog(1);
    bench_pass_us(500000);
    bench_soft_reset();
    assert_int_equal(bench_read(WDT + 0x400), 1);
    assert_int_equal(bench_read(RESETREAS) & 4, 4);
    bench_pass_us(600000);
    assert_true(bench->reset_wanted);
}

/* ---- flash ---- */

static void store(uint32_t mode, uint32_t address, uint32_t value)
{
    bench_write(NVMC + 0x504, mode);
    vb_nvmc_store(bench, address, 4, value);
}

static void a_store_clears_bits_and_takes_the_parts_time(void **state)
{
    uint64_t before;

    (void)state;
    before = vb_now(bench);
    store(1, 0x1000, 0x00ff00ff);
    assert_in_range((vb_now(bench) - before) / VB_TICKS_PER_US, 41, 43);
    store(1, 0x1000, 0x0f0f0f0f);
    bench_assert_fine();
    assert_int_equal(ob_get_le32(bench->flash + 0x1000), 0x000f000f);
}

static void a_page_is_erased_by_its_address(void **state)
{
    (void)state;
    store(1, 0x1ffc, 0);
    store(1, 0x2000, 0);
    bench_write(NVMC + 0x504, 2);
    bench_write(NVMC + 0x508, 0x1000);
    bench_assert_fine();
    assert_int_equal(ob_get_le32(bench->flash + 0x1ffc), 0xffffffff);
    assert_int_equal(ob_get_le32(bench->flash + 0x2000), 0);
}

/* ---- pins ---- */

static void pins_are_driven_pulled_or_open(void **state)
{
    (void)state;
    assert_int_equal(vb_pin_level(bench, 5), VB_FLOATING);
    bench_write(P0 + 0x200 + 4 * 5, 0xc); /* pulled up */
    assert_int_equal(vb_pin_level(bench, 5), VB_HIGH);
    bench_write(P0 + 0x018, 1u << 5);
    assert_int_equal(vb_pin_level(bench, 5), VB_LOW);
    assert_int_equal(bench_read(P0 + 0x200 + 4 * 5) & 1, 1); /* DIR is a bit of PIN_CNF */
    bench_write(P0 + 0x008, 1u << 5);
    assert_int_equal(vb_pin_level(bench, 5), VB_HIGH);
    assert_int_equal(bench_read(P0 + 0x010) >> 5 & 1, 1);
    bench_assert_fine();
}

/* ---- the serial line ---- */

static char said[64];

static void hear(void *ctx, uint8_t byte)
{
    size_t len = strlen(said);

    (void)ctx;
    if (len + 1 < sizeof(said)) {
        said[len] = (char)byte;
        said[len + 1] = '\0';
    }
}

static void open_line(uint32_t enable)
{
    said[0] = '\0';
    bench->listener.said = hear;
    bench->console = vb_find(bench, "UARTE0");
    bench_write(P0 + 0x008, 1u << 6);
    bench_write(P0 + 0x018, 1u << 6);
    bench_write(UARTE + 0x50c, 6);
    bench_write(UARTE + 0x514, 8);
    bench_write(UARTE + 0x524, 0x01d60000); /* 115200 */
    bench_write(UARTE + 0x500, enable);
}

static void bytes_go_out_at_the_baud_rate(void **state)
{
    (void)state;
    open_line(8);
    memcpy(bench_ram(RAM), "hello", 5);
    bench_write(UARTE + 0x544, RAM);
    bench_write(UARTE + 0x548, 5);
    bench_write(UARTE + 0x008, 1);
    bench_pass_us(380);
    assert_int_equal(bench_read(UARTE + 0x120), 0);
    bench_pass_us(60); /* 5 bytes of 10 bits: 434 us */
    assert_int_equal(bench_read(UARTE + 0x120), 1);
    assert_string_equal(said, "hello");
    bench_assert_fine();
}

static void without_a_pin_nobody_hears_what_is_sent(void **state)
{
    (void)state;
    open_line(0);
    bench_write(UARTE + 0x50c, 0xffffffff);
    bench_write(UARTE + 0x500, 8);
    bench_write(UARTE + 0x544, RAM);
    bench_write(UARTE + 0x548, 5);
    bench_write(UARTE + 0x008, 1);
    bench_wait(UARTE + 0x120, 1, 500);
    assert_string_equal(said, "");
    bench_assert_fine();
    assert_string_equal(bench->notes[0], "UARTE0: sends while PSEL.TXD is not connected: nobody hears it");
}

static void bytes_come_in_by_dma(void **state)
{
    (void)state;
    open_line(8);
    bench_write(UARTE + 0x534, RAM);
    bench_write(UARTE + 0x538, 3);
    bench_write(UARTE + 0x000, 1);
    assert_int_equal(vb_board_send(bench, (const uint8_t *)"abc", 3), 3);
    bench_wait(UARTE + 0x110, 1, 1000);
    assert_memory_equal(bench_ram(RAM), "abc", 3);
    assert_int_equal(bench_read(UARTE + 0x53c), 3);
    bench_assert_fine();
}

static void the_older_uart_sends_byte_by_byte(void **state)
{
    (void)state;
    open_line(4);
    bench_write(UARTE + 0x008, 1);
    bench_write(UARTE + 0x51c, 'x');
    bench_wait(UARTE + 0x11c, 1, 200);
    assert_string_equal(said, "x");
    bench_assert_fine();
}

/* ---- what ends the run ---- */

static void store_while_reading(void)
{
    store(0, 0x1000, 0);
}

static void third_program(void)
{
    store(1, 0x1000, 0xfffffffe);
    store(1, 0x1000, 0xfffffffc);
    store(1, 0x1000, 0xfffffff8);
}

static void half_a_word(void)
{
    bench_write(NVMC + 0x504, 1);
    vb_nvmc_store(bench, 0x1000, 2, 0);
}

static void erase_while_writing(void)
{
    bench_write(NVMC + 0x504, 1);
    bench_write(NVMC + 0x508, 0x1000);
}

static void erase_half_way(void)
{
    bench_write(NVMC + 0x504, 2);
    bench_write(NVMC + 0x508, 0x1004);
}

static void protected_page(void)
{
    bench_write(ACL, 0x1000);
    bench_write(ACL + 4, 0x1000);
    bench_write(ACL + 8, 2);
    store(1, 0x1ffc, 0);
}

static void protection_twice(void)
{
    bench_write(ACL, 0x1000);
    bench_write(ACL, 0x2000);
}

static void watchdog_changed(void)
{
    start_watchdog(1);
    bench_write(WDT + 0x504, 1000);
}

static void watchdog_wrong_word(void)
{
    bench_write(WDT + 0x600, 1);
}

static void send_from_flash(void)
{
    open_line(8);
    bench_write(UARTE + 0x544, 0x1000);
    bench_write(UARTE + 0x548, 5);
    bench_write(UARTE + 0x008, 1);
    bench_pass_us(1000);
}

static void send_while_off(void)
{
    bench_write(UARTE + 0x008, 1);
}

static void factory_word(void)
{
    bench_write(NVMC + 0x504, 1);
    bench_write(0x10000060, 0);
}

static void unknown_register(void)
{
    (void)bench_read(TIMER + 0x7f0);
}

static void half_a_register(void)
{
    (void)vb_bus_load(bench, TIMER + 0x540, 2);
}

static void known_but_not_modelled(void)
{
    bench_write(0x40007500, 1);
}

static void other_peripheral_of_a_block(void)
{
    bench_write(0x40003500, 5);
}

static void no_device(void)
{
    (void)bench_read(0x40030000);
}

static void other_socs_device(void)
{
    (void)bench_read(0x50003400);
}

static const struct {
    const char *reason;
    void (*act)(void);
} rows[] = {
    {"while CONFIG is 0", store_while_reading},
    {"programmed more often", third_program},
    {"whole words only", half_a_word},
    {"while CONFIG is 1", erase_while_writing},
    {"not the first address of a page", erase_half_way},
    {"ACL protects it", protected_page},
    {"written once", protection_twice},
    {"changed after the start", watchdog_changed},
    {"not the word that reloads", watchdog_wrong_word},
    {"DMA reaches RAM only", send_from_flash},
    {"UARTE0", send_while_off},
    {"cannot be written", factory_word},
    {"TIMER0 has no register", unknown_register},
    {"whole words only", half_a_register},
    {"no device there", no_device},
    {"SAADC is not modelled", known_but_not_modelled},
    {"TWI, which is not modelled", other_peripheral_of_a_block},
    {"no device there", other_socs_device},
};

static void what_the_part_forbids_ends_the_run_with_its_reason(void **state)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(rows); i++) {
        begin(state);
        rows[i].act();
        bench_assert_refused(rows[i].reason);
    }
}

/* ---- what other people's programs touch ---- */

static void ram_power_reads_as_it_was_set_and_cleared(void **state)
{
    (void)state;
    bench_write(CLOCK + 0x918, 0xf);
    assert_int_equal(bench_read(CLOCK + 0x910), 0xfff0);
    bench_write(CLOCK + 0x914, 1);
    assert_int_equal(bench_read(CLOCK + 0x914), 0xfff1);
    assert_int_equal(bench_read(CLOCK + 0x910), 0xfff1);
    bench_assert_fine();
}

static void the_thermometer_measures_a_room(void **state)
{
    (void)state;
    bench_write(TEMP, 1);
    assert_int_equal(bench_read(TEMP + 0x100), 0);
    bench_wait(TEMP + 0x100, 1, 40);
    assert_int_equal(bench_read(TEMP + 0x508), 4 * 25);
}

static void a_trigger_is_an_event_and_an_interrupt(void **state)
{
    (void)state;
    bench_write(EGU + 0x304, 1u << 15);
    bench_write(0xe000e100, 1u << 20);
    bench_write(EGU + 0x03c, 1);
    assert_int_equal(bench_read(EGU + 0x13c), 1);
    assert_int_equal(bench_read(0xe000e200), 1u << 20);
    assert_int_equal(bench_read(EGU + 0x138), 0);
}

static void a_sequence_of_pulses_takes_its_time(void **state)
{
    (void)state;
    bench_write(PWM + 0x008, 1); /* it is off: nothing */
    assert_int_equal(bench_read(PWM + 0x108), 0);
    bench_write(PWM + 0x500, 1);
    bench_write(PWM + 0x508, 1600); /* 100 us at 16 MHz */
    bench_write(PWM + 0x510, 2);    /* four values for a step */
    bench_write(PWM + 0x524, 4);
    bench_write(PWM + 0x008, 1);
    assert_int_equal(bench_read(PWM + 0x108), 1);
    bench_pass_us(199);
    assert_int_equal(bench_read(PWM + 0x110), 0);
    bench_wait(PWM + 0x110, 1, 2);
    bench_write(PWM + 0x514, 1);
    bench_write(PWM + 0x008, 1);
    bench_assert_refused("loops and shortcuts are not modelled");
}

static void regions_to_watch_are_kept(void **state)
{
    (void)state;
    bench_write(MWU + 0x514, 3);
    bench_write(MWU + 0x518, 1);
    assert_int_equal(bench_read(MWU + 0x510), 2);
    assert_int_equal(bench_read(MWU + 0x514), 2);
    bench_assert_fine();
}

static void what_debuggers_and_errata_headers_look_at_is_there(void **state)
{
    (void)state;
    assert_int_equal(bench_read(0xe000edf0), 0); /* no debugger */
    assert_int_equal(bench_read(0xe0000e80), 0); /* nobody traces */
    bench_write(0xe0040010, 1);
    assert_int_equal(bench_read(0xe000e108), 0); /* interrupts that the part has not */
    bench_write(0xe000e188, 0xffffffff);
    assert_int_equal(vb_bus_load(bench, 0xf0000fe0, 1), 8);
    bench_write(CLOCK + 0x524, 3); /* RAMON of older parts */
    bench_assert_fine();
}

static void nothing_is_sent_at_once(void **state)
{
    (void)state;
    open_line(8);
    bench_write(UARTE + 0x548, 0);
    bench_write(UARTE + 0x008, 1);
    assert_int_equal(bench_read(UARTE + 0x120), 1);
    bench_write(UARTE + 0x00c, 1);
    assert_int_equal(bench_read(UARTE + 0x158), 1);
    bench_assert_fine();
}

static void factory_words_that_nobody_modelled_are_erased(void **state)
{
    (void)state;
    assert_int_equal(bench_read(0x10000ffc), 0xffffffff);
    assert_int_equal(vb_bus_load(bench, 0x10000ffc, 1), 0xff);
    assert_int_equal(bench_read(0x10000100), 0x52840);
    bench_assert_fine();
    assert_string_equal(bench->notes[0], "FICR: words that are not modelled are read, as erased");
}

static void user_words_hold_what_files_say_whenever_power_comes(void **state)
{
    static uint8_t words[VB_UICR_SIZE];

    (void)state;
    memset(words, 0xff, sizeof(words));
    ob_put_le32(words + 0x14, 0xf4000);
    bench->uicr = words;
    for (unsigned i = 0; i < 2; i++) {
        vb_board_power_on(bench);
        assert_int_equal(bench_read(UICR + 0x14), 0xf4000);
        assert_int_equal(bench_read(UICR + 0x18), 0xffffffff);
        bench_write(NVMC + 0x504, 1);
        bench_write(UICR + 0x14, 0);
        bench_soft_reset();
        assert_int_equal(bench_read(UICR + 0x14), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_timer_counts_and_wraps_as_wide_as_it_was_told, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_timer_tells_when_it_reaches_a_value, begin, bench_end),
        cmocka_unit_test_setup_teardown(the_rtc_needs_its_clock, begin, bench_end),
        cmocka_unit_test_setup_teardown(every_channel_of_the_watchdog_has_to_be_fed, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_soft_reset_does_not_stop_the_watchdog, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_store_clears_bits_and_takes_the_parts_time, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_page_is_erased_by_its_address, begin, bench_end),
        cmocka_unit_test_setup_teardown(pins_are_driven_pulled_or_open, begin, bench_end),
        cmocka_unit_test_setup_teardown(bytes_go_out_at_the_baud_rate, begin, bench_end),
        cmocka_unit_test_setup_teardown(without_a_pin_nobody_hears_what_is_sent, begin, bench_end),
        cmocka_unit_test_setup_teardown(bytes_come_in_by_dma, begin, bench_end),
        cmocka_unit_test_setup_teardown(the_older_uart_sends_byte_by_byte, begin, bench_end),
        cmocka_unit_test_setup_teardown(ram_power_reads_as_it_was_set_and_cleared, begin, bench_end),
        cmocka_unit_test_setup_teardown(the_thermometer_measures_a_room, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_trigger_is_an_event_and_an_interrupt, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_sequence_of_pulses_takes_its_time, begin, bench_end),
        cmocka_unit_test_setup_teardown(regions_to_watch_are_kept, begin, bench_end),
        cmocka_unit_test_setup_teardown(what_debuggers_and_errata_headers_look_at_is_there, begin, bench_end),
        cmocka_unit_test_setup_teardown(user_words_hold_what_files_say_whenever_power_comes, begin, bench_end),
        cmocka_unit_test_setup_teardown(nothing_is_sent_at_once, begin, bench_end),
        cmocka_unit_test_setup_teardown(factory_words_that_nobody_modelled_are_erased, begin, bench_end),
        cmocka_unit_test_setup_teardown(what_the_part_forbids_ends_the_run_with_its_reason, begin, bench_end),
    };

    return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
