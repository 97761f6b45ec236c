/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"
#include "registers.h"

/* Armv7-M: a region that nothing may access. Its lowest 32 bytes are below the stack: the linker script. */
extern uint32_t ob_stack_guard[];

void ob_stack_guard_on(void)
{
    if (MPU_TYPE == 0) {
        return;
    }
    MPU_RBAR = (uint32_t)(uintptr_t)ob_stack_guard | MPU_RBAR_REGION_0;
    MPU_RASR = MPU_RASR_32_BYTES;
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_DEFAULT_MAP;
    __asm volatile("dsb\n isb" ::: "memory");
}

__attribute__((naked, noinline)) void ob_stack_guard_off(void)
{
    __asm volatile("movw r2, #0xed94\n" /* MPU_CTRL */
                   "movt r2, #0xe000\n"
                   "movs r3, #0\n"
                   "str r3, [r2]\n"
                   "dsb\n"
                   "isb\n"
                   "bx lr\n");
}
