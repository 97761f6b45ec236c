/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/util.h>

#include "sfdp.h"
#include "spi_nor_facts.h"

/* JESD216D-01, 6.2 and 6.3: SFDP header and parameter headers. */
#define HEADER_SIZE 8
#define SIGNATURE 0x50444653u /* "SFDP" */
#define MAJOR 1
#define ID_BFP 0xff00u
#define ID_SECTOR_MAP 0xff81u
#define ID_4BYTE 0xff84u
#define SPACE 0x1000000u /* bytes: table pointers have 24 bits */

#define BFP_DWORDS_MIN 9 /* the first revision of JESD216 */
#define BFP_DWORDS 16
#define TABLE_4BYTE_DWORDS 2

#define BLANK 0xffu /* an opcode that nobody filled in */

/* What real parts need at most. Nothing that a table says makes a wait longer, and it holds for those that say nothing.
 */
#define PROGRAM_MAX_US 20000u

static uint32_t erase_limit_us(uint32_t size)
{
    static const struct {
        uint32_t size;
        uint32_t max_us;
    } limits[] = {{0x1000, 1000000}, {0x8000, 3000000}, {0x10000, 5000000}};

    for (unsigned i = 0; i < OB_ARRAY_SIZE(limits); i++) {
        if (size <= limits[i].size) {
            return limits[i].max_us;
        }
    }
    return 12000000;
}

#define ERASE_MIN 256u   /* bytes: no part erases less */
#define SIZE_MAX_LOG2 31 /* bytes: offsets are 32 bits wide */

static uint32_t bits(uint32_t dword, unsigned high, unsigned low)
{
    return dword >> low & UINT32_MAX >> (31 - (high - low));
}

/** The standard counts dwords from 1. */
static uint32_t dword(const uint8_t *table, unsigned number)
{
    return ob_get_le32(table + 4 * (number - 1));
}

void ob_sfdp_assume(uint32_t size, struct ob_sfdp *out)
{
    *out = (struct ob_sfdp){
        .size = size,
        .page_size = 256,
        .program_max_us = PROGRAM_MAX_US,
        .erase = {{.size = 0x1000, .max_us = erase_limit_us(0x1000), .opcode = 0x20},
                  {.size = 0x10000, .max_us = erase_limit_us(0x10000), .opcode = 0xd8}},
        .quad = OB_SFDP_QUAD_UNKNOWN,
    };
}

/** Dword 2: the density in bits, less one; or its logarithm when bit 31 is set. 0: not a size that we can address. */
static uint32_t density(uint32_t value)
{
    uint32_t log2 = bits(value, 30, 0);

    if (bits(value, 31, 31) == 0) {
        return value % 8 == 7 ? value / 8 + 1 : 0;
    }
    return log2 >= 32 && log2 - 3 <= SIZE_MAX_LOG2 ? UINT32_C(1) << (log2 - 3) : 0;
}

/** Dwords 8 and 9: the logarithm of the size, then the opcode, 16 bits for each of the four types. */
static bool parse_erase_type(const uint8_t *bfp, unsigned type, struct ob_sfdp_erase *out)
{
    const uint8_t *entry = bfp + 4 * (8 - 1) + 2 * type;

    *out = (struct ob_sfdp_erase){0};
    if (entry[0] == 0 || entry[1] == 0 || entry[1] == BLANK) {
        return true; /* not offered */
    }
    if (entry[0] > SIZE_MAX_LOG2) {
        return false;
    }
    out->size = UINT32_C(1) << entry[0];
    out->opcode = entry[1];
    out->max_us = erase_limit_us(out->size);
    return true;
}

/** Dword 10: 5 bits of count and 2 of unit for each type from bit 4; bits 3:0 lead from typical to worst case. */
static uint32_t erase_max_us(uint32_t value, unsigned type)
{
    static const uint32_t unit_us[] = {1000, 16000, 128000, 1000000};
    unsigned low = 4 + 7 * type;

    return 2 * (bits(value, 3, 0) + 1) * (bits(value, low + 4, low) + 1) * unit_us[bits(value, low + 6, low + 5)];
}

/** Dword 11: bits 12:8 count, 13 unit, 3:0 from typical to worst case. */
static uint32_t program_max_us(uint32_t value)
{
    return 2 * (bits(value, 3, 0) + 1) * (bits(value, 12, 8) + 1) * (bits(value, 13, 13) == 0 ? 8 : 64);
}

/** Dword 1 tells which reads there are; dwords 3 and 4 hold 16 bits for each: wait states, mode clocks, opcode. */
static void parse_reads(const uint8_t *bfp, struct ob_sfdp_read reads[OB_SFDP_READS])
{
    static const struct {
        uint8_t supported_bit, dword, low, address_lanes, data_lanes;
    } places[OB_SFDP_READS] = {
        [OB_SFDP_READ_1_4_4] = {21, 3, 0, 4, 4},
        [OB_SFDP_READ_1_1_4] = {22, 3, 16, 1, 4},
        [OB_SFDP_READ_1_2_2] = {20, 4, 16, 2, 2},
        [OB_SFDP_READ_1_1_2] = {16, 4, 0, 1, 2},
    };

    for (unsigned i = 0; i < OB_SFDP_READS; i++) {
        uint32_t value = dword(bfp, places[i].dword) >> places[i].low;

        if (bits(dword(bfp, 1), places[i].supported_bit, places[i].supported_bit) != 0) {
            reads[i] = (struct ob_sfdp_read){
                .opcode = (uint8_t)bits(value, 15, 8),
                .address_lanes = places[i].address_lanes,
                .data_lanes = places[i].data_lanes,
                .dummy_cycles = (uint8_t)(bits(value, 4, 0) + bits(value, 7, 5)),
            };
        }
    }
}

/** Erase types in the order of the table, so that the 4-byte table can refer to them. */
static bool parse_bfp(const uint8_t *bfp, uint32_t dwords, struct ob_sfdp *out)
{
    ob_sfdp_assume(density(dword(bfp, 2)), out);
    out->address = bits(dword(bfp, 1), 18, 17); /* the fourth value is reserved, refused by usable() */
    parse_reads(bfp, out->reads);
    for (unsigned type = 0; type < OB_FLASH_ERASE_SIZES; type++) {
        if (!parse_erase_type(bfp, type, &out->erase[type])) {
            return false;
        }
        if (dwords >= 10) {
            out->erase[type].max_us = OB_MIN(erase_max_us(dword(bfp, 10), type), out->erase[type].max_us);
        }
    }
    if (dwords >= 11) {
        out->page_size = UINT32_C(1) << bits(dword(bfp, 11), 7, 4);
        out->program_max_us = OB_MIN(program_max_us(dword(bfp, 11)), PROGRAM_MAX_US);
    }
    if (dwords >= 15) {
        out->quad = bits(dword(bfp, 15), 22, 20);
    }
    if (dwords >= 16) {
        out->soft_reset = bits(dword(bfp, 16), 12, 12) != 0;
        out->enter_4byte = (uint8_t)bits(dword(bfp, 16), 31, 24);
    }
    return true;
}

/** One opcode for several sizes: which one it erases depends on the place, or on who filled in the table. */
static bool is_ambiguous(const struct ob_sfdp_erase erase[OB_FLASH_ERASE_SIZES], const struct ob_sfdp_erase *type)
{
    for (const struct ob_sfdp_erase *other = erase; other < erase + OB_FLASH_ERASE_SIZES; other++) {
        bool is_same =
            other->opcode == type->opcode || (other->opcode_4byte != 0 && other->opcode_4byte == type->opcode_4byte);

        if (other->size != 0 && other->size != type->size && is_same) {
            return true;
        }
    }
    return false;
}

static void drop_ambiguous(struct ob_sfdp_erase erase[OB_FLASH_ERASE_SIZES])
{
    struct ob_sfdp_erase all[OB_FLASH_ERASE_SIZES];

    memcpy(all, erase, sizeof(all));
    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (is_ambiguous(all, &all[i])) {
            erase[i] = (struct ob_sfdp_erase){0};
        }
    }
}

/** The smallest type that is larger than `above`; the first of several of one size; NULL: none. */
static const struct ob_sfdp_erase *next_larger(const struct ob_sfdp_erase erase[OB_FLASH_ERASE_SIZES], uint32_t above)
{
    const struct ob_sfdp_erase *best = NULL;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        if (erase[i].size > above && (best == NULL || erase[i].size < best->size)) {
            best = &erase[i];
        }
    }
    return best;
}

/** Ascending, each size once, what is not offered last. */
static void sort_erases(struct ob_sfdp_erase erase[OB_FLASH_ERASE_SIZES])
{
    struct ob_sfdp_erase sorted[OB_FLASH_ERASE_SIZES] = {0};
    const struct ob_sfdp_erase *next = next_larger(erase, 0);

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && next != NULL; i++) {
        sorted[i] = *next;
        next = next_larger(erase, sorted[i].size);
    }
    memcpy(erase, sorted, sizeof(sorted));
}

static bool usable(const struct ob_sfdp *sfdp)
{
    uint32_t smallest = sfdp->erase[0].size;
    uint32_t largest = smallest;

    for (unsigned i = 1; i < OB_FLASH_ERASE_SIZES; i++) {
        largest = OB_MAX(largest, sfdp->erase[i].size);
    }
    return sfdp->address <= OB_SFDP_ADDRESS_4 && smallest >= OB_MAX(sfdp->page_size, ERASE_MIN) &&
           sfdp->size % largest == 0 && sfdp->size != 0;
}

static enum ob_err finish(struct ob_sfdp *sfdp)
{
    drop_ambiguous(sfdp->erase);
    sort_erases(sfdp->erase);
    return sfdp->erase[0].size != 0 && usable(sfdp) ? OB_OK : OB_ERR_FORMAT;
}

enum ob_err ob_sfdp_parse_bfp(const uint8_t *bfp, uint32_t len, struct ob_sfdp *out)
{
    struct ob_sfdp sfdp;

    if (len / 4 < BFP_DWORDS_MIN || !parse_bfp(bfp, OB_MIN(len / 4, BFP_DWORDS), &sfdp) || finish(&sfdp) != OB_OK) {
        return OB_ERR_FORMAT;
    }
    *out = sfdp;
    return OB_OK;
}

/** 4-byte address instruction table. Dword 1: bit 0 read 0x13, bit 6 program 0x12, bit 9 and up the erase types. */
static void parse_4byte(const uint8_t *table, struct ob_sfdp *sfdp)
{
    uint32_t supported = dword(table, 1);
    bool any = false;

    for (unsigned type = 0; type < OB_FLASH_ERASE_SIZES; type++) {
        uint8_t opcode = table[4 + type]; /* dword 2 */

        if (sfdp->erase[type].size != 0 && bits(supported, 9 + type, 9 + type) != 0 && opcode != BLANK) {
            sfdp->erase[type].opcode_4byte = opcode;
            any = any || opcode != 0;
        }
    }
    sfdp->opcodes_4byte = any && bits(supported, 0, 0) != 0 && bits(supported, 6, 6) != 0;
}

/** The tables that we use; size 0: absent. */
struct tables {
    struct {
        uint32_t off;
        uint32_t dwords;
    } bfp, four_byte, sector_map;
    uint8_t bfp_minor;
    bool has_sector_map; /* also if it cannot be read */
};

static void note_table(const uint8_t header[HEADER_SIZE], struct tables *tables)
{
    uint32_t id = (uint32_t)header[7] << 8 | header[0];
    uint8_t minor = header[1];
    uint8_t major = header[2];
    uint32_t dwords = header[3];
    uint32_t off = ob_get_le32(header + 4) % SPACE;

    tables->has_sector_map = tables->has_sector_map || id == ID_SECTOR_MAP;
    if (major != MAJOR || dwords * 4 > SPACE - off) {
        return;
    }
    if (id == ID_BFP && dwords >= BFP_DWORDS_MIN && minor >= tables->bfp_minor) {
        tables->bfp.off = off; /* a chip may carry older revisions too: the newest wins */
        tables->bfp.dwords = OB_MIN(dwords, BFP_DWORDS);
        tables->bfp_minor = minor;
    } else if (OB_NOR_LARGE && id == ID_4BYTE && dwords >= TABLE_4BYTE_DWORDS) {
        tables->four_byte.off = off;
        tables->four_byte.dwords = TABLE_4BYTE_DWORDS;
    } else if (id == ID_SECTOR_MAP) {
        tables->sector_map.off = off;
        tables->sector_map.dwords = dwords;
    }
}

static enum ob_err find_tables(const struct ob_sfdp_source *source, struct tables *tables)
{
    uint8_t header[HEADER_SIZE];
    enum ob_err err = source->read(source->ctx, 0, header, sizeof(header));

    *tables = (struct tables){0};
    if (err != OB_OK) {
        return err;
    }
    if (ob_get_le32(header) != SIGNATURE || header[5] != MAJOR) {
        return OB_ERR_FORMAT;
    }
    uint32_t count = header[6] + 1u; /* at most 256 */

    for (uint32_t i = 1; i <= count; i++) {
        err = source->read(source->ctx, i * HEADER_SIZE, header, sizeof(header));
        if (err != OB_OK) {
            return err;
        }
        note_table(header, tables);
    }
    return tables->bfp.dwords != 0 ? OB_OK : OB_ERR_FORMAT;
}

/** A walk along the descriptors of a sector map. JESD216D-01, 6.5. */
struct map_walk {
    uint32_t types;   /* that all regions so far have, one bit for each */
    uint32_t regions; /* dwords that are still to come */
    bool is_last;     /* no map follows */
};

/**
 * A command that finds out how the chip was set up has two dwords. A map has one, and one more for each region, whose
 * bits 3:0 are its erase types. Of the first: bit 1 it is a map, bit 0 it is the last one, bits 23:16 regions less one.
 *
 * @return dwords to go on by
 */
static uint32_t walk(struct map_walk *map, uint32_t value)
{
    if (map->regions > 0) {
        map->types &= value;
        map->regions--;
        return 1;
    }
    if (bits(value, 1, 1) == 0) {
        return 2;
    }
    map->regions = bits(value, 23, 16) + 1;
    map->is_last = bits(value, 0, 0) == 1;
    return 1;
}

/**
 * With a sector map, an erase type may hold for a part of the chip only, and which map is in force depends on how the
 * chip was set up. So only what all regions of all maps share; nothing, if the map is cut short.
 */
static enum ob_err types_everywhere(const struct ob_sfdp_source *source, const struct tables *tables, uint32_t *types)
{
    struct map_walk map = {.types = (1u << OB_FLASH_ERASE_SIZES) - 1};
    uint8_t bytes[4];

    for (uint32_t i = 0; i < tables->sector_map.dwords && !(map.is_last && map.regions == 0);) {
        enum ob_err err = source->read(source->ctx, tables->sector_map.off + 4 * i, bytes, sizeof(bytes));

        if (err != OB_OK) {
            return err;
        }
        i += walk(&map, ob_get_le32(bytes));
    }
    *types = map.is_last && map.regions == 0 ? map.types : 0;
    return OB_OK;
}

/** 4 KiB hold everywhere if the BFP says so: dword 1, bits 1:0 are 01. */
static enum ob_err drop_partial(const struct ob_sfdp_source *source, const struct tables *tables, const uint8_t *bfp,
                                struct ob_sfdp *sfdp)
{
    bool is_4k_uniform = bits(dword(bfp, 1), 1, 0) == 1;
    uint32_t types = 0;
    enum ob_err err = types_everywhere(source, tables, &types);

    for (unsigned type = 0; err == OB_OK && type < OB_FLASH_ERASE_SIZES; type++) {
        if (bits(types, type, type) == 0 && !(is_4k_uniform && sfdp->erase[type].size == 0x1000)) {
            sfdp->erase[type] = (struct ob_sfdp_erase){0};
        }
    }
    return err;
}

static enum ob_err read_bfp(const struct ob_sfdp_source *source, const struct tables *tables, struct ob_sfdp *out)
{
    uint8_t bfp[4 * BFP_DWORDS] = {0};
    enum ob_err err = source->read(source->ctx, tables->bfp.off, bfp, 4 * tables->bfp.dwords);

    if (err != OB_OK) {
        return err;
    }
    if (!parse_bfp(bfp, tables->bfp.dwords, out)) {
        return OB_ERR_FORMAT;
    }
    return tables->has_sector_map ? drop_partial(source, tables, bfp, out) : OB_OK;
}

enum ob_err ob_sfdp_read(const struct ob_sfdp_source *source, struct ob_sfdp *out)
{
    uint8_t four_byte[4 * TABLE_4BYTE_DWORDS];
    struct tables tables;
    struct ob_sfdp sfdp;
    enum ob_err err = find_tables(source, &tables);

    if (err == OB_OK) {
        err = read_bfp(source, &tables, &sfdp);
    }
    if (OB_NOR_LARGE && err == OB_OK && tables.four_byte.dwords != 0) {
        err = source->read(source->ctx, tables.four_byte.off, four_byte, sizeof(four_byte));
        if (err == OB_OK) {
            parse_4byte(four_byte, &sfdp);
        }
    }
    if (err == OB_OK) {
        err = finish(&sfdp);
    }
    if (err == OB_OK) {
        *out = sfdp;
    }
    return err;
}
