/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "nor_parts.h"

#include <string.h>

#include <outboard/util.h>

#include "sfdp_tables.h"

/* Times are typical ones of the data sheets. Where a part has no table here, its bytes were not at hand. */

#define TABLE(name) .sfdp = name##_sfdp, .sfdp_len = sizeof(name##_sfdp)

/* Macronix: security register with P_FAIL and E_FAIL, quad enable in status bit 6, TB in configuration bit 3. */
#define MACRONIX                                                                                             \
    .page_size = 256, .chip_erase_opcodes = {0x60, 0xc7}, .fail_opcode = 0x2b, .program_fail = 0x20,         \
    .erase_fail = 0x40, .quad_bit = 0x40, .protect_bits = 0x3c, .protect_shift = 2, .protect_unit = 0x10000, \
    .bottom_byte = 1, .bottom_bit = 0x08

/* Winbond and GigaDevice: quad enable in the second status byte. */
#define WINBOND                                                                                                \
    .page_size = 256, .chip_erase_opcodes = {0x60, 0xc7}, .quad_byte = 1, .quad_bit = 0x02, .program_us = 700, \
    .program_first_us = 30, .status_us = 10000, .sleep_us = 3, .wake_us = 3, .reset_us = 30
#define WINBOND_FEATURES                                                                                       \
    (NOR_RESET | NOR_DUAL | NOR_QUAD | NOR_PROGRAM_114 | NOR_STATUS_35 | NOR_STATUS_15 | NOR_VOLATILE_STATUS | \
     NOR_SUSPEND_75)

/* BP2:0 with TB, below 32 MiB; BP3:0 with TB from there on. */
#define WINBOND_BP2(unit) .protect_bits = 0x1c, .protect_shift = 2, .protect_unit = (unit), .bottom_bit = 0x20
#define WINBOND_BP3(unit) .protect_bits = 0x3c, .protect_shift = 2, .protect_unit = (unit), .bottom_bit = 0x40

/** The chip of both DKs. Delivered in low power mode; no table says how long a status write takes. */
const struct nor_part mx25r6435f = {
    .name = "MX25R6435F",
    .id = {0xc2, 0x28, 0x17},
    .size = 0x800000,
    TABLE(mx25r6435f),
    MACRONIX,
    .features = NOR_RESET | NOR_DUAL | NOR_QUAD | NOR_PROGRAM_144 | NOR_CONFIG_15 | NOR_SUSPEND_B0,
    .erases = {{0x20, 0, 0x1000, 48000}, {0x52, 0, 0x8000, 240000}, {0xd8, 0, 0x10000, 480000}},
    .program_us = 896,
    .program_first_us = 32,
    .chip_erase_us = 52000000,
    .status_us = 1000,
    .sleep_us = 10,
    .wake_us = 35,
    .reset_us = 40,
};

/** Older than tables. */
const struct nor_part mx25l6405d = {
    .name = "MX25L6405D",
    .id = {0xc2, 0x20, 0x17},
    .size = 0x800000,
    MACRONIX,
    .erases = {{0x20, 0, 0x1000, 60000}, {0xd8, 0, 0x10000, 700000}},
    .program_us = 1400,
    .program_first_us = 9,
    .chip_erase_us = 50000000,
    .status_us = 40000,
    .sleep_us = 10,
    .wake_us = 9,
};

const struct nor_part mx25l25635e = {
    .name = "MX25L25635E",
    .id = {0xc2, 0x20, 0x19},
    .size = 0x2000000,
    TABLE(mx25l25635e),
    MACRONIX,
    .features = NOR_4BYTE_MODE | NOR_DUAL | NOR_QUAD | NOR_PROGRAM_144,
    .erases = {{0x20, 0, 0x1000, 60000}, {0x52, 0, 0x8000, 500000}, {0xd8, 0, 0x10000, 700000}},
    .program_us = 1400,
    .program_first_us = 9,
    .chip_erase_us = 160000000,
    .status_us = 40000,
    .sleep_us = 10,
    .wake_us = 8,
};

const struct nor_part mx66l1g45g = {
    .name = "MX66L1G45G",
    .id = {0xc2, 0x20, 0x1b},
    .size = 0x8000000,
    TABLE(mx66l1g45g),
    MACRONIX,
    .features = NOR_RESET | NOR_4BYTE_MODE | NOR_4BYTE_OPCODES | NOR_EXTENDED_ADDRESS | NOR_DUAL | NOR_QUAD |
                NOR_PROGRAM_144 | NOR_CONFIG_15 | NOR_SUSPEND_B0,
    .erases = {{0x20, 0x21, 0x1000, 30000}, {0x52, 0x5c, 0x8000, 150000}, {0xd8, 0xdc, 0x10000, 280000}},
    .program_us = 250,
    .program_first_us = 25,
    .chip_erase_us = 200000000,
    .status_us = 40000,
    .sleep_us = 10,
    .wake_us = 30,
    .reset_us = 40,
};

/** Micron without a table: mode change after write enable, failures in the flag status register. */
const struct nor_part n25q256 = {
    .name = "N25Q256A",
    .id = {0x20, 0xba, 0x19},
    .size = 0x2000000,
    .page_size = 256,
    .features = NOR_4BYTE_MODE | NOR_4BYTE_NEEDS_WREN | NOR_EXTENDED_ADDRESS | NOR_DUAL | NOR_QUAD | NOR_SUSPEND_75,
    .erases = {{0x20, 0, 0x1000, 250000}, {0xd8, 0, 0x10000, 700000}},
    .chip_erase_opcodes = {0xc7, 0xc7},
    .fail_opcode = 0x70,
    .program_fail = 0x10,
    .erase_fail = 0x20,
    .protect_bits = 0x1c,
    .protect_shift = 2,
    .protect_unit = 0x10000,
    .bottom_bit = 0x20,
    .program_us = 500,
    .program_first_us = 20,
    .chip_erase_us = 240000000,
    .status_us = 1300,
    .sleep_us = 3,
    .wake_us = 30,
};

const struct nor_part w25q80 = {
    .name = "W25Q80",
    .id = {0xef, 0x40, 0x14},
    .size = 0x100000,
    WINBOND,
    WINBOND_BP2(0x10000),
    .features = NOR_DUAL | NOR_QUAD | NOR_PROGRAM_114 | NOR_STATUS_35 | NOR_VOLATILE_STATUS | NOR_SUSPEND_75,
    .erases = {{0x20, 0, 0x1000, 45000}, {0x52, 0, 0x8000, 120000}, {0xd8, 0, 0x10000, 150000}},
    .chip_erase_us = 2000000,
};

const struct nor_part w25q64jv = {
    .name = "W25Q64JV",
    .id = {0xef, 0x40, 0x17},
    .size = 0x800000,
    TABLE(w25q64jv),
    WINBOND,
    WINBOND_BP2(0x20000),
    .features = WINBOND_FEATURES,
    .erases = {{0x20, 0, 0x1000, 45000}, {0x52, 0, 0x8000, 120000}, {0xd8, 0, 0x10000, 150000}},
    .chip_erase_us = 20000000,
};

const struct nor_part w25q128 = {
    .name = "W25Q128",
    .id = {0xef, 0x40, 0x18},
    .size = 0x1000000,
    WINBOND,
    WINBOND_BP2(0x40000),
    .features = WINBOND_FEATURES,
    .erases = {{0x20, 0, 0x1000, 45000}, {0x52, 0, 0x8000, 120000}, {0xd8, 0, 0x10000, 150000}},
    .chip_erase_us = 40000000,
};

const struct nor_part w25q256 = {
    .name = "W25Q256",
    .id = {0xef, 0x40, 0x19},
    .size = 0x2000000,
    TABLE(w25q256),
    WINBOND,
    WINBOND_BP3(0x10000),
    .features = WINBOND_FEATURES | NOR_4BYTE_MODE | NOR_4BYTE_OPCODES | NOR_EXTENDED_ADDRESS,
    .erases = {{0x20, 0x21, 0x1000, 50000}, {0x52, 0, 0x8000, 120000}, {0xd8, 0xdc, 0x10000, 150000}},
    .chip_erase_us = 80000000,
};

/** No 32 KiB erase with four address bytes. */
const struct nor_part w25q512jv = {
    .name = "W25Q512JV",
    .id = {0xef, 0x40, 0x20},
    .size = 0x4000000,
    TABLE(w25q512jv),
    WINBOND,
    WINBOND_BP3(0x10000),
    .features = WINBOND_FEATURES | NOR_4BYTE_MODE | NOR_4BYTE_OPCODES | NOR_EXTENDED_ADDRESS,
    .erases = {{0x20, 0x21, 0x1000, 50000}, {0x52, 0, 0x8000, 120000}, {0xd8, 0xdc, 0x10000, 150000}},
    .chip_erase_us = 130000000,
};

const struct nor_part gd25q64 = {
    .name = "GD25Q64",
    .id = {0xc8, 0x40, 0x17},
    .size = 0x800000,
    WINBOND,
    WINBOND_BP2(0x20000),
    .features = WINBOND_FEATURES,
    .erases = {{0x20, 0, 0x1000, 45000}, {0x52, 0, 0x8000, 150000}, {0xd8, 0, 0x10000, 250000}},
    .chip_erase_us = 25000000,
};

/** Erases single pages. All its erases take the same time. */
const struct nor_part p25q16h = {
    .name = "P25Q16H",
    .id = {0x85, 0x60, 0x15},
    .size = 0x200000,
    TABLE(p25q16h),
    .page_size = 256,
    .features =
        NOR_RESET | NOR_DUAL | NOR_QUAD | NOR_PROGRAM_114 | NOR_STATUS_35 | NOR_VOLATILE_STATUS | NOR_SUSPEND_75,
    .erases = {{0x81, 0, 0x100, 8000}, {0x20, 0, 0x1000, 8000}, {0x52, 0, 0x8000, 8000}, {0xd8, 0, 0x10000, 8000}},
    .chip_erase_opcodes = {0x60, 0xc7},
    .quad_byte = 1,
    .quad_bit = 0x02,
    WINBOND_BP2(0x8000),
    .program_us = 2000,
    .program_first_us = 30,
    .chip_erase_us = 8000,
    .status_us = 8000,
    .sleep_us = 3,
    .wake_us = 8,
    .reset_us = 30,
};

/** Locked at power-up; what 0xD8 erases depends on the address. */
const struct nor_part sst26vf064b = {
    .name = "SST26VF064B",
    .id = {0xbf, 0x26, 0x43},
    .size = 0x800000,
    TABLE(sst26vf064b),
    .page_size = 256,
    .features = NOR_RESET | NOR_DUAL | NOR_QUAD | NOR_PROGRAM_114 | NOR_STATUS_35 | NOR_SUSPEND_B0 |
                NOR_LOCKED_AT_START | NOR_WREN_FOR_UNLOCK,
    .erases = {{0x20, 0, 0x1000, 18000}, {0xd8, 0, 0, 18000}},
    .regions = {{0x8000, 0x2000}, {0x10000, 0x8000}, {0x7f0000, 0x10000}, {0x7f8000, 0x8000}, {0x800000, 0x2000}},
    .chip_erase_opcodes = {0xc7, 0xc7},
    .quad_byte = 1,
    .quad_bit = 0x02,
    .program_us = 1000,
    .program_first_us = 1000,
    .chip_erase_us = 35000,
    .status_us = 10000,
    .sleep_us = 3,
    .wake_us = 10,
    .reset_us = 20,
};

const struct nor_part *const nor_parts[] = {
    &mx25r6435f, &mx25l6405d, &mx25l25635e, &mx66l1g45g, &n25q256, &w25q80,      &w25q64jv,
    &w25q128,    &w25q256,    &w25q512jv,   &gd25q64,    &p25q16h, &sst26vf064b,
};
const unsigned nor_part_count = OB_ARRAY_SIZE(nor_parts);

const struct nor_part *nor_part_find(const char *name)
{
    for (unsigned i = 0; i < nor_part_count; i++) {
        if (strcmp(nor_parts[i]->name, name) == 0) {
            return nor_parts[i];
        }
    }
    return NULL;
}

const struct nor_part *nor_part_of_jedec_id(const uint8_t id[NOR_ID_SIZE])
{
    for (unsigned i = 0; i < nor_part_count; i++) {
        if (memcmp(nor_parts[i]->id, id, NOR_ID_SIZE) == 0) {
            return nor_parts[i];
        }
    }
    return NULL;
}

const struct nor_erase *nor_part_erase(const struct nor_part *part, uint32_t size)
{
    for (unsigned i = 0; i < NOR_ERASES && part->erases[i].opcode != 0; i++) {
        if (part->erases[i].size == size) {
            return &part->erases[i];
        }
    }
    return NULL;
}
