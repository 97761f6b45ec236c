/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_DESCRIPTION_H
#define OUTBOARD_VBOARD_DESCRIPTION_H

#include <stdint.h>

#include "board.h"
#include "common/diag.h"

/* What a board's devicetree says, as far as a virtual board is made from it. */

struct vb_chip_description {
    char label[32];
    uint8_t jedec_id[3];
    uint32_t size; /* bytes */
    uint8_t sck, csn, io[4];
};

struct vb_description {
    char path[512]; /* of the file */
    const struct vb_soc *soc;
    uint32_t console;                      /* base of the device behind the console; 0: none is chosen */
    struct vb_chip_description flash_chip; /* that stands for the SoC's flash, if it is one that has none */
    struct vb_chip_description chips[VB_CHIPS];
    unsigned chip_count;
};

/**
 * Read what `outboard dt` wrote (devicetree.json).
 * @return OB_EXIT_USAGE after printing why it cannot be used
 */
enum ob_exit vb_description_read(const char *path, struct vb_description *out);

/** Make the board. @return NULL after printing why not */
struct vb_board *vb_description_build(const struct vb_description *description);

#endif
