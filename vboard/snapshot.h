/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SNAPSHOT_H
#define OUTBOARD_VBOARD_SNAPSHOT_H

#include "board.h"

/* Copies of a board: of its cells, which outlive the power, or of all of it between two instructions. */

/** The cells of both chips, and of the network core's flash. */
struct vb_cells_state {
    struct sim_chip_state internal;
    struct nor_copy external;
    struct sim_chip_state network;
};

void vb_cells_save(struct vb_board *board, struct vb_cells_state *out);
void vb_cells_restore(struct vb_board *board, const struct vb_cells_state *from);
void vb_cells_free(struct vb_board *board, struct vb_cells_state *state);
uint64_t vb_cells_hash(struct vb_board *board);

/** What the CPU sees of the internal cells follows them. */
void vb_cells_show(struct vb_board *board);

struct vb_snapshot;

/** @return NULL if there is no memory for one */
struct vb_snapshot *vb_snapshot_new(struct vb_board *board);
void vb_snapshot_free(struct vb_snapshot *snapshot);

/** While the board does not run. Times that cells stay as they are cost little. */
void vb_snapshot_take(struct vb_snapshot *snapshot);

/** Bytes of flash that were changed behind the board's back are the caller's to put back. */
void vb_snapshot_restore(struct vb_snapshot *snapshot);

/** Bytes of RAM up to which something else than noise is in it. */
uint32_t vb_board_ram_in_use(const struct vb_board *board);

/** Where the stack's pointer stands, as an offset in RAM. */
uint32_t vb_board_stack(const struct vb_board *board);

/**
 * Of what decides what the board does next: registers of the CPU and of devices, RAM up to ram_end, and the cells, if
 * there was an operation in this start. Not of time, nor of what counts it, nor of what lies on the stack below its
 * pointer, which comes down to the offset deepest. pc: of the next instruction, for within a port the register is stale.
 * For comparing two runs of one process. May be called from a port.
 */
uint64_t vb_board_hash(struct vb_board *board, uint32_t pc, uint32_t deepest, uint32_t ram_end);

#endif
