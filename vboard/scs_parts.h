/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SCS_PARTS_H
#define OUTBOARD_VBOARD_SCS_PARTS_H

#include "board.h"

/* What the files of the CPU's own corner share: scs.c has its registers, exceptions.c what becomes of them, systick.c
 * the timer. */

#define CFSR 0xd28u
#define HFSR 0xd2cu
#define MMFAR 0xd34u
#define SYST_CSR 0x010u
#define SYST_RVR 0x014u
#define CSR_ENABLE 1u
#define CSR_TICKINT 2u
#define CSR_CPU_CLOCK 4u
#define PRIORITY_NONE 256
#define XPSR_IPSR 0x1ffu

static inline uint32_t *vb_scs_word(struct vb_scs *scs, uint32_t offset)
{
    return &scs->words[offset / 4];
}

static inline uint32_t vb_scs_peek(const struct vb_scs *scs, uint32_t offset)
{
    return scs->words[offset / 4];
}

/** Exceptions are pending or enabled that were not: the board looks at them before the next block of instructions. */
void vb_scs_recount(struct vb_scs *scs);
void vb_scs_pend(struct vb_scs *scs, unsigned exception, bool pending);

/** The most urgent one that is pending and enabled, of a lower priority number than this; 0: none. */
unsigned vb_scs_most_urgent(const struct vb_scs *scs, int below);

void vb_scs_restart_systick(struct vb_scs *scs, uint64_t from);
uint32_t vb_scs_systick_value(const struct vb_scs *scs);

/** SYST_CSR, whose COUNTFLAG is gone once it was read. */
uint32_t vb_scs_read_csr(struct vb_scs *scs);

#endif
