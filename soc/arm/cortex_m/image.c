/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/soc.h>
#include <outboard/util.h>
#include <outboard/verdict.h>

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

/* An image may switch the MPU on and set but those regions that it needs. closed: none of it is opened. */
static void open_memory(uint32_t closed)
{
    ob_guard_off(closed);
    for (uint32_t region = 0; region < OB_GUARD_REGIONS; region++) {
        MPU_RNR = region;
        MPU_RASR = closed * MPU_ALL_CLOSED;
    }
}

__attribute__((naked)) static _Noreturn void jump(uint32_t stack, uint32_t entry)
{
    (void)stack;
    (void)entry;
    __asm volatile("dsb\n"
                   "isb\n"
                   "msr msp, r0\n"
                   "bx r1\n");
}

/* Without a stack: it is what is wiped. Registers may hold what lay on it. */
__attribute__((naked)) static _Noreturn void wipe_and_jump(uint32_t stack, uint32_t entry)
{
    (void)stack;
    (void)entry;
    __asm volatile("movw r2, #:lower16:ob_stack_start\n"
                   "movt r2, #:upper16:ob_stack_start\n"
                   "movw r3, #:lower16:ob_stack_end\n"
                   "movt r3, #:upper16:ob_stack_end\n"
                   "movs r4, #0\n"
                   "1: str r4, [r2], #4\n"
                   "cmp r2, r3\n"
                   "bne 1b\n"
                   "movs r5, #0\n"
                   "movs r6, #0\n"
                   "movs r7, #0\n"
                   "mov r8, r4\n"
                   "mov r9, r4\n"
                   "mov r10, r4\n"
                   "mov r11, r4\n"
                   "mov r12, r4\n"
                   "dsb\n"
                   "isb\n"
                   "msr msp, r0\n"
                   "bx r1\n");
}

_Noreturn void ob_soc_start_image(uintptr_t vectors, uint32_t verdict)
{
    const volatile uint32_t *table = (const volatile uint32_t *)vectors;
    uint32_t stack = table[0];
    uint32_t entry = table[1];

    ob_soc_time_stop();
    quiet_interrupts();
    open_memory(ob_verdict_denies(verdict));
    SCB_VTOR = (uint32_t)vectors;
    (OB_ENABLED(CONFIG_BOOT_WIPE_STACK) ? wipe_and_jump : jump)(stack, entry);
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
