/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "cpu_parts.h"

/* Why a run ended. */

#define EXCP_UDEF 1u /* numbers of the interrupt hook: EXCP_* of target/arm/cpu.h */
#define EXCP_SVC 2u
#define EXCP_PREFETCH 3u
#define EXCP_DATA 4u
#define EXCP_BKPT 7u
#define EXCP_RETURN 8u
#define EXCP_NOCP 17u
#define EXCP_STATE 18u
#define EXCP_STACK 19u

#define HINT_YIELD 0xbf10u
#define HINT_WFE 0xbf20u
#define HINT_WFI 0xbf30u

#define EXCEPTION_NUMBER 0x1ffu /* of XPSR */

static uint16_t half_before(const struct vb_cpu *cpu, uint32_t pc)
{
    const uint32_t address = pc - 2;

    if (vb_cpu_in_flash(cpu, address)) {
        return vb_cpu_half(cpu->setup.flash + (address - cpu->setup.flash_base));
    }
    return vb_cpu_in_ram(cpu, address) ? vb_cpu_half(cpu->setup.ram + (address - cpu->setup.ram_base)) : 0;
}

enum vb_halt vb_cpu_why_interrupted(uint32_t number)
{
    switch (number) {
    case EXCP_SVC:
        return VB_HALT_SVC;
    case EXCP_RETURN:
        return VB_HALT_RETURN;
    case EXCP_BKPT:
        return VB_HALT_BKPT;
    case EXCP_PREFETCH:
        return VB_HALT_FETCH;
    case EXCP_DATA:
        return VB_HALT_READ;
    case EXCP_UDEF:
        return VB_HALT_UNDEFINED;
    case EXCP_NOCP:
        return VB_HALT_COPROCESSOR;
    case EXCP_STATE:
        return VB_HALT_STATE;
    case EXCP_STACK:
        return VB_HALT_STACK;
    default:
        return VB_HALT_BROKEN;
    }
}

static enum vb_halt why_invalid(struct vb_cpu *cpu, uint32_t pc)
{
    if ((vb_cpu_get(cpu, VB_XPSR) & THUMB_STATE) == 0) {
        return VB_HALT_STATE; /* a branch to an even address */
    }
    switch (half_before(cpu, pc)) {
    case HINT_WFE:
        return VB_HALT_WFE;
    case HINT_YIELD:
        return VB_HALT_YIELD;
    default:
        return VB_HALT_UNDEFINED;
    }
}

enum vb_halt vb_cpu_why_denied(int wanted)
{
    return wanted == VB_MAY_EXECUTE ? VB_HALT_FETCH : wanted == VB_MAY_WRITE ? VB_HALT_WRITE : VB_HALT_READ;
}

enum vb_halt vb_cpu_why_failed(struct vb_cpu *cpu, uc_err err, uint32_t pc)
{
    if (pc >= EXC_RETURN_PAGE && (vb_cpu_get(cpu, VB_XPSR) & EXCEPTION_NUMBER) != 0) {
        return VB_HALT_RETURN; /* the emulator does not always know that it is in a handler, and branched there */
    }
    switch (err) {
    case UC_ERR_OK: /* nothing but WFI ends a run by itself; vb_cpu_run() ends none at an address */
        return half_before(cpu, pc) == HINT_WFI ? VB_HALT_WFI : VB_HALT_BROKEN;
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_READ_PROT:
        return VB_HALT_READ;
    case UC_ERR_WRITE_UNMAPPED:
    case UC_ERR_WRITE_PROT:
        return VB_HALT_WRITE;
    case UC_ERR_FETCH_UNMAPPED:
    case UC_ERR_FETCH_PROT:
        return VB_HALT_FETCH;
    case UC_ERR_INSN_INVALID:
        return why_invalid(cpu, pc);
    case UC_ERR_EXCEPTION:
        return vb_cpu_in_flash(cpu, pc) || vb_cpu_in_ram(cpu, pc) ? VB_HALT_BROKEN : VB_HALT_FETCH;
    default:
        return VB_HALT_BROKEN;
    }
}
