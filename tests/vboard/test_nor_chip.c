/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a SPI NOR chip by itself, at its pins. That the driver gets along with it: tests/unit/test_spi_nor.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "../unit/sfdp_real_tables.h"
#include "parts.h"
#include "spi_nor.h"

static struct nor_chip chip;
static unsigned notes, wrongs;
static const char *last_report;
static const struct sim_tear *next_tear;

static void hear(void *ctx, enum nor_severity severity, uint8_t opcode, const char *what)
{
    (void)ctx;
    (void)opcode;
    *(severity == NOR_NOTE ? &notes : &wrongs) += 1;
    last_report = what;
}

static const struct sim_tear *tear(void *ctx, enum nor_operation what, uint32_t off, uint32_t len, const uint8_t *data,
                                   uint32_t us)
{
    (void)ctx;
    (void)off;
    assert_true(len > 0 && us > 0 && (data == NULL) == (what == NOR_ERASE));
    return next_tear;
}

static void use(const struct nor_part *part)
{
    nor_chip_free(&chip);
    nor_chip_init(&chip, part);
    chip.watch = (struct nor_watch){.begins = tear, .reports = hear};
    notes = wrongs = 0;
    last_report = "";
    next_tear = NULL;
}

static int teardown(void **state)
{
    (void)state;
    nor_chip_free(&chip);
    return 0;
}

/** A command on one lane: `count` bytes out, then `len` bytes in. Takes no time. */
static void command(const void *out, unsigned count, void *in, unsigned len)
{
    const uint8_t *bytes = out;
    uint8_t *answer = in;

    nor_chip_select(&chip);
    for (unsigned i = 0; i < count; i++) {
        nor_chip_byte(&chip, 1, bytes[i]);
    }
    for (unsigned i = 0; i < len; i++) {
        answer[i] = nor_chip_byte(&chip, 1, 0);
    }
    nor_chip_deselect(&chip);
}

#define SEND(...) command((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), NULL, 0)

static uint8_t ask(uint8_t opcode)
{
    uint8_t value;

    command(&opcode, 1, &value, 1);
    return value;
}

/** Until it is idle. */
static void pass(void)
{
    chip.now_us += 1000u * 1000 * 1000;
}

static void busy_lasts_as_long_as_the_part_takes(void **state)
{
    (void)state;
    use(&mx25r6435f);
    SEND(0x06);
    assert_int_equal(ask(0x05), 0x02);
    SEND(0x20, 0, 0, 0);
    assert_int_equal(ask(0x05), 0x01);
    chip.now_us += 47999;
    assert_int_equal(ask(0x05), 0x01);
    assert_int_equal(wrongs, 0);
    SEND(0x03, 0, 0, 0);
    assert_int_equal(wrongs, 1);
    chip.now_us += 1;
    assert_int_equal(ask(0x05), 0x00);
}

static void commands_to_a_chip_that_does_not_listen_are_reported(void **state)
{
    uint8_t in[3];

    (void)state;
    use(&mx25r6435f);
    SEND(0xb9);
    pass();
    command("\x9f", 1, in, sizeof(in));
    assert_int_equal(wrongs, 1);
    assert_int_equal(in[0], 0xff);
    SEND(0xff);
    assert_int_equal(wrongs, 1); /* a mode reset does no harm */
    assert_int_equal(notes, 1);
    SEND(0xab);
    command("\x9f", 1, in, sizeof(in)); /* too early */
    assert_int_equal(wrongs, 2);
    chip.now_us += 35;
    command("\x9f", 1, in, sizeof(in));
    assert_memory_equal(in, mx25r6435f.id, 3);
    assert_int_equal(wrongs, 2);
    assert_int_equal(chip.ignored, 3);
}

static void a_program_without_write_enable_changes_nothing(void **state)
{
    (void)state;
    use(&mx25r6435f);
    SEND(0x02, 0, 0, 0, 0x12);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0xff);
    assert_int_equal(wrongs, 1);
}

static void a_program_wraps_in_its_page(void **state)
{
    uint8_t out[4 + 258];

    (void)state;
    use(&mx25r6435f);
    SEND(0x06);
    SEND(0x02, 0, 1, 0xfe, 0x11, 0x22, 0x33);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x1ff), 0x22);
    assert_int_equal(nor_chip_peek(&chip, 0x100), 0x33);
    assert_int_equal(nor_chip_peek(&chip, 0x200), 0xff);
    assert_int_equal(notes, 1);

    memset(out, 0x5a, sizeof(out));
    memcpy(out, "\x02\x00\x02\x00", 4);
    out[4 + 256] = 0x77; /* replaces the first byte */
    SEND(0x06);
    command(out, sizeof(out), NULL, 0);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x200), 0x77);
    assert_int_equal(nor_chip_peek(&chip, 0x2ff), 0x5a);
}

static void an_erase_with_a_byte_too_many_is_not_done(void **state)
{
    (void)state;
    use(&mx25r6435f);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    pass();
    SEND(0x06);
    SEND(0x20, 0, 0, 0, 0); /* four address bytes to a chip that takes three */
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0);
    assert_int_equal(wrongs, 1);
}

static void address_bytes_follow_the_mode(void **state)
{
    uint8_t in;

    (void)state;
    use(&mx66l1g45g);
    SEND(0xb7);
    SEND(0x06);
    SEND(0x02, 1, 0, 0, 5, 0x42);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x1000005), 0x42);
    SEND(0xe9);
    SEND(0xc5, 1); /* without write enable */
    assert_int_equal(wrongs, 1);
    SEND(0x06);
    SEND(0xc5, 1);
    command("\x03\x00\x00\x05", 4, &in, 1);
    assert_int_equal(in, 0x42);
    command("\x13\x01\x00\x00\x05", 5, &in, 1);
    assert_int_equal(in, 0x42);
    SEND(0x66);
    SEND(0x99);
    chip.now_us += 40;
    command("\x03\x00\x00\x05", 4, &in, 1);
    assert_int_equal(in, 0xff);
}

static void a_bank_register_is_another_way_into_4_byte_mode(void **state)
{
    struct nor_part part = mx25l25635e;

    (void)state;
    part.features = NOR_BANK_REGISTER;
    use(&part);
    SEND(0xb7);
    assert_false(chip.mode_4byte);
    SEND(0x17, 0x80);
    assert_true(chip.mode_4byte);
    SEND(0x17, 0x01);
    assert_int_equal(ask(0x16), 0x01);
    SEND(0x06);
    SEND(0x02, 0, 0, 5, 0x42);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x1000005), 0x42);
}

static void sfdp_may_take_4_address_bytes_in_4_byte_mode(void **state)
{
    struct nor_part part = mx25l25635e;
    uint8_t in[4];

    (void)state;
    use(&part);
    SEND(0xb7);
    command("\x5a\x00\x00\x00\x00", 5, in, sizeof(in));
    assert_memory_equal(in, "SFDP", 4);
    part.features |= NOR_SFDP_FOLLOWS_MODE;
    command("\x5a\x00\x00\x00\x00", 5, in, sizeof(in));
    assert_memory_not_equal(in, "SFDP", 4);
    command("\x5a\x00\x00\x00\x00\x00", 6, in, sizeof(in));
    assert_memory_equal(in, "SFDP", 4);
}

static void four_lanes_need_the_quad_enable_bit(void **state)
{
    uint8_t in;

    (void)state;
    use(&mx25r6435f);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0x42);
    pass();
    SEND(0x6b);
    assert_int_equal(wrongs, 1);
    SEND(0x06);
    SEND(0x01, 0x40);
    assert_int_equal(ask(0x05), 0x01);
    pass();
    assert_int_equal(ask(0x05), 0x40);

    nor_chip_select(&chip); /* 1-4-4: address, mode and dummies on four lanes */
    nor_chip_byte(&chip, 1, 0xeb);
    for (unsigned i = 0; i < 3 + 1 + 2; i++) {
        nor_chip_byte(&chip, 4, 0);
    }
    in = nor_chip_byte(&chip, 4, 0);
    nor_chip_deselect(&chip);
    assert_int_equal(in, 0x42);
    assert_int_equal(wrongs, 1);

    nor_chip_select(&chip);
    nor_chip_byte(&chip, 1, 0xeb);
    nor_chip_byte(&chip, 1, 0);
    nor_chip_deselect(&chip);
    assert_int_equal(wrongs, 2); /* the wrong number of lanes */
}

static void continuous_read_takes_no_opcode_until_the_line_was_high(void **state)
{
    static const uint8_t high[] = {0xff, 0xff};

    (void)state;
    use(&mx25r6435f);
    chip.status[0] = 0x40;
    nor_chip_select(&chip);
    nor_chip_byte(&chip, 1, 0xeb);
    for (unsigned i = 0; i < 3; i++) {
        nor_chip_byte(&chip, 4, 0);
    }
    nor_chip_byte(&chip, 4, 0xa5);
    nor_chip_deselect(&chip);
    assert_true(chip.continuous_read);
    SEND(0x05, 0);
    assert_int_equal(wrongs, 1);
    command(high, sizeof(high), NULL, 0);
    assert_false(chip.continuous_read);
    assert_int_equal(ask(0x05), 0x40);
}

static void hold_low_stops_a_chip_without_quad_enable(void **state)
{
    (void)state;
    use(&mx25r6435f);
    nor_chip_select(&chip);
    nor_chip_side_pins(&chip, true, false);
    nor_chip_byte(&chip, 1, 0x06);
    nor_chip_deselect(&chip);
    assert_false(chip.latch);
    assert_int_equal(wrongs, 1);
}

static void protected_cells_stay(void **state)
{
    (void)state;
    use(&mx25r6435f);
    chip.status[0] = 1 << 2; /* the last 64 KiB */
    SEND(0x06);
    SEND(0x02, 0x7f, 0, 0, 0);
    assert_int_equal(wrongs, 1);
    SEND(0x06);
    SEND(0x02, 0x7e, 0xff, 0xff, 0);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x7f0000), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x7effff), 0x00);
    chip.status[1] = 0x08; /* from the bottom now */
    SEND(0x06);
    SEND(0x20, 0, 0, 0);
    assert_int_equal(wrongs, 2);
    use(&sst26vf064b);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    assert_int_equal(wrongs, 1);
    SEND(0x98);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0);
}

static void one_opcode_may_erase_different_sizes(void **state)
{
    (void)state;
    use(&sst26vf064b);
    chip.locked = false;
    SEND(0x06);
    SEND(0x02, 0, 0x3f, 0xff, 0);
    pass();
    SEND(0x06);
    SEND(0x02, 0, 0x40, 0, 0);
    pass();
    SEND(0x06);
    SEND(0xd8, 0, 0x20, 0x10);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x3fff), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x4000), 0);
}

static void pages_of_256_bytes_are_erased_alone(void **state)
{
    (void)state;
    use(&p25q16h);
    for (uint8_t page = 0; page < 3; page++) {
        SEND(0x06);
        SEND(0x02, 0, page, 0, 0);
        pass();
    }
    SEND(0x06);
    SEND(0x81, 0, 1, 0);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0x000), 0);
    assert_int_equal(nor_chip_peek(&chip, 0x100), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x200), 0);
}

/** Also when the cut is in somebody else's operation while this chip works. */
static void a_power_cut_tears_what_is_in_progress(void **state)
{
    static const struct sim_tear none = {.kind = SIM_TEAR_NONE};

    (void)state;
    use(&mx25r6435f);
    next_tear = &none;
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0xff);
    next_tear = NULL;
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    nor_chip_power_fails(&chip, &none);
    nor_chip_power_on(&chip);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0xff);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    pass();
    nor_chip_power_fails(&chip, &none); /* it had ended */
    assert_int_equal(nor_chip_peek(&chip, 0), 0);
}

static void an_interrupted_status_write_leaves_old_erased_or_some_bits(void **state)
{
    (void)state;
    for (unsigned kind = SIM_TEAR_NONE; kind <= SIM_TEAR_BITS; kind++) {
        const struct sim_tear cut = {.kind = (uint8_t)kind};

        use(&mx25r6435f);
        chip.status[0] = 0x40;
        SEND(0x06);
        SEND(0x01, 0x3c);
        nor_chip_power_fails(&chip, &cut);
        nor_chip_power_on(&chip);
        assert_int_equal(chip.status[0] & 0x83, 0);
        if (kind != SIM_TEAR_BITS) {
            assert_int_equal(chip.status[0], kind == SIM_TEAR_NONE ? 0x40 : 0);
        }
    }
}

static void a_suspended_erase_goes_on_when_resumed(void **state)
{
    (void)state;
    use(&mx25r6435f);
    SEND(0x06);
    SEND(0x02, 0, 0, 0, 0);
    pass();
    SEND(0x06);
    SEND(0x20, 0, 0, 0);
    chip.now_us += 8000;
    SEND(0xb0);
    assert_int_equal(ask(0x05), 0);
    SEND(0x06);
    SEND(0x02, 0, 0x10, 0, 0);
    assert_int_equal(wrongs, 1);
    pass();
    assert_int_equal(nor_chip_peek(&chip, 0), 0);
    SEND(0x30);
    chip.now_us += 39999;
    assert_int_equal(ask(0x05) & 1, 1);
    chip.now_us += 1;
    assert_int_equal(nor_chip_peek(&chip, 0), 0xff);
}

/** The bench, the budget and this model take the same times: those of the one table, sim/parts.c. */
static void times_are_those_of_the_simulator(void **state)
{
    unsigned compared = 0;

    (void)state;
    for (unsigned i = 0; i < nor_part_count; i++) {
        const struct sim_part *part = sim_part_of_jedec_id(nor_parts[i]->id);

        for (unsigned k = 0; part != NULL && k < OB_FLASH_ERASE_SIZES && part->erase_sizes[k] != 0; k++) {
            const struct nor_erase *type = nor_part_erase(nor_parts[i], part->erase_sizes[k]);

            assert_non_null(type);
            assert_int_equal(type->us, part->timing[SIM_TYPICAL].erase_us[k]);
            assert_int_equal(nor_parts[i]->program_us, part->timing[SIM_TYPICAL].program_max_ns / 1000);
            assert_int_equal(nor_parts[i]->program_first_us, part->timing[SIM_TYPICAL].program_first_ns / 1000);
            compared++;
        }
    }
    assert_true(compared >= 5);
}

static uint8_t byte_of(const char *hex, size_t at)
{
    const char digits[] = {hex[2 * at], hex[2 * at + 1], '\0'};

    return (uint8_t)strtoul(digits, NULL, 16);
}

static bool is_of(const struct real_table *table, const struct nor_part *part)
{
    size_t len = strlen(part->name);

    return strncmp(table->name, part->name, len) == 0 && table->name[len] == ' ';
}

/** Byte by byte one of the tables that the decoder is tested with: whole, or the one that devicetrees have at 0x10. */
static bool is_real(const struct nor_part *part, const struct real_table *table)
{
    uint32_t first = table->is_bfp ? 0x10 : 0;
    bool equal = true;

    for (size_t i = 0; i < strlen(table->hex) / 2; i++) {
        equal = equal && first + i < part->sfdp_len && part->sfdp[first + i] == byte_of(table->hex, i);
    }
    return equal;
}

static void tables_are_those_of_real_chips(void **state)
{
    unsigned compared = 0;

    (void)state;
    for (unsigned i = 0; i < nor_part_count; i++) {
        bool found = nor_parts[i]->sfdp == NULL;

        for (unsigned k = 0; k < OB_ARRAY_SIZE(real_tables); k++) {
            if (!found && is_of(&real_tables[k], nor_parts[i])) {
                found = is_real(nor_parts[i], &real_tables[k]);
                compared += found;
            }
        }
        if (!found) {
            print_error("%s\n", nor_parts[i]->name);
        }
        assert_true(found);
    }
    assert_true(compared >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(busy_lasts_as_long_as_the_part_takes, teardown),
        cmocka_unit_test_teardown(commands_to_a_chip_that_does_not_listen_are_reported, teardown),
        cmocka_unit_test_teardown(a_program_without_write_enable_changes_nothing, teardown),
        cmocka_unit_test_teardown(a_program_wraps_in_its_page, teardown),
        cmocka_unit_test_teardown(an_erase_with_a_byte_too_many_is_not_done, teardown),
        cmocka_unit_test_teardown(address_bytes_follow_the_mode, teardown),
        cmocka_unit_test_teardown(a_bank_register_is_another_way_into_4_byte_mode, teardown),
        cmocka_unit_test_teardown(sfdp_may_take_4_address_bytes_in_4_byte_mode, teardown),
        cmocka_unit_test_teardown(four_lanes_need_the_quad_enable_bit, teardown),
        cmocka_unit_test_teardown(continuous_read_takes_no_opcode_until_the_line_was_high, teardown),
        cmocka_unit_test_teardown(hold_low_stops_a_chip_without_quad_enable, teardown),
        cmocka_unit_test_teardown(protected_cells_stay, teardown),
        cmocka_unit_test_teardown(one_opcode_may_erase_different_sizes, teardown),
        cmocka_unit_test_teardown(pages_of_256_bytes_are_erased_alone, teardown),
        cmocka_unit_test_teardown(a_power_cut_tears_what_is_in_progress, teardown),
        cmocka_unit_test_teardown(an_interrupted_status_write_leaves_old_erased_or_some_bits, teardown),
        cmocka_unit_test_teardown(a_suspended_erase_goes_on_when_resumed, teardown),
        cmocka_unit_test(times_are_those_of_the_simulator),
        cmocka_unit_test(tables_are_those_of_real_chips),
    };

    return cmocka_run_group_tests_name("SPI NOR chip", tests, NULL, NULL);
}
