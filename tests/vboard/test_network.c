/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in for the network core of an nRF5340: when it starts, what it may touch, what it refuses, how long it
 * takes. The bytes are the formats of the SDK's bootloader for that core; its code was read, not run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include <outboard/ledger.h>

#include "bench.h"
#include "campaign/record.h"
#include "network_image.h"

#define EXTDOMAIN 0x50003440u
#define RAMREGION0 0x50003700u
#define FORCEOFF 0x50005614u
#define COMMAND 0x20000000u
#define SOURCE 0x20010000u
#define CONTAINER 0x8800u
#define COPY 0xb5b4b3b6u
#define READ_VERSION 0xdca345eau
#define DONE 0xf103ce5du
#define FAIL 0x25bafc15u

/* What campaigns look for in the bootloader's ledger. */
_Static_assert((int)VB_EVENT_KIND_MISSING == (int)OB_EVENT_MISSING, "record.h");
_Static_assert(VB_EVENT_SIZE == sizeof(struct ob_event) && VB_EVENT_CHECKED == offsetof(struct ob_event, check) &&
                   VB_EVENT_KIND == offsetof(struct ob_event, kind) &&
                   VB_EVENT_IMAGE == offsetof(struct ob_event, image),
               "record.h");

static uint8_t old_image[NETWORK_IMAGE_SIZE], new_image[NETWORK_IMAGE_SIZE];

static void put_word(uint32_t off, uint32_t value)
{
    uint8_t bytes[4];

    ob_put_le32(bytes, value);
    sim_chip_poke(&bench->network->cells, off, bytes, sizeof(bytes));
}

static int begin(void **state)
{
    (void)state;
    bench_begin("nRF5340");
    network_image_make(old_image, 1);
    network_image_make(new_image, 2);
    put_word(0, 0x21010000);
    put_word(4, 0x01000101);
    put_word(0x8580 + 0x28, NETWORK_S0);
    sim_chip_poke(&bench->network->cells, CONTAINER, old_image, sizeof(old_image));
    return 0;
}

static void command(uint32_t magic, uint32_t data, uint32_t len)
{
    ob_put_le32(bench_ram(COMMAND), magic);
    ob_put_le32(bench_ram(COMMAND + 4), data);
    ob_put_le32(bench_ram(COMMAND + 8), len);
    ob_put_le32(bench_ram(COMMAND + 12), CONTAINER);
}

static void release(void)
{
    bench_write(FORCEOFF, 0);
}

static void order_copy(const uint8_t *image)
{
    memcpy(bench_ram(SOURCE), image, NETWORK_IMAGE_SIZE);
    bench_write(EXTDOMAIN, 0x10);
    bench_write(FORCEOFF, 1);
    command(COPY, SOURCE, NETWORK_IMAGE_SIZE);
    release();
}

static uint32_t magic(void)
{
    return ob_get_le32(bench_ram(COMMAND));
}

static uint32_t answer_after_us(uint64_t us)
{
    bench_pass_us(us);
    bench_assert_fine();
    return magic();
}

static bool holds(const uint8_t *image)
{
    uint8_t bytes[NETWORK_IMAGE_SIZE];

    sim_chip_peek(&bench->network->cells, CONTAINER, bytes, sizeof(bytes));
    return memcmp(bytes, image, sizeof(bytes)) == 0;
}

static bool was_noted(const char *text)
{
    bool noted = false;

    for (unsigned i = 0; i < bench->note_count; i++) {
        noted = noted || strstr(bench->notes[i], text) != NULL;
    }
    return noted;
}

static void it_copies_page_by_page_and_answers_at_the_end(void **state)
{
    (void)state;
    order_copy(new_image);
    assert_int_equal(answer_after_us(300000), COPY); /* three pages and a bit take more than that */
    assert_false(holds(old_image) || holds(new_image));
    assert_int_equal(answer_after_us(500000), DONE);
    assert_true(holds(new_image));
    assert_int_equal(bench->operations, 4 + 13); /* erases of 2 KiB, programs of 512 bytes */
}

static void it_does_nothing_until_it_is_released(void **state)
{
    (void)state;
    bench_write(EXTDOMAIN, 0x10);
    command(COPY, SOURCE, NETWORK_IMAGE_SIZE);
    assert_int_equal(answer_after_us(5000000), COPY);
    bench_write(FORCEOFF, 1);
    assert_int_equal(bench->operations, 0);
}

static void only_the_last_of_several_releases_counts(void **state)
{
    (void)state;
    order_copy(new_image); /* as the erratum has it: off, on, off, on */
    bench_pass_us(5);
    bench_write(FORCEOFF, 1);
    bench_pass_us(1);
    bench_write(FORCEOFF, 0);
    assert_int_equal(answer_after_us(1000000), DONE);
    assert_int_equal(bench->operations, 17);
}

static void without_the_spu_it_sees_nothing(void **state)
{
    (void)state;
    memcpy(bench_ram(SOURCE), new_image, NETWORK_IMAGE_SIZE);
    command(COPY, SOURCE, NETWORK_IMAGE_SIZE);
    release();
    assert_int_equal(answer_after_us(5000000), COPY);
    assert_true(was_noted("may not read its command"));
    assert_true(holds(old_image));
}

static void external_flash_is_beyond_its_reach(void **state)
{
    (void)state;
    bench_write(EXTDOMAIN, 0x10);
    command(COPY, 0x10000000, NETWORK_IMAGE_SIZE);
    release();
    assert_int_equal(answer_after_us(5000000), COPY);
    assert_true(was_noted("may not read at 0x10000000"));
}

static void a_locked_region_orders_nothing(void **state)
{
    (void)state;
    command(0x12345678, 0, 0);
    bench_write(RAMREGION0, 0x104);
    release();
    assert_int_equal(answer_after_us(5000000), 0x12345678); /* its application runs */
    assert_int_equal(bench->note_count, 0);
}

static void each_thing_that_is_wrong_is_refused(void **state)
{
    static const uint16_t wrong[] = {
        0x200,                  /* magic of fw_info */
        0x200 + 24,             /* address */
        0x200 + 32,             /* valid */
        0x200 + 12 + 2,         /* total_size */
        0x200 + 28 + 2,         /* boot_address */
        4 + 2,                  /* reset vector */
        NETWORK_CODE_SIZE + 4,  /* magic of the validation info */
        NETWORK_CODE_SIZE + 12, /* its address */
        NETWORK_CODE_SIZE + 16, /* its hash */
        NETWORK_CODE_SIZE - 1,  /* the code */
    };

    (void)state;
    for (unsigned i = 0; i < OB_ARRAY_SIZE(wrong); i++) {
        new_image[wrong[i]] ^= 0x80;
        order_copy(new_image);
        assert_int_equal(answer_after_us(1000000), FAIL);
        assert_true(holds(old_image));
        new_image[wrong[i]] ^= 0x80;
    }
    assert_int_equal(bench->operations, 0);
}

static void its_version_is_told(void **state)
{
    (void)state;
    bench_write(EXTDOMAIN, 0x10);
    command(READ_VERSION, SOURCE, 4);
    release();
    assert_int_equal(answer_after_us(100000), DONE);
    assert_int_equal(ob_get_le32(bench_ram(SOURCE)), 1);
}

static void a_hold_in_the_middle_leaves_it_torn(void **state)
{
    (void)state;
    order_copy(new_image);
    assert_int_equal(answer_after_us(150000), COPY);
    bench_write(FORCEOFF, 1);
    assert_int_equal(answer_after_us(5000000), COPY);
    assert_false(holds(old_image) || holds(new_image));
    order_copy(new_image); /* and copying again mends that */
    assert_int_equal(answer_after_us(1000000), DONE);
    assert_true(holds(new_image));
}

static void a_reset_in_the_middle_leaves_it_torn_too(void **state)
{
    (void)state;
    order_copy(new_image);
    bench_pass_us(50000); /* it erases */
    const uint64_t before = sim_chip_hash(&bench->network->cells);
    bench_soft_reset();
    assert_true(sim_chip_hash(&bench->network->cells) != before);
    assert_int_equal(bench_read(FORCEOFF), 1);
    assert_int_equal(answer_after_us(5000000), COPY); /* RAM keeps the command */
    order_copy(new_image);
    assert_int_equal(answer_after_us(1000000), DONE);
    assert_true(holds(new_image));
}

static void its_flash_outlives_the_power(void **state)
{
    (void)state;
    order_copy(new_image);
    assert_int_equal(answer_after_us(1000000), DONE);
    vb_board_power_on(bench);
    assert_true(holds(new_image));
    assert_int_equal(bench_read(FORCEOFF), 1);
}

static void a_blank_one_says_so(void **state)
{
    (void)state;
    bench_begin("nRF5340");
    release();
    assert_true(was_noted("holds no bootloader"));
}

static void faults_are_to_be_had(void **state)
{
    (void)state;
    bench->network->fault = VB_NETWORK_SILENT;
    order_copy(new_image);
    assert_int_equal(answer_after_us(5000000), COPY);
    bench->network->fault = VB_NETWORK_HASH;
    order_copy(new_image);
    assert_int_equal(answer_after_us(1000000), FAIL);
    assert_true(holds(old_image));
    bench->network->fault = VB_NETWORK_MIDDLE;
    order_copy(new_image);
    assert_int_equal(answer_after_us(1000000), FAIL);
    assert_false(holds(old_image) || holds(new_image));
    bench->network->fault = VB_NETWORK_RUNNING;
    vb_board_power_on(bench);
    assert_int_equal(bench_read(FORCEOFF), 0);
    bench->network->fault = VB_NETWORK_STALE;
    vb_board_power_on(bench);
    assert_int_equal(magic(), COPY);
}

static void an_image_is_entered_with_it_held_and_unable_to_be_ordered(void **state)
{
    (void)state;
    order_copy(new_image);
    assert_int_equal(answer_after_us(1000000), DONE);
    vb_board_handover(bench);
    bench_assert_refused("not held");
    bench_write(FORCEOFF, 1);
    vb_board_handover(bench);
    bench_assert_refused("still secure");
    bench_write(EXTDOMAIN, 0);
    vb_board_handover(bench);
    bench_assert_refused("RAMREGION[0] is not locked");
    command(COPY, 0, 0);
    bench_write(RAMREGION0, 0x104);
    vb_board_handover(bench);
    bench_assert_refused("still holds the command");
    command(0, 0, 0);
    vb_board_handover(bench);
    bench_assert_fine();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_copies_page_by_page_and_answers_at_the_end, begin),
        cmocka_unit_test_setup(it_does_nothing_until_it_is_released, begin),
        cmocka_unit_test_setup(only_the_last_of_several_releases_counts, begin),
        cmocka_unit_test_setup(without_the_spu_it_sees_nothing, begin),
        cmocka_unit_test_setup(external_flash_is_beyond_its_reach, begin),
        cmocka_unit_test_setup(a_locked_region_orders_nothing, begin),
        cmocka_unit_test_setup(each_thing_that_is_wrong_is_refused, begin),
        cmocka_unit_test_setup(its_version_is_told, begin),
        cmocka_unit_test_setup(a_hold_in_the_middle_leaves_it_torn, begin),
        cmocka_unit_test_setup(a_reset_in_the_middle_leaves_it_torn_too, begin),
        cmocka_unit_test_setup(its_flash_outlives_the_power, begin),
        cmocka_unit_test_setup(a_blank_one_says_so, begin),
        cmocka_unit_test_setup(faults_are_to_be_had, begin),
        cmocka_unit_test_setup(an_image_is_entered_with_it_held_and_unable_to_be_ordered, begin),
    };

    return cmocka_run_group_tests(tests, NULL, bench_end);
}
