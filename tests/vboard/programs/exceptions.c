/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#define OWN_VECTORS
#include "program.h"

#define ICSR 0xe000ed04
#define PENDSVSET (1u << 28)
#define IRQ 20u /* any that no device uses here */

static volatile uint32_t ticks;
static volatile uint32_t process_stack[64];

static void svc(void)
{
    say("svc ");
    REG(ICSR) = PENDSVSET; /* less urgent: entered when this returns */
}

static void pendsv(void)
{
    say("pendsv ");
}

static void systick(void)
{
    ticks++;
    say("tick ");
    if (ticks == 3) {
        REG(0xe000e010) = 0;
    }
}

static void irq(void)
{
    say("irq ");
}

static void fault(void)
{
    say("fault\n");
    rest();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16 + IRQ + 1] = {
    [0] = STACK_TOP,       [1] = (uintptr_t)reset,   [2] = (uintptr_t)fault,    [3] = (uintptr_t)fault,
    [11] = (uintptr_t)svc, [14] = (uintptr_t)pendsv, [15] = (uintptr_t)systick, [16 + IRQ] = (uintptr_t)irq,
};

static void wait_for_ticks(void)
{
    REG(0xe000e014) = 64000 - 1; /* 1 ms */
    REG(0xe000e018) = 0;
    REG(0xe000e010) = 7;
    while (ticks < 3) {
        __asm volatile("wfi");
    }
}

static void mask(void)
{
    __asm volatile("cpsid i" ::: "memory");
    REG(ICSR) = PENDSVSET;
    say("masked ");
    REG(ICSR) = 1u << 27; /* and not pending any more */
    __asm volatile("cpsie i" ::: "memory");
    say("unmasked ");
}

/* A call of the supervisor from a stack of its own comes back to it, registers included. */
static uint32_t from_process_stack(void)
{
    uint32_t kept;

    __asm volatile("msr psp, %1\n"
                   "mrs r5, control\n"
                   "orr r5, r5, #2\n"
                   "msr control, r5\n"
                   "isb\n"
                   "movw r6, #0x1234\n"
                   "movw r12, #0x4321\n"
                   "mrs r7, psp\n"
                   "bl bare_svc\n"
                   "mrs r5, psp\n"
                   "cmp r7, r5\n"
                   "ite eq\n"
                   "addeq %0, r6, r12\n"
                   "movne %0, #0\n"
                   "mrs r5, control\n"
                   "bic r5, r5, #2\n"
                   "msr control, r5\n"
                   "isb\n"
                   : "=&r"(kept)
                   : "r"(process_stack + 64)
                   : "r5", "r6", "r7", "r12", "lr", "cc", "memory");
    return kept;
}

__attribute__((naked, used)) static void bare_svc(void)
{
    __asm volatile("nop\n bx lr");
}

int main(void)
{
    ticks = 0;                    /* nobody cleared it */
    REG(0xe000ed20) = 0xc0e00000; /* PendSV below SysTick */
    __asm volatile("svc 0");
    wait_for_ticks();
    mask();
    say(from_process_stack() == 0x1234 + 0x4321 ? "psp " : "lost ");
    REG(0xe000e100) = 1u << IRQ;
    REG(0xe000e200) = 1u << IRQ;
    __asm volatile("dsb\n isb");
    say("done\n");
    rest();
}
