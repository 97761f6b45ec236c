/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_NOR_PARTS_H
#define OUTBOARD_VBOARD_NOR_PARTS_H

#include <stdbool.h>
#include <stdint.h>

/* SPI NOR parts of the field, as their data sheets and tables describe them. */

#define NOR_ID_SIZE 3u
#define NOR_PAGE_MAX 512u
#define NOR_STATUS_BYTES 3u
#define NOR_ERASES 5u
#define NOR_REGIONS 6u

/** What a part has beyond the commands that all have. */
enum nor_feature {
    NOR_RESET = 1u << 0,      /* 0x66, 0x99 */
    NOR_4BYTE_MODE = 1u << 1, /* 0xB7, 0xE9 */
    NOR_4BYTE_NEEDS_WREN = 1u << 2,
    NOR_4BYTE_OPCODES = 1u << 3,     /* 0x13, 0x12, ... and erases with an opcode_4byte */
    NOR_EXTENDED_ADDRESS = 1u << 4,  /* 0xC5, 0xC8 */
    NOR_BANK_REGISTER = 1u << 5,     /* 0x17, 0x16: bit 7 is the 4-byte mode */
    NOR_SFDP_FOLLOWS_MODE = 1u << 6, /* 0x5A takes four address bytes in 4-byte mode */
    NOR_DUAL = 1u << 7,              /* 0x3B, 0xBB */
    NOR_QUAD = 1u << 8,              /* 0x6B, 0xEB */
    NOR_PROGRAM_144 = 1u << 9,       /* 0x38, 0x3E */
    NOR_PROGRAM_114 = 1u << 10,      /* 0x32, 0x34 */
    NOR_STATUS_35 = 1u << 11,        /* 0x35 reads the second status byte */
    NOR_STATUS_15 = 1u << 12,        /* 0x15 reads the third (Winbond), 0x31 and 0x11 write one */
    NOR_CONFIG_15 = 1u << 13,        /* 0x15 reads second and third (Macronix) */
    NOR_VOLATILE_STATUS = 1u << 14,  /* 0x50 before 0x01 */
    NOR_SUSPEND_75 = 1u << 15,       /* 0x75, 0x7A */
    NOR_SUSPEND_B0 = 1u << 16,       /* 0xB0, 0x30 */
    NOR_LOCKED_AT_START = 1u << 17,  /* all blocks, until 0x98 */
    NOR_WREN_FOR_UNLOCK = 1u << 18,
};

struct nor_erase {
    uint8_t opcode, opcode_4byte; /* 0: none */
    uint32_t size;                /* bytes; 0: by the part's regions */
    uint32_t us;
};

/** Where the size of one opcode's erase depends on the address. */
struct nor_region {
    uint32_t end; /* first byte behind it */
    uint32_t size;
};

struct nor_part {
    const char *name;
    uint8_t id[NOR_ID_SIZE];
    uint32_t size; /* bytes */
    uint16_t page_size;
    const uint8_t *sfdp; /* what 0x5A reads; behind it 0xff. NULL: none */
    uint32_t sfdp_len;
    uint32_t features;                   /* of enum nor_feature */
    struct nor_erase erases[NOR_ERASES]; /* ascending, ended by one without an opcode */
    struct nor_region regions[NOR_REGIONS];
    uint8_t chip_erase_opcodes[2];
    uint8_t fail_opcode, program_fail, erase_fail; /* register that tells of failures; opcode 0: none */
    uint8_t quad_byte, quad_bit; /* the status bit that gives IO2 and IO3 to data; bit 0: none is needed */
    uint8_t protect_bits;        /* of the first status byte: level n locks protect_unit << (n - 1) bytes */
    uint8_t protect_shift;
    uint32_t protect_unit;
    uint8_t bottom_byte, bottom_bit;       /* the status bit that locks from the bottom; bit 0: none */
    uint32_t program_us, program_first_us; /* of a whole page, of one byte; typical, as those that follow */
    uint32_t chip_erase_us, status_us, sleep_us, wake_us, reset_us;
};

extern const struct nor_part mx25r6435f, mx25l6405d, mx25l25635e, mx66l1g45g, n25q256, w25q80, w25q64jv, w25q128,
    w25q256, w25q512jv, gd25q64, p25q16h, sst26vf064b;

extern const struct nor_part *const nor_parts[];
extern const unsigned nor_part_count;

/** @return NULL: unknown */
const struct nor_part *nor_part_find(const char *name);
const struct nor_part *nor_part_of_jedec_id(const uint8_t id[NOR_ID_SIZE]);

/** The part's way to erase `size` bytes, or NULL. */
const struct nor_erase *nor_part_erase(const struct nor_part *part, uint32_t size);

#endif
