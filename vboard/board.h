/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_BOARD_H
#define OUTBOARD_VBOARD_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "chip.h"
#include "cpu.h"
#include "dev/network.h"
#include "dev/nor.h"
#include "device.h"
#include "scs.h"

/*
 * A virtual board: a CPU, its SoC's devices, two flash chips, pins and a serial line. It is made once and can be
 * started any number of times; everything that changes is in plain structs, so that a start is repeated exactly.
 */

#define VB_WHY_SIZE 240u
#define VB_NOTES 8u
#define VB_CHIPS 2u
#define VB_INPUT_SIZE 65536u /* bytes on their way to the board's serial line; a power of two */

/** How a run ended. */
enum vb_end {
    VB_END_NOT,
    VB_END_RESTS,   /* sleeps, and nothing will wake it */
    VB_END_LIMIT,   /* its time is over */
    VB_END_UNTIL,   /* it said what was waited for */
    VB_END_POWER,   /* the power was cut, as was asked for */
    VB_END_WATCH,   /* it came to what is watched */
    VB_END_REFUSED, /* it did what the part forbids or the model does not know */
    VB_END_FAULT,   /* the CPU would have faulted */
    VB_END_STOPPED, /* from outside */
};

/** A power cut. */
struct vb_cut {
    uint64_t operation; /* counts from 1 since the run began; 0: none */
    struct sim_tear tear;
    const struct vb_operation *same; /* NULL, or: cut the first operation that is this one once more */
    uint64_t instruction;            /* not 0: cut between operations, at the first block that begins after so many */
    bool reset; /* with instruction: the reset pin is pulled there instead; RAM and the external chip keep what they
                   have */
};

/** One flash operation as it began: all that is needed to do it again. */
struct vb_done {
    struct vb_operation operation;
    uint64_t start;   /* time since power came */
    uint32_t nth;     /* start, as vb_log has it */
    uint32_t data_at; /* in the log's data: what was programmed */
};

struct vb_log {
    uint32_t nth;          /* start that runs now: whoever starts the board counts them */
    uint64_t instructions; /* of the starts before it */
    struct vb_done *done;
    uint32_t count, room;
    uint8_t *data;
    uint32_t data_len, data_room;
    uint64_t *steps; /* of handing over: behind how many instructions each came */
    uint32_t step_count, step_room;
};

/** A controller that is silent about the end of operations: whoever waits for it waits in vain. */
struct vb_stall {
    uint32_t at;    /* the first one, from 1 since the run began; 0: it is never silent */
    uint32_t count; /* of those that follow each other, with it */
    uint32_t seen;
};

struct vb_pin {
    void (*changed)(void *ctx, enum vb_level level);
    void *ctx;
};

/** Who listens to a run. Functions may be NULL. */
struct vb_listener {
    void *ctx;
    void (*said)(void *ctx, uint8_t byte); /* on the console */
    void (*heard)(void *ctx);              /* a byte has come in; NULL: nobody asks */
    void (*poll)(void *ctx);               /* now and then: new input, an end from outside */
    bool (*wait)(void *ctx);               /* it sleeps until there is input; false: there will be none */
    void (*operation)(void *ctx, const struct vb_operation *operation);
    void (*watch)(void *ctx, uint32_t address); /* see vb_cpu_watch(); NULL: ends the run */
    void (*step)(void *ctx, uint32_t address, uint32_t size);
    void (*block)(void *ctx, uint32_t address); /* not NULL if blocks are traced only */
    void (*reset)(void *ctx, enum vb_reset why);
};

/** Called between instructions when the CPU comes to a breakpoint: it may change what the CPU sees, and board->pc. */
struct vb_breaker {
    void *ctx;
    void (*broke)(void *ctx, struct vb_board *board);
};

struct vb_board {
    const struct vb_soc *soc;
    struct vb_cpu *cpu;
    struct vb_scs scs;
    uint32_t flash_size;
    uint8_t *flash; /* what the CPU sees of the internal cells */
    uint8_t *ram;
    struct sim_chip *internal;  /* the SoC's own, or the cells of flash_chip */
    struct vb_nor *flash_chip;  /* NULL: the SoC has flash of its own */
    struct vb_network *network; /* NULL: the SoC has one core */
    struct vb_device *devices;
    unsigned device_count;
    struct vb_device *console; /* whose serial line is listened to */
    void *arena;               /* states and registers of all devices */
    size_t arena_size;
    struct vb_bus *bus;
    const uint8_t *uicr;       /* VB_UICR_SIZE bytes that it holds whenever the power comes; NULL: it is erased */
    struct vb_stall stalls[2]; /* by enum vb_memory, of NVMC and QSPI */
    struct vb_pin pins[VB_PINS];
    uint32_t held_low[2];          /* by port, a bit each: inputs that somebody outside holds low */
    struct vb_nor *nors[VB_CHIPS]; /* the chips, and how their controllers see them */
    struct vb_spi_chip chips[VB_CHIPS];
    unsigned chip_count;

    struct vb_listener listener;
    struct vb_breaker breaker;
    uint64_t rng;
    uint64_t random;   /* what the generator of random numbers says follows from it */
    bool random_fails; /* it never says anything */
    uint64_t limit;    /* time at which the run ends */
    bool pin_reset;    /* somebody pulls the reset pin when the power has come */
    bool faults;       /* faults are exceptions, as on the part; false: the first one ends the run */
    uint64_t slept;    /* ticks in WFI and WFE */
    struct vb_cut cut;
    struct vb_operation cut_operation; /* that the power failed in last */
    struct vb_log *log;                /* NULL: operations are not kept */
    struct vb_coverage *coverage;      /* NULL: nobody asks what is executed */
    uint64_t operations;
    uint64_t pause_behind;      /* the run ends, VB_END_UNTIL, when so many have begun; 0: not */
    bool pauses;                /* they have */
    uint64_t cells_version;     /* grows whenever the cells may have changed, as long as the board lives */
    uint64_t first_instruction; /* vb_cpu_instructions() when power came */
    uint8_t input[VB_INPUT_SIZE];
    uint32_t input_from, input_to;

    enum vb_end end;
    char why[VB_WHY_SIZE];
    uint32_t pc;         /* where the run ended */
    bool vector_is_even; /* the reset vector, which was just taken */
    bool reset_wanted;
    enum vb_reset reset_why;
    bool broke;      /* came to a breakpoint */
    uint32_t resets; /* since the run began */
    uint64_t next_poll;
    struct vb_polling polling; /* for events */
    uint64_t polling_since;    /* no flash operation began since then */
    uint32_t resumed;          /* pc of the block that vb_board_run() goes on with: it is not watched again */
    char notes[VB_NOTES][VB_WHY_SIZE];
    unsigned note_count;
};

/** @return NULL after setting *why */
struct vb_board *vb_board_new(const struct vb_soc *soc, const char **why);
void vb_board_free(struct vb_board *board);

/** Solder a chip to the board, erased. @return false: there is no room */
bool vb_board_add_chip(struct vb_board *board, const struct nor_part *part, uint8_t sck, uint8_t csn,
                       const uint8_t io[4]);

/** The same for the chip that stands for the SoC's flash. */
bool vb_board_add_flash_chip(struct vb_board *board, const struct nor_part *part);

/** The external chip; NULL: there is none. */
struct vb_nor *vb_board_external(const struct vb_board *board);

/** Memory as the CPU sees it; NULL: not all of it is RAM, or flash. */
uint8_t *vb_board_ram(const struct vb_board *board, uint32_t address, uint32_t len);
const uint8_t *vb_board_flash(const struct vb_board *board, uint32_t address, uint32_t len);

/** The internal cells changed without the CPU: what it sees follows. */
void vb_board_show(struct vb_board *board, uint32_t off, uint32_t len);

/** Has the code that now enters an image left everything as it found it? What it has not ends the run. */
void vb_board_handover(struct vb_board *board);

/** The same, and the CPU: its next instruction is the image's first. */
void vb_board_entry(struct vb_board *board);

/** Power goes, between two flash operations of the CPU: those of the external chips that are in progress are torn. */
void vb_board_power_off(struct vb_board *board, const struct sim_tear *tear);

/** How internal flash is torn: cells that read differently from read to read have no place in memory that the CPU
 * executes from, so they are settled at random. */
struct sim_tear vb_settled(struct sim_tear tear);

/** What the external chips are busy with is done. */
void vb_board_settle(struct vb_board *board);

/** Power comes: RAM holds noise, every device its reset values; time, operations and outcome start anew. */
void vb_board_power_on(struct vb_board *board);

/** Run until an end; again after one that allows it (VB_END_UNTIL, VB_END_WATCH, VB_END_LIMIT). */
enum vb_end vb_board_run(struct vb_board *board);

/** Time goes on and what is due happens, without the CPU: for tests of devices. */
void vb_board_pass(struct vb_board *board, uint64_t ticks);

/** End the run; the first reason is kept. */
void vb_board_end(struct vb_board *board, enum vb_end end, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** Bytes for the serial line. @return how many of them found room */
uint32_t vb_board_send(struct vb_board *board, const uint8_t *bytes, uint32_t len);

/** For the devices that have a serial line: the next byte for it, and a byte that it sends. */
bool vb_serial_next(struct vb_device *dev, uint8_t *byte);
void vb_serial_say(struct vb_device *dev, uint8_t byte);

/** Device time has gone on, or what is waited for has changed: look again. */
void vb_board_look(struct vb_board *board);

/* ---- bus.c ---- */

const char *vb_bus_new(struct vb_board *board);

/** Bytes of all that a device's registers hold. */
uint32_t vb_value_size(const struct vb_device *dev);
void vb_bus_free(struct vb_board *board);
uint32_t vb_bus_load(void *board, uint32_t address, unsigned size);
void vb_bus_store(void *board, uint32_t address, unsigned size, uint32_t value);
void vb_bus_reset(struct vb_board *board, enum vb_reset why);

extern const struct vb_soc *const vb_socs[]; /* ends with NULL */

#endif
