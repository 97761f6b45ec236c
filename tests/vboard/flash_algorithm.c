/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A debugger's flash algorithm, machine code that nobody here wrote, works the flash of the virtual nRF52840 from its
 * RAM: erase everything, program two pages, erase one. test_pyocd.py gives it: lines `NAME VALUE`, and `word VALUE` for
 * the code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"

#define BUFFER 0x20002000u
#define LIMIT_US 30000000u /* of the device: everything is erased in 22 s */

static struct {
    uint32_t load_address, pc_init, pc_eraseAll, pc_erase_sector, pc_program_page, begin_stack, static_base;
    uint32_t words;
} algo;

static const struct {
    const char *name;
    uint32_t *value;
} fields[] = {
    {"load_address", &algo.load_address},       {"pc_init", &algo.pc_init},
    {"pc_eraseAll", &algo.pc_eraseAll},         {"pc_erase_sector", &algo.pc_erase_sector},
    {"pc_program_page", &algo.pc_program_page}, {"begin_stack", &algo.begin_stack},
    {"static_base", &algo.static_base},
};

static const char *path;

static void take(const char *name, uint32_t value)
{
    if (strcmp(name, "word") == 0) {
        ob_put_le32(bench_ram(algo.load_address) + 4 * algo.words++, value);
    }
    for (unsigned i = 0; i < OB_ARRAY_SIZE(fields); i++) {
        if (strcmp(name, fields[i].name) == 0) {
            *fields[i].value = value;
        }
    }
}

static int load(void **state)
{
    char name[64];
    unsigned value;
    FILE *in = fopen(path, "r");

    (void)state;
    assert_non_null(in);
    bench_begin_with("nRF52840", NULL);
    memset(&algo, 0, sizeof(algo));
    while (fscanf(in, "%63s %x", name, &value) == 2) {
        take(name, value);
    }
    fclose(in);
    assert_true(algo.words > 20);
    vb_cpu_ram_changed(bench->cpu, 0, bench->soc->ram_size);
    return 0;
}

static void run(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
    vb_cpu_reset(bench->cpu);
    vb_cpu_set(bench->cpu, VB_R0, a);
    vb_cpu_set(bench->cpu, VB_R0 + 1, b);
    vb_cpu_set(bench->cpu, VB_R0 + 2, c);
    vb_cpu_set(bench->cpu, VB_R0 + 9, algo.static_base);
    vb_cpu_set(bench->cpu, VB_SP, algo.begin_stack);
    vb_cpu_set(bench->cpu, VB_LR, algo.load_address | 1);
    bench->pc = function;
    bench->limit = vb_now(bench) + LIMIT_US * (uint64_t)VB_TICKS_PER_US;
    vb_board_run(bench);
}

/** A function of the algorithm. It returns to the breakpoint at its start. @return its result: 0 is fine */
static uint32_t call(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
    run(function, a, b, c);
    if (bench->end != VB_END_FAULT || strstr(bench->why, "breakpoint") == NULL) {
        fail_msg("at 0x%08x: %s", bench->pc, bench->why);
    }
    return vb_cpu_get(bench->cpu, VB_R0);
}

static void program(uint32_t address, uint8_t salt)
{
    for (unsigned i = 0; i < 1024; i++) {
        bench_ram(BUFFER)[i] = (uint8_t)(i * 7 + salt);
    }
    vb_cpu_ram_changed(bench->cpu, 0, bench->soc->ram_size);
    assert_int_equal(call(algo.pc_program_page, address, 1024, BUFFER), 0);
    assert_memory_equal(bench->flash + address, bench_ram(BUFFER), 1024);
}

static void it_erases_and_programs(void **state)
{
    (void)state;
    assert_int_equal(call(algo.pc_init, 0, 0, 1), 0);
    program(0x3000, 1);
    program(0x4000, 2);
    assert_int_equal(call(algo.pc_erase_sector, 0x3000, 0, 0), 0);
    for (unsigned i = 0; i < 4096; i++) {
        assert_int_equal(bench->flash[0x3000 + i], 0xff);
    }
    assert_memory_equal(bench->flash + 0x4000, bench_ram(BUFFER), 1024);
    program(0x3000, 3);
    assert_int_equal(bench->operations, 256 + 256 + 1 + 256);
}

static void it_erases_everything(void **state)
{
    uint64_t before;

    (void)state;
    assert_int_equal(call(algo.pc_init, 0, 0, 1), 0);
    program(0xff000, 1);
    before = vb_now(bench);
    assert_int_equal(call(algo.pc_eraseAll, 0, 0, 0), 0);
    for (uint32_t i = 0; i < bench->flash_size; i++) {
        assert_int_equal(bench->flash[i], 0xff);
    }
    assert_true(vb_now(bench) - before > 100000u * VB_TICKS_PER_US);
}

/** The model is not just obliging: the same code, and a page that is not erased before. */
static void programming_a_word_too_often_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(call(algo.pc_init, 0, 0, 1), 0);
    program(0x3000, 1);
    assert_int_equal(call(algo.pc_program_page, 0x3000, 1024, BUFFER), 0);
    run(algo.pc_program_page, 0x3000, 1024, BUFFER);
    bench_assert_refused("programmed more often");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_erases_and_programs, load, bench_end),
        cmocka_unit_test_setup_teardown(it_erases_everything, load, bench_end),
        cmocka_unit_test_setup_teardown(programming_a_word_too_often_is_noticed, load, bench_end),
    };

    path = argc == 2 ? argv[1] : "";
    return cmocka_run_group_tests_name("flash algorithm", tests, NULL, NULL);
}
