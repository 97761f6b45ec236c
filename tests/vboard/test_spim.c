/* SPDX-License-Identifier: Apache-2.0 */
/* The model of SPIM with the kit's chip on it, chip select by GPIO. A whole driver over it: tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"

#define SPIM 0x40004000u
#define OUTSET 0x50000508u
#define OUTCLR 0x5000050cu
#define DIRSET 0x50000518u
#define CSN (1u << 17)
#define WP_AND_HOLD (3u << 22) /* IO2 and IO3 */
#define RAM 0x20001000u

static int begin(void **state)
{
    (void)state;
    bench_begin("nRF52840");
    bench_write(OUTSET, CSN | WP_AND_HOLD);
    bench_write(DIRSET, CSN | WP_AND_HOLD);
    bench_write(SPIM + 0x508, 19);
    bench_write(SPIM + 0x50c, 20);
    bench_write(SPIM + 0x510, 21);
    bench_write(SPIM + 0x524, 0x80000000);
    bench_write(SPIM + 0x500, 7);
    return 0;
}

static void start(uint32_t tx_len, uint32_t rx_len)
{
    bench_write(SPIM + 0x544, RAM);
    bench_write(SPIM + 0x548, tx_len);
    bench_write(SPIM + 0x534, RAM + 0x100);
    bench_write(SPIM + 0x538, rx_len);
    bench_write(SPIM + 0x118, 0);
    bench_write(SPIM + 0x010, 1);
}

static void transfer(const char *out, uint32_t tx_len, uint32_t rx_len)
{
    memcpy(bench_ram(RAM), out, tx_len);
    start(tx_len, rx_len);
    bench_wait(SPIM + 0x118, 1, 10000);
}

static void a_chip_hears_while_its_pin_is_low(void **state)
{
    (void)state;
    bench_write(OUTCLR, CSN);
    transfer("\x9f", 1, 4);
    bench_write(OUTSET, CSN);
    assert_memory_equal(bench_ram(RAM + 0x101), "\xc2\x28\x17", 3);
    assert_int_equal(bench_read(SPIM + 0x54c), 1);
    assert_int_equal(bench_read(SPIM + 0x53c), 4);
    bench_assert_fine();
}

/** The command goes on over several transfers, and ends when the pin rises. */
static void a_command_lasts_as_long_as_the_pin_is_low(void **state)
{
    (void)state;
    bench_write(OUTCLR, CSN);
    transfer("\x06", 1, 0);
    bench_write(OUTSET, CSN);
    bench_write(OUTCLR, CSN);
    transfer("\x02\x00\x00", 3, 0);
    transfer("\x10\x42", 2, 0);
    assert_int_equal(bench->operations, 0);
    bench_write(OUTSET, CSN);
    assert_int_equal(bench->operations, 1);
    bench_pass_us(1000);
    assert_int_equal(nor_chip_peek(bench_chip(), 0x10), 0x42);
    bench_assert_fine();
}

static void a_transfer_takes_as_long_as_its_bits(void **state)
{
    uint64_t before;

    (void)state;
    bench_write(SPIM + 0x524, 0x10000000); /* 1 MHz */
    before = vb_now(bench);
    transfer("\x05", 1, 100);
    assert_in_range((vb_now(bench) - before) / VB_TICKS_PER_US, 800, 802);
}

static uint8_t exchange_without_dma(uint8_t out)
{
    bench_write(SPIM + 0x108, 0);
    bench_write(SPIM + 0x51c, out);
    bench_wait(SPIM + 0x108, 1, 100);
    return (uint8_t)bench_read(SPIM + 0x518);
}

/** The older SPI in the same block, byte by byte. */
static void spi_without_dma_reaches_the_chip_too(void **state)
{
    (void)state;
    bench_write(SPIM + 0x500, 1);
    bench_write(OUTCLR, CSN);
    exchange_without_dma(0x9f);
    assert_int_equal(exchange_without_dma(0), 0xc2);
    assert_int_equal(exchange_without_dma(0), 0x28);
    bench_write(SPIM + 0x51c, 0);
    bench_write(SPIM + 0x51c, 0);
    bench_assert_fine();
    bench_write(SPIM + 0x51c, 0);
    bench_assert_refused("two bytes wait");
    bench_pass_us(100);
    assert_int_equal(bench_read(SPIM + 0x518), 0x17);
}

static void disabled(void)
{
    bench_write(SPIM + 0x500, 0);
    start(1, 0);
}

static void twice(void)
{
    start(100, 0);
    start(1, 0);
}

static void too_fast(void)
{
    bench_write(SPIM + 0x524, 0x14000000); /* 32 MHz: SPIM3 only */
    start(1, 0);
}

static void from_flash(void)
{
    bench_write(SPIM + 0x544, 0x1000);
    bench_write(SPIM + 0x548, 1);
    bench_write(SPIM + 0x010, 1);
}

static void other_pin(void)
{
    bench_write(SPIM + 0x500, 0);
    bench_write(SPIM + 0x50c, 3);
    bench_write(SPIM + 0x500, 7);
    bench_write(OUTCLR, CSN);
    start(1, 0);
}

static void no_clock_pin(void)
{
    bench_write(SPIM + 0x500, 0);
    bench_write(SPIM + 0x508, 0xffffffff);
    bench_write(SPIM + 0x500, 7);
    start(1, 0);
}

static void hold_low(void)
{
    bench_write(OUTCLR, 1u << 23); /* IO3, driven low */
    bench_write(OUTCLR, CSN);
    start(1, 0);
    bench_pass_us(100);
}

static void left_on(void)
{
    vb_board_handover(bench);
}

static const struct {
    const char *reason;
    void (*act)(void);
} rows[] = {
    {"ENABLE is not 7", disabled}, {"while a transfer runs", twice},
    {"FREQUENCY", too_fast},       {"DMA reaches RAM only", from_flash},
    {"PSEL.MOSI", other_pin},      {"PSEL.SCK is disconnected", no_clock_pin},
    {"HOLD#", hold_low},           {"left enabled", left_on},
};

static void what_the_part_forbids_ends_the_run_with_its_reason(void **state)
{
    for (unsigned i = 0; i < OB_ARRAY_SIZE(rows); i++) {
        begin(state);
        rows[i].act();
        bench_assert_refused(rows[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chip_hears_while_its_pin_is_low, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_command_lasts_as_long_as_the_pin_is_low, begin, bench_end),
        cmocka_unit_test_setup_teardown(a_transfer_takes_as_long_as_its_bits, begin, bench_end),
        cmocka_unit_test_setup_teardown(spi_without_dma_reaches_the_chip_too, begin, bench_end),
        cmocka_unit_test_teardown(what_the_part_forbids_ends_the_run_with_its_reason, bench_end),
    };

    return cmocka_run_group_tests_name("SPIM", tests, NULL, NULL);
}
