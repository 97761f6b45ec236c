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
#include "nor_bus.h"
#include "sfdp_tables.h"

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
static struct nor_bus wire;
static struct ob_spi_nor nor;
static struct ob_spi_nor_config config;
static enum ob_err bus_status;
static enum ob_err nor_status;

static const struct ob_device bus = {.name = "spi", .api = &wire.mem, .status = &bus_status};
static const struct ob_device dev = {
    .name = "nor", .config = &config, .data = &nor, .api = &nor.flash, .status = &nor_status};

/** A chip and a devicetree that describes it. */
static void describe(const struct nor_part *type)
{
    nor_chip_free(&chip);
    nor_chip_init(&chip, type);
    nor_bus_init(&wire, &chip);
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

static void begin(const struct nor_part *type)
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
    assert_true(nor.flash.may_program_again);
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

/** Content that differs from byte to byte, read back at odd places. */
static void assert_reads_on_lanes(const struct nor_part *type, unsigned lanes, bool is_quad_on, unsigned expected)
{
    uint8_t in[300];

    describe(type);
    wire.lanes = lanes;
    if (is_quad_on) {
        chip.status[type->quad_byte] |= type->quad_bit;
    }
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();
    assert_int_equal(wire.lanes_used, expected);
    assert_int_equal(ob_flash_read(&nor.flash, 0xf3, in, sizeof(in)), OB_OK);
    for (size_t i = 0; i < sizeof(in); i++) {
        assert_int_equal(in[i], nor_chip_peek(&chip, 0xf3 + (uint32_t)i));
    }
    assert_int_equal(chip.opcodes[0x01] + chip.opcodes[0x31], 0); /* no status register was written */
}

static void long_reads_use_the_lanes_that_need_no_bit_changed(void **state)
{
    (void)state;
    assert_reads_on_lanes(&mx25r6435f, 1, true, 1);
    assert_reads_on_lanes(&mx25r6435f, 2, true, 2);
    assert_reads_on_lanes(&mx25r6435f, 4, false, 2);
    assert_reads_on_lanes(&mx25r6435f, 4, true, 4);
    assert_reads_on_lanes(&w25q64jv, 4, false, 2);
    assert_reads_on_lanes(&w25q64jv, 4, true, 2); /* its table does not tell how the bit is read */
    assert_reads_on_lanes(&w25q80, 4, false, 1);  /* no tables: nobody knows */
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
        uint64_t before = nor_bus_clock_us();

        describe(&mx25r6435f);
        chip.open_line = lines[i];
        assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
        assert_string_equal(last_log, "nor: no chip answers");
        assert_true(nor_bus_clock_us() - before < 1000);
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
    chip.busy_until_us = nor_bus_clock_us() + 3000000;
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
    struct nor_part type = mx25l25635e;

    (void)state;
    memcpy(sfdp, mx25l25635e_sfdp, sizeof(sfdp));
    ob_put_le32(sfdp + 0x34, 0x07ffffff);
    type.sfdp = sfdp;
    type.size = 0x1000000;
    for (int wren = 0; wren < 2; wren++) {
        type.features |= wren != 0 ? NOR_4BYTE_NEEDS_WREN : 0;
        describe(&type);
        chip.mode_4byte = true;
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        assert_false(chip.mode_4byte);
        assert_false(chip.latch);
        assert_usable();
    }
}

/** Bytes by which places can be told apart, at the start of the chip. */
static void fill_start(void)
{
    for (uint32_t i = 0; i < 0x20000; i++) {
        nor_bus_fill(&wire, i, 1, (uint8_t) ~(i * 31 + i / 256));
    }
}

/** Its SFDP command takes 4 address bytes then, so the tables cannot be read before. */
static void mode_is_left_before_the_tables_are_read(void **state)
{
    const struct nor_part *const types[] = {&mx25r6435f, &mx66l1g45g};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(types); i++) {
        for (int wren = 0; wren < 2; wren++) {
            struct nor_part type = *types[i];

            type.features &= ~(uint32_t)NOR_RESET;
            type.features |= NOR_4BYTE_MODE | NOR_SFDP_FOLLOWS_MODE;
            type.features |= wren != 0 ? NOR_4BYTE_NEEDS_WREN : 0;
            describe(&type);
            chip.mode_4byte = true;
            assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
            assert_false(chip.mode_4byte);
            assert_false(chip.latch);
            assert_int_equal(nor.flash.erase_sizes[1], 0x8000); /* as only the tables say */
            assert_usable();
        }
    }
}

/** The tables are found with 4 address bytes only: then all commands take 4. */
static void chip_held_in_4_byte_mode_is_driven_in_it(void **state)
{
    struct nor_part type = mx25r6435f;

    (void)state;
    type.features &= ~(uint32_t)NOR_RESET;
    type.features |= NOR_SFDP_FOLLOWS_MODE;
    describe(&type);
    chip.mode_4byte = true;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_usable();
}

/** Tables that are read with 3 address bytes in any mode do not tell; what is stored does. */
static void content_shows_how_many_address_bytes_a_chip_takes(void **state)
{
    struct nor_part type = mx25r6435f;

    (void)state;
    type.features &= ~(uint32_t)NOR_RESET;
    describe(&type);
    chip.mode_4byte = true;
    fill_start();
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_true(nor.is_proven);
    assert_usable();
}

/** Nothing is stored: the first write has to show it, before anybody relies on it. */
static void blank_chip_that_counts_otherwise_fails_its_first_write(void **state)
{
    static const uint8_t data[40] = {0x3d, 0xb8, 0xf3, 0x96, 1, 2, 3};
    struct nor_part type = mx25r6435f;

    (void)state;
    type.features &= ~(uint32_t)NOR_RESET;
    for (uint32_t len = 1; len <= sizeof(data); len += 13) {
        describe(&type);
        chip.mode_4byte = true;
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        assert_int_equal(ob_flash_write(&nor.flash, 0x5000, data, len), OB_ERR_VERIFY);
    }
}

static void blank_chip_is_proven_by_its_first_write_and_not_read_back_again(void **state)
{
    static const uint8_t byte = 0x5a;
    unsigned reads;

    (void)state;
    begin(&mx25r6435f);
    assert_false(nor.is_proven);
    assert_int_equal(ob_flash_write(&nor.flash, 0x7fffff, &byte, 1), OB_OK);
    assert_true(nor.is_proven);
    reads = chip.opcodes[0x03];
    assert_int_equal(ob_flash_write(&nor.flash, 0x1000, &byte, 1), OB_OK);
    assert_int_equal(chip.opcodes[0x03], reads);
}

static void flickering_cells_do_not_refuse_a_chip(void **state)
{
    (void)state;
    for (uint8_t variant = 0; variant < sim_tear_variants(SIM_TEAR_METASTABLE); variant++) {
        describe(&mx25r6435f);
        fill_start();
        const struct sim_tear cut = {.kind = SIM_TEAR_METASTABLE, .variant = variant};
        sim_chip_erase(&chip.cells, 0, 0x1000, &cut, &chip.rng);
        for (int start = 0; start < 20; start++) {
            assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        }
    }
}

static void large_chip_that_does_not_enter_4_byte_mode_is_refused(void **state)
{
    static const uint8_t zeros[4];
    struct nor_part type = mx25l25635e;

    (void)state;
    type.features &= ~(uint32_t)NOR_4BYTE_MODE;
    describe(&type);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE;
    fill_start();
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
    assert_non_null(strstr(last_log, "3 or 4 address bytes?"));
    describe(&type);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK); /* blank */
    assert_int_equal(ob_flash_write(&nor.flash, 0x1000000, zeros, sizeof(zeros)), OB_ERR_VERIFY);
}

static void large_chip_without_the_4_byte_opcodes_of_its_table_fails_its_first_write(void **state)
{
    static const uint8_t zeros[4];
    struct nor_part type = mx66l1g45g;

    (void)state;
    type.features &= ~(uint32_t)NOR_4BYTE_OPCODES;
    begin(&type);
    assert_int_equal(ob_flash_write(&nor.flash, 0, zeros, sizeof(zeros)), OB_ERR_VERIFY);
}

/** W25Q512JV, MT25QU256A: all but the erase of 32 KiB have an opcode that takes 4 bytes. */
static void erase_without_a_4_byte_opcode_is_not_used(void **state)
{
    static uint8_t sfdp[sizeof(mx66l1g45g_sfdp)];
    struct nor_part type = mx66l1g45g;

    (void)state;
    memcpy(sfdp, mx66l1g45g_sfdp, sizeof(sfdp));
    sfdp[0xc1] &= (uint8_t)~0x04;
    sfdp[0xc5] = 0xff;
    type.sfdp = sfdp;
    type.erases[1].opcode_4byte = 0;
    begin(&type);
    assert_int_equal(nor.flash.erase_sizes[0], 0x1000);
    assert_int_equal(nor.flash.erase_sizes[1], 0x10000);
    assert_int_equal(nor.flash.erase_sizes[2], 0);
    assert_int_equal(chip.opcodes[0xb7], 0);
    assert_usable();
    nor_bus_fill(&wire, 0, 0x20000, 0xfe);
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x19000), OB_OK);
    assert_int_equal(nor_chip_peek(&chip, 0x18fff), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x19000), 0xfe);
    assert_int_equal(chip.opcodes[0x52] + chip.opcodes[0x5c], 0);
}

static void smallest_erase_without_a_4_byte_opcode_asks_for_the_mode(void **state)
{
    static uint8_t sfdp[sizeof(mx66l1g45g_sfdp)];
    struct nor_part type = mx66l1g45g;

    (void)state;
    memcpy(sfdp, mx66l1g45g_sfdp, sizeof(sfdp));
    sfdp[0xc1] &= (uint8_t)~0x02;
    type.sfdp = sfdp;
    type.erases[0].opcode_4byte = 0;
    begin(&type);
    assert_true(chip.mode_4byte);
    assert_int_equal(nor.flash.erase_sizes[0], 0x1000);
    assert_int_equal(nor.flash.erase_sizes[1], 0x8000);
    assert_usable();
}

static void bank_register_leads_to_4_byte_addresses(void **state)
{
    struct nor_part type = n25q256;

    (void)state;
    type.features &= ~(uint32_t)NOR_4BYTE_MODE;
    type.features |= NOR_BANK_REGISTER;
    describe(&type);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE_BANK;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_true(chip.mode_4byte);
    assert_false(chip.latch);
    assert_usable();
    assert_int_equal(ob_flash_reset(&nor.flash), OB_OK);
    assert_usable();

    type.features &= ~(uint32_t)NOR_BANK_REGISTER;
    describe(&type);
    config.enter_4byte = OB_SFDP_ENTER_4BYTE_BANK;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_NODEV);
}

/** Macronix MX25U6432F: 8 MiB, and its table says that addresses have 4 bytes. */
static void mx25u6432f_takes_3_address_bytes_whatever_its_table_says(void **state)
{
    static uint8_t sfdp[sizeof(mx25r6435f_sfdp)];
    struct nor_part type = mx25r6435f;

    (void)state;
    memcpy(sfdp, mx25r6435f_sfdp, sizeof(sfdp));
    for (uint8_t claim = 0x02; claim <= 0x04; claim += 2) {
        sfdp[0x12] = (uint8_t)((sfdp[0x12] & ~0x06) | claim); /* dword 1, bits 18:17: 3 or 4, 4 */
        type.sfdp = sfdp;
        type.id[1] = 0x25;
        type.id[2] = 0x37;
        begin(&type);
        assert_int_equal(nor.address_size, 3);
        assert_usable();
    }
}

/** Macronix MX25R: the table tells the times of high performance mode, the chip is sold in the other. */
static void mx25r_may_take_longer_than_its_table_says(void **state)
{
    struct nor_part type = mx25r6435f;

    (void)state;
    type.program_us = 10000;
    type.erases[0].us = 600000;
    begin(&type);
    assert_usable();
}

/** Cypress S25FS-S: pages of 512 bytes in the table, of 256 in the chip. */
static void s25fs_is_programmed_in_pages_of_256_bytes(void **state)
{
    static const uint8_t ids[][3] = {{0x01, 0x20, 0x18}, {0x01, 0x02, 0x19}, {0x01, 0x02, 0x20}};
    static uint8_t sfdp[sizeof(mx66l1g45g_sfdp)];
    struct nor_part type = mx66l1g45g;

    (void)state;
    memcpy(sfdp, mx66l1g45g_sfdp, sizeof(sfdp));
    sfdp[0x58] = (uint8_t)((sfdp[0x58] & 0x0f) | 0x90); /* dword 11, bits 7:4 */
    type.sfdp = sfdp;
    for (size_t i = 0; i < OB_ARRAY_SIZE(ids); i++) {
        memcpy(type.id, ids[i], sizeof(type.id));
        begin(&type);
        assert_int_equal(nor.flash.program_size, 256);
        assert_usable();
    }
}

/** SST26VF064B, whose opcode 0xD8 erases what the place has; its sector map cannot be read. */
static void erase_whose_size_depends_on_the_place_is_not_used(void **state)
{
    static uint8_t bfp[sizeof(mx25r6435f_bfp)];
    static const uint8_t types[] = {0x0c, 0x20, 0x0d, 0xd8, 0x0f, 0xd8, 0x10, 0xd8};
    struct nor_part type = w25q80;

    (void)state;
    memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
    memcpy(bfp + 28, types, sizeof(types));
    type.size = 0x800000;
    memcpy(type.regions, sst26vf064b.regions, sizeof(type.regions));
    type.erases[2].size = 0;
    describe(&type);
    config.bfp = bfp;
    config.bfp_len = sizeof(bfp);
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(nor.flash.erase_sizes[1], 0);
    nor_bus_fill(&wire, 0, 0x20000, 0xfe);
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x10000), OB_OK);
    assert_int_equal(nor_chip_peek(&chip, 0xffff), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x10000), 0xfe);
    assert_int_equal(chip.opcodes[0xd8], 0);
    assert_usable();
}

/** Puya P25Q16H. */
static void chip_may_erase_256_bytes(void **state)
{
    static uint8_t bfp[sizeof(mx25r6435f_bfp)];
    struct nor_part type = w25q80;

    (void)state;
    memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
    bfp[4 + 3] = 0x00; /* 2 MiB */
    bfp[34] = 8;
    bfp[35] = 0x81;
    type.size = 0x200000;
    type.erases[3] = *nor_part_erase(&p25q16h, 0x100);
    describe(&type);
    config.bfp = bfp;
    config.bfp_len = 36;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(nor.flash.erase_sizes[0], 0x100);
    assert_int_equal(nor.flash.erase_sizes[3], 0x10000);
    nor_bus_fill(&wire, 0, 0x20000, 0xfe);
    assert_int_equal(ob_flash_erase(&nor.flash, 0xf00, 0x1200), OB_OK);
    assert_int_equal(nor_chip_peek(&chip, 0xeff), 0xfe);
    assert_int_equal(nor_chip_peek(&chip, 0xf00), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x20ff), 0xff);
    assert_int_equal(nor_chip_peek(&chip, 0x2100), 0xfe);
    assert_int_equal(chip.opcodes[0x81], 2);
    assert_int_equal(chip.opcodes[0x20], 1);
    assert_usable();
}

static void watchdog_is_fed_while_a_chip_is_busy(void **state)
{
    (void)state;
    describe(&mx25r6435f);
    chip.busy_until_us = nor_bus_clock_us() + 3000000;
    (void)nor_bus_unfed_us();
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_true(nor_bus_unfed_us() < 20000);
    chip.stuck = true;
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x10000), OB_ERR_TIMEOUT);
    assert_true(nor_bus_unfed_us() < 1000);
}

/** What was started is waited for as long as the part may take, and reports its failure when it is finished. */
static void started_operations_leave_the_wait_to_finish(void **state)
{
    static const uint8_t page[256] = {1};
    uint64_t before;

    (void)state;
    begin(&mx25r6435f);
    assert_int_equal(ob_flash_write(&nor.flash, 0x200, page, sizeof(page)), OB_OK); /* proves the addressing */
    before = nor_bus_clock_us();
    assert_int_equal(nor.flash.ops->start_write(&nor.flash, 0x100, page, sizeof(page)), OB_OK);
    assert_true(nor_bus_clock_us() - before < 300);
    assert_int_equal(nor.flash.ops->finish(&nor.flash), OB_OK);
    assert_true(nor_bus_clock_us() - before >= mx25r6435f.program_us);
    before = nor_bus_clock_us();
    assert_int_equal(nor.flash.ops->start_erase(&nor.flash, 0, 0x10000), OB_OK);
    assert_true(nor_bus_clock_us() - before < 20);
    assert_int_equal(nor.flash.ops->finish(&nor.flash), OB_OK);
    assert_true(nor_bus_clock_us() - before >= mx25r6435f.erases[0].us);
    chip.fail_array_at = 1;
    assert_int_equal(nor.flash.ops->start_erase(&nor.flash, 0, 0x1000), OB_OK);
    assert_int_equal(nor.flash.ops->finish(&nor.flash), OB_ERR_FAILED);
    chip.fail_array_at = 1;
    assert_int_equal(nor.flash.ops->start_erase(&nor.flash, 0, 0x1000), OB_OK);
    assert_int_equal(ob_flash_write(&nor.flash, 0x100, page, sizeof(page)), OB_ERR_FAILED); /* who comes next is told */
    chip.stuck = true;
    assert_int_equal(nor.flash.ops->start_erase(&nor.flash, 0, 0x1000), OB_OK);
    assert_int_equal(nor.flash.ops->finish(&nor.flash), OB_ERR_TIMEOUT);
    assert_int_equal(nor.flash.ops->finish(&nor.flash), OB_OK);
}

static void chip_busy_for_ever_is_given_up(void **state)
{
    uint64_t before = nor_bus_clock_us();

    (void)state;
    describe(&mx25r6435f);
    chip.busy_until_us = UINT64_MAX;
    assert_int_equal(ob_spi_nor_init(&dev), OB_ERR_TIMEOUT);
    assert_in_range(nor_bus_clock_us() - before, CONFIG_SPI_NOR_START_TIMEOUT_MS * UINT64_C(1000),
                    CONFIG_SPI_NOR_START_TIMEOUT_MS * UINT64_C(1000) + 1000);
}

static void stuck_erase_and_program_end_at_their_worst_case_time(void **state)
{
    uint8_t byte = 0;
    uint64_t before;

    (void)state;
    begin(&mx25r6435f);
    chip.stuck = true;
    before = nor_bus_clock_us();
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x10000), OB_ERR_TIMEOUT);
    assert_in_range(nor_bus_clock_us() - before, 3 * 3840000, 3 * 3840000 + 100); /* three times its table: an MX25R */

    begin(&mx25r6435f);
    chip.stuck = true;
    before = nor_bus_clock_us();
    assert_int_equal(ob_flash_write(&nor.flash, 0, &byte, 1), OB_ERR_TIMEOUT);
    assert_in_range(nor_bus_clock_us() - before, 3 * 5376, 3 * 5376 + 100);
}

static void failures_that_the_chip_reports_are_returned(void **state)
{
    const struct nor_part *const types[] = {&mx25r6435f, &n25q256};
    uint8_t bytes[16] = {0};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(types); i++) {
        describe(types[i]);
        config.enter_4byte = (types[i]->features & NOR_4BYTE_MODE) != 0 ? OB_SFDP_ENTER_4BYTE_WREN : 0;
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
        struct nor_part type = w25q80;

        memcpy(type.id, cases[i].id, sizeof(type.id));
        type.fail_opcode = cases[i].opcode;
        type.program_fail = type.erase_fail = cases[i].opcode == 0x70 ? 0x02 : 0x20;
        begin(&type);
        assert_int_equal(ob_flash_write(&nor.flash, 8, &zero, 1), OB_OK);
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
    before = nor_bus_clock_us();
    assert_int_equal(ob_flash_erase(&nor.flash, 0, 0x1000), OB_OK);
    assert_true(nor_bus_clock_us() - before >= n25q256.erases[0].us);
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
    wire.vanish_exec_at = 1;
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
    struct nor_part quick = mx25r6435f;
    uint8_t in[4];

    (void)state;
    nor_part_hurry(&quick, 5); /* few polls */
    for (unsigned at = 1; at < 200; at++) {
        describe(&quick);
        wire.fail_exec_at = at;
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
        if (wire.fail_exec_at != 0) {
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
    chip.status[0] = 0x64; /* one lock bit, one other */
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_int_equal(chip.opcodes[0x01], 1);
    assert_int_equal(chip.status[0], 0x40);
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
    wire.mem.mapped = window;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_ptr_equal(nor.flash.mapped, window);
    describe(&mx66l1g45g);
    wire.mem.mapped = window;
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_null(nor.flash.mapped);
}

static void transfers_respect_the_limit_of_the_controller(void **state)
{
    static const uint32_t limits[] = {1, 7, 64, 255};

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(limits); i++) {
        describe(&w25q80); /* tables are read in pieces of up to 64 bytes */
        wire.mem.max_len = OB_MAX(limits[i], 64);
        assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
        wire.mem.max_len = limits[i];
        assert_usable();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(geometry_comes_from_the_chip, teardown),
        cmocka_unit_test_teardown(every_kind_of_chip_is_usable, teardown),
        cmocka_unit_test_teardown(long_reads_use_the_lanes_that_need_no_bit_changed, teardown),
        cmocka_unit_test_teardown(four_byte_opcodes_leave_the_chip_in_3_byte_mode, teardown),
        cmocka_unit_test_teardown(large_chip_without_a_way_to_4_byte_addresses_is_refused, teardown),
        cmocka_unit_test_teardown(sfdp_bfp_of_the_devicetree_describes_a_chip_without_tables, teardown),
        cmocka_unit_test_teardown(chip_without_tables_needs_a_size_in_the_devicetree, teardown),
        cmocka_unit_test_teardown(absent_chip_is_reported_at_once, teardown),
        cmocka_unit_test_teardown(wrong_chip_is_named, teardown),
        cmocka_unit_test_teardown(failed_bus_fails_the_chip, teardown),
        cmocka_unit_test_teardown(chip_may_be_in_any_state, teardown),
        cmocka_unit_test_teardown(small_chip_left_in_4_byte_mode_is_brought_back, teardown),
        cmocka_unit_test_teardown(mode_is_left_before_the_tables_are_read, teardown),
        cmocka_unit_test_teardown(chip_held_in_4_byte_mode_is_driven_in_it, teardown),
        cmocka_unit_test_teardown(content_shows_how_many_address_bytes_a_chip_takes, teardown),
        cmocka_unit_test_teardown(blank_chip_that_counts_otherwise_fails_its_first_write, teardown),
        cmocka_unit_test_teardown(blank_chip_is_proven_by_its_first_write_and_not_read_back_again, teardown),
        cmocka_unit_test_teardown(flickering_cells_do_not_refuse_a_chip, teardown),
        cmocka_unit_test_teardown(large_chip_that_does_not_enter_4_byte_mode_is_refused, teardown),
        cmocka_unit_test_teardown(large_chip_without_the_4_byte_opcodes_of_its_table_fails_its_first_write, teardown),
        cmocka_unit_test_teardown(erase_without_a_4_byte_opcode_is_not_used, teardown),
        cmocka_unit_test_teardown(smallest_erase_without_a_4_byte_opcode_asks_for_the_mode, teardown),
        cmocka_unit_test_teardown(bank_register_leads_to_4_byte_addresses, teardown),
        cmocka_unit_test_teardown(mx25u6432f_takes_3_address_bytes_whatever_its_table_says, teardown),
        cmocka_unit_test_teardown(mx25r_may_take_longer_than_its_table_says, teardown),
        cmocka_unit_test_teardown(s25fs_is_programmed_in_pages_of_256_bytes, teardown),
        cmocka_unit_test_teardown(erase_whose_size_depends_on_the_place_is_not_used, teardown),
        cmocka_unit_test_teardown(chip_may_erase_256_bytes, teardown),
        cmocka_unit_test_teardown(watchdog_is_fed_while_a_chip_is_busy, teardown),
        cmocka_unit_test_teardown(started_operations_leave_the_wait_to_finish, teardown),
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
