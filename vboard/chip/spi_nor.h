/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SPI_NOR_H
#define OUTBOARD_VBOARD_SPI_NOR_H

#include <stdbool.h>
#include <stdint.h>

#include "../../sim/chip.h"
#include "nor_parts.h"

/*
 * A SPI NOR flash as its pins see it: bytes go in and out while chip select is low, and when it rises the chip does
 * what its data sheet says with them, in its own time and in whatever mode it was left. The array is made of the
 * cells of sim/. Virtual boards and the unit tests of the driver share it.
 *
 * Not modelled: QPI (opcodes on four lanes), DTR, OTP and security sectors, single-block locks, the SEC and CMP bits
 * of Winbond's protection. Writing one of those bits or sending one of those commands is reported.
 */

/** What a busy chip is at. */
enum nor_operation { NOR_NOTHING, NOR_PROGRAM, NOR_ERASE, NOR_WRITE_STATUS };

/** How bad a report is. */
enum nor_severity {
    NOR_NOTE,  /* ignored by the chip without harm: a driver that finds a chip in an unknown state does this */
    NOR_WRONG, /* the program that did this lost data, or read what is not there */
};

struct nor_chip;

/** Both may be NULL. */
struct nor_watch {
    void *ctx;
    /**
     * A program or erase of cells begins, and will take `us`. The chip is not busy with it yet.
     * @param data  len bytes to be programmed; NULL for an erase
     * @return how the power fails in it, or NULL: it goes on
     */
    const struct sim_tear *(*begins)(void *ctx, enum nor_operation what, uint32_t off, uint32_t len,
                                     const uint8_t *data, uint32_t us);
    /** A command that the chip ignores, or obeys in a way that nobody wants. `what` is a string constant. */
    void (*reports)(void *ctx, enum nor_severity severity, uint8_t opcode, const char *what);
};

/** One command, from chip select low to high. */
struct nor_frame {
    const struct nor_command *command; /* NULL: none yet, or none that the chip knows */
    bool selected;
    bool implied; /* continuous read: there was no opcode */
    bool ignored; /* answers nothing, does nothing */
    uint8_t opcode;
    uint8_t address_left, mode_left, dummy_left; /* bytes still to come */
    uint8_t high_bytes;                          /* 0xff since the start: ends continuous read */
    uint32_t clocks;                             /* bytes so far */
    uint32_t address;
    uint32_t count;             /* bytes of data so far */
    uint8_t data[NOR_PAGE_MAX]; /* out: by place in the page */
};

/** What the chip is at: cells and registers change when it ends, or when the power fails in it. */
struct nor_pending {
    enum nor_operation what;
    uint32_t off, len;
    uint8_t data[NOR_PAGE_MAX]; /* NOR_PROGRAM: from the start of the page; NOR_WRITE_STATUS: the bytes */
};

struct nor_chip {
    const struct nor_part *part;
    struct sim_chip cells;
    struct nor_watch watch;
    uint64_t rng;    /* what metastable cells show */
    uint64_t now_us; /* device time, set by whoever clocks the chip */

    /* State; a board or a test may set it to what an earlier program left behind. */
    uint8_t status[NOR_STATUS_BYTES]; /* without busy and latch; non-volatile */
    bool latch, reset_enabled, asleep, mode_4byte, continuous_read, erase_suspended, volatile_status;
    bool write_protect_low; /* WP# */
    bool locked;            /* parts with NOR_LOCKED_AT_START: until 0x98 */
    uint8_t high_address;   /* extended address or bank register: address bits 31:24 of 3-byte commands */
    uint8_t fail_bits;
    uint64_t busy_until_us;
    uint64_t deaf_until_us; /* waking up, falling asleep or coming out of reset: hears nothing */
    uint64_t suspended_us;  /* what is left of the suspended erase */
    struct nor_frame frame;
    struct nor_pending pending;

    /* Faults. */
    int open_line;            /* -1: works; else the byte that every read returns: the chip is not there */
    bool status_of_other_die; /* the status register never shows busy; the flag status register does */
    bool stuck;               /* never idle after the next program or erase */
    unsigned fail_array_at;   /* the n-th program or erase from now does half of its work and sets its fail bit */

    unsigned opcodes[256]; /* times each was accepted */
    unsigned ignored;      /* commands that came while asleep or busy */
};

/** A fresh, erased, idle chip. */
void nor_chip_init(struct nor_chip *chip, const struct nor_part *part);
void nor_chip_free(struct nor_chip *chip);

/** Power goes, maybe in an operation: that one leaves its cells so. */
void nor_chip_power_fails(struct nor_chip *chip, const struct sim_tear *tear);

/** Power returns: what is volatile is as after power-up. Content, status and program counts stay. */
void nor_chip_power_on(struct nor_chip *chip);

/** A copy of everything. save: out is empty (all zeros) or holds an older copy. */
struct nor_copy {
    struct nor_chip chip; /* without its cells */
    struct sim_chip_state cells;
};
void nor_chip_save(const struct nor_chip *chip, struct nor_copy *out);
void nor_chip_restore(struct nor_chip *chip, const struct nor_copy *from);
void nor_copy_free(const struct nor_chip *chip, struct nor_copy *copy);

/** What the cells hold, with all that has ended by now. */
uint8_t nor_chip_peek(struct nor_chip *chip, uint32_t off);

bool nor_chip_busy(const struct nor_chip *chip);
bool nor_chip_quad_enabled(const struct nor_chip *chip);

/** Chip select falls. */
void nor_chip_select(struct nor_chip *chip);

/**
 * Eight bits of clock on `lanes` lanes: 8, 4 or 2 periods.
 * @param out  what the host drives
 * @return what the chip drives, 0xff if it does not
 */
uint8_t nor_chip_byte(struct nor_chip *chip, unsigned lanes, uint8_t out);

/** Chip select rises: the command is carried out. */
void nor_chip_deselect(struct nor_chip *chip);

/** The level of IO3 (HOLD# or RESET#) and IO2 (WP#) while they carry no data. Low is said once for each command. */
void nor_chip_side_pins(struct nor_chip *chip, bool io2, bool io3);

#endif
