/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_SIM_TEAR_H
#define OUTBOARD_SIM_TEAR_H

#include <stdbool.h>
#include <stdint.h>

/** What the flash operation that the power fails in leaves behind; or, from SIM_TEAR_BROWNOUT on, one that goes wrong.
 */
enum sim_tear_kind {
    SIM_TEAR_NONE,       /* nothing happened yet: the cut falls between two operations */
    SIM_TEAR_PREFIX,     /* the first bytes are done, the rest is untouched */
    SIM_TEAR_BITS,       /* any subset of the bits that had to change did */
    SIM_TEAR_METASTABLE, /* cells that read differently from read to read, or from start to start */
    SIM_TEAR_BROWNOUT,   /* the operation is dropped, or ends early, and reports success; code runs on */
    SIM_TEAR_ASTRAY,     /* a program lands elsewhere in its page, an erase is dropped; success is reported */
    SIM_TEAR_NEIGHBOUR,  /* the operation is complete, and a cell beside it changed as well */
    SIM_TEAR_KINDS,      /* ... of one operation; and where two chips are at work: */
    SIM_TEAR_ENDED = SIM_TEAR_KINDS, /* the power fails in the other one, this one is complete */
};

/** One way of tearing. Variants of a kind: SIM_TEAR_VARIANTS of them, described in tear.c. */
struct sim_tear {
    uint8_t kind; /* enum sim_tear_kind */
    uint8_t variant;
};

/** How cells that an interrupted operation left half charged read. */
enum sim_mood {
    SIM_MOOD_NEW_THEN_OLD, /* as if the operation had been completed at the next start; as if it had not ever after */
    SIM_MOOD_OLD_THEN_NEW, /* the other way round */
    SIM_MOOD_EACH_READ,    /* each read gets one of the two, or a mixture */
    SIM_MOOD_EACH_BIT,     /* each bit of each read by itself */
    SIM_MOODS,
};

/** How many variants a kind has. */
unsigned sim_tear_variants(enum sim_tear_kind kind);

/** Power fails in the operation. false: code runs on. */
bool sim_tear_cuts(const struct sim_tear *tear);

/** It changes cells that nobody meant. */
bool sim_tear_spoils(const struct sim_tear *tear);

/** `none`, `prefix`, ... NULL if the number is none of them. */
const char *sim_tear_name(unsigned kind);

/** The letter of a kind in a replay id. */
char sim_tear_letter(enum sim_tear_kind kind);
bool sim_tear_from_letter(char letter, enum sim_tear_kind *kind);

/**
 * Which of the bits that an operation would change did change.
 *
 * @param change  len bytes, a one for each bit that would change; in: all of them, out: those that did
 */
void sim_tear_apply(struct sim_tear tear, uint64_t *rng, uint8_t *change, uint32_t len);

/** How the bits that a metastable tear touched will read. */
enum sim_mood sim_tear_mood(struct sim_tear tear);

#endif
