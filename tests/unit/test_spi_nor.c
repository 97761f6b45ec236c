/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/log.h>
#include <outboard/util.h>

#include "../../drivers/flash/spi_nor.h"
#include "nor_chip_types.h"

static char last_log[160];

void ob_log(enum ob_log_level level, const char *format, ...)
{
    va_list args;

    (void)level;
    va_start(args, format);
    vsnprintf(last_log, sizeof(last_log), format, args);
    va_end(args);
}

static struct nor_chip chip;
static struct ob_spi_nor nor;
static struct ob_spi_nor_config config;
static enum ob_err bus_status;
static enum ob_err nor_status;

static const struct ob_device bus = {.name = "spi", .api = &chip.mem, .status = &bus_status};
static const struct ob_device dev = {
    .name = "nor", .config = &config, .data = &nor, .api = &nor.flash, .status = &nor_status};

/** A chip and a devicetree that describes it. */
static void describe(const struct nor_chip_type *type)
{
    nor_chip_free(&chip);
    nor_chip_init(&chip, type);
    memset(&nor, 0, sizeof(nor));
    bus_status = OB_OK;
    last_log[0] = '\0';
    config = (struct ob_spi_nor_config){
        .bus = &bus,
        .size = type->size,
        .wake_us = type->wake_us,
        .jedec_id = {type->id[0], type->id[1], type->id[2]},
        .write_size = 1,
    };
}

static void begin(const struct nor_chip_type *type)
{
    describe(type);
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(chip.ignored, 0);
}

static int teardown(void **state)
{
    (void)state;
    nor_chip_free(&chip);
    return 0;
}

/** Erase, write across a page border, read back, at the start and near the end of the chip. */
static void assert_usable(void)
{
    const uint32_t size = nor.flash.size;
    const uint32_t spots[] = {0xf0, size / 2 + 0xfff, size - 0x1000 + 0xff0 - 300};
    uint8_t out[300], in[300];

    chip.ignored = 0;
    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t i = 0; i < OB_ARRAY_SIZE(spots); i++) {
        uint32_t sector = ob_align_down(spots[i], 0x1000);

        assert_int_equal(ob_flash_erase(&nor.flash, sector, 0x1000), OB_OK);
        if (sector + 0x1000 < size) {
            assert_int_equal(ob_flash_erase(&nor.flash, sector + 0x1000, 0x1000), OB_OK);
        }
        assert_int_equal(ob_flash_write(&nor.flash, spots[i], out, sizeof(out)), OB_OK);
        assert_int_equal(ob_flash_read(&nor.flash, spots[i], in, sizeof(in)), OB_OK);
        assert_memory_equal(in, out, sizeof(out));
        for (uint32_t k = 0; k < sizeof(out); k++) {
            assert_int_equal(nor_chip_peek(&chip, spots[i] + k), out[k]);
        }
    }
    assert_int_equal(chip.ignored, 0);
}

static void geometry_comes_from_the_chip(void **state)
{
    (void)state;
    describe(&mx25r6435f);
    config.size = 0;
    memset(config.jedec_id, 0, sizeof(config.jedec_id));
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(nor.flash.size, 0x800000);
    assert_int_equal(nor.flash.program_size, 256);
    assert_int_equal(nor.flash.erase_sizes[0], 0x1000);
    assert_int_equal(nor.flash.erase_sizes[1], 0x8000);
    assert_int_equal(nor.flash.erase_sizes[2], 0x10000);
    assert_int_equal(nor.flash.erase_sizes[3], 0);
    assert_usable();
}

static void every_kind_of_chip_is_usable(void **state)
{
    (void)state;
    begin(&mx25r6435f);
    assert_usable();
    begin(&w25q80);
    assert_usable();
    begin(&mx66l1g45g);
    assert_usable();
    describe(&mx25l25635e);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();
    describe(&n25q256);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE_WREN;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();
}

static void four_byte_opcodes_leave_the_chip_in_3_byte_mode(void **state)
{
    (void)state;
    begin(&mx66l1g45g);
    assert_usable();
    assert_false(chip.mode_4byte);
    assert_int_equal(chip.opcodes[0xb7], 0);
    assert_int_equal(chip.opcodes[0x02] + chip.opcodes[0x03] + chip.opcodes[0x20], 0);
}

static void large_chip_without_a_way_to_4_byte_addresses_is_refused(void **state)
{
    (void)state;
    describe(&mx25l25635e);
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    assert_non_null(strstr(last_log, "enter-4byte-addr"));
}

static void sfdp_bfp_of_the_devicetree_describes_a_chip_without_tables(void **state)
{
    (void)state;
    describe(&w25q80);
    config.bfp = mx25r6435f_bfp;
    config.bfp_len = sizeof(mx25r6435f_bfp);
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    assert_non_null(strstr(last_log, "chip has 8388608 bytes, devicetree says 1048576"));
    config.size = 0x800000;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(nor.flash.erase_sizes[1], 0x8000);
}

static void chip_without_tables_needs_a_size_in_the_devicetree(void **state)
{
    (void)state;
    describe(&w25q80);
    config.size = 0;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    assert_non_null(strstr(last_log, "do not tell the size"));
}

static void absent_chip_is_reported_at_once(void **state)
{
    static const uint8_t lines[] = {0xff, 0x00};

    (void)state;
    for (size_t i = 0; i < sizeof(lines); i++) {
        uint64_t before = nor_chip_clock_us();

        describe(&mx25r6435f);
        chip.open_line = lines[i];
        assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
        assert_string_equal(last_log, "nor: no chip answers");
        assert_true(nor_chip_clock_us() - before < 1000);
        memset(config.jedec_id, 0, sizeof(config.jedec_id));
        assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    }
}

static void wrong_chip_is_named(void **state)
{
    (void)state;
    describe(&mx25r6435f);
    config.jedec_id[2] = 0x18;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    assert_string_equal(last_log, "Device id c2 28 17 does not match config c2 28 18");
    assert_int_equal(chip.opcodes[0x06] + chip.opcodes[0x01], 0);
}

static void failed_bus_fails_the_chip(void **state)
{
    (void)state;
    describe(&mx25r6435f);
    bus_status = OB_ERR_BUS;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_BUS);
}

static void chip_may_be_in_any_state(void **state)
{
    (void)state;
    describe(&mx25r6435f);
    chip.asleep = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();

    describe(&mx25r6435f);
    chip.busy_until_us = nor_chip_clock_us() + 3000000;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);

    describe(&mx25r6435f);
    chip.continuous_read = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();

    describe(&mx25r6435f);
    chip.erase_suspended = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();

    describe(&mx25r6435f);
    chip.latch = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();

    describe(&mx66l1g45g);
    chip.mode_4byte = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();

    describe(&mx25l25635e);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE;
    chip.mode_4byte = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();
}

/** A table that says 16 MiB and 3 or 4 address bytes, no soft reset: 4-byte mode must be left by command. */
static void small_chip_left_in_4_byte_mode_is_brought_back(void **state)
{
    static uint8_t sfdp[sizeof(mx25l25635e_sfdp)];
    struct nor_chip_type type = mx25l25635e;

    (void)state;
    memcpy(sfdp, mx25l25635e_sfdp, sizeof(sfdp));
    ob_put_le32(sfdp + 0x34, 0x07ffffff);
    type.sfdp = sfdp;
    type.size = 0x1000000;
    for (int wren = 0; wren < 2; wren++) {
        type.enter_needs_wren = wren != 0;
        describe(&type);
        chip.mode_4byte = true;
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        assert_false(chip.mode_4byte);
        assert_false(chip.latch);
        assert_usable();
    }
}

static void chip_busy_for_ever_is_given_up(void **state)
{
    uint64_t before = nor_chip_clock_us();

    (void)state;
    describe(&mx25r6435f);
    chip.busy_until_us = UINT64_MAX;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_TIMEOUT);
    assert_in_range(nor_chip_clock_us() - before, CONFIG_SPI_NOR_START_TIMEOUT_MS * UINT64_C(1000),
                    CONFIG_SPI_NOR_START_TIMEOUT_MS * UINT64_C(1000) + 1000);
}

static void stuck_erase_and_program_end_at_their_worst_case_time(void **state)
{
    uint8_t byte = 0;
    uint64_t before;

    (void)state;
    begin(&mx25r6435f);
    chip.stuck = true;
    before = nor_chip_clock_us();
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x10000), OB_ERR_TIMEOUT);
    assert_in_range(nor_chip_clock_us() - before, 3840000, 3840000 + 100);

    begin(&mx25r6435f);
    chip.stuck = true;
    before = nor_chip_clock_us();
    assert_int_equal(ob_flash_write(&nor.flash, 0, &byte, 1), OB_ERR_TIMEOUT);
    assert_in_range(nor_chip_clock_us() - before, 5376, 5376 + 100);
}

static void failures_that_the_chip_reports_are_returned(void **state)
{
    const struct nor_chip_type *const types[] = {&mx25r6435f, &n25q256};
    uint8_t bytes[16] = {0};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(types); i++) {
        describe(types[i]);
        config.enter_4byte = types[i]->has_4byte_mode ? OB_SFDP_ENTER_4BYTE_WREN : 0;
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        chip.fail_array_at = 1;
        assert_int_equal(ob_flash_write(&nor.flash, 0, bytes, sizeof(bytes)), OB_ERR_FAILED);
        chip.fail_array_at = 1;
        assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x1000), OB_ERR_FAILED);
        assert_usable(); /* the failure was cleared */
    }
}

/** A register that a chip does not have must not be asked: an open line, or another meaning, would look like a failure.
 */
static void result_register_depends_on_the_kind_of_chip(void **state)
{
    static const struct {
        uint8_t id[3];
        uint8_t opcode; /* 0: none */
    } cases[] = {
        {{0x20, 0xba, 0x18}, 0x70}, /* Micron, 3 V */
        {{0x20, 0xbb, 0x18}, 0x70}, /* Micron, 1.8 V */
        {{0x20, 0x20, 0x14}, 0},    /* ST M25P80, older */
        {{0x2c, 0x5b, 0x1a}, 0x70}, /* Micron MT35X */
        {{0xc2, 0x25, 0x38}, 0x2b}, /* Macronix, 1.8 V */
        {{0xef, 0x40, 0x14}, 0},    /* Winbond */
        {{0x9d, 0xba, 0x14}, 0},    /* the type of another maker's chip */
    };
    uint8_t zero = 0;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(cases); i++) {
        struct nor_chip_type type = w25q80;

        memcpy(type.id, cases[i].id, sizeof(type.id));
        type.fail_opcode = cases[i].opcode;
        type.program_fail = type.erase_fail = cases[i].opcode == 0x70 ? 0x02 : 0x20;
        begin(&type);
        assert_int_equal(ob_flash_write(&nor.flash, 0, &zero, 1), OB_OK);
        assert_int_equal(chip.opcodes[0x70] != 0, cases[i].opcode == 0x70);
        assert_int_equal(chip.opcodes[0x2b] != 0, cases[i].opcode == 0x2b);
        chip.fail_array_at = 1;
        assert_int_equal(ob_flash_write(&nor.flash, 1, &zero, 1), cases[i].opcode == 0 ? OB_OK : OB_ERR_FAILED);
        assert_int_equal(chip.opcodes[0x50], cases[i].opcode == 0x70);
        assert_int_equal(ob_flash_write(&nor.flash, 2, &zero, 1), OB_OK);
    }
}

/** Two dies: the status register is the idle one's, only the flag status knows that the other is still erasing. */
static void idle_status_of_another_die_is_not_believed(void **state)
{
    uint64_t before;

    (void)state;
    describe(&n25q256);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE_WREN;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    chip.status_of_other_die = true;
    before = nor_chip_clock_us();
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x1000), OB_OK);
    assert_true(nor_chip_clock_us() - before >= n25q256.erase_us);
    chip.stuck = true;
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x1000), OB_ERR_TIMEOUT);
}

static void failure_in_the_middle_stops_a_long_write(void **state)
{
    static const uint8_t zeros[1024];

    (void)state;
    begin(&mx25r6435f);
    chip.fail_array_at = 2;
    assert_int_equal(ob_flash_write(&nor.flash, 0, zeros, sizeof(zeros)), OB_ERR_FAILED);
    assert_int_equal(nor_chip_peek(&chip, 0), 0);
    assert_int_equal(nor_chip_peek(&chip, 512), 0xff);
}

static void chip_that_vanishes_is_noticed_by_the_next_write(void **state)
{
    uint8_t byte = 0;

    (void)state;
    begin(&mx25r6435f);
    chip.vanish_exec_at = 1;
    assert_int_equal(ob_flash_write(&nor.flash, 0, &byte, 1), OB_ERR_NODEV);
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x1000), OB_ERR_NODEV);
    assert_int_equal(ob_flash_reset(&nor.flash), OB_ERR_NODEV);
    chip.open_line = -1;
    assert_int_equal(ob_flash_reset(&nor.flash), OB_OK);
    assert_usable();
}

static void bus_error_anywhere_is_returned_and_reset_recovers(void **state)
{
    static const uint8_t data[600];
    struct nor_chip_type quick = mx25r6435f;
    uint8_t in[4];

    (void)state;
    quick.erase_us = quick.program_us = 5; /* few polls */
    for (unsigned at = 1; at < 200; at++) {
        describe(&quick);
        chip.fail_exec_at = at;
        enum ob_err err = ob_spi_nor_init(&dev);

        if (err == OB_OK) {
            err = ob_flash_erase(&nor.flash, 0, 0x1000);
        }
        if (err == OB_OK) {
            err = ob_flash_write(&nor.flash, 0, data, sizeof(data));
        }
        if (err == OB_OK) {
            err = ob_flash_read(&nor.flash, 0, in, sizeof(in));
        }
        if (chip.fail_exec_at != 0) {
            assert_int_equal(err, OB_OK); /* fewer transfers than that: the sweep is complete */
            return;
        }
        assert_int_equal(err, OB_ERR_BUS);
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        assert_usable();
    }
    fail_msg("the sweep did not end");
}

static void chip_put_to_sleep_is_noticed_and_reset_wakes_it(void **state)
{
    uint8_t byte = 0;

    (void)state;
    begin(&mx25r6435f);
    chip.asleep = true;
    assert_int_equal(ob_flash_write(&nor.flash, 0, &byte, 1), OB_ERR_NODEV);
    assert_int_equal(ob_flash_reset(&nor.flash), OB_OK);
    assert_usable();
}

static void status_register_is_written_only_to_clear_a_lock(void **state)
{
    (void)state;
    begin(&w25q80);
    assert_int_equal(chip.opcodes[0x01], 0);

    describe(&w25q80);
    config.lock_mask = 0x3c;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(chip.opcodes[0x01], 0);

    describe(&w25q80);
    config.lock_mask = 0x3c;
    chip.status = 0x64; /* one lock bit, one other */
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(chip.opcodes[0x01], 1);
    assert_int_equal(chip.status, 0x40);
    assert_usable();

    describe(&w25q80);
    config.unlock_all = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(chip.opcodes[0x98], 1);
}

static void mapping_is_offered_with_3_byte_addresses_only(void **state)
{
    static const uint8_t window[1];

    (void)state;
    describe(&mx25r6435f);
    chip.mem.mapped = window;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_ptr_equal(nor.flash.mapped, window);
    describe(&mx66l1g45g);
    chip.mem.mapped = window;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_null(nor.flash.mapped);
}

static void transfers_respect_the_limit_of_the_controller(void **state)
{
    static const uint32_t limits[] = {1, 7, 64, 255};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(limits); i++) {
        describe(&w25q80); /* tables are read in pieces of up to 64 bytes */
        chip.mem.max_len = OB_MAX(limits[i], 64);
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        chip.mem.max_len = limits[i];
        assert_usable();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(geometry_comes_from_the_chip, teardown),
        cmocka_unit_test_teardown(every_kind_of_chip_is_usable, teardown),
        cmocka_unit_test_teardown(four_byte_opcodes_leave_the_chip_in_3_byte_mode, teardown),
        cmocka_unit_test_teardown(large_chip_without_a_way_to_4_byte_addresses_is_refused, teardown),
        cmocka_unit_test_teardown(sfdp_bfp_of_the_devicetree_describes_a_chip_without_tables, teardown),
        cmocka_unit_test_teardown(chip_without_tables_needs_a_size_in_the_devicetree, teardown),
        cmocka_unit_test_teardown(absent_chip_is_reported_at_once, teardown),
        cmocka_unit_test_teardown(wrong_chip_is_named, teardown),
        cmocka_unit_test_teardown(failed_bus_fails_the_chip, teardown),
        cmocka_unit_test_teardown(chip_may_be_in_any_state, teardown),
        cmocka_unit_test_teardown(small_chip_left_in_4_byte_mode_is_brought_back, teardown),
        cmocka_unit_test_teardown(chip_busy_for_ever_is_given_up, teardown),
        cmocka_unit_test_teardown(stuck_erase_and_program_end_at_their_worst_case_time, teardown),
        cmocka_unit_test_teardown(failures_that_the_chip_reports_are_returned, teardown),
        cmocka_unit_test_teardown(result_register_depends_on_the_kind_of_chip, teardown),
        cmocka_unit_test_teardown(idle_status_of_another_die_is_not_believed, teardown),
        cmocka_unit_test_teardown(failure_in_the_middle_stops_a_long_write, teardown),
        cmocka_unit_test_teardown(chip_that_vanishes_is_noticed_by_the_next_write, teardown),
        cmocka_unit_test_teardown(bus_error_anywhere_is_returned_and_reset_recovers, teardown),
        cmocka_unit_test_teardown(chip_put_to_sleep_is_noticed_and_reset_wakes_it, teardown),
        cmocka_unit_test_teardown(status_register_is_written_only_to_clear_a_lock, teardown),
        cmocka_unit_test_teardown(mapping_is_offered_with_3_byte_addresses_only, teardown),
        cmocka_unit_test_teardown(transfers_respect_the_limit_of_the_controller, teardown),
    };

    return cmocka_run_group_tests_name("spi_nor", tests, NULL, NULL);
}
