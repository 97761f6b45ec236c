/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/flash.h>
#include <outboard/util.h>

#include "ram_flash.h"

#define LAST_ERR OB_ERR_UNWRAP

static struct ram_flash ram;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    return 0;
}

static void assert_untouched(void)
{
    assert_int_equal(ram.reads + ram.writes + ram.erase_count, 0);
    for (uint32_t i = 0; i < RAM_FLASH_SIZE; i++) {
        assert_int_equal(ram.bytes[i], 0xff);
    }
}

/* Offset and length pairs that leave the device, among them those whose sum wraps to something small. */
static const struct {
    uint32_t off, len;
} outside[] = {
    {RAM_FLASH_SIZE, 1},  {RAM_FLASH_SIZE - 1, 2},  {0, RAM_FLASH_SIZE + 1}, {RAM_FLASH_SIZE + 1, 0},
    {UINT32_MAX, 1},      {UINT32_MAX, 2},          {0xfffff000, 0x2000},    {1, UINT32_MAX},
    {0x1000, 0xfffff000}, {UINT32_MAX, UINT32_MAX},
};

static void range_outside_is_refused_and_changes_nothing(void **state)
{
    uint8_t byte[2] = {0, 0};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(outside); i++) {
        assert_int_equal(ob_flash_read(&ram.flash, outside[i].off, byte, outside[i].len), OB_ERR_RANGE);
        assert_int_equal(ob_flash_write(&ram.flash, outside[i].off, byte, outside[i].len), OB_ERR_RANGE);
        assert_int_equal(ob_flash_erase(&ram.flash, outside[i].off, outside[i].len), OB_ERR_RANGE);
    }
    assert_untouched();
}

static void empty_range_does_nothing_up_to_the_very_end(void **state)
{
    (void)state;
    assert_int_equal(ob_flash_read(&ram.flash, RAM_FLASH_SIZE, NULL, 0), OB_OK);
    assert_int_equal(ob_flash_write(&ram.flash, RAM_FLASH_SIZE, NULL, 0), OB_OK);
    assert_int_equal(ob_flash_erase(&ram.flash, RAM_FLASH_SIZE, 0), OB_OK);
    assert_untouched();
}

static void last_byte_is_reachable(void **state)
{
    uint8_t byte = 0x5a;

    (void)state;
    assert_int_equal(ob_flash_write(&ram.flash, RAM_FLASH_SIZE - 1, &byte, 1), OB_OK);
    byte = 0;
    assert_int_equal(ob_flash_read(&ram.flash, RAM_FLASH_SIZE - 1, &byte, 1), OB_OK);
    assert_int_equal(byte, 0x5a);
}

static void misaligned_erase_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(ob_flash_erase(&ram.flash, 1, 0x1000), OB_ERR_ALIGN);
    assert_int_equal(ob_flash_erase(&ram.flash, 0, 0x1001), OB_ERR_ALIGN);
    assert_int_equal(ob_flash_erase(&ram.flash, 0x800, 0x800), OB_ERR_ALIGN);
    assert_untouched();
}

static void erase_uses_the_largest_commands_that_fit(void **state)
{
    static const struct {
        uint32_t off, size;
    } plan[] = {
        {0x7000, 0x1000}, {0x8000, 0x8000}, {0x10000, 0x10000}, {0x20000, 0x8000}, {0x28000, 0x1000},
    };

    (void)state;
    assert_int_equal(ob_flash_erase(&ram.flash, 0x7000, 0x22000), OB_OK);
    assert_int_equal(ram.erase_count, OB_ARRAY_SIZE(plan));
    for (size_t i = 0; i < OB_ARRAY_SIZE(plan); i++) {
        assert_int_equal(ram.erases[i].off, plan[i].off);
        assert_int_equal(ram.erases[i].size, plan[i].size);
    }
}

static void erase_stops_at_the_first_failure(void **state)
{
    (void)state;
    ram.fail_at = 2;
    assert_int_equal(ob_flash_erase(&ram.flash, 0x7000, 0x22000), OB_ERR_BUS);
    assert_int_equal(ram.erase_count, 2);
}

static void erase_fit_needs_alignment_and_room(void **state)
{
    (void)state;
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x10000, 0x10000), 0x10000);
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x10000, 0xffff), 0x8000);
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x11000, 0x10000), 0x1000);
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x11000, 0xfff), 0);
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x11001, 0x1000), 0);
    ram.flash.erase_sizes[3] = 0x20000; /* all four in use */
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x20000, 0x20000), 0x20000);
    assert_int_equal(ob_flash_erase_fit(&ram.flash, 0x10000, 0x20000), 0x10000);
}

static void reset_without_an_operation_is_fine(void **state)
{
    struct ob_flash_ops ops = *ram.flash.ops;

    (void)state;
    assert_int_equal(ob_flash_reset(&ram.flash), OB_OK);
    assert_int_equal(ram.resets, 1);
    ops.reset = NULL;
    ram.flash.ops = &ops;
    assert_int_equal(ob_flash_reset(&ram.flash), OB_OK);
}

static void every_error_has_its_own_text(void **state)
{
    (void)state;
    for (int err = OB_OK; err >= LAST_ERR; err--) {
        assert_string_not_equal(ob_err_text(err), "unknown error");
        for (int other = OB_OK; other > err; other--) {
            assert_string_not_equal(ob_err_text(err), ob_err_text(other));
        }
    }
    assert_string_equal(ob_err_text(LAST_ERR - 1), "unknown error");
    assert_string_equal(ob_err_text(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(range_outside_is_refused_and_changes_nothing, setup),
        cmocka_unit_test_setup(empty_range_does_nothing_up_to_the_very_end, setup),
        cmocka_unit_test_setup(last_byte_is_reachable, setup),
        cmocka_unit_test_setup(misaligned_erase_is_refused_and_changes_nothing, setup),
        cmocka_unit_test_setup(erase_uses_the_largest_commands_that_fit, setup),
        cmocka_unit_test_setup(erase_stops_at_the_first_failure, setup),
        cmocka_unit_test_setup(erase_fit_needs_alignment_and_room, setup),
        cmocka_unit_test_setup(reset_without_an_operation_is_fine, setup),
        cmocka_unit_test(every_error_has_its_own_text),
    };

    return cmocka_run_group_tests_name("flash", tests, NULL, NULL);
}
