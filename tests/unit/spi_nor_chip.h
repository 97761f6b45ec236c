/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_SPI_NOR_CHIP_H
#define OUTBOARD_TESTS_SPI_NOR_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/spi_mem.h>

/* A SPI NOR flash as its pins see it: bytes go in and out while chip select is low, and it does what its data sheet
 * says with them, in its own time and in whatever mode it was left. It also is the clock of the test:
 * ob_time_us() and ob_delay_us() are here, and each byte on the bus takes a microsecond. */

/** What kind of chip it is. */
struct nor_chip_type {
    uint8_t id[3];
    uint32_t size; /* bytes */
    const uint8_t *sfdp;
    uint32_t sfdp_len;
    uint8_t fail_opcode, program_fail, erase_fail; /* register that tells of failures; opcode 0: none */
    bool has_reset, has_4byte_mode, enter_needs_wren, has_4byte_opcodes;
    uint32_t program_us, erase_us, wake_us, reset_us;
};

struct nor_chip {
    struct ob_spi_mem mem; /* what the driver is given */
    const struct nor_chip_type *type;

    /* State; tests set it to what an earlier program left behind. */
    uint8_t *inverted; /* the content, inverted: fresh memory is erased flash */
    uint8_t status;    /* without busy and write enable latch */
    bool latch, reset_enabled, asleep, mode_4byte, continuous_read, erase_suspended;
    bool status_of_other_die; /* the status register never shows busy; the flag status register does */
    uint8_t fail_bits;
    uint64_t busy_until_us;

    /* Faults. */
    int open_line;           /* -1: works; else the byte that every read returns: the chip is not there */
    bool stuck;              /* never idle after the next program or erase */
    unsigned fail_exec_at;   /* the n-th transfer from now: OB_ERR_BUS */
    unsigned fail_array_at;  /* the n-th program or erase from now does half of its work and sets its fail bit */
    unsigned vanish_exec_at; /* from the n-th transfer on the line is open */

    unsigned opcodes[256]; /* times each was accepted */
    unsigned ignored;      /* transfers that came while asleep or busy */
};

/** A fresh, erased, idle chip. */
void nor_chip_init(struct nor_chip *chip, const struct nor_chip_type *type);
void nor_chip_free(struct nor_chip *chip);

uint8_t nor_chip_peek(const struct nor_chip *chip, uint32_t off);

/** Microseconds since the test began, not wrapped. */
uint64_t nor_chip_clock_us(void);

#endif
