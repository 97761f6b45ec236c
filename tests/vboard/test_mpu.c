/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory protection units of both SoCs, by what the architecture says of them; code that runs into what they
 * forbid. Not tested: unprivileged code, and memory types, which are not modelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "bench.h"
#include "dev/devices.h"

#define TYPE 0xe000ed90u
#define CTRL 0xe000ed94u
#define RNR 0xe000ed98u
#define RBAR 0xe000ed9cu
#define RASR 0xe000eda0u /* Armv8-M: RLAR */
#define RBAR_A1 0xe000eda4u
#define MAIR0 0xe000edc0u
#define CFSR 0xe000ed28u
#define HFSR 0xe000ed2cu
#define MMFAR 0xe000ed34u

#define ON 1u
#define ON_WITH_MAP 5u
#define ON_IN_FAULTS 7u

#define CODE 0x400u
#define SLOT 0xc000u
#define DATA (VB_RAM_BASE + 0x2000u)

enum {
    NOP = 0xbf00,
    BKPT = 0xbe00,
    BX_R4 = 0x4720,
    STR_R1_AT_R0 = 0x6001,
    LDR_R1_AT_R0 = 0x6801,
    PUSH_R1_R2 = 0xb406,
    LDM_R0_R1_R2 = 0xc806, /* with writing back */
};

/* Of RASR. */
#define XN (1u << 28)
#define AP(n) ((uint32_t)(n) << 24)
#define SIZE(bits) (((uint32_t)(bits)-1) << 1)
#define PARTS_OFF(n) ((uint32_t)(n) << 8)

static int begin_m4(void **state)
{
    (void)state;
    bench_begin("nRF52840");
    return 0;
}

static int begin_m33(void **state)
{
    (void)state;
    bench_begin("nRF5340");
    return 0;
}

static unsigned may(uint32_t address)
{
    return vb_scs_may(&bench->scs, address, 1).each;
}

static void region_v7(uint32_t n, uint32_t base, uint32_t rasr)
{
    bench_write(RBAR, base | 1u << 4 | n);
    bench_write(RASR, rasr | 1);
}

static void region_v8(uint32_t n, uint32_t first, uint32_t last, uint32_t rbar)
{
    bench_write(RNR, n);
    bench_write(RBAR, first | rbar);
    bench_write(RASR, (last & ~0x1fu) | 1);
}

static void while_it_is_off_the_map_counts(void **state)
{
    (void)state;
    assert_int_equal(bench_read(TYPE), 0x800);
    assert_int_equal(may(CODE), VB_MAY_ALL);
    assert_int_equal(may(DATA), VB_MAY_ALL);
    assert_int_equal(may(0x40000000), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(0xe000ed94), VB_MAY_READ | VB_MAY_WRITE);
    bench_assert_fine();
}

static void without_the_map_behind_it_nothing_else_is_there(void **state)
{
    (void)state;
    bench_write(CTRL, ON);
    assert_int_equal(may(CODE), 0);
    assert_int_equal(may(0x40000000), 0);
    assert_int_equal(may(0xe000ed94), VB_MAY_READ | VB_MAY_WRITE); /* the CPU's own registers always are */
    bench_write(CTRL, ON_WITH_MAP);
    assert_int_equal(may(CODE), VB_MAY_ALL);
    bench_assert_fine();
}

static void of_armv7m_the_highest_region_counts(void **state)
{
    (void)state;
    region_v7(0, 0, AP(3) | XN | SIZE(32));
    region_v7(1, 0, AP(3) | SIZE(16));
    region_v7(2, 0x8000, AP(6) | SIZE(12));
    region_v7(3, 0x8020, AP(0) | SIZE(5));
    bench_write(CTRL, ON_WITH_MAP);
    assert_int_equal(may(CODE), VB_MAY_ALL);
    assert_int_equal(may(0xffff), VB_MAY_ALL);
    assert_int_equal(may(0x10000), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(DATA), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(0x8000), VB_MAY_READ | VB_MAY_EXECUTE);
    assert_int_equal(may(0x8020), 0);
    assert_int_equal(may(0x8040), VB_MAY_READ | VB_MAY_EXECUTE);
    bench_write(RNR, 3);
    assert_int_equal(bench_read(RBAR), 0x8020 | 3);
    bench_write(RASR, 0);
    assert_int_equal(may(0x8020), VB_MAY_READ | VB_MAY_EXECUTE);
    bench_assert_fine();
}

static void of_armv7m_a_part_of_a_region_that_is_off_shows_what_lies_below(void **state)
{
    (void)state;
    region_v7(0, 0, AP(3) | XN | SIZE(32) | PARTS_OFF(0xe4)); /* 512 MiB each */
    region_v7(1, 0, AP(3) | SIZE(16) | PARTS_OFF(0xc0));      /* 8 KiB each */
    bench_write(CTRL, ON_WITH_MAP);
    assert_int_equal(may(SLOT - 1), VB_MAY_ALL);
    assert_int_equal(may(SLOT), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(DATA), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(0x40000000), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(0x90000000), VB_MAY_READ | VB_MAY_WRITE);
    bench_assert_fine();
}

static void of_armv7m_what_is_unpredictable_ends_the_run(void **state)
{
    static const struct {
        uint32_t base, rasr;
        const char *text;
    } wrong[] = {
        {0x1000, AP(3) | SIZE(16), "not aligned to its size"},
        {0x1000, AP(3) | SIZE(4), "smaller than 32 bytes"},
        {0x1000, AP(3) | SIZE(7) | PARTS_OFF(1), "too small for them"},
        {0x1000, AP(4) | SIZE(12), "reserved permissions"},
    };
    (void)state;

    for (unsigned i = 0; i < OB_ARRAY_SIZE(wrong); i++) {
        region_v7(0, wrong[i].base, wrong[i].rasr);
        bench_assert_refused(wrong[i].text);
        bench_write(RASR, 0);
    }
    bench_write(RBAR, 1u << 4 | 9);
    bench_assert_refused("no such region");
    bench_write(RNR, 0);
    bench_write(CTRL, 2);
    bench_assert_refused("off, but on in faults");
    (void)bench_read(MAIR0);
    bench_assert_refused("no such register");
}

static void of_armv8m_regions_go_from_byte_to_byte_and_exclude_each_other(void **state)
{
    (void)state;
    region_v8(0, SLOT, 0x3fffffff, 1);
    region_v8(1, 0x8000, 0x801f, 1u << 2); /* read only */
    bench_write(MAIR0, 0xaa);
    bench_write(CTRL, ON_WITH_MAP);
    assert_int_equal(may(SLOT - 1), VB_MAY_ALL);
    assert_int_equal(may(SLOT), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(DATA), VB_MAY_READ | VB_MAY_WRITE);
    assert_int_equal(may(0x801f), VB_MAY_READ | VB_MAY_EXECUTE);
    assert_int_equal(may(0x8020), VB_MAY_ALL);
    region_v8(2, 0x20000000, 0x20000fff, 0);
    assert_int_equal(may(0x20000800), 0); /* two regions */
    assert_int_equal(may(DATA), VB_MAY_READ | VB_MAY_WRITE);
    bench_write(RNR, 0);
    assert_int_equal(bench_read(RBAR_A1), 0x8000 | 1u << 2);
    assert_int_equal(bench_read(MAIR0), 0xaa);
    bench_assert_fine();
}

/* ---- code ---- */

static void put(uint32_t address, const uint16_t *code, size_t count)
{
    memcpy(bench->flash + address, code, count * sizeof(*code));
    vb_cpu_flash_changed(bench->cpu, address, (uint32_t)(count * sizeof(*code)));
}

#define PUT(address, ...)                       \
    do {                                        \
        const uint16_t code_[] = {__VA_ARGS__}; \
        put(address, code_, sizeof(code_) / 2); \
    } while (0)

/* The CPU executes CODE, with r0 and r4. */
static struct vb_halted execute(uint32_t r0, uint32_t r4)
{
    vb_cpu_set(bench->cpu, VB_R0, r0);
    vb_cpu_set(bench->cpu, VB_R0 + 4, r4 | 1);
    return vb_cpu_run(bench->cpu, CODE);
}

static void close_slot_and_ram(void)
{
    if (bench->soc->armv8m) {
        region_v8(0, SLOT, 0x3fffffff, 1);
    } else {
        region_v7(0, 0, AP(3) | XN | SIZE(30));
        region_v7(1, 0, AP(3) | SIZE(16) | PARTS_OFF(0xc0));
    }
    bench_write(CTRL, ON_IN_FAULTS);
}

static void code_runs_where_it_may_only(void **state)
{
    (void)state;
    PUT(CODE, BX_R4);
    PUT(SLOT, NOP, BKPT);
    PUT(SLOT - 0x400, NOP, BKPT);
    memcpy(bench->ram + (DATA - VB_RAM_BASE), bench->flash + SLOT, 4);

    static const uint32_t closed[] = {SLOT, DATA};
    for (unsigned i = 0; i < OB_ARRAY_SIZE(closed); i++) {
        assert_int_equal(execute(0, closed[i]).why, VB_HALT_BKPT); /* it was executed before: it is not any more */
        close_slot_and_ram();
        struct vb_halted halted = execute(0, closed[i]);
        assert_int_equal(halted.why, VB_HALT_FETCH);
        assert_int_equal(halted.pc, closed[i]);
        assert_int_equal(vb_scs_fault(&bench->scs, &halted), VB_HARDFAULT);
        assert_int_equal(bench_read(CFSR), 1); /* IACCVIOL */
        bench_write(CFSR, 1);
        assert_int_equal(execute(0, SLOT - 0x400).why, VB_HALT_BKPT);
        bench_write(CTRL, 0);
        assert_int_equal(execute(0, closed[i]).why, VB_HALT_BKPT);
    }
    bench_assert_fine();
}

static void data_that_is_closed_is_neither_read_nor_written(void **state)
{
    (void)state;
    if (bench->soc->armv8m) {
        region_v8(0, 0, 0x3fff, 0);
    } else {
        region_v7(0, 0, AP(3) | SIZE(14));
        region_v7(1, DATA, AP(0) | SIZE(10));
        region_v7(2, VB_RAM_BASE, AP(3) | SIZE(12));
    }
    bench_write(CTRL, ON);
    for (unsigned write = 0; write < 2; write++) {
        PUT(CODE, write ? STR_R1_AT_R0 : LDR_R1_AT_R0, BKPT);
        struct vb_halted halted = execute(DATA + 8, 0);
        assert_int_equal(halted.why, write ? VB_HALT_WRITE : VB_HALT_READ);
        assert_int_equal(halted.address, DATA); /* the emulator tells the page */
        assert_int_equal(vb_scs_fault(&bench->scs, &halted), VB_HARDFAULT);
        assert_int_equal(bench_read(CFSR), 0x82); /* MMARVALID, DACCVIOL */
        assert_int_equal(bench_read(MMFAR), DATA);
        bench_write(CFSR, 0x82);
    }
    bench_assert_fine();
}

#define GUARD (DATA + 0x40) /* 32 bytes in the middle of a page */
#define GUARD_END (GUARD + 0x20)

static void close_guard(void)
{
    if (bench->soc->armv8m) { /* nothing can be closed: it is read only */
        region_v8(0, GUARD, GUARD_END - 1, 1u << 2 | 1u);
    } else {
        region_v7(0, GUARD, AP(0) | SIZE(5));
    }
    bench_write(CTRL, ON_IN_FAULTS);
    memset(bench_ram(GUARD - 32), 0x5a, 96);
    vb_cpu_set(bench->cpu, VB_R0 + 1, 0x11111111);
    vb_cpu_set(bench->cpu, VB_R0 + 2, 0x22222222);
}

static void a_guard_of_32_bytes_stops_a_push_where_it_begins(void **state)
{
    (void)state;
    close_guard();
    PUT(CODE, PUSH_R1_R2, NOP, BKPT);
    vb_cpu_set(bench->cpu, VB_SP, GUARD_END + 8);
    assert_int_equal(execute(0, 0).why, VB_HALT_BKPT);
    assert_int_equal(vb_cpu_get(bench->cpu, VB_SP), GUARD_END);
    assert_int_equal(ob_get_le32(bench_ram(GUARD_END)), 0x11111111);

    vb_cpu_set(bench->cpu, VB_SP, GUARD_END + 4);
    struct vb_halted halted = execute(0, 0);
    assert_int_equal(halted.why, VB_HALT_WRITE);
    assert_int_equal(halted.pc, CODE);
    assert_int_equal(halted.address, GUARD_END - 4);
    assert_int_equal(vb_cpu_get(bench->cpu, VB_SP), GUARD_END + 4);
    assert_int_equal(ob_get_le32(bench_ram(GUARD_END - 4)), 0x5a5a5a5a);
    assert_int_equal(ob_get_le32(bench_ram(GUARD_END)), 0x11111111); /* as the first push left it */
    assert_int_equal(vb_scs_fault(&bench->scs, &halted), VB_HARDFAULT);
    assert_int_equal(bench_read(MMFAR), GUARD_END - 4);
    bench_assert_fine();
}

static void around_a_guard_the_page_is_as_ever(void **state)
{
    static const struct {
        uint32_t address;
        bool stops;
    } places[] = {{GUARD - 4, false}, {GUARD, true}, {GUARD_END - 4, true}, {GUARD_END, false}};
    (void)state;

    close_guard();
    for (unsigned i = 0; i < OB_ARRAY_SIZE(places); i++) {
        PUT(CODE, STR_R1_AT_R0, BKPT);
        struct vb_halted halted = execute(places[i].address, 0);
        assert_int_equal(halted.why, places[i].stops ? VB_HALT_WRITE : VB_HALT_BKPT);
        assert_int_equal(ob_get_le32(bench_ram(places[i].address)), places[i].stops ? 0x5a5a5a5a : 0x11111111);
    }
    bench_assert_fine();
}

static void a_load_from_a_guard_is_not_done(void **state)
{
    (void)state;
    close_guard();
    PUT(CODE, LDM_R0_R1_R2, BKPT);
    struct vb_halted halted = execute(GUARD - 4, 0);
    assert_int_equal(halted.why, VB_HALT_READ);
    assert_int_equal(halted.address, GUARD);
    assert_int_equal(vb_cpu_get(bench->cpu, VB_R0), GUARD - 4);
    assert_int_equal(vb_cpu_get(bench->cpu, VB_R0 + 1), 0x5a5a5a5a); /* it lies below the guard */
    assert_int_equal(vb_cpu_get(bench->cpu, VB_R0 + 2), 0x22222222);
    bench_assert_fine();
}

static void a_frame_that_a_guard_does_not_take_is_told_to_the_handler(void **state)
{
    uint32_t pc = CODE;
    (void)state;

    close_guard();
    memset(bench->flash, 0, 0x40);
    bench->flash[4 * VB_HARDFAULT + 1] = 0x10; /* the handler is at 0x1000 */
    bench->flash[4 * VB_HARDFAULT] = 1;
    vb_cpu_set(bench->cpu, VB_SP, GUARD_END + 24);
    assert_null(vb_scs_enter(&bench->scs, VB_SVCALL, &pc));
    assert_int_equal(pc, 0x1000);
    assert_int_equal(bench_read(CFSR), 0x10);        /* MSTKERR */
    assert_int_equal(bench_read(HFSR), 0x40000000u); /* FORCED */
    assert_int_equal(vb_cpu_get(bench->cpu, VB_SP), GUARD_END - 8);
    assert_int_equal(ob_get_le32(bench_ram(GUARD_END)), 0x5a5a5a5a);
    bench_assert_fine();
}

static void a_page_that_is_divided_is_not_executed(void **state)
{
    (void)state;
    PUT(CODE, NOP, BKPT);
    if (bench->soc->armv8m) {
        region_v8(0, CODE + 0x20, CODE + 0x3f, 1);
    } else {
        region_v7(0, CODE + 0x20, AP(3) | XN | SIZE(5));
    }
    bench_write(CTRL, ON_WITH_MAP);
    (void)execute(0, 0);
    bench_assert_refused("a page of 1024 bytes of which the MPU forbids a part");
}

static void a_store_to_flash_that_is_not_executed_is_still_the_controllers(void **state)
{
    (void)state;
    PUT(CODE, STR_R1_AT_R0, BKPT);
    close_slot_and_ram();
    (void)execute(SLOT + 0x100, 0);
    bench_assert_refused("NVMC");
    assert_int_equal(bench->flash[SLOT + 0x100], 0xff);
}

static void in_a_hardfault_it_is_off_unless_told_otherwise(void **state)
{
    (void)state;
    close_slot_and_ram();
    assert_int_equal(may(SLOT) & VB_MAY_EXECUTE, 0);
    bench->scs.exceptions[VB_HARDFAULT].active = true;
    assert_int_equal(may(SLOT) & VB_MAY_EXECUTE, 0);
    bench_write(CTRL, ON_WITH_MAP);
    assert_int_equal(may(SLOT), VB_MAY_ALL);
    bench->scs.exceptions[VB_HARDFAULT].active = false;
    assert_int_equal(may(SLOT) & VB_MAY_EXECUTE, 0);
    bench_assert_fine();
}

static void after_a_reset_it_is_off(void **state)
{
    (void)state;
    close_slot_and_ram();
    vb_board_power_on(bench);
    assert_int_equal(may(SLOT), VB_MAY_ALL);
    assert_int_equal(bench_read(CTRL), 0);
    bench_assert_fine();
}

#define ON_M4(test) cmocka_unit_test_setup_teardown(test, begin_m4, bench_end)
#define ON_M33(test) cmocka_unit_test_setup_teardown(test, begin_m33, bench_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_M4(while_it_is_off_the_map_counts),
        ON_M33(while_it_is_off_the_map_counts),
        ON_M4(without_the_map_behind_it_nothing_else_is_there),
        ON_M33(without_the_map_behind_it_nothing_else_is_there),
        ON_M4(of_armv7m_the_highest_region_counts),
        ON_M4(of_armv7m_a_part_of_a_region_that_is_off_shows_what_lies_below),
        ON_M4(of_armv7m_what_is_unpredictable_ends_the_run),
        ON_M33(of_armv8m_regions_go_from_byte_to_byte_and_exclude_each_other),
        ON_M4(code_runs_where_it_may_only),
        ON_M33(code_runs_where_it_may_only),
        ON_M4(data_that_is_closed_is_neither_read_nor_written),
        ON_M33(data_that_is_closed_is_neither_read_nor_written),
        ON_M4(a_guard_of_32_bytes_stops_a_push_where_it_begins),
        ON_M33(a_guard_of_32_bytes_stops_a_push_where_it_begins),
        ON_M4(around_a_guard_the_page_is_as_ever),
        ON_M33(around_a_guard_the_page_is_as_ever),
        ON_M4(a_load_from_a_guard_is_not_done),
        ON_M4(a_frame_that_a_guard_does_not_take_is_told_to_the_handler),
        ON_M4(a_page_that_is_divided_is_not_executed),
        ON_M33(a_page_that_is_divided_is_not_executed),
        ON_M4(a_store_to_flash_that_is_not_executed_is_still_the_controllers),
        ON_M33(a_store_to_flash_that_is_not_executed_is_still_the_controllers),
        ON_M4(in_a_hardfault_it_is_off_unless_told_otherwise),
        ON_M33(in_a_hardfault_it_is_off_unless_told_otherwise),
        ON_M4(after_a_reset_it_is_off),
        ON_M33(after_a_reset_it_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
