/* SPDX-License-Identifier: Apache-2.0 */
/* Executes a page of RAM, closes it with the bootloader's own regions, executes it again.
 * tests/emu/test_virtual_ast1030.py */
#include <stdint.h>

#include <outboard/log.h>

#define MPU_CTRL (*(volatile uint32_t *)0xe000ed94u)
#define MPU_RBAR (*(volatile uint32_t *)0xe000ed9cu)
#define MPU_RASR (*(volatile uint32_t *)0xe000eda0u)

#define PAGE 1024
#define BX_LR 0x4770u

static _Alignas(PAGE) volatile uint16_t page[PAGE / 2];

static void execute(void)
{
    ((void (*)(void))((uintptr_t)page | 1u))();
    OB_LOG_INF("executed");
}

int main(void)
{
    page[0] = BX_LR;
    execute();
    MPU_CTRL = 0; /* it guards the stack */
    __asm volatile("dsb\n isb" ::: "memory");
    MPU_RBAR = 1u << 4 | 0;                                        /* all of it, the parts that the map has as memory */
    MPU_RASR = 1u << 28 | 3u << 24 | 1u << 17 | 0xe4u << 8 | 0x3f; /* never executed */
    MPU_RBAR = 1u << 4 | 1;                                        /* 512 KiB of code and data, in eighths ... */
    MPU_RASR = 3u << 24 | 1u << 17 | 0xfeu << 8 | 18u << 1 | 1;    /* ... of which the first one is executed */
    MPU_RBAR = ((uint32_t)(uintptr_t)page & ~0x1fu) | 1u << 4 | 3; /* but for the page */
    MPU_RASR = 1u << 28 | 3u << 24 | 1u << 17 | 9u << 1 | 1;
    MPU_CTRL = 7;
    __asm volatile("dsb\n isb" ::: "memory");
    OB_LOG_INF("closed");
    execute();
    return 0;
}
