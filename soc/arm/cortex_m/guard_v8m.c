/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/util.h>
#include <outboard/verdict.h>

#include "guard.h"
#include "registers.h"

/* Armv8-M: the stack has a limit register, and regions go from one address to another. They must not overlap. */

/* Bounds from the linker script. */
extern const uint32_t ob_code_start[];
extern const uint32_t ob_code_end[];
extern uint32_t ob_stack_start[];

/* Memory of the architecture's map, which says of the rest that it is never executed. */
#define MEMORY_END 0x40000000u
#define EXTERNAL_MEMORY 0x60000000u
#define EXTERNAL_MEMORY_END 0xa0000000u

static void execute_never(uint32_t region, uint32_t start, uint32_t end)
{
    MPU_RNR = region;
    MPU_RBAR = start | RBAR_XN;
    MPU_RASR = (end - 1) >> 5 << 5 | (start < end); /* RLAR: enabled if there is anything */
}

static void execute_only_code(void)
{
    MPU_MAIR0 = MAIR_NORMAL;
    /* The compiler takes it that nothing lies at address 0, where code may start. */
    execute_never(0, 0, ob_verdict_reload((uint32_t)(uintptr_t)ob_code_start));
    execute_never(1, (uint32_t)(uintptr_t)ob_code_end, MEMORY_END);
    execute_never(2, EXTERNAL_MEMORY, EXTERNAL_MEMORY_END);
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_IN_FAULTS | MPU_CTRL_DEFAULT_MAP;
    __asm volatile("dsb\n isb" ::: "memory");
}

void ob_guard_on(void)
{
    __asm volatile("msr msplim, %0" ::"r"(ob_stack_start));
    if (OB_ENABLED(CONFIG_MCUBOOT)) {
        execute_only_code();
    }
}

__attribute__((naked, noinline)) void ob_guard_off(uint32_t closed)
{
    (void)closed;
    __asm volatile("movs r3, #0\n"
                   "msr msplim, r3\n"
                   "movw r2, #0xed94\n" /* MPU_CTRL, whose bit 0 is ENABLE */
                   "movt r2, #0xe000\n"
                   "str r0, [r2]\n"
                   "dsb\n"
                   "isb\n"
                   "bx lr\n");
}
