/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include <outboard/log.h>
#include <outboard/soc.h>

#include "guard.h"
#include "registers.h"

/* What the CPU pushes when an exception is taken. Source: Armv7-M ARM, B1.5.6. */
struct frame {
    unsigned r0, r1, r2, r3, r12, lr, pc, xpsr;
};

void ob_fault(void);
void ob_fault_report(const struct frame *frame, unsigned exception);

#define CFSR_STACK_LIMIT (1u << 20) /* STKOF, Armv8-M */

extern const uint32_t ob_stack_start[];

/* A frame that is not in the stack: it was not written, as the guard or the limit was met; or what was pushed last has
 * jumped over the guard, and something else was forbidden to it. */
static bool is_out_of_stack(const struct frame *frame)
{
    return (uintptr_t)frame - (uintptr_t)ob_stack_start >= CONFIG_MAIN_STACK_SIZE || (SCB_CFSR & CFSR_STACK_LIMIT) != 0;
}

static void describe(const struct frame *frame, unsigned exception)
{
    OB_LOG_ERR("fault: exception %u, cfsr 0x%08x, hfsr 0x%08x, mmfar 0x%08x, bfar 0x%08x", exception,
               (unsigned)SCB_CFSR, (unsigned)SCB_HFSR, (unsigned)SCB_MMFAR, (unsigned)SCB_BFAR);
    if (is_out_of_stack(frame)) {
        OB_LOG_ERR("fault: the stack is exhausted; raise CONFIG_MAIN_STACK_SIZE");
    } else {
        OB_LOG_ERR("fault: pc 0x%08x, lr 0x%08x, r0 0x%08x, r1 0x%08x, r2 0x%08x, r3 0x%08x", frame->pc, frame->lr,
                   frame->r0, frame->r1, frame->r2, frame->r3);
    }
}

__attribute__((used)) void ob_fault_report(const struct frame *frame, unsigned exception)
{
    if (OB_ENABLED(CONFIG_LOG)) { /* registers are read for nothing else */
        describe(frame, exception);
    }
    ob_soc_halt();
}

/* Reports from a stack of its own: nothing returns from here, and the stack may be what failed. */
__attribute__((naked)) void ob_fault(void)
{
    __asm volatile("mrs r0, msp\n"
                   "mrs r1, ipsr\n"
                   "movw r2, #:lower16:ob_fault_stack_end\n"
                   "movt r2, #:upper16:ob_fault_stack_end\n"
                   "mov sp, r2\n"
                   "b ob_fault_report\n");
}
