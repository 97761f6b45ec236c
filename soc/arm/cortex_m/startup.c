/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>

#include <outboard/device.h>
#include <outboard/soc.h>

#include "guard.h"
#include "registers.h"

#define PAINT 0xa5a5a5a5u

/* Word-aligned bounds, from the linker script. */
extern uint32_t ob_bss_start[];
extern uint32_t ob_bss_end[];
extern uint32_t ob_stack_start[];
extern uint32_t ob_stack_end[];

int main(void);
void ob_fault(void);
_Noreturn void ob_reset(void);

union vector {
    const uint32_t *stack;
    void (*handler)(void);
};

/* Where a reset begins: a SoC that must fill RAM before anything else compiles this file with its own. */
#ifndef OB_ENTRY
#define OB_ENTRY ob_reset
#endif
_Noreturn void OB_ENTRY(void);

/* Interrupts are not used: all waiting is polling. Every other exception is a fault. */
__attribute__((section(".vectors"), used)) const union vector ob_vectors[16] = {
    {.stack = ob_stack_end}, {.handler = OB_ENTRY}, {.handler = ob_fault}, {.handler = ob_fault},
    {.handler = ob_fault},   {.handler = ob_fault}, {.handler = ob_fault}, {.handler = ob_fault},
    {.handler = ob_fault},   {.handler = ob_fault}, {.handler = ob_fault}, {.handler = ob_fault},
    {.handler = ob_fault},   {.handler = ob_fault}, {.handler = ob_fault}, {.handler = ob_fault},
};

static void fill(uint32_t *word, const uint32_t *end, uint32_t value)
{
    for (; word < end; word++) {
        *(volatile uint32_t *)word = value; /* volatile: not turned into a call of memset, which is not ready yet */
    }
}

_Noreturn void ob_reset(void)
{
    ob_guard_off(0); /* the bootloader's lies elsewhere */
    fill(ob_stack_start, __builtin_frame_address(0), PAINT);
    fill(ob_bss_start, ob_bss_end, 0);
    SCB_VTOR = (uint32_t)(uintptr_t)ob_vectors;
    __asm volatile("dsb\n isb\n cpsie i" ::: "memory");
    ob_guard_on();
    ob_soc_time_init();
    ob_device_init_all();
    main();
    ob_soc_halt();
}

uint32_t ob_soc_stack_size(void)
{
    return (uint32_t)((uintptr_t)ob_stack_end - (uintptr_t)ob_stack_start);
}

uint32_t ob_soc_stack_used(void)
{
    const uint32_t *word = ob_stack_start;
    while (word < ob_stack_end && *word == PAINT) {
        word++;
    }
    return (uint32_t)((uintptr_t)ob_stack_end - (uintptr_t)word);
}
