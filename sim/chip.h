/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_SIM_CHIP_H
#define OUTBOARD_SIM_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/flash.h>

#include "tear.h"

/*
 * A NOR flash chip: programming clears bits, erasing sets a whole unit to ones, an interrupted operation leaves torn
 * or metastable cells. What is modelled, and what is not, is in docs/SIMULATOR.md.
 *
 * Content lives in small blocks that snapshots share, so that keeping and restoring a state costs little.
 */

#define SIM_BLOCK 256u /* bytes; divides every erase size */
#define SIM_TORN_MAX 8u
#define SIM_PROGRAM_MAX 512u /* bytes of a program command */

struct sim_block {
    uint32_t users;
    bool hashed;
    bool unsteady; /* some bit of unstable is set */
    uint64_t hash;
    uint8_t cells[SIM_BLOCK];
    uint8_t unstable[SIM_BLOCK]; /* bits that may read inverted: see sim_mood. cells has what was there before */
    uint8_t programs[SIM_BLOCK]; /* at a word's first byte: how often it was programmed since the erase */
};

/** How metastable cells are made to read when the watcher wants to know what they may say. */
enum sim_force {
    SIM_FORCE_NOT,
    SIM_FORCE_OLD, /* as if the interrupted operation had not begun */
    SIM_FORCE_NEW, /* as if it had been completed */
};

/** Cells that one interrupted operation left metastable. */
struct sim_torn {
    uint32_t off;
    uint32_t len;
    uint16_t starts; /* of the machine, since */
    uint8_t mood;    /* enum sim_mood */
};

/** A worn cell: what it holds now it keeps, if the operation to come would have to make it the other value. */
struct sim_worn {
    uint32_t off;
    uint8_t mask;  /* a bit; 0: no cell is worn */
    uint8_t stuck; /* 0: it does not erase any more; 1: it does not take programming */
};

/** Everything about a chip that a power cut does not change. Pointers are counted in the blocks. */
struct sim_chip_state {
    struct sim_worn worn;
    struct sim_block **blocks;
    uint32_t *wear; /* erases of each smallest sector */
    uint8_t torn_count;
    struct sim_torn torn[SIM_TORN_MAX]; /* oldest first */
};

/** How quick a part is taken to be. */
enum sim_pace { SIM_TYPICAL, SIM_WORST, SIM_PACES };

struct sim_chip_counts {
    uint32_t erases[OB_FLASH_ERASE_SIZES]; /* commands by size */
    uint64_t erased_bytes;
    uint64_t programmed_bytes;
    uint64_t programs; /* commands */
    uint64_t read_bytes;
    uint64_t busy_ns[SIM_PACES]; /* by the chip's timing */
};

/** How long the operations of a part take. */
struct sim_timing {
    uint32_t erase_us[OB_FLASH_ERASE_SIZES]; /* by index of erase_sizes */
    uint32_t program_first_ns;               /* a program command: its first word ... */
    uint32_t program_next_ns;                /* ... and each further one ... */
    uint32_t program_max_ns;                 /* ... but never more than this; 0: no such limit */
    uint32_t timed_word;                     /* bytes of such a word */
};

struct sim_geometry {
    uint32_t size;
    uint32_t erase_sizes[OB_FLASH_ERASE_SIZES];
    uint32_t write_size;
    uint32_t program_size;
    uint8_t program_limit; /* how often a word may be programmed between erases; 0: any */
    bool blocking;         /* external: it has no operations that the CPU need not wait for */
};

struct sim_chip {
    struct ob_flash flash; /* what the engine sees; ops and ctx are the machine's */
    uint8_t program_limit;
    enum sim_force force;
    uint32_t block_count;
    struct sim_block *blank; /* what erased sectors share */
    struct sim_chip_state state;
    struct sim_chip_counts counts;
    struct sim_timing timing[SIM_PACES];
    uint8_t *touched;      /* cells that anything ever meant to be zeros, a bit each; NULL: nobody asks */
    const char *violation; /* first rule of the chip that was broken; NULL: none */
    uint32_t violation_off;
};

void sim_chip_init(struct sim_chip *chip, const struct sim_geometry *geometry);
void sim_chip_free(struct sim_chip *chip);

/** How many sectors can be erased alone. */
uint32_t sim_chip_sectors(const struct sim_chip *chip);

/** Copies of the content. save: out is empty or holds an older copy. */
void sim_chip_save(const struct sim_chip *chip, struct sim_chip_state *out);
void sim_chip_restore(struct sim_chip *chip, const struct sim_chip_state *from);
void sim_chip_state_free(const struct sim_chip *chip, struct sim_chip_state *state);

/** Of cells, metastable cells, program counts; not of wear. */
uint64_t sim_chip_hash(struct sim_chip *chip);

/** The same without what lies in front of `from`, a multiple of SIM_BLOCK; or of a range alone. */
uint64_t sim_chip_hash_from(struct sim_chip *chip, uint32_t from);
uint64_t sim_chip_hash_range(const struct sim_chip *chip, uint64_t hash, uint32_t off, uint32_t len);

/** Where [off, end) ends without the erased and steady bytes, never programmed since, at its end. */
uint32_t sim_chip_used(const struct sim_chip *chip, uint32_t off, uint32_t end);

/** What a read returns. rng decides what metastable cells show. */
void sim_chip_read(struct sim_chip *chip, uint64_t *rng, uint32_t off, void *dst, uint32_t len);

/** One program command of at most flash.program_size bytes. tear NULL: it completes. */
void sim_chip_program(struct sim_chip *chip, uint32_t off, const uint8_t *src, uint32_t len,
                      const struct sim_tear *tear, uint64_t *rng);

/** One erase command. tear NULL: it completes. */
void sim_chip_erase(struct sim_chip *chip, uint32_t off, uint32_t size, const struct sim_tear *tear, uint64_t *rng);

/** How long an operation takes. */
uint64_t sim_chip_program_ns(const struct sim_chip *chip, uint32_t len, enum sim_pace pace);
uint64_t sim_chip_erase_ns(const struct sim_chip *chip, uint32_t size, enum sim_pace pace);

/** The machine starts again: cells that read one way during the last start may now read another. */
void sim_chip_start(struct sim_chip *chip);

/** The cells as they are, without read effects: is any of the range metastable? */
bool sim_chip_steady(const struct sim_chip *chip, uint32_t off, uint32_t len);
void sim_chip_peek(const struct sim_chip *chip, uint32_t off, void *dst, uint32_t len);

/** From now on this cell is worn, as long as this state of the chip lives on. */
void sim_chip_wear_out(struct sim_chip *chip, uint32_t cell, uint8_t stuck);

/**
 * From now on note which cells are programmed, beside those that hold something now. What a chip is never told to
 * program it need not be able to: as long as that holds, a worn cell makes no difference.
 */
void sim_chip_note_touched(struct sim_chip *chip);
bool sim_chip_was_touched(const struct sim_chip *chip, uint32_t cell);

/** Put bytes there as a programmer on the bench would: no operation, no wear; a word of ones counts as erased. */
void sim_chip_poke(struct sim_chip *chip, uint32_t off, const void *src, uint32_t len);

#endif
