/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_TARGET_H
#define OUTBOARD_VBOARD_TARGET_H

#include <common/args.h>
#include <stdio.h>

#include "board.h"
#include "description.h"
#include "symbols.h"

/* What a command works on: a build folder, or somebody else's files for a board. */

#define VB_FILES_MAX 8u

/** What a chip holds at first, and the file that keeps it. */
struct vb_contents {
    char *path; /* NULL: it is kept nowhere */
    uint8_t *data;
    uint32_t size; /* 0: there is no such chip */
};

/** A slot for images. */
struct vb_slot {
    uint32_t off; /* in its chip */
    uint32_t size;
    uint8_t memory; /* enum vb_memory */
};

#define VB_LIMIT_MAX_S 1e9 /* of a run: what its clock counts */

struct vb_target {
    /* from the command line */
    const char *build;
    const char *board_name;
    const char *internal_files[VB_FILES_MAX], *external_files[VB_FILES_MAX];
    unsigned internal_count, external_count;
    enum vb_chip_fault chip_fault; /* of the external chip */
    uint32_t chip_fault_at;        /* see struct vb_nor */
    const char *sfdp_file;         /* what that chip says of itself; NULL: what the part does */
    struct {
        uint32_t off;
        uint8_t memory; /* enum vb_memory */
        bool is, keeps_ones;
    } worn;               /* a cell */
    uint32_t held_low[2]; /* as in struct vb_board, as are the next */
    struct vb_stall stalls[2];
    uint64_t random;
    bool random_fails;
    const char *network_file;
    enum vb_network_fault network_fault;
    uint32_t fault_count; /* see struct vb_network */

    struct vb_description description;
    struct vb_contents internal, external, network, sfdp;
    struct vb_contents uicr; /* of files that have bytes for it, as a programmer would write them */
    struct vb_symbols symbols;
    struct vb_slot primary, secondary; /* size 0: unknown */
    struct vb_slot secondary_1;        /* of the network core's image; size 0: there is none */
    struct vb_board *board;            /* NULL until vb_target_make() */
};

/** BUILD, --board, --internal, --external, --network...: for argp's children. state->child_inputs[] is the struct
 * vb_target. */
extern const struct argp vb_target_argp;

/** The faults and inputs that were given, as on the command line: ` --absent --low P0.11`. */
void vb_target_print_faults(const struct vb_target *target, FILE *out);

/** Something is wrong with a chip or its controller. */
bool vb_target_chips_fail(const struct vb_target *target);

/** Read all files. @return OB_EXIT_USAGE after printing what is wrong */
enum ob_exit vb_target_read(struct vb_target *target);

/** Make the board and put into its chips what they hold at first. May be done once in each process. */
enum ob_exit vb_target_make(struct vb_target *target);

/** Write what the chips hold now back to their files, where that has changed. */
enum ob_exit vb_target_keep(struct vb_target *target);

void vb_target_free(struct vb_target *target);

/** `0x00001234 (ob_nor_read + 12)` */
void vb_target_place(const struct vb_target *target, uint32_t pc, char *text, size_t size);

/** "internal", "external", "network" */
const char *vb_memory_name(enum vb_memory memory);

/** The cells of a chip of the board. */
struct sim_chip *vb_cells(struct vb_board *board, enum vb_memory memory);

#endif
