/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench.h"

struct vb_board *bench;

static const struct vb_soc *find(const char *name)
{
    for (unsigned i = 0; vb_socs[i] != NULL; i++) {
        if (strcmp(vb_socs[i]->name, name) == 0) {
            return vb_socs[i];
        }
    }
    fail_msg("there is no %s", name);
    return NULL;
}

void bench_begin_with(const char *name, const struct nor_part *part)
{
    static const uint8_t io52[] = {20, 21, 22, 23}, io53[] = {13, 14, 15, 16};
    const struct vb_soc *soc = find(name);
    const char *why;

    bench_end(NULL);
    bench = vb_board_new(soc, &why);
    assert_non_null(bench);
    if (part != NULL) {
        assert_true(
            vb_board_add_chip(bench, part, soc->armv8m ? 17 : 19, soc->armv8m ? 18 : 17, soc->armv8m ? io53 : io52));
    }
    vb_board_power_on(bench);
}

void bench_begin(const char *name)
{
    bench_begin_with(name, &mx25r6435f);
}

int bench_end(void **state)
{
    (void)state;
    vb_board_free(bench);
    bench = NULL;
    return 0;
}

struct nor_chip *bench_chip(void)
{
    struct nor_chip *chip = &bench->nors[0]->chip;

    chip->now_us = vb_now(bench) / VB_TICKS_PER_US;
    return chip;
}

uint32_t bench_read(uint32_t address)
{
    return vb_bus_load(bench, address, 4);
}

void bench_write(uint32_t address, uint32_t value)
{
    vb_bus_store(bench, address, 4, value);
}

void bench_pass_us(uint64_t us)
{
    vb_board_pass(bench, us * VB_TICKS_PER_US);
}

void bench_wait(uint32_t address, uint32_t value, uint64_t us)
{
    uint64_t end = vb_now(bench) + us * VB_TICKS_PER_US;

    while (bench_read(address) != value && vb_now(bench) < end) {
        vb_board_pass(bench, VB_TICKS_PER_US);
    }
    if (bench_read(address) != value) {
        fail_msg("0x%08x is 0x%08x, not 0x%08x after %llu us: %s", address, bench_read(address), value,
                 (unsigned long long)us, bench->why);
    }
}

void bench_assert_refused(const char *text)
{
    if (bench->end != VB_END_REFUSED || strstr(bench->why, text) == NULL) {
        fail_msg("not refused for \"%s\" but: \"%s\"", text, bench->why);
    }
    bench->end = VB_END_NOT;
    bench->why[0] = '\0';
}

void bench_assert_fine(void)
{
    if (bench->end != VB_END_NOT) {
        fail_msg("%s", bench->why);
    }
}

void bench_soft_reset(void)
{
    vb_bus_reset(bench, VB_RESET_SOFT);
}

uint8_t *bench_ram(uint32_t address)
{
    return bench->ram + (address - bench->soc->ram_base);
}
