/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_GLITCH_PRIVATE_H
#define OUTBOARD_VBOARD_GLITCH_PRIVATE_H

#include "glitch.h"
#include "seen.h"

/*
 * A run without a fault is recorded: each instruction that it executes, and a hash of the whole state where a function
 * begins. It is then gone through again; at each place where a fault falls all of the board is kept, each fault is
 * tried from there, and ends as soon as its state is one of the record again: the rest is known.
 *
 * glitch_learn.c records, glitch_start.c runs, glitch_trial.c strikes, glitch.c chooses what is tried and adds up.
 */

#define STATES_MAX (1u << 20) /* a power of two, as KNOWN_MAX */
#define KNOWN_MAX 65536u      /* states of the cells; a power of two */
#define LOOKS_MAX 24u
#define LATER_LIMIT_TICKS (60ull * 1000000u * VB_TICKS_PER_US) /* the bootloader may wait and look again, for ever */

enum { FLAG_INNER = 1, FLAG_MEMBER = 2, FLAG_MOVES = 4, FLAG_SITE = 8, FLAG_LEFT_OUT = 16 };

/* What a run without a fault did. */
struct record {
    uint32_t *pcs; /* bit 0: in a loop of the cryptography */
    uint64_t count, room;
    enum vb_glitch_end end;
    uint64_t time, operations;
    uint64_t instructions; /* more than count: what an IT block passes over is one as well */
};

enum mode { MODE_MEASURE, MODE_RECORD, MODE_FOLLOW, MODE_TRIAL, MODE_LATER };

/* Why a run was stopped in front of an instruction. */
enum stop { STOP_NOT, STOP_PLACE, STOP_LEFT, STOP_SEEN, STOP_HANG, STOP_SECOND };

struct vb_glitch {
    struct vb_campaign *campaign;
    struct vb_board *board;
    struct vb_code code;
    uint8_t *flags;             /* of each halfword of code */
    uint16_t *visits;           /* the same */
    uint32_t ram_used, deepest; /* offsets in RAM: what is never used, where the stack comes to */
    bool inner;
    struct record record;
    struct vb_snapshot *place;
    struct vb_cells_state first; /* the cells before any start */
    uint64_t known[KNOWN_MAX];   /* cells from which no start does wrong */
    uint64_t *states;            /* of the whole board, and how a run goes on from there */

    /* the run that goes on */
    enum mode mode;
    enum stop stop;
    uint64_t step;
    uint64_t uncounted; /* instructions of the CPU before step 0 */
    uint64_t stop_at, step_limit;
    uint64_t next_look, look_gap;
    uint64_t looks[LOOKS_MAX]; /* states that this run came through */
    unsigned look_count;
    uint8_t known_end;
    uint32_t unit_start, unit_end, last; /* while code is patched */
    bool patched, early, was_inner;

    uint64_t rng;
    char why[VB_WHY_SIZE];
    struct vb_glitch_counts counts;
    uint64_t untold;
};

/* ---- glitch_learn.c: what a start without a fault does ---- */

/** Leave out all functions but those whose names begin so, with commas; NULL: none. */
void vb_glitch_choose_functions(struct vb_glitch *glitch, const char *names);

/* ---- glitch_start.c: a start, with an eye on each instruction ---- */

/** How a start without a fault ends. */
enum vb_glitch_end vb_glitch_goal(const struct vb_glitch *glitch);

/** A listener's: an instruction comes; a block of them does, behind all faults. */
void vb_glitch_step(void *ctx, uint32_t address, uint32_t size);
void vb_glitch_block(void *ctx, uint32_t address);

/** The power comes: with the cells as they are, or, vb_glitch_begin(), with those of the first start. */
void vb_glitch_start(struct vb_glitch *glitch, enum mode mode);
void vb_glitch_begin(struct vb_glitch *glitch, enum mode mode);

/** Since power came, as the clock counts them. */
uint64_t vb_glitch_instructions(const struct vb_glitch *glitch);

/** Of RAM nothing was written but what states are compared by. */
bool vb_glitch_rest_is_noise(const struct vb_glitch *glitch);

/** Until it ends, or is stopped: glitch->stop. */
enum vb_end vb_glitch_go_on(struct vb_glitch *glitch);
enum vb_glitch_end vb_glitch_judge(const struct vb_glitch *glitch, enum vb_end end);

/** The device is switched off and on again: does it start then what it should not? */
enum vb_glitch_end vb_glitch_live_on(struct vb_glitch *glitch);

/* ---- glitch_trial.c: one trial ---- */

/** From the place that is kept; result->place and second_step are given. early: it may end in a state that is known. */
void vb_glitch_try_fault(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_glitch_result *result,
                         bool early);

/** Any fault that may fall there. */
void vb_glitch_choose_fault(struct vb_glitch *glitch, const struct vb_unit *unit, struct vb_fault *out);

#endif
