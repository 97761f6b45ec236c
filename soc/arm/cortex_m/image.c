/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/soc.h>

#include "guard.h"
#include "registers.h"

/* None was enabled here; one that an earlier program left pending would be taken by the image as its own. */
static void quiet_interrupts(void)
{
    __asm volatile("cpsid i" ::: "memory");
    for (unsigned i = 0; i <= (ICTR & ICTR_INTLINESNUM_MASK); i++) {
        NVIC_ICER[i] = UINT32_MAX;
        NVIC_ICPR[i] = UINT32_MAX;
    }
}

_Noreturn void ob_soc_start_image(uintptr_t vectors)
{
    const volatile uint32_t *table = (const volatile uint32_t *)vectors;
    uint32_t stack = table[0];
    uint32_t entry = table[1];

    ob_soc_time_stop();
    quiet_interrupts();
    ob_stack_guard_off();
    SCB_VTOR = (uint32_t)vectors;
    __asm volatile("dsb\n"
                   "isb\n"
                   "msr msp, %0\n"
                   "bx %1\n"
                   :
                   : "r"(stack), "r"(entry)
                   : "memory");
    __builtin_unreachable();
}

_Noreturn void ob_soc_reset(void)
{
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = AIRCR_RESET;
    __asm volatile("dsb" ::: "memory");
    for (;;) {
    }
}

_Noreturn void ob_soc_halt(void)
{
    for (;;) {
        __asm volatile("cpsid i\n wfi");
    }
}
