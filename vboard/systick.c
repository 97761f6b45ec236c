/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "scs_parts.h"

#define CSR_COUNTFLAG (1u << 16)

static uint32_t tick_ticks(const struct vb_scs *scs)
{
    return (vb_scs_peek(scs, SYST_CSR) & CSR_CPU_CLOCK) != 0 ? 2 : VB_TICKS_PER_US * 1000000u / 32768u;
}

bool vb_scs_ticks(const struct vb_scs *scs)
{
    return scs->systick_zero != VB_NEVER && (vb_scs_peek(scs, SYST_CSR) & CSR_TICKINT) != 0;
}

uint64_t vb_scs_due(const struct vb_scs *scs)
{
    return scs->systick_zero;
}

void vb_scs_restart_systick(struct vb_scs *scs, uint64_t from)
{
    uint32_t reload = vb_scs_peek(scs, SYST_RVR);
    bool runs = (vb_scs_peek(scs, SYST_CSR) & CSR_ENABLE) != 0 && reload != 0;

    scs->systick_zero = runs ? from + (uint64_t)(reload + 1) * tick_ticks(scs) : VB_NEVER;
    vb_board_look(scs->board);
}

void vb_scs_tick(struct vb_scs *scs)
{
    scs->counted = true;
    vb_scs_restart_systick(scs, scs->systick_zero);
    if ((vb_scs_peek(scs, SYST_CSR) & CSR_TICKINT) != 0) {
        vb_scs_pend(scs, VB_SYSTICK, true);
    }
}

uint32_t vb_scs_systick_value(const struct vb_scs *scs)
{
    uint64_t now = vb_now(scs->board);

    return scs->systick_zero == VB_NEVER || scs->systick_zero <= now
               ? 0
               : (uint32_t)((scs->systick_zero - now) / tick_ticks(scs)) & 0xffffff;
}

uint32_t vb_scs_read_csr(struct vb_scs *scs)
{
    uint32_t value = vb_scs_peek(scs, SYST_CSR) | (scs->counted ? CSR_COUNTFLAG : 0);

    scs->counted = false;
    return value;
}
