/* SPDX-License-Identifier: Apache-2.0 */
/* The model of the QSPI peripheral with a chip behind it. That others' drivers get along with it: test_traces.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"

#define RAM 0x20001000u
#define READY 0x100u
#define CINSTR 0x634u
#define DAT0 0x638u
#define DAT1 0x63cu

static uint32_t base;

static void put(uint32_t off, uint32_t value)
{
    bench_write(base + off, value);
}

static void ready(uint64_t us)
{
    bench_wait(base + READY, 1, us);
    put(READY, 0);
}

/** Pins, 8 MHz, one lane, on; until the chip is idle. */
static void set_up(bool nrf53, const struct nor_part *part)
{
    static const uint8_t pins52[] = {19, 17, 20, 21, 22, 23}, pins53[] = {17, 18, 13, 14, 15, 16};
    static const uint16_t psels[] = {0x524, 0x528, 0x530, 0x534, 0x538, 0x53c};

    bench_begin_with(nrf53 ? "nRF5340" : "nRF52840", part);
    base = nrf53 ? 0x5002b000 : 0x40029000;
    for (unsigned i = 0; i < OB_ARRAY_SIZE(psels); i++) {
        put(psels[i], nrf53 ? pins53[i] : pins52[i]);
    }
    if (nrf53) {
        bench_write(0x500055b8, 0);
    }
    put(0x600, 0x00040480 | (nrf53 ? 11u : 3u) << 28);
    put(0x500, 1);
    put(0x000, 1);
}

static void begin(bool nrf53)
{
    set_up(nrf53, &mx25r6435f);
    ready(100);
}

static void custom(uint32_t opcode, uint32_t length, uint32_t flags)
{
    put(CINSTR, opcode | length << 8 | 3u << 12 | flags);
    ready(100);
}

static uint8_t status(void)
{
    custom(0x05, 2, 0);
    return (uint8_t)bench_read(base + DAT0);
}

static void enable_quad(void)
{
    put(DAT0, 0x40);
    custom(0x01, 2, 1u << 15);
    bench_pass_us(1100);
}

static void move(uint32_t task, uint32_t first, uint32_t a, uint32_t b, uint32_t count)
{
    put(first, a);
    put(first + 4, b);
    put(first + 8, count);
    put(task, 1);
}

static void read_chip(uint32_t src, uint32_t dst, uint32_t count)
{
    move(0x004, 0x504, src, dst, count);
}

static void write_chip(uint32_t dst, uint32_t src, uint32_t count)
{
    move(0x008, 0x510, dst, src, count);
}

static void erase_chip(uint32_t address, uint32_t len)
{
    put(0x51c, address);
    put(0x520, len);
    put(0x00c, 1);
}

static void bytes_go_both_ways_in_every_mode(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 5; mode++) {
        begin(mode % 2 != 0);
        enable_quad();
        for (unsigned i = 0; i < 600; i++) {
            bench_ram(RAM)[i] = (uint8_t)(i * 13 + mode);
        }
        put(0x544, mode | (mode == 4 ? 3u : 0u) << 3);
        erase_chip(0x1000, 0);
        ready(1000);
        write_chip(0x10f0, RAM, 600);
        ready(60000); /* the erase first */
        read_chip(0x10f0, RAM + 0x1000, 600);
        ready(10000);
        bench_assert_fine();
        assert_memory_equal(bench_ram(RAM + 0x1000), bench_ram(RAM), 600);
        assert_int_equal(bench->operations, 1 + 4); /* it splits at pages by itself */
    }
}

/** The most useful lie that a model could tell: that READY after an erase means done. */
static void ready_means_sent_and_the_chip_is_still_busy(void **state)
{
    (void)state;
    begin(false);
    erase_chip(0, 0);
    ready(100);
    assert_int_equal(status() & 1, 1);
    bench_pass_us(47000);
    assert_int_equal(status() & 1, 1);
    bench_pass_us(1000);
    assert_int_equal(status() & 1, 0);
}

static void a_task_waits_by_itself_until_the_chip_is_idle(void **state)
{
    (void)state;
    begin(false);
    erase_chip(0, 0);
    ready(100);
    read_chip(0, RAM, 4);
    bench_pass_us(40000);
    assert_int_equal(bench_read(base + READY), 0);
    ready(10000);
    bench_assert_fine();
}

static void activate_waits_for_a_chip_only_if_its_pins_are_connected(void **state)
{
    (void)state;
    set_up(false, &mx25r6435f);
    ready(100);
    set_up(false, NULL); /* IO1 reads ones */
    bench_pass_us(1000000);
    assert_int_equal(bench_read(base + READY), 0);

    bench_begin_with("nRF52840", NULL);
    put(0x000, 1); /* ENABLE is 0, too */
    ready(100);
    bench_assert_fine();
}

static void a_sleeping_chip_lets_activate_wait_for_ever(void **state)
{
    (void)state;
    begin(false);
    custom(0xb9, 1, 0);
    put(0x010, 1);
    bench_pass_us(20);
    put(0x000, 1);
    bench_pass_us(100000);
    assert_int_equal(bench_read(base + READY), 0);
    bench_assert_refused("deep power-down"); /* the model tells it, too */
}

static void long_frames_keep_chip_select_low(void **state)
{
    (void)state;
    begin(false);
    custom(0x5a, 1, 1u << 16);
    put(DAT0, 0);
    put(DAT1, 0);
    custom(0, 5, 1u << 16); /* address and a dummy byte */
    custom(0, 9, 1u << 16);
    assert_int_equal(bench_read(base + DAT0), 0x50444653);
    custom(0, 9, 3u << 16);
    assert_int_equal(bench_read(base + DAT1), 0xff000010); /* where the table lies */
    assert_false(bench_chip()->frame.selected);
    bench_assert_fine();
}

static void custom_instructions_answer_in_the_bytes_that_they_sent(void **state)
{
    (void)state;
    begin(false);
    put(DAT0, 0xaa000000);
    put(DAT1, 0x55);
    custom(0x9f, 4, 0);
    assert_int_equal(bench_read(base + DAT0), 0xaa1728c2);
    assert_int_equal(bench_read(base + DAT1), 0x55);
}

static void the_cpu_reads_the_chip_through_xip(void **state)
{
    (void)state;
    begin(false);
    memcpy(bench_ram(RAM), "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
    write_chip(0x100, RAM, 8);
    ready(1000);
    bench_pass_us(1000);
    assert_int_equal(bench_read(0x12000100), 0x44332211);
    put(0x540, 0x104);
    assert_int_equal(vb_bus_load(bench, 0x12000001, 2), 0x7766);
    bench_assert_fine();
}

static void xip_while_off(void)
{
    put(0x010, 1);
    (void)bench_read(base == 0x5002b000 ? 0x10000000 : 0x12000000);
}

static void xip_written(void)
{
    bench_write(base == 0x5002b000 ? 0x10000000 : 0x12000000, 0);
}

static void status_after_xip(void)
{
    (void)bench_read(base == 0x5002b000 ? 0x10000000 : 0x12000000);
    (void)bench_read(base + 0x604);
}

/** A row: what is done after the set-up, and the word that the refusal must contain. */
struct row {
    const char *reason;
    void (*act)(void);
    bool nrf53_only;
};

static void while_disabled(void)
{
    put(0x010, 1);
    put(0x054, 1);
    put(0x500, 0);
    read_chip(0, RAM, 4);
}

static void before_activate(void)
{
    put(0x010, 1);
    put(CINSTR, 0x0000319f);
}

static void pins_open(void)
{
    put(0x528, 0xffffffff);
    read_chip(0, RAM, 4);
}

static void wrong_pin(void)
{
    put(0x530, 3);
    read_chip(0, RAM, 4);
}

static void unaligned_ram(void)
{
    read_chip(0, RAM + 2, 4);
}

static void unaligned_flash(void)
{
    write_chip(1, RAM, 4);
}

static void count_zero(void)
{
    read_chip(0, RAM, 0);
}

static void count_six(void)
{
    read_chip(0, RAM, 6);
}

static void count_too_large(void)
{
    read_chip(0, RAM, 0x200000);
}

static void from_flash(void)
{
    write_chip(0, 0x1000, 256);
}

static void to_the_end_of_ram(void)
{
    read_chip(0, bench->soc->ram_base + bench->soc->ram_size - 4, 8);
    bench_pass_us(1000);
}

static void beyond_24_bits(void)
{
    read_chip(0x1000000, RAM, 4);
}

static void erase_32k(void)
{
    erase_chip(0, 3);
}

static void two_at_once(void)
{
    erase_chip(0, 0);
    read_chip(0, RAM, 4);
}

static void changed_in_flight(void)
{
    read_chip(0, RAM, 256);
    put(0x508, RAM + 4);
}

static void quad_without_qe(void)
{
    put(0x544, 4);
    read_chip(0, RAM, 4);
    bench_pass_us(1000);
}

static void opcode_a2(void)
{
    put(0x544, 1u << 3);
    write_chip(0, RAM, 4);
    bench_pass_us(1000);
}

static void length_zero(void)
{
    put(CINSTR, 0x0000309f);
}

static void length_ten(void)
{
    put(CINSTR, 0x00003a9f);
}

static void hold_low(void)
{
    put(CINSTR, 0x00000105); /* LIO3 = 0 */
    bench_pass_us(100);
}

static void lfen_lost(void)
{
    custom(0x03, 1, 1u << 16);
    put(CINSTR, 0x00003500);
}

static void read_in_a_long_frame(void)
{
    custom(0x03, 1, 1u << 16);
    read_chip(0, RAM, 4);
}

static void reply_too_early(void)
{
    put(CINSTR, 0x0000349f);
    (void)bench_read(base + DAT0);
}

static void while_busy(void)
{
    erase_chip(0, 0);
    ready(100);
    put(CINSTR, 0x0000349f);
    bench_pass_us(100);
}

static void program_without_wren(void)
{
    put(DAT0, 0);
    put(DAT1, 0);
    put(CINSTR, 0x00003602);
    bench_pass_us(100);
}

static void disabled_in_flight(void)
{
    read_chip(0, RAM, 256);
    put(0x500, 0);
}

static void addrconf_late(void)
{
    put(0x624, 0x010000b7);
}

static void deep_power_mode(void)
{
    put(0x544, 1u << 7);
}

static void left_on(void)
{
    if (base == 0x5002b000) {
        bench_write(0x500055b8, 2); /* as the clock's own check wants it */
    }
    vb_board_handover(bench);
}

static void clock_divided(void)
{
    bench_write(0x500055b8, 2);
    read_chip(0, RAM, 4);
}

static void cpu_at_128_mhz(void)
{
    bench_write(0x50005558, 0);
    read_chip(0, RAM, 4);
}

static void mode_3_at_96_mhz(void)
{
    put(0x600, 0x02040480);
    read_chip(0, RAM, 4);
}

static void dppi(void)
{
    put(0x084, 0x80000001);
}

static void other_alias(void)
{
    (void)bench_read(0x4002b100);
}

static const struct row rows[] = {
    {"ENABLE is 0", while_disabled, false},
    {"before TASKS_ACTIVATE", before_activate, false},
    {"disconnected", pins_open, false},
    {"PSEL.IO0 is P0.03", wrong_pin, false},
    {"addresses are words", unaligned_ram, false},
    {"addresses are words", unaligned_flash, false},
    {"READY would never come", count_zero, false},
    {"ignores the lower two bits", count_six, false},
    {"more than the register's bits", count_too_large, false},
    {"DMA reaches RAM only", from_flash, false},
    {"DMA reaches RAM only", to_the_end_of_ram, false},
    {"ADDRMODE", beyond_24_bits, false},
    {"none of 4 KiB", erase_32k, false},
    {"READY yet", two_at_once, false},
    {"READY yet", changed_in_flight, false},
    {"quad enable bit is 0", quad_without_qe, false},
    {"does not know", opcode_a2, false},
    {"LENGTH is 0", length_zero, false},
    {"LENGTH is 10", length_ten, false},
    {"HOLD#", hold_low, false},
    {"without LFEN", lfen_lost, false},
    {"in a long frame", read_in_a_long_frame, false},
    {"before READY", reply_too_early, false},
    {"while the chip is busy", while_busy, false},
    {"without write enable", program_without_wren, false},
    {"READY yet", disabled_in_flight, false},
    {"after TASKS_ACTIVATE", addrconf_late, false},
    {"not modelled", deep_power_mode, false},
    {"left enabled", left_on, false},
    {"XIP is read while QSPI is not active", xip_while_off, false},
    {"through XIP", xip_written, false},
    {"anomalies 215, 43", status_after_xip, false},
    {"anomaly 159", clock_divided, true},
    {"anomaly 159", cpu_at_128_mhz, true},
    {"anomaly 99", mode_3_at_96_mhz, true},
    {"not modelled", dppi, true},
    {"0x5", other_alias, true},
};

static void what_the_part_forbids_ends_the_run_with_its_reason(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OB_ARRAY_SIZE(rows); i++) {
        for (unsigned nrf53 = rows[i].nrf53_only; nrf53 < 2; nrf53++) {
            if (nrf53 == 1 && rows[i].act == while_disabled) {
                continue; /* writes the register of the nRF52840's anomaly */
            }
            begin(nrf53 != 0);
            bench_assert_fine();
            rows[i].act();
            bench_assert_refused(rows[i].reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(bytes_go_both_ways_in_every_mode, bench_end),
        cmocka_unit_test_teardown(ready_means_sent_and_the_chip_is_still_busy, bench_end),
        cmocka_unit_test_teardown(a_task_waits_by_itself_until_the_chip_is_idle, bench_end),
        cmocka_unit_test_teardown(activate_waits_for_a_chip_only_if_its_pins_are_connected, bench_end),
        cmocka_unit_test_teardown(a_sleeping_chip_lets_activate_wait_for_ever, bench_end),
        cmocka_unit_test_teardown(long_frames_keep_chip_select_low, bench_end),
        cmocka_unit_test_teardown(custom_instructions_answer_in_the_bytes_that_they_sent, bench_end),
        cmocka_unit_test_teardown(the_cpu_reads_the_chip_through_xip, bench_end),
        cmocka_unit_test_teardown(what_the_part_forbids_ends_the_run_with_its_reason, bench_end),
    };

    return cmocka_run_group_tests_name("QSPI", tests, NULL, NULL);
}
