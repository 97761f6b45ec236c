/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <stddef.h>

#include <outboard/util.h>

#include "board.h"

/* What an image finds when it is entered. */

/** As after a reset, except that interrupts are masked: docs/PORTING.md. NULL, or what is not. */
static const char *cpu_handover(struct vb_board *board)
{
    static const struct {
        enum vb_cpu_register reg;
        uint32_t value;
        const char *why;
    } expected[] = {
        {VB_CONTROL, 0, "CONTROL is not 0: not the main stack, not privileged, or the FPU is in use"},
        {VB_PRIMASK, 1, "PRIMASK is not 1"},
        {VB_BASEPRI, 0, "BASEPRI is not 0"},
        {VB_FAULTMASK, 0, "FAULTMASK is not 0"},
    };

    for (unsigned i = 0; i < OB_ARRAY_SIZE(expected); i++) {
        if (vb_cpu_get(board->cpu, expected[i].reg) != expected[i].value) {
            return expected[i].why;
        }
    }
    uint32_t vectors = vb_scs_vectors(&board->scs);
    const uint8_t *stack = vb_board_flash(board, vectors, 4);
    if (stack == NULL || ob_get_le32(stack) != vb_cpu_get(board->cpu, VB_MSP)) {
        return "MSP is not what stands in the vector table";
    }
    return NULL;
}

void vb_board_handover(struct vb_board *board)
{
    const char *why = vb_scs_handover(&board->scs);

    if (why != NULL) {
        vb_board_end(board, VB_END_REFUSED, "when the image was entered, %s", why);
    }
    for (unsigned i = 0; i < board->device_count; i++) {
        if (board->devices[i].class->handover != NULL) {
            board->devices[i].class->handover(&board->devices[i]);
        }
    }
}

void vb_board_entry(struct vb_board *board)
{
    const char *why = cpu_handover(board);

    if (why != NULL) {
        vb_board_end(board, VB_END_REFUSED, "when the image was entered, %s", why);
    }
    vb_board_handover(board);
}
