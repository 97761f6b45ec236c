/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/util.h>

#include "guard.h"
#include "registers.h"

/*
 * Armv7-M: three regions, of which the one with the highest number counts. Each is a power of two in eight parts, so
 * what may be executed is the code rounded up to eighths of that: with 48 KiB from address 0, 8 KiB.
 */
enum { REGION_ALL, REGION_CODE, REGION_STACK };

/* Bounds from the linker script. The lowest 32 bytes of the guard are below the stack. */
extern uint32_t ob_stack_guard[];
extern const uint32_t ob_code_start[];
extern const uint32_t ob_code_end[];

/* Memory of the architecture's map that holds code or data: the parts of 512 MiB from 0, 0x20000000, 0x60000000 and
 * 0x80000000. The others are devices, which are never executed. */
#define ALL_MEMORY (RASR_DISABLE(0xe4u) | RASR_SIZE(32) | RASR_ENABLE)

static void set(uint32_t region, uint32_t base, uint32_t attributes)
{
    MPU_RBAR = base | RBAR_VALID | region;
    MPU_RASR = attributes;
}

static void execute_only_code(void)
{
    const uint32_t start = (uint32_t)(uintptr_t)ob_code_start;
    const uint32_t last = (uint32_t)(uintptr_t)ob_code_end - 1;
    const uint32_t bits = 32u - (uint32_t)__builtin_clz(start ^ last);
    const uint32_t first_part = start >> (bits - 3) & 7;
    const uint32_t last_part = last >> (bits - 3) & 7;
    const uint32_t parts = (2u << last_part) - (1u << first_part);

    set(REGION_ALL, 0, ALL_MEMORY | RASR_NORMAL | RASR_READ_WRITE | RASR_XN);
    set(REGION_CODE, start >> bits << bits,
        RASR_DISABLE(~parts & 0xffu) | RASR_SIZE(bits) | RASR_NORMAL | RASR_READ_WRITE | RASR_ENABLE);
}

void ob_guard_on(void)
{
    if (MPU_TYPE == 0) {
        return;
    }
    if (OB_ENABLED(CONFIG_MCUBOOT)) {
        execute_only_code();
    }
    set(REGION_STACK, (uint32_t)(uintptr_t)ob_stack_guard, RASR_SIZE(5) | RASR_ENABLE); /* no access */
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_IN_FAULTS | MPU_CTRL_DEFAULT_MAP;
    __asm volatile("dsb\n isb" ::: "memory");
}

__attribute__((naked, noinline)) void ob_guard_off(uint32_t closed)
{
    (void)closed;
    __asm volatile("movw r2, #0xed94\n" /* MPU_CTRL, whose bit 0 is ENABLE */
                   "movt r2, #0xe000\n"
                   "str r0, [r2]\n"
                   "dsb\n"
                   "isb\n"
                   "bx lr\n");
}
