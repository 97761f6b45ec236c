/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/util.h>

#include "../../drivers/flash/sfdp.h"
#include "sfdp_real_tables.h"
#include "sfdp_tables.h"

#define SPACE 0x1000000u /* bytes that the 24-bit addresses of 0x5A reach */

/** A table in RAM; fail_at: the n-th read from now fails. */
struct table {
    const uint8_t *bytes;
    uint32_t len;
    unsigned reads;
    unsigned fail_at;
};

static enum ob_err table_read(void *ctx, uint32_t off, void *dst, uint32_t len)
{
    struct table *table = ctx;
    uint8_t *to = dst;

    table->reads++;
    assert_true(len <= 64 && off < SPACE && len <= SPACE - off);
    if (table->reads == table->fail_at) {
        return OB_ERR_BUS;
    }
    for (uint32_t i = 0; i < len; i++) {
        to[i] = off + i < table->len ? table->bytes[off + i] : 0xff;
    }
    return OB_OK;
}

static enum ob_err decode(const uint8_t *bytes, uint32_t len, struct ob_sfdp *out)
{
    struct table table = {.bytes = bytes, .len = len};
    const struct ob_sfdp_source source = {.read = table_read, .ctx = &table};

    return ob_sfdp_read(&source, out);
}

static void assert_erase(const struct ob_sfdp_erase *erase, uint32_t size, uint8_t opcode, uint32_t max_us)
{
    assert_int_equal(erase->size, size);
    assert_int_equal(erase->opcode, opcode);
    assert_int_equal(erase->max_us, max_us);
}

static void assert_read(const struct ob_sfdp_read *read, uint8_t opcode, uint8_t address_lanes, uint8_t data_lanes,
                        uint8_t dummy_cycles)
{
    assert_int_equal(read->opcode, opcode);
    assert_int_equal(read->address_lanes, address_lanes);
    assert_int_equal(read->data_lanes, data_lanes);
    assert_int_equal(read->dummy_cycles, dummy_cycles);
}

static void assert_mx25r6435f(const struct ob_sfdp *sfdp)
{
    assert_int_equal(sfdp->size, 0x800000);
    assert_int_equal(sfdp->page_size, 256);
    assert_int_equal(sfdp->program_max_us, 6 * 14 * 64);
    assert_erase(&sfdp->erase[0], 0x1000, 0x20, 8 * 3 * 16000);
    assert_erase(&sfdp->erase[1], 0x8000, 0x52, 8 * 15 * 16000);
    assert_erase(&sfdp->erase[2], 0x10000, 0xd8, 8 * 30 * 16000);
    assert_int_equal(sfdp->erase[3].size, 0);
    assert_read(&sfdp->reads[OB_SFDP_READ_1_4_4], 0xeb, 4, 4, 6);
    assert_read(&sfdp->reads[OB_SFDP_READ_1_1_4], 0x6b, 1, 4, 8);
    assert_read(&sfdp->reads[OB_SFDP_READ_1_2_2], 0xbb, 2, 2, 4);
    assert_read(&sfdp->reads[OB_SFDP_READ_1_1_2], 0x3b, 1, 2, 8);
    assert_int_equal(sfdp->address, OB_SFDP_ADDRESS_3);
    assert_int_equal(sfdp->quad, OB_SFDP_QUAD_S1B6);
    assert_true(sfdp->soft_reset);
    assert_false(sfdp->opcodes_4byte);
}

static void mx25r6435f_is_known_from_chip_and_devicetree(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    assert_int_equal(decode(mx25r6435f_sfdp, sizeof(mx25r6435f_sfdp), &sfdp), OB_OK);
    assert_mx25r6435f(&sfdp);
    assert_int_equal(ob_sfdp_parse_bfp(mx25r6435f_bfp, sizeof(mx25r6435f_bfp), &sfdp), OB_OK);
    assert_mx25r6435f(&sfdp);
}

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static uint32_t from_hex(const char *hex, uint8_t bytes[512])
{
    uint32_t len = (uint32_t)strlen(hex) / 2;

    assert_true(len <= 512);
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    return len;
}

static void assert_as_wanted(const struct ob_sfdp *sfdp, const struct ob_sfdp *want)
{
    assert_int_equal(sfdp->size, want->size);
    assert_int_equal(sfdp->page_size, want->page_size);
    assert_int_equal(sfdp->program_max_us, want->program_max_us);
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        assert_erase(&sfdp->erase[i], want->erase[i].size, want->erase[i].opcode, want->erase[i].max_us);
        assert_int_equal(sfdp->erase[i].opcode_4byte, want->erase[i].opcode_4byte);
    }
    assert_int_equal(sfdp->address, want->address);
    assert_int_equal(sfdp->quad, want->quad);
    assert_int_equal(sfdp->enter_4byte, want->enter_4byte);
    assert_int_equal(sfdp->opcodes_4byte, want->opcodes_4byte);
    assert_int_equal(sfdp->soft_reset, want->soft_reset);
}

static void real_tables_say_what_jesd216_says(void **state)
{
    uint8_t bytes[512];
    struct ob_sfdp sfdp;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(real_tables); i++) {
        const struct real_table *table = &real_tables[i];
        uint32_t len = from_hex(table->hex, bytes);

        print_message("%s\n", table->name);
        assert_int_equal(table->is_bfp ? ob_sfdp_parse_bfp(bytes, len, &sfdp) : decode(bytes, len, &sfdp), OB_OK);
        assert_as_wanted(&sfdp, &table->want);
    }
}

static void first_revision_of_the_standard_leaves_times_at_their_limits(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    assert_int_equal(decode(mx25l25635e_sfdp, sizeof(mx25l25635e_sfdp), &sfdp), OB_OK);
    assert_int_equal(sfdp.size, 0x2000000);
    assert_int_equal(sfdp.page_size, 256);
    assert_erase(&sfdp.erase[0], 0x1000, 0x20, 1000000);
    assert_erase(&sfdp.erase[1], 0x8000, 0x52, 3000000);
    assert_erase(&sfdp.erase[2], 0x10000, 0xd8, 5000000);
    assert_int_equal(sfdp.address, OB_SFDP_ADDRESS_3_OR_4);
    assert_int_equal(sfdp.enter_4byte, 0);
    assert_int_equal(sfdp.quad, OB_SFDP_QUAD_UNKNOWN);
    assert_false(sfdp.soft_reset);
    assert_false(sfdp.opcodes_4byte);
}

static void four_byte_opcodes_are_found(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    assert_int_equal(decode(mx66l1g45g_sfdp, sizeof(mx66l1g45g_sfdp), &sfdp), OB_OK);
    assert_int_equal(sfdp.size, 0x8000000);
    assert_true(sfdp.opcodes_4byte);
    assert_int_equal(sfdp.erase[0].opcode_4byte, 0x21);
    assert_int_equal(sfdp.erase[1].opcode_4byte, 0x5c);
    assert_int_equal(sfdp.erase[2].opcode_4byte, 0xdc);
    assert_int_equal(sfdp.enter_4byte & OB_SFDP_ENTER_4BYTE, OB_SFDP_ENTER_4BYTE);
    assert_true(sfdp.soft_reset);
}

/** The table of the MX66L1G45G without one of the things it supports: bit of dword 1 of the 4-byte table. */
static void decode_without(unsigned bit, struct ob_sfdp *out)
{
    uint8_t bytes[sizeof(mx66l1g45g_sfdp)];

    memcpy(bytes, mx66l1g45g_sfdp, sizeof(bytes));
    bytes[0xc0 + bit / 8] &= (uint8_t) ~(1u << bit % 8);
    assert_int_equal(decode(bytes, sizeof(bytes), out), OB_OK);
}

static void four_byte_opcodes_need_read_and_program(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    decode_without(0, &sfdp);
    assert_false(sfdp.opcodes_4byte);
    decode_without(6, &sfdp);
    assert_false(sfdp.opcodes_4byte);
}

static void erase_without_a_four_byte_opcode_is_known_by_itself(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 3; type++) {
        struct ob_sfdp sfdp;

        decode_without(9 + type, &sfdp);
        assert_true(sfdp.opcodes_4byte);
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(sfdp.erase[i].opcode_4byte == 0, i == type);
        }
    }
}

static void four_byte_opcodes_that_nobody_filled_in_are_none(void **state)
{
    uint8_t bytes[sizeof(mx66l1g45g_sfdp)];
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bytes, mx66l1g45g_sfdp, sizeof(bytes));
    memset(bytes + 0xc0, 0xff, 8);
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_OK);
    assert_false(sfdp.opcodes_4byte);
    memset(bytes + 0xc4, 0x00, 4);
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_OK);
    assert_false(sfdp.opcodes_4byte);
}

static void each_fact_is_read_as_soon_as_the_table_has_it(void **state)
{
    struct ob_sfdp assumed, sfdp;

    (void)state;
    ob_sfdp_assume(0x800000, &assumed);
    for (uint32_t dwords = 9; dwords <= 16; dwords++) {
        assert_int_equal(ob_sfdp_parse_bfp(mx25r6435f_bfp, 4 * dwords, &sfdp), OB_OK);
        assert_int_equal(sfdp.erase[0].max_us, dwords < 10 ? assumed.erase[0].max_us : 384000);
        assert_int_equal(sfdp.program_max_us, dwords < 11 ? assumed.program_max_us : 5376);
        assert_int_equal(sfdp.quad, dwords < 15 ? OB_SFDP_QUAD_UNKNOWN : OB_SFDP_QUAD_S1B6);
        assert_int_equal(sfdp.soft_reset, dwords == 16);
    }
}

static void assumptions_hold_for_every_chip(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    ob_sfdp_assume(0x100000, &sfdp);
    assert_int_equal(sfdp.size, 0x100000);
    assert_int_equal(sfdp.page_size, 256);
    assert_erase(&sfdp.erase[0], 0x1000, 0x20, 1000000);
    assert_erase(&sfdp.erase[1], 0x10000, 0xd8, 5000000);
    assert_int_equal(sfdp.erase[2].size, 0);
    assert_int_equal(sfdp.address, OB_SFDP_ADDRESS_3);
    assert_int_equal(sfdp.quad, OB_SFDP_QUAD_UNKNOWN);
    assert_false(sfdp.soft_reset || sfdp.opcodes_4byte || sfdp.enter_4byte != 0);
}

/** The BFP of the MX25R6435F with one dword replaced. */
static void patch_dword(uint8_t bfp[64], unsigned number, uint32_t value)
{
    memcpy(bfp, mx25r6435f_bfp, 64);
    ob_put_le32(bfp + 4 * (number - 1), value);
}

static void density_is_decoded_in_both_forms_and_bounded(void **state)
{
    static const struct {
        uint32_t dword;
        enum ob_err err;
        uint32_t size;
    } cases[] = {
        {0x0007ffff, OB_OK, 0x10000},    /* one block */
        {0x7fffffff, OB_OK, 0x10000000}, /* 2 Gbit, the last in bits */
        {0x80000020, OB_OK, 0x20000000}, /* 2^32 bits */
        {0x80000022, OB_OK, 0x80000000}, /* 2^34 bits */
        {0x80000023, OB_ERR_FORMAT, 0},  /* 4 GiB: offsets have 32 bits */
        {0x8000001f, OB_ERR_FORMAT, 0},  /* must not be used below 4 Gbit */
        {0xffffffff, OB_ERR_FORMAT, 0},  /* blank */
        {0x00000000, OB_ERR_FORMAT, 0},  /* one bit */
        {0x0007fffe, OB_ERR_FORMAT, 0},  /* not whole bytes */
        {0x0007fff7, OB_ERR_FORMAT, 0},  /* not whole blocks */
        {0x00007fff, OB_ERR_FORMAT, 0},  /* smaller than its own block erase */
    };
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(cases); i++) {
        patch_dword(bfp, 2, cases[i].dword);
        assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), cases[i].err);
        assert_true(cases[i].err != OB_OK || sfdp.size == cases[i].size);
    }
}

static void erase_types_are_sorted_and_each_size_kept_once(void **state)
{
    static const uint8_t types[] = {0x10, 0xd8, 0x0c, 0x20, 0x10, 0xd9, 0x0f, 0x52};
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
    memcpy(bfp + 28, types, sizeof(types));
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].size, 0x1000);
    assert_int_equal(sfdp.erase[1].size, 0x8000);
    assert_int_equal(sfdp.erase[2].size, 0x10000);
    assert_int_equal(sfdp.erase[2].opcode, 0xd8);
    assert_int_equal(sfdp.erase[3].size, 0);
}

/** Which one an opcode erases depends on the place, or on who filled in the table. */
static void erase_types_of_one_opcode_are_not_believed(void **state)
{
    static const uint8_t sst26[] = {0x0c, 0x20, 0x0d, 0xd8, 0x0f, 0xd8, 0x10, 0xd8};
    static const uint8_t all_one[] = {0x0c, 0x20, 0x0f, 0x20, 0x10, 0x20, 0x00, 0xff};
    static const uint8_t twice[] = {0x0c, 0x20, 0x0c, 0x20, 0x10, 0xd8, 0x00, 0xff};
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
    memcpy(bfp + 28, sst26, sizeof(sst26));
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].opcode, 0x20);
    assert_int_equal(sfdp.erase[1].size, 0);
    memcpy(bfp + 28, all_one, sizeof(all_one));
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_ERR_FORMAT);
    memcpy(bfp + 28, twice, sizeof(twice)); /* the same thing, said twice */
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].size, 0x1000);
    assert_int_equal(sfdp.erase[1].size, 0x10000);
    assert_int_equal(sfdp.erase[2].size, 0);
}

static void times_end_where_real_parts_do(void **state)
{
    static const uint8_t types[] = {0x0c, 0x20, 0x0f, 0x52, 0x10, 0xd8, 0x12, 0x61};
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
    memcpy(bfp + 28, types, sizeof(types));
    memset(bfp + 36, 0xff, 4); /* 1024 s each */
    bfp[40] |= 0x0f;
    bfp[41] |= 0x3f; /* 65 ms */
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_erase(&sfdp.erase[0], 0x1000, 0x20, 1000000);
    assert_erase(&sfdp.erase[1], 0x8000, 0x52, 3000000);
    assert_erase(&sfdp.erase[2], 0x10000, 0xd8, 5000000);
    assert_erase(&sfdp.erase[3], 0x40000, 0x61, 12000000);
    assert_int_equal(sfdp.program_max_us, 20000);
}

static void tables_without_a_usable_erase_are_refused(void **state)
{
    static const uint8_t none[8] = {0}, absurd[8] = {32, 0x20}, below_page[8] = {7, 0x20};
    const uint8_t *const cases[] = {none, absurd, below_page};
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(cases); i++) {
        memcpy(bfp, mx25r6435f_bfp, sizeof(bfp));
        memcpy(bfp + 28, cases[i], 8);
        assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_ERR_FORMAT);
    }
}

static void unusual_but_legal_tables_are_accepted(void **state)
{
    uint8_t bfp[64];
    struct ob_sfdp sfdp;

    (void)state;
    patch_dword(bfp, 1, 0xfff520e5); /* 4 address bytes only */
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_int_equal(sfdp.address, OB_SFDP_ADDRESS_4);
    patch_dword(bfp, 1, 0xfff720e5); /* reserved */
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_ERR_FORMAT);
    patch_dword(bfp, 8, 0x520f8108); /* pages that can be erased alone */
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_erase(&sfdp.erase[0], 256, 0x81, 384000);
    patch_dword(bfp, 2, 0x80000022); /* 2 GiB, and an erase of all of it */
    bfp[34] = 31;
    bfp[35] = 0x61;
    assert_int_equal(ob_sfdp_parse_bfp(bfp, sizeof(bfp), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[3].size, 0x80000000);
}

static void table_may_end_with_the_address_space_but_not_past_it(void **state)
{
    uint8_t *bytes = calloc(SPACE, 1);
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bytes, mx25r6435f_sfdp, 16);
    memcpy(bytes + SPACE - 64, mx25r6435f_bfp, 64);
    ob_put_le32(bytes + 12, 0xff000000 | (SPACE - 64));
    assert_int_equal(decode(bytes, SPACE, &sfdp), OB_OK);
    assert_mx25r6435f(&sfdp);
    ob_put_le32(bytes + 12, 0xff000000 | (SPACE - 63));
    assert_int_equal(decode(bytes, SPACE, &sfdp), OB_ERR_FORMAT);
    free(bytes);
}

static void bfp_cut_short_is_refused(void **state)
{
    struct ob_sfdp sfdp;

    (void)state;
    for (uint32_t len = 0; len <= sizeof(mx25r6435f_bfp); len++) {
        uint8_t *copy = malloc(len == 0 ? 1 : len); /* exact, for the sanitizer */

        memcpy(copy, mx25r6435f_bfp, len);
        assert_int_equal(ob_sfdp_parse_bfp(copy, len, &sfdp), len < 36 ? OB_ERR_FORMAT : OB_OK);
        free(copy);
    }
}

static void newest_revision_of_the_bfp_wins(void **state)
{
    uint8_t bytes[0x20 + 2 * 64] = {'S',  'F',  'D',  'P',  0x06, 0x01, 0x01, 0xff, 0x00, 0x06, 0x01, 0x10,
                                    0x20, 0x00, 0x00, 0xff, 0x00, 0x00, 0x01, 0x09, 0x60, 0x00, 0x00, 0xff};
    struct ob_sfdp sfdp;

    (void)state;
    memcpy(bytes + 0x20, mx25r6435f_bfp, 64);
    memcpy(bytes + 0x60, mx25l25635e_sfdp + 0x30, 36);
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_OK);
    assert_mx25r6435f(&sfdp);
}

#define MAP_OFF 0x58u

/** The BFP of the MX25R6435F with a sector map after it. */
static enum ob_err decode_with_map(bool is_4k_uniform, const uint32_t *map, uint32_t dwords, struct ob_sfdp *out)
{
    uint8_t bytes[MAP_OFF + 64] = {'S',  'F',  'D',  'P',  0x06, 0x01, 0x01, 0xff, 0x00,    0x06, 0x01, 0x10,
                                   0x18, 0x00, 0x00, 0xff, 0x81, 0x00, 0x01, 0x00, MAP_OFF, 0x00, 0x00, 0xff};

    memcpy(bytes + 0x18, mx25r6435f_bfp, 64);
    bytes[0x18] = is_4k_uniform ? 0xe5 : 0xe7; /* dword 1, bits 1:0 */
    bytes[0x13] = (uint8_t)dwords;
    for (uint32_t i = 0; i < dwords; i++) {
        ob_put_le32(bytes + MAP_OFF + 4 * i, map[i]);
    }
    return decode(bytes, sizeof(bytes), out);
}

static void sector_map_leaves_what_all_regions_share(void **state)
{
    /* Types 1, 2, 3 are 4, 32, 64 KiB. Two commands, then two set-ups: parameter sectors at the start, or none. */
    static const uint32_t hybrid[] = {0x08ff65fc, 0x00000002, 0x04ff65fd, 0x00000003, 0x000100fe,
                                      0x00007ff5, 0x007f7ff4, 0x000001ff, 0x007ffff6};
    static const uint32_t uniform[] = {0x000000ff, 0x007ffff4};
    struct ob_sfdp sfdp;

    (void)state;
    assert_int_equal(decode_with_map(false, hybrid, OB_ARRAY_SIZE(hybrid), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].size, 0x10000);
    assert_int_equal(sfdp.erase[1].size, 0);
    assert_int_equal(decode_with_map(true, hybrid, OB_ARRAY_SIZE(hybrid), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].size, 0x1000); /* the BFP says that of all of the chip */
    assert_int_equal(sfdp.erase[1].size, 0x10000);
    assert_int_equal(decode_with_map(false, uniform, OB_ARRAY_SIZE(uniform), &sfdp), OB_OK);
    assert_int_equal(sfdp.erase[0].size, 0x10000);
}

static void sector_map_that_ends_early_leaves_only_the_uniform_erase(void **state)
{
    static const uint32_t cut[] = {0x000300ff, 0x00007fff, 0x007f7fff}; /* two of four regions */
    static const uint32_t never_last[] = {0x000000fe, 0x007fffff};
    static const uint32_t commands[] = {0x08ff65fc, 0x00000002, 0x08ff65fd};
    static const struct {
        const uint32_t *map;
        uint32_t dwords;
    } cases[] = {{cut, 3}, {never_last, 2}, {commands, 3}, {commands, 0}};
    struct ob_sfdp sfdp;

    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(cases); i++) {
        assert_int_equal(decode_with_map(true, cases[i].map, cases[i].dwords, &sfdp), OB_OK);
        assert_int_equal(sfdp.erase[0].size, 0x1000);
        assert_int_equal(sfdp.erase[1].size, 0);
        assert_int_equal(decode_with_map(false, cases[i].map, cases[i].dwords, &sfdp), OB_ERR_FORMAT);
    }
}

static void absent_or_foreign_tables_are_refused(void **state)
{
    uint8_t bytes[sizeof(mx25r6435f_sfdp)];
    struct ob_sfdp sfdp;

    (void)state;
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_ERR_FORMAT);
    memset(bytes, 0x00, sizeof(bytes));
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_ERR_FORMAT);
    memcpy(bytes, mx25r6435f_sfdp, sizeof(bytes));
    bytes[5] = 2; /* a later major revision */
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_ERR_FORMAT);
    memcpy(bytes, mx25r6435f_sfdp, sizeof(bytes));
    bytes[15] = 0xfe; /* not the BFP's id */
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_ERR_FORMAT);
    memcpy(bytes, mx25r6435f_sfdp, sizeof(bytes));
    memset(bytes + 12, 0xff, 3); /* the table would end past the address space */
    assert_int_equal(decode(bytes, sizeof(bytes), &sfdp), OB_ERR_FORMAT);
}

static void bus_errors_are_passed_on_and_nothing_is_written(void **state)
{
    struct table table = {.bytes = mx66l1g45g_sfdp, .len = sizeof(mx66l1g45g_sfdp)};
    const struct ob_sfdp_source source = {.read = table_read, .ctx = &table};
    struct ob_sfdp sfdp, untouched;
    unsigned total;

    (void)state;
    assert_int_equal(ob_sfdp_read(&source, &sfdp), OB_OK);
    total = table.reads;
    memset(&untouched, 0x5a, sizeof(untouched));
    for (unsigned n = 1; n <= total; n++) {
        memcpy(&sfdp, &untouched, sizeof(sfdp));
        table.reads = 0;
        table.fail_at = n;
        assert_int_equal(ob_sfdp_read(&source, &sfdp), OB_ERR_BUS);
        assert_memory_equal(&sfdp, &untouched, sizeof(sfdp));
    }
}

/** What a driver relies on, whatever the bytes were. */
static void assert_sane(const struct ob_sfdp *sfdp)
{
    uint32_t before = 1;

    assert_true(sfdp->size > 0 && sfdp->page_size > 0 && sfdp->program_max_us > 0);
    assert_true(sfdp->address <= OB_SFDP_ADDRESS_4);
    assert_true(sfdp->erase[0].size >= sfdp->page_size);
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && sfdp->erase[i].size != 0; i++) {
        assert_int_equal(sfdp->erase[i].size % before, 0);
        assert_true(i == 0 || sfdp->erase[i].size > before);
        assert_int_equal(sfdp->size % sfdp->erase[i].size, 0);
        assert_true(sfdp->erase[i].max_us > 0);
        before = sfdp->erase[i].size;
    }
}

/** A fixed sequence, so that a failure can be repeated. Source: Marsaglia, Xorshift RNGs, 2003. */
static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void hostile_tables_are_refused_or_sane(void **state)
{
    uint8_t bytes[sizeof(mx66l1g45g_sfdp)];
    struct ob_sfdp sfdp;
    uint32_t seed = 0x6f757462;
    unsigned accepted = 0;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        unsigned edits = 1 + random_next(&seed) % 8;

        memcpy(bytes, mx66l1g45g_sfdp, sizeof(bytes));
        while (edits-- > 0) {
            bytes[random_next(&seed) % sizeof(bytes)] = (uint8_t)random_next(&seed);
        }
        if (decode(bytes, random_next(&seed) % (sizeof(bytes) + 1), &sfdp) == OB_OK) {
            assert_sane(&sfdp);
            accepted++;
        }
    }
    assert_true(accepted > 1000); /* else the mutations would test the signature only */
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t bfp[64];

        for (size_t i = 0; i < sizeof(bfp); i++) {
            bfp[i] = (uint8_t)random_next(&seed);
        }
        if (ob_sfdp_parse_bfp(bfp, random_next(&seed) % 65, &sfdp) == OB_OK) {
            assert_sane(&sfdp);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mx25r6435f_is_known_from_chip_and_devicetree),
        cmocka_unit_test(first_revision_of_the_standard_leaves_times_at_their_limits),
        cmocka_unit_test(four_byte_opcodes_are_found),
        cmocka_unit_test(real_tables_say_what_jesd216_says),
        cmocka_unit_test(four_byte_opcodes_need_read_and_program),
        cmocka_unit_test(erase_without_a_four_byte_opcode_is_known_by_itself),
        cmocka_unit_test(four_byte_opcodes_that_nobody_filled_in_are_none),
        cmocka_unit_test(erase_types_of_one_opcode_are_not_believed),
        cmocka_unit_test(times_end_where_real_parts_do),
        cmocka_unit_test(each_fact_is_read_as_soon_as_the_table_has_it),
        cmocka_unit_test(assumptions_hold_for_every_chip),
        cmocka_unit_test(density_is_decoded_in_both_forms_and_bounded),
        cmocka_unit_test(erase_types_are_sorted_and_each_size_kept_once),
        cmocka_unit_test(tables_without_a_usable_erase_are_refused),
        cmocka_unit_test(unusual_but_legal_tables_are_accepted),
        cmocka_unit_test(table_may_end_with_the_address_space_but_not_past_it),
        cmocka_unit_test(bfp_cut_short_is_refused),
        cmocka_unit_test(newest_revision_of_the_bfp_wins),
        cmocka_unit_test(sector_map_leaves_what_all_regions_share),
        cmocka_unit_test(sector_map_that_ends_early_leaves_only_the_uniform_erase),
        cmocka_unit_test(absent_or_foreign_tables_are_refused),
        cmocka_unit_test(bus_errors_are_passed_on_and_nothing_is_written),
        cmocka_unit_test(hostile_tables_are_refused_or_sane),
    };

    return cmocka_run_group_tests_name("sfdp", tests, NULL, NULL);
}
