/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include <outboard/util.h>

#include "scs_parts.h"

/* Which exception comes next, how it is entered and left, and what a fault becomes. */

#define HFSR_FORCED (1u << 30)
#define CFSR_IACCVIOL (1u << 0)
#define CFSR_DACCVIOL (1u << 1)
#define CFSR_MSTKERR (1u << 4)
#define CFSR_MMARVALID (1u << 7)
#define CFSR_IBUSERR (1u << 8)
#define CFSR_PRECISERR (1u << 9)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE (1u << 17)
#define CFSR_NOCP (1u << 19)
#define CFSR_STKOF (1u << 20)
#define BFAR 0xd38u

#define FRAME 32u /* bytes that an exception pushes */
#define XPSR_T (1u << 24)
#define XPSR_ALIGNED (1u << 9)
#define CONTROL_SPSEL 2u
#define EXC_RETURN_PSP 4u
#define EXC_RETURN_THREAD 8u

/* ---- pending ---- */

static bool ready(const struct vb_exception_state *exception)
{
    return exception->pending && exception->enabled;
}

/* The board looks at what is waiting before the next block of instructions. */
void vb_scs_recount(struct vb_scs *scs)
{
    scs->waiting = 0;
    for (unsigned i = 1; i < scs->count; i++) {
        scs->waiting += ready(&scs->exceptions[i]);
    }
    if (scs->waiting != 0) {
        vb_board_look(scs->board);
    }
}

void vb_scs_pend(struct vb_scs *scs, unsigned exception, bool pending)
{
    scs->exceptions[exception].pending = pending || scs->exceptions[exception].line;
    vb_scs_recount(scs);
}

void vb_scs_line(struct vb_scs *scs, unsigned irq, bool level)
{
    struct vb_exception_state *exception = &scs->exceptions[VB_IRQ0 + irq];

    if (exception->line != level) {
        exception->line = level;
        if (level) {
            vb_scs_pend(scs, VB_IRQ0 + irq, true);
        }
    }
}

/* ---- priorities ---- */

static int priority_of(const struct vb_scs *scs, unsigned exception)
{
    switch (exception) {
    case VB_NMI:
        return -2;
    case VB_HARDFAULT:
        return -1;
    default:
        return scs->exceptions[exception].priority;
    }
}

static int active_priority(const struct vb_scs *scs)
{
    int priority = PRIORITY_NONE;

    for (unsigned i = 1; i < scs->count; i++) {
        if (scs->exceptions[i].active) {
            priority = OB_MIN(priority, priority_of(scs, i));
        }
    }
    return priority;
}

static int masked_priority(const struct vb_scs *scs)
{
    int priority = active_priority(scs);
    uint32_t basepri = vb_cpu_get(scs->board->cpu, VB_BASEPRI) & 0xff;

    if (basepri != 0) {
        priority = OB_MIN(priority, (int)basepri);
    }
    if ((vb_cpu_get(scs->board->cpu, VB_PRIMASK) & 1) != 0) {
        priority = OB_MIN(priority, 0);
    }
    if ((vb_cpu_get(scs->board->cpu, VB_FAULTMASK) & 1) != 0) {
        priority = OB_MIN(priority, -1);
    }
    return priority;
}

unsigned vb_scs_most_urgent(const struct vb_scs *scs, int below)
{
    unsigned found = 0;

    for (unsigned i = 1; i < scs->count; i++) {
        if (ready(&scs->exceptions[i]) && priority_of(scs, i) < below) {
            below = priority_of(scs, i);
            found = i;
        }
    }
    return found;
}

unsigned vb_scs_next(const struct vb_scs *scs)
{
    return scs->waiting == 0 ? 0 : vb_scs_most_urgent(scs, masked_priority(scs));
}

bool vb_scs_enabled(const struct vb_scs *scs, int irq)
{
    for (unsigned i = VB_IRQ0; i < scs->count; i++) {
        if (scs->exceptions[i].enabled && (irq < 0 || i == VB_IRQ0 + (unsigned)irq)) {
            return true;
        }
    }
    return false;
}

bool vb_scs_wakes(const struct vb_scs *scs)
{
    return scs->waiting != 0 && vb_scs_most_urgent(scs, active_priority(scs)) != 0;
}

/* ---- exceptions ---- */

static uint8_t *stack_at(struct vb_scs *scs, uint32_t address, uint32_t len)
{
    return vb_board_ram(scs->board, address, len);
}

static bool read_vector(struct vb_scs *scs, unsigned exception, uint32_t *handler)
{
    uint32_t address = vb_scs_vectors(scs) + 4 * exception;
    const uint8_t *ram = stack_at(scs, address, 4);
    const uint8_t *vector = ram != NULL ? ram : vb_board_flash(scs->board, address, 4);

    *handler = vector == NULL ? 0 : ob_get_le32(vector);
    return vector != NULL;
}

/* The MPU may be on in code, and off in what handles its faults. */
static void permissions_may_have_changed(struct vb_scs *scs)
{
    if (vb_mpu_is_on(&scs->mpu, false)) {
        vb_cpu_permissions_changed(scs->board->cpu);
    }
}

/* The frame cannot be pushed: which exception is entered instead, with a frame that holds nothing. */
static unsigned stacking_failed(struct vb_scs *scs, unsigned exception)
{
    const struct vb_exception_state *memmanage = &scs->exceptions[VB_MEMMANAGE];

    *vb_scs_word(scs, CFSR) |= CFSR_MSTKERR;
    if (exception == VB_HARDFAULT || exception == VB_NMI) {
        return exception;
    }
    if (memmanage->enabled && priority_of(scs, VB_MEMMANAGE) < priority_of(scs, exception)) {
        return VB_MEMMANAGE;
    }
    *vb_scs_word(scs, HFSR) |= HFSR_FORCED;
    return VB_HARDFAULT;
}

static void push_frame(struct vb_cpu *cpu, uint8_t *stack, uint32_t pc, uint32_t xpsr, bool aligned)
{
    static const enum vb_cpu_register order[] = {VB_R0, VB_R0 + 1, VB_R0 + 2, VB_R0 + 3, VB_R0 + 12, VB_LR};

    for (unsigned i = 0; i < OB_ARRAY_SIZE(order); i++) {
        ob_put_le32(stack + 4 * i, vb_cpu_get(cpu, order[i]));
    }
    ob_put_le32(stack + 24, pc & ~1u);
    ob_put_le32(stack + 28, (xpsr & ~XPSR_ALIGNED) | XPSR_T | (aligned ? XPSR_ALIGNED : 0));
}

/* Order matters to Unicorn: writing XPSR with an exception number switches to MSP by itself, so the stack that is in
 * use is looked at before, and SPSEL is written after. */
const char *vb_scs_enter(struct vb_scs *scs, unsigned exception, uint32_t *pc)
{
    struct vb_cpu *cpu = scs->board->cpu;
    uint32_t xpsr = vb_cpu_get(cpu, VB_XPSR);
    uint32_t sp = vb_cpu_get(cpu, VB_SP);
    bool thread = (xpsr & XPSR_IPSR) == 0;
    bool psp = thread && (vb_cpu_get(cpu, VB_CONTROL) & CONTROL_SPSEL) != 0;
    uint32_t frame = (sp - FRAME) & ~7u;
    uint8_t *stack = stack_at(scs, frame, FRAME);
    uint32_t handler;

    if (stack == NULL) {
        return "the stack is not in RAM when an exception is entered";
    }
    if ((vb_scs_may(scs, frame, FRAME).each & VB_MAY_WRITE) == 0) {
        exception = stacking_failed(scs, exception);
    } else {
        push_frame(cpu, stack, *pc, xpsr, (sp & 4) != 0);
    }
    if (!read_vector(scs, exception, &handler)) {
        return "the vector table is not in memory";
    }
    vb_cpu_set(cpu, VB_SP, frame);
    vb_cpu_set(cpu, VB_XPSR, (xpsr & ~XPSR_IPSR) | exception | XPSR_T);
    vb_cpu_set(cpu, VB_CONTROL, vb_cpu_get(cpu, VB_CONTROL) & ~CONTROL_SPSEL);
    vb_cpu_set(cpu, VB_LR, 0xfffffff1u | (thread ? EXC_RETURN_THREAD : 0) | (psp ? EXC_RETURN_PSP : 0));
    scs->exceptions[exception].active = true;
    permissions_may_have_changed(scs);
    scs->exceptions[exception].pending = exception >= VB_IRQ0 && scs->exceptions[exception].line;
    vb_scs_recount(scs);
    *pc = handler & ~1u;
    return (handler & 1) == 0 ? "a vector is an even address" : NULL;
}

static void restore_frame(struct vb_cpu *cpu, const uint8_t *stack, uint32_t frame)
{
    static const enum vb_cpu_register order[] = {VB_R0, VB_R0 + 1, VB_R0 + 2, VB_R0 + 3, VB_R0 + 12, VB_LR};
    uint32_t xpsr = ob_get_le32(stack + 28);

    for (unsigned i = 0; i < OB_ARRAY_SIZE(order); i++) {
        vb_cpu_set(cpu, order[i], ob_get_le32(stack + 4 * i));
    }
    vb_cpu_set(cpu, VB_SP, frame + FRAME + ((xpsr & XPSR_ALIGNED) != 0 ? 4 : 0));
}

const char *vb_scs_leave(struct vb_scs *scs, uint32_t exc_return, uint32_t *pc)
{
    struct vb_cpu *cpu = scs->board->cpu;
    unsigned exception = vb_cpu_get(cpu, VB_XPSR) & XPSR_IPSR;
    bool psp = (exc_return & EXC_RETURN_PSP) != 0;

    if (exception == 0 || exception >= scs->count || !scs->exceptions[exception].active) {
        return "returns from an exception that is not active";
    }
    scs->exceptions[exception].active = false;
    permissions_may_have_changed(scs);
    if (exception != VB_NMI) {
        vb_cpu_set(cpu, VB_FAULTMASK, 0);
    }
    uint32_t frame = vb_cpu_get(cpu, psp ? VB_PSP : VB_MSP);
    uint8_t *stack = stack_at(scs, frame, FRAME);
    if (stack == NULL) {
        return "the stack is not in RAM when an exception is left";
    }
    uint32_t xpsr = ob_get_le32(stack + 28);
    vb_cpu_set(cpu, VB_XPSR, (xpsr & ~XPSR_ALIGNED) | XPSR_T);
    vb_cpu_set(cpu, VB_CONTROL, (vb_cpu_get(cpu, VB_CONTROL) & ~CONTROL_SPSEL) | (psp ? CONTROL_SPSEL : 0));
    restore_frame(cpu, stack, frame);
    if (exception >= VB_IRQ0) {
        vb_scs_pend(scs, exception, scs->exceptions[exception].pending);
    }
    scs->event = true;
    *pc = ob_get_le32(stack + 24);
    return NULL;
}

/* ---- faults ---- */

/* The MPU, or the architecture's map, forbids what was done. */
static bool is_forbidden(const struct vb_scs *scs, const struct vb_halted *halted)
{
    const bool fetch = halted->why == VB_HALT_FETCH;
    const unsigned wants = fetch ? VB_MAY_EXECUTE : halted->why == VB_HALT_READ ? VB_MAY_READ : VB_MAY_WRITE;

    return (vb_scs_may(scs, fetch ? halted->pc : halted->address, 1).each & wants) == 0;
}

static unsigned classify(struct vb_scs *scs, const struct vb_halted *halted)
{
    switch (halted->why) {
    case VB_HALT_READ:
    case VB_HALT_WRITE:
        if (is_forbidden(scs, halted)) {
            *vb_scs_word(scs, CFSR) |= CFSR_DACCVIOL | CFSR_MMARVALID;
            *vb_scs_word(scs, MMFAR) = halted->address;
            return VB_MEMMANAGE;
        }
        *vb_scs_word(scs, CFSR) |= CFSR_PRECISERR | CFSR_BFARVALID;
        *vb_scs_word(scs, BFAR) = halted->address;
        return VB_BUSFAULT;
    case VB_HALT_FETCH:
        if (is_forbidden(scs, halted)) {
            *vb_scs_word(scs, CFSR) |= CFSR_IACCVIOL;
            return VB_MEMMANAGE;
        }
        *vb_scs_word(scs, CFSR) |= CFSR_IBUSERR;
        return VB_BUSFAULT;
    case VB_HALT_STATE:
        *vb_scs_word(scs, CFSR) |= CFSR_INVSTATE;
        return VB_USAGEFAULT;
    case VB_HALT_COPROCESSOR:
        *vb_scs_word(scs, CFSR) |= CFSR_NOCP;
        return VB_USAGEFAULT;
    case VB_HALT_STACK:
        *vb_scs_word(scs, CFSR) |= CFSR_STKOF;
        return VB_USAGEFAULT;
    case VB_HALT_BKPT:
        *vb_scs_word(scs, HFSR) |= HFSR_FORCED; /* no debugger listens */
        return VB_HARDFAULT;
    default:
        *vb_scs_word(scs, CFSR) |= CFSR_UNDEFINSTR;
        return VB_USAGEFAULT;
    }
}

unsigned vb_scs_fault(struct vb_scs *scs, const struct vb_halted *halted)
{
    unsigned exception = classify(scs, halted);
    int now = masked_priority(scs);

    if (exception != VB_HARDFAULT && (!scs->exceptions[exception].enabled || priority_of(scs, exception) >= now)) {
        *vb_scs_word(scs, HFSR) |= HFSR_FORCED;
        exception = VB_HARDFAULT;
    }
    return exception == VB_HARDFAULT && now <= -1 ? 0 : exception;
}
