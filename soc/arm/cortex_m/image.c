/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/soc.h>

#include "registers.h"

_Noreturn void ob_soc_start_image(uintptr_t vectors)
{
    const volatile uint32_t *table = (const volatile uint32_t *)vectors;
    uint32_t stack = table[0];
    uint32_t entry = table[1];
    MPU_CTRL = 0;
    SCB_VTOR = (uint32_t)vectors;
    __asm volatile("cpsid i\n"
                   "dsb\n"
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
