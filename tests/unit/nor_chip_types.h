/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_NOR_CHIP_TYPES_H
#define OUTBOARD_TESTS_NOR_CHIP_TYPES_H

#include "sfdp_tables.h"
#include "spi_nor_chip.h"

/* Chips as their data sheets describe them; times are typical ones. */

static const struct nor_chip_type mx25r6435f = {
    .id = {0xc2, 0x28, 0x17},
    .size = 0x800000,
    .sfdp = mx25r6435f_sfdp,
    .sfdp_len = sizeof(mx25r6435f_sfdp),
    .fail_opcode = 0x2b,
    .program_fail = 0x20,
    .erase_fail = 0x40,
    .has_reset = true,
    .program_us = 850,
    .erase_us = 40000,
    .wake_us = 35,
    .reset_us = 40,
};

static const struct nor_chip_type mx25l25635e = {
    .id = {0xc2, 0x20, 0x19},
    .size = 0x2000000,
    .sfdp = mx25l25635e_sfdp,
    .sfdp_len = sizeof(mx25l25635e_sfdp),
    .has_4byte_mode = true,
    .program_us = 1400,
    .erase_us = 60000,
    .wake_us = 8,
};

static const struct nor_chip_type mx66l1g45g = {
    .id = {0xc2, 0x20, 0x1b},
    .size = 0x8000000,
    .sfdp = mx66l1g45g_sfdp,
    .sfdp_len = sizeof(mx66l1g45g_sfdp),
    .has_reset = true,
    .has_4byte_mode = true,
    .has_4byte_opcodes = true,
    .program_us = 250,
    .erase_us = 30000,
    .wake_us = 30,
    .reset_us = 40,
};

/** Micron N25Q256A without SFDP: mode change after write enable, failures in the flag status register. */
static const struct nor_chip_type n25q256 = {
    .id = {0x20, 0xba, 0x19},
    .size = 0x2000000,
    .fail_opcode = 0x70,
    .program_fail = 0x10,
    .erase_fail = 0x20,
    .has_4byte_mode = true,
    .enter_needs_wren = true,
    .program_us = 500,
    .erase_us = 250000,
    .wake_us = 30,
};

static const struct nor_chip_type w25q80 = {
    .id = {0xef, 0x40, 0x14},
    .size = 0x100000,
    .program_us = 400,
    .erase_us = 45000,
    .wake_us = 3,
};

#endif
