/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_BOARD_PARTS_H
#define OUTBOARD_VBOARD_BOARD_PARTS_H

#include "board.h"

/* What the files that make a board share with each other: board.c makes and starts it, time.c lets time pass, running.c
 * lets the CPU run, operations.c counts and cuts flash operations, entry.c looks at it when an image is entered. */

/** What RAM holds when power comes: the same each time, and no value that code would like. */
#define VB_RAM_NOISE 0xa7u

/** When the next thing happens that is scheduled; VB_NEVER: nothing is. */
uint64_t vb_board_next_due(const struct vb_board *board);

/** At the start of a block of instructions: what has become due, and does the CPU have to turn to something else? */
void vb_board_tick(void *board);

/** A reset was asked for. */
void vb_board_reset(struct vb_board *board);

#endif
