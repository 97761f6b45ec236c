/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

/*
 * The start of an application in flash. It executes there, copies the program to the RAM it was linked for and goes on
 * in RAM, because the window is slow and goes away while the chip is written. It may call nothing: nothing is in RAM
 * yet.
 */

_Noreturn void ob_reset(void);

/* Bounds from the linker script, each a multiple of a block. */
struct block {
    uint32_t words[8];
};
extern const struct block ob_load_start[]; /* in flash */
extern struct block ob_run_start[];        /* in RAM */
extern struct block ob_run_end[];
extern uint32_t ob_stack_end[];

__attribute__((section(".load.text"))) static _Noreturn void load_fault(void)
{
    for (;;) {
    }
}

__attribute__((section(".load.text"))) static _Noreturn void load_reset(void)
{
    const volatile struct block *from = ob_load_start;
    for (volatile struct block *to = ob_run_start; to < ob_run_end; to++) {
        *to = *from++;
    }
    __asm volatile("dsb\n isb" ::: "memory");
    void (*volatile next)(void) = ob_reset; /* further away than a branch reaches */
    next();
    __builtin_unreachable();
}

union vector {
    const uint32_t *stack;
    void (*handler)(void);
};

__attribute__((section(".load.vectors"), used)) const union vector ob_load_vectors[16] = {
    {.stack = ob_stack_end}, {.handler = load_reset}, {.handler = load_fault}, {.handler = load_fault},
    {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault},
    {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault},
    {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault}, {.handler = load_fault},
};
