/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_CORTEX_M_REGISTERS_H
#define OUTBOARD_CORTEX_M_REGISTERS_H

#include <stdint.h>

/* System control space. Source: Armv7-M Architecture Reference Manual, B3.2, B3.4 and B3.5. */
#define ICTR (*(volatile uint32_t *)0xe000e004u)
#define ICTR_INTLINESNUM_MASK 0xfu /* sets of 32 interrupts, less one */
#define NVIC_ICER ((volatile uint32_t *)0xe000e180u)
#define NVIC_ICPR ((volatile uint32_t *)0xe000e280u)
#define SCB_VTOR (*(volatile uint32_t *)0xe000ed08u)
#define SCB_AIRCR (*(volatile uint32_t *)0xe000ed0cu)
#define SCB_CFSR (*(volatile uint32_t *)0xe000ed28u)
#define SCB_HFSR (*(volatile uint32_t *)0xe000ed2cu)
#define SCB_MMFAR (*(volatile uint32_t *)0xe000ed34u)
#define SCB_BFAR (*(volatile uint32_t *)0xe000ed38u)
#define MPU_TYPE (*(volatile uint32_t *)0xe000ed90u)
#define MPU_CTRL (*(volatile uint32_t *)0xe000ed94u)
#define MPU_RBAR (*(volatile uint32_t *)0xe000ed9cu)
#define MPU_RASR (*(volatile uint32_t *)0xe000eda0u)

#define AIRCR_RESET (0x05fa0000u | 1u << 2)

#define MPU_CTRL_ENABLE (1u << 0)
#define MPU_CTRL_DEFAULT_MAP (1u << 2) /* what no region covers stays accessible */
#define MPU_RBAR_REGION_0 (1u << 4)
#define MPU_RASR_32_BYTES (4u << 1 | 1u) /* no access, enabled */

#endif
