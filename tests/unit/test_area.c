/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/area.h>
#include <outboard/util.h>

#include "ram_flash.h"

#define START 0x3000u
#define SIZE 0x5000u

static struct ram_flash ram;
static const struct ob_area area = {.flash = &ram.flash, .start = START, .size = SIZE};

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    return 0;
}

static void write_past_end_changes_nothing(void **state)
{
    static const struct {
        uint32_t off, len;
    } outside[] = {
        {SIZE, 1},
        {SIZE - 1, 2},
        {0, SIZE + 1},
        {0xfffffff0, 0x10},       /* off + len wraps to 0 */
        {0u - START, 1},          /* start + off wraps to 0 */
        {UINT32_MAX, UINT32_MAX}, /* everything wraps */
    };
    uint8_t buffer[16] = {0};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(outside); i++) {
        assert_int_equal(ob_area_write(&area, outside[i].off, buffer, outside[i].len), OB_ERR_RANGE);
        assert_int_equal(ob_area_read(&area, outside[i].off, buffer, outside[i].len), OB_ERR_RANGE);
        assert_int_equal(ob_area_erase(&area, outside[i].off, outside[i].len), OB_ERR_RANGE);
    }
    assert_int_equal(ram.reads + ram.writes + ram.erase_count, 0);
}

static void offsets_count_from_the_start_of_the_area(void **state)
{
    uint8_t byte = 0x11;

    (void)state;
    assert_int_equal(ob_area_write(&area, 0, &byte, 1), OB_OK);
    assert_int_equal(ob_area_write(&area, SIZE - 1, &byte, 1), OB_OK);
    assert_int_equal(ram.bytes[START], 0x11);
    assert_int_equal(ram.bytes[START + SIZE - 1], 0x11);
    byte = 0;
    assert_int_equal(ob_area_read(&area, SIZE - 1, &byte, 1), OB_OK);
    assert_int_equal(byte, 0x11);
}

static void erase_leaves_the_neighbours(void **state)
{
    (void)state;
    memset(ram.bytes, 0, sizeof(ram.bytes));
    assert_int_equal(ob_area_erase(&area, 0, SIZE), OB_OK);
    assert_int_equal(ram.bytes[START - 1], 0);
    assert_int_equal(ram.bytes[START], 0xff);
    assert_int_equal(ram.bytes[START + SIZE - 1], 0xff);
    assert_int_equal(ram.bytes[START + SIZE], 0);
    ram.bytes[START + 0x1000] = 0;
    assert_int_equal(ob_area_erase(&area, 0x1000, 0x1000), OB_OK);
    assert_int_equal(ram.bytes[START + 0x1000], 0xff);
    assert_int_equal(ob_area_erase(&area, 1, 0x1000), OB_ERR_ALIGN);
}

static void area_that_leaves_its_device_is_refused(void **state)
{
    const struct ob_area wrong[] = {
        {.flash = &ram.flash, .start = RAM_FLASH_SIZE - 0x1000, .size = 0x2000},
        {.flash = &ram.flash, .start = 0xfffff000, .size = 0x2000},
        {.flash = &ram.flash, .start = RAM_FLASH_SIZE + 0x1000, .size = 0},
    };
    uint8_t byte = 0;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrong); i++) {
        assert_int_equal(ob_area_write(&wrong[i], 0, &byte, 1), OB_ERR_RANGE);
        assert_int_equal(ob_area_write(&wrong[i], 0x1000, &byte, 1), OB_ERR_RANGE);
    }
    assert_int_equal(ram.writes, 0);
}

static void part_is_inside_its_area(void **state)
{
    struct ob_area part = ob_area_part(&area, 0x1000, 0x2000);
    uint8_t byte = 0x22;

    (void)state;
    assert_ptr_equal(part.flash, &ram.flash);
    assert_int_equal(part.start, START + 0x1000);
    assert_int_equal(part.size, 0x2000);
    assert_int_equal(ob_area_write(&part, 0x1fff, &byte, 1), OB_OK);
    assert_int_equal(ob_area_write(&part, 0x2000, &byte, 1), OB_ERR_RANGE);
}

static enum ob_err (*honest_read)(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len);

/** The last byte of the area is another one at each read. */
static enum ob_err read_differently(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    ram.bytes[START + SIZE - 1]++;
    return honest_read(flash, off, dst, len);
}

static void area_that_is_read_twice_has_to_answer_the_same(void **state)
{
    struct ob_flash_ops ops = *ram.flash.ops;
    struct ob_area doubted = area;
    uint8_t bytes[300];

    (void)state;
    honest_read = ops.read;
    ops.read = read_differently;
    ram.flash.ops = &ops;
    ram.flash.mapped = ram.bytes;
    doubted.twice = true;
    assert_non_null(ob_area_mapped(&area, 0, SIZE));
    assert_null(ob_area_mapped(&doubted, 0, SIZE));
    assert_int_equal(ob_area_read(&doubted, SIZE - sizeof(bytes) - 1, bytes, sizeof(bytes)), OB_OK);
    assert_int_equal(ob_area_read(&doubted, SIZE - sizeof(bytes), bytes, sizeof(bytes)), OB_ERR_VERIFY);
    assert_int_equal(ob_area_read(&area, SIZE - sizeof(bytes), bytes, sizeof(bytes)), OB_OK);
}

static void blank_sees_one_programmed_bit_anywhere(void **state)
{
    static const uint32_t spots[] = {0, 1, 63, 64, 65, 200, 0x4ffe, SIZE - 1};
    bool blank = false;

    (void)state;
    assert_int_equal(ob_area_blank(&area, 0, SIZE, &blank), OB_OK);
    assert_true(blank);
    for (size_t i = 0; i < OB_ARRAY_SIZE(spots); i++) {
        ram.bytes[START + spots[i]] = 0xfe;
        assert_int_equal(ob_area_blank(&area, 0, SIZE, &blank), OB_OK);
        assert_false(blank);
        ram.bytes[START + spots[i]] = 0xff;
    }
    ram.bytes[START - 1] = 0;
    ram.bytes[START + SIZE] = 0;
    assert_int_equal(ob_area_blank(&area, 0, SIZE, &blank), OB_OK);
    assert_true(blank);
}

static void blank_of_nothing_is_true_and_errors_leave_the_answer(void **state)
{
    bool blank = false;

    (void)state;
    assert_int_equal(ob_area_blank(&area, SIZE, 0, &blank), OB_OK);
    assert_true(blank);
    assert_int_equal(ob_area_blank(&area, 1, SIZE, &blank), OB_ERR_RANGE);
    assert_true(blank);
    blank = false;
    ram.fail_at = 2;
    assert_int_equal(ob_area_blank(&area, 0, SIZE, &blank), OB_ERR_BUS);
    assert_false(blank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(write_past_end_changes_nothing, setup),
        cmocka_unit_test_setup(offsets_count_from_the_start_of_the_area, setup),
        cmocka_unit_test_setup(erase_leaves_the_neighbours, setup),
        cmocka_unit_test_setup(area_that_leaves_its_device_is_refused, setup),
        cmocka_unit_test_setup(part_is_inside_its_area, setup),
        cmocka_unit_test_setup(area_that_is_read_twice_has_to_answer_the_same, setup),
        cmocka_unit_test_setup(blank_sees_one_programmed_bit_anywhere, setup),
        cmocka_unit_test_setup(blank_of_nothing_is_true_and_errors_leave_the_answer, setup),
    };

    return cmocka_run_group_tests_name("area", tests, NULL, NULL);
}
