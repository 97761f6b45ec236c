/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_NOR_COMMANDS_H
#define OUTBOARD_VBOARD_NOR_COMMANDS_H

#include "spi_nor.h"

#define NOR_BUSY 0x01u
#define NOR_LATCH 0x02u
#define NOR_STATUS_LOCK 0x80u /* SRWD: with WP# low the register cannot be written */

/** How many address bytes follow the opcode. */
enum nor_address { NOR_NO_ADDRESS, NOR_BY_MODE, NOR_THREE, NOR_FOUR, NOR_SFDP_ADDRESS };

enum nor_command_flag {
    NOR_WHILE_BUSY = 1u << 0,
    NOR_WHILE_ASLEEP = 1u << 1,
    NOR_HARMLESS = 1u << 2, /* sent to a busy or sleeping chip it is a note, no mistake */
    NOR_NO_DATA = 1u << 3,  /* chip select must rise right behind opcode and address */
};

/** Lanes, mode and dummy bytes left 0 mean one lane and none. Dummy bytes are counted on the address' lanes. */
struct nor_command {
    uint8_t opcode;
    uint8_t address; /* enum nor_address */
    uint8_t address_lanes, data_lanes;
    uint8_t mode_bytes, dummy_bytes;
    uint8_t flags;
    uint32_t needs;                                                 /* one of these features; 0: every part has it */
    uint8_t (*answer)(struct nor_chip *chip, uint32_t at);          /* the at-th byte of data to the host; NULL: none */
    void (*take)(struct nor_chip *chip, uint32_t at, uint8_t byte); /* the at-th one from it */
    void (*act)(struct nor_chip *chip);                             /* when chip select rises; NULL: nothing */
};

/** @return NULL: this part does not know the opcode */
const struct nor_command *nor_command_find(const struct nor_part *part, uint8_t opcode);

/** The pending operation ends: by itself (tear NULL), or torn. */
void nor_chip_apply(struct nor_chip *chip, const struct sim_tear *tear);

void nor_chip_report(const struct nor_chip *chip, enum nor_severity severity, const char *what);

#endif
