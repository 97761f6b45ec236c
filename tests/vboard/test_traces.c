/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other people's drivers did to the registers of a QSPI is done to the model's: it must not object, and must
 * answer as they expect. Whether a real part would is not shown here: the accesses come from another model (traces/).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench.h"

#define WAIT_US 100000000u /* a chip erase takes 52 s */
#define PATTERN(i) ((uint8_t)((i)*7 + 1))

static uint32_t qspi;

static void write_register(uint32_t address, uint32_t value)
{
    if (address == qspi + 0x008) { /* WRITESTART */
        for (uint32_t i = 0; i < bench_read(qspi + 0x518); i++) {
            bench_ram(bench_read(qspi + 0x514))[i] = PATTERN(i);
        }
    }
    bench_write(address, value);
}

static void check_copy(void)
{
    for (uint32_t i = 0; i < bench_read(qspi + 0x50c); i++) {
        assert_int_equal(bench_ram(bench_read(qspi + 0x508))[i], PATTERN(i));
    }
}

static void replay_line(const char *line)
{
    unsigned address = 0;
    unsigned value = 0;
    char what = line[0];

    if (what == '#') {
        return;
    }
    if (what == 'A') {
        bench_soft_reset();
    } else if (what == 'C') {
        check_copy();
    } else {
        assert_int_equal(sscanf(line + 1, "%x %x", &address, &value), 2);
    }
    if (what == 'w') {
        write_register(address, value);
    } else if (what == 'p') {
        bench_wait(address, value, WAIT_US);
    } else if (what == 'e') {
        assert_int_equal(bench_read(address), value);
    } else if (what == 'r') {
        (void)bench_read(address);
    }
}

static void replay(const char *soc, uint32_t base, const char *file)
{
    char path[512];
    char line[200];
    unsigned number = 0;

    snprintf(path, sizeof(path), "%s/%s", TRACES, file);
    FILE *in = fopen(path, "r");

    assert_non_null(in);
    bench_begin(soc);
    qspi = base;
    while (fgets(line, sizeof(line), in) != NULL) {
        number++;
        replay_line(line);
        if (bench->end != VB_END_NOT) {
            fail_msg("%s:%u: %s%s", file, number, line, bench->why);
        }
    }
    fclose(in);
    assert_true(bench->operations >= 2); /* an erase and a page */
}

static void nrfx_on_the_nrf52840(void **state)
{
    (void)state;
    replay("nRF52840", 0x40029000, "nrfx-4.2.1-nrf52840.txt");
}

static void nrfx_on_the_nrf5340(void **state)
{
    (void)state;
    replay("nRF5340", 0x5002b000, "nrfx-4.2.1-nrf5340.txt");
}

static void embassy_on_the_nrf52840(void **state)
{
    (void)state;
    replay("nRF52840", 0x40029000, "embassy-nrf-0.11.0-nrf52840.txt");
}

static void embassy_on_the_nrf5340(void **state)
{
    (void)state;
    replay("nRF5340", 0x5002b000, "embassy-nrf-0.11.0-nrf5340.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nrfx_on_the_nrf52840, bench_end),
        cmocka_unit_test_teardown(nrfx_on_the_nrf5340, bench_end),
        cmocka_unit_test_teardown(embassy_on_the_nrf52840, bench_end),
        cmocka_unit_test_teardown(embassy_on_the_nrf5340, bench_end),
    };

    return cmocka_run_group_tests_name("traces of other drivers", tests, NULL, NULL);
}
