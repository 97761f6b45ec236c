/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

/* Armv8-M has a limit register. (Its MPU registers are others than those of Armv7-M.) */

__attribute__((naked, noinline)) void ob_stack_guard_on(void)
{
    __asm volatile("movw r2, #:lower16:ob_stack_start\n"
                   "movt r2, #:upper16:ob_stack_start\n"
                   "msr msplim, r2\n"
                   "bx lr\n");
}

__attribute__((naked, noinline)) void ob_stack_guard_off(void)
{
    __asm volatile("movs r2, #0\n"
                   "msr msplim, r2\n"
                   "bx lr\n");
}
