/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_NOR_H
#define OUTBOARD_VBOARD_NOR_H

#include "../device.h"
#include "spi_nor.h"

/** A SPI NOR chip on a board. What it reports as wrong ends the run in the part's name. */
struct vb_nor {
    struct nor_chip chip;
    uint8_t memory; /* enum vb_memory: what power cuts call it */
    uint32_t dirty_from,
        dirty_to;              /* cells that operations began to change; whoever shows them to the CPU sets both 0 */
    struct vb_device self;     /* for reports only: it has no registers */
    struct vb_polling polling; /* of its status register */
    struct vb_spi_chip spi;    /* what a controller is given; the board fills in the pins */
};

void vb_nor_init(struct vb_nor *nor, struct vb_board *board, const struct nor_part *part);
void vb_nor_free(struct vb_nor *nor);

#endif
