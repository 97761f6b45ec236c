/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_CONTENTS_H
#define OUTBOARD_VBOARD_CONTENTS_H

#include "board.h"
#include "common/diag.h"

/* What lies in a board's chips, and the files that keep it. */

struct vb_contents {
    char path[512]; /* "": is kept nowhere */
    uint8_t *data;
    uint32_t size;
};

/**
 * Read a chip's file. A missing one is refused, so is one of another size.
 * @param size  bytes of the chip
 */
enum ob_exit vb_contents_read(struct vb_contents *contents, const char *path, uint32_t size);
void vb_contents_free(struct vb_contents *contents);

/** Into the cells, as a programmer on the bench would; and back into the file if it holds something else. */
void vb_contents_put(const struct vb_contents *contents, struct sim_chip *chip);
enum ob_exit vb_contents_keep(struct vb_contents *contents, const struct sim_chip *chip);

#endif
