/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_MACHINE_H
#define OUTBOARD_SIM_MACHINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "chip.h"

/*
 * A machine with an internal and an external flash chip, one power supply and one count of flash operations. Each
 * program command and each erase command is an operation; power can fail in any of them.
 */

enum sim_chip_id { SIM_INTERNAL, SIM_EXTERNAL, SIM_CHIPS };

/** What can go wrong, once. Cuts count operations on both chips, faults count accesses (reads too) of the external. */
enum sim_event_kind {
    SIM_EVENT_NONE,
    SIM_EVENT_CUT,
    SIM_FAULT_ONCE,   /* one access fails */
    SIM_FAULT_WHILE,  /* a few accesses in a row fail */
    SIM_FAULT_DEAD,   /* all accesses fail until the machine starts again */
    SIM_FAULT_WRONG,  /* one read returns wrong data and reports success */
    SIM_EVENT_WORN,   /* from the beginning of the history a cell is stuck: `at` counts both chips' bits, the internal
                         chip's first; the tear's variant is what it is stuck at */
    SIM_EVENT_FORGED, /* before a start somebody writes to the external chip what he likes: `at` is the number of the
                         start times SIM_FORGERIES plus what he writes, see sim/forger.h */
    SIM_EVENT_KINDS,
};

#define SIM_FORGERIES 1000u
#define SIM_EVENTS_MAX 8u /* of one history */

struct sim_event {
    uint8_t kind; /* enum sim_event_kind */
    struct sim_tear tear;
    struct sim_tear beside; /* of a cut: what is left of the operation that the other chip was at work on, if it was */
    uint32_t at;            /* the how manieth operation or access since the history began, from 1 */
};

/** One flash operation or access, for a log. */
struct sim_trace {
    enum sim_chip_id chip;
    char what; /* r(ead), p(rogram), e(rase), R(eset), F(inish) */
    uint32_t off;
    uint32_t len;
    uint32_t op;     /* its number; of a read: of the last operation before */
    bool torn;       /* the power failed in it */
    enum ob_err err; /* what the caller gets */
};

/** A program or erase command. */
struct sim_operation {
    enum sim_chip_id chip;
    uint32_t off;
    uint32_t len;
    const uint8_t *src; /* NULL: an erase */
};

/** What a chip works at on its own while the CPU does something else. */
struct sim_pending {
    bool active;
    bool torn; /* it will go wrong as `tear` says, without anybody noticing */
    struct sim_tear tear;
    struct sim_operation operation; /* src: see data */
    uint8_t data[SIM_PROGRAM_MAX];
    uint64_t end_ns[SIM_PACES]; /* by the machine's clock */
};

/** What takes time beside erasing and programming; all zero: it counts as none. */
struct sim_speed {
    uint32_t bus_ps_per_byte;   /* of the external chip, reads and programs */
    uint32_t read_ps_per_byte;  /* the CPU, of what it reads from either chip */
    uint32_t write_ps_per_byte; /* and of what it programs there */
    uint32_t hash_ps_per_byte;
    uint32_t verify_us; /* a signature */
    uint32_t start_us;  /* from power to the bootloader's first access */
};

struct sim_machine;

struct sim_port {
    struct sim_machine *machine;
    struct sim_chip *chip;
    enum sim_chip_id id;
};

/** What went wrong since the machine started, and what still does. */
struct sim_trouble {
    uint32_t fault_left; /* accesses of the external chip that still fail */
    bool absent;         /* this start finds no external chip */
    bool dead;           /* the external chip answers no more until the machine starts again */
    bool faulty;         /* an access failed */
    bool brownout;       /* an operation ended early without anybody noticing */
    bool spoilt;         /* an operation changed cells that nobody meant: reading back need not show it */
    bool blind;          /* ... and left metastable cells so, which reading back need not show */
};

/** The chips, and where in the history we are. */
struct sim_machine_state {
    struct sim_chip_state chip[SIM_CHIPS];
    struct sim_trouble trouble;
    struct sim_pending pending;
    uint64_t ns[SIM_PACES];
    uint64_t rng;
    uint32_t op;
    uint32_t access;
};

struct sim_machine {
    struct sim_chip chip[SIM_CHIPS];
    struct sim_port port[SIM_CHIPS];
    struct sim_pending pending;
    uint64_t ns[SIM_PACES];      /* the clock: what flash operations took; side by side, the longer one */
    struct sim_chip_state *face; /* the external chip shows this content or its own, at each read; NULL: its own */
    struct sim_speed speed;
    uint64_t window_end_ns; /* the supply lasts until then, by SIM_WORST's clock; 0: for ever */
    bool two_at_once;       /* the last cut fell while both chips were at work */
    uint64_t rng;
    uint32_t op;
    uint32_t access;
    const struct sim_event *events; /* armed for this run, in the order in which they happen */
    uint32_t event_count;
    struct sim_trouble trouble;
    uint64_t budget; /* accesses left before a run counts as hung */
    jmp_buf power;
    bool running;
    void (*trace)(void *ctx, const struct sim_trace *trace);
    void *trace_ctx;
    void (*observe)(void *ctx, const struct sim_operation *operation); /* called just before each; NULL: nobody */
    void *observe_ctx;
    void (*watch)(void *ctx, const struct sim_operation *operation); /* the same for who watches all histories */
    void *watch_ctx;
};

enum sim_end {
    SIM_END_RETURNED,
    SIM_END_POWER, /* the cut that was armed happened */
    SIM_END_HUNG,  /* it did not return within any sensible number of flash accesses */
};

void sim_machine_init(struct sim_machine *machine, const struct sim_geometry *internal,
                      const struct sim_geometry *external, uint64_t seed);
void sim_machine_free(struct sim_machine *machine);

void sim_machine_save(const struct sim_machine *machine, struct sim_machine_state *out);
void sim_machine_restore(struct sim_machine *machine, const struct sim_machine_state *from);
void sim_machine_state_free(const struct sim_machine *machine, struct sim_machine_state *state);
/** internal_from: without what lies in front of that on the internal chip, a multiple of SIM_BLOCK. */
uint64_t sim_machine_hash(struct sim_machine *machine, uint32_t internal_from);

/** Power comes back: RAM is gone, faults are over. */
void sim_machine_start(struct sim_machine *machine, bool external_absent);

/**
 * Run code of the machine until it returns or the power fails in it. Then the code is left with longjmp(), so it
 * must hold nothing that has to be released; freestanding code never does.
 */
enum sim_end sim_machine_run(struct sim_machine *machine, void (*code)(void *arg), void *arg);

/** Power fails in this operation, which the machine was about to begin. event: of kind SIM_EVENT_CUT. */
void sim_machine_cut(struct sim_machine *machine, const struct sim_operation *operation, const struct sim_event *event);

/** Code of the machine has computed this. */
void sim_machine_hashed(uint32_t len);
void sim_machine_verified(void);

/** Between stages: look at the chips as if metastable cells had made up their minds. */
void sim_machine_force(struct sim_machine *machine, enum sim_force force);

/** Since the machine started, did something go wrong that leaves the code running? */
bool sim_machine_disturbed(const struct sim_machine *machine);

/** First rule of a chip that was broken since it was last forgiven; NULL: none. chip is written then. */
void sim_machine_forgive(struct sim_machine *machine);
const char *sim_machine_violation(const struct sim_machine *machine, enum sim_chip_id *chip);

#endif
