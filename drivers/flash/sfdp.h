/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SFDP_H
#define OUTBOARD_DRIVERS_SFDP_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/err.h>
#include <outboard/flash.h>

/* What a SPI NOR flash says about itself: Serial Flash Discoverable Parameters.
 * Source of every field: JESD216D-01, the basic flash parameter table (BFP) and the 4-byte address instruction table.
 */

/** One erase command. */
struct ob_sfdp_erase {
    uint32_t size;        /* bytes, a power of two; 0: unused */
    uint32_t max_us;      /* worst case */
    uint8_t opcode;       /* address as wide as the mode of the chip says */
    uint8_t opcode_4byte; /* always 4 address bytes; 0: there is none */
};

/** Ways to read over several lanes, the fastest first. */
enum { OB_SFDP_READ_1_4_4, OB_SFDP_READ_1_1_4, OB_SFDP_READ_1_2_2, OB_SFDP_READ_1_1_2, OB_SFDP_READS };

/** A read command; as many address bytes as the classic read. */
struct ob_sfdp_read {
    uint8_t opcode;        /* 0: not offered */
    uint8_t address_lanes; /* also for the dummy cycles */
    uint8_t data_lanes;
    uint8_t dummy_cycles; /* with those of a mode byte */
};

/** Address bytes after the classic opcodes. */
enum ob_sfdp_address { OB_SFDP_ADDRESS_3, OB_SFDP_ADDRESS_3_OR_4, OB_SFDP_ADDRESS_4 };

/** How four data lanes are switched on: the values of BFP dword 15, bits 22:20. SxBy is bit y of status register x. */
enum ob_sfdp_quad {
    OB_SFDP_QUAD_NONE,
    OB_SFDP_QUAD_S2B1V1,
    OB_SFDP_QUAD_S1B6,
    OB_SFDP_QUAD_S2B7,
    OB_SFDP_QUAD_S2B1V4,
    OB_SFDP_QUAD_S2B1V5,
    OB_SFDP_QUAD_S2B1V6,
    OB_SFDP_QUAD_UNKNOWN,
};

/* Ways into 4-byte addresses: BFP dword 16, bits 31:24. Those that are not here cannot be used. */
#define OB_SFDP_ENTER_4BYTE 0x01u         /* opcode 0xB7 */
#define OB_SFDP_ENTER_4BYTE_WREN 0x02u    /* 0xB7 after write enable */
#define OB_SFDP_ENTER_4BYTE_BANK 0x08u    /* bit 7 of the bank register, written by 0x17 and read by 0x16 */
#define OB_SFDP_ENTER_4BYTE_OPCODES 0x20u /* opcodes of their own, which the 4-byte table names */
#define OB_SFDP_ENTER_4BYTE_ALWAYS 0x40u  /* there is no other mode */
#define OB_SFDP_ENTER_4BYTE_BLANK 0xffu   /* the table does not tell */

struct ob_sfdp {
    uint32_t size; /* bytes */
    uint32_t page_size;
    uint32_t program_max_us; /* of one page */
    enum ob_sfdp_address address;
    enum ob_sfdp_quad quad;
    uint8_t enter_4byte;                              /* OB_SFDP_ENTER_4BYTE..., as the table has it; 0: unknown */
    bool opcodes_4byte;                               /* read 0x13, program 0x12 and at least one erase opcode_4byte */
    bool soft_reset;                                  /* 0x66 0x99 */
    struct ob_sfdp_erase erase[OB_FLASH_ERASE_SIZES]; /* ascending, unused ones last */
    struct ob_sfdp_read reads[OB_SFDP_READS];
};

/** Where a table is read from. off counts bytes; a range of it may lie past the end of the table: return what is there.
 */
struct ob_sfdp_source {
    enum ob_err (*read)(void *ctx, uint32_t off, void *dst, uint32_t len);
    void *ctx;
};

/**
 * What holds for practically every chip that says nothing about itself: 3-byte addresses, pages of 256 bytes, erases of
 * 4 KiB (0x20) and 64 KiB (0xD8), slower than any chip.
 *
 * @param size  bytes
 */
void ob_sfdp_assume(uint32_t size, struct ob_sfdp *out);

/**
 * Read the tables of a chip. Nothing in them is trusted: what does not fit together is refused.
 *
 * @return OB_ERR_FORMAT: no tables, or not usable; the errors of source->read.
 */
OB_MUST_CHECK enum ob_err ob_sfdp_read(const struct ob_sfdp_source *source, struct ob_sfdp *out);

/**
 * Decode a basic flash parameter table alone, as the devicetree's `sfdp-bfp` holds it.
 *
 * @param len  bytes, 36 (JESD216) or more; dwords after the 16th are ignored
 * @return OB_ERR_FORMAT
 */
OB_MUST_CHECK enum ob_err ob_sfdp_parse_bfp(const uint8_t *bfp, uint32_t len, struct ob_sfdp *out);

#endif
