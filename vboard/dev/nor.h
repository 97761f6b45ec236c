/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_NOR_H
#define OUTBOARD_VBOARD_NOR_H

#include "../device.h"
#include "spi_nor.h"

/** What is wrong with a chip, each time that power comes. */
enum vb_chip_fault {
    VB_CHIP_WORKS,
    VB_CHIP_ABSENT, /* its lines float high */
    VB_CHIP_ASLEEP, /* as a program before a reset may have left it; the same for the next two */
    VB_CHIP_BUSY,   /* with its longest erase */
    VB_CHIP_LOCKED, /* all of it is protected */
    VB_CHIP_STUCK,  /* what it programs or erases next never ends */
    VB_CHIP_FAILS,  /* the n-th program or erase does half of its work, and says so */
};

/** @return false: there is no such fault */
bool vb_chip_fault_find(const char *name, enum vb_chip_fault *out);

/** As the command line has it. */
const char *vb_chip_fault_name(enum vb_chip_fault fault);

/** A SPI NOR chip on a board. What it reports as wrong ends the run in the part's name. */
struct vb_nor {
    struct nor_part part; /* the chip's own: what it says of itself may be changed */
    struct nor_chip chip;
    uint8_t fault;     /* enum vb_chip_fault */
    uint32_t fault_at; /* the n of VB_CHIP_FAILS, from 1 */
    uint8_t memory;    /* enum vb_memory: what power cuts call it */
    uint32_t dirty_from,
        dirty_to;              /* cells that operations began to change; whoever shows them to the CPU sets both 0 */
    struct vb_device self;     /* for reports only: it has no registers */
    struct vb_polling polling; /* of its status register */
    struct vb_spi_chip spi;    /* what a controller is given; the board fills in the pins */
};

void vb_nor_init(struct vb_nor *nor, struct vb_board *board, const struct nor_part *part);
void vb_nor_free(struct vb_nor *nor);

#endif
