/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_CORTEX_M_REGISTERS_H
#define OUTBOARD_CORTEX_M_REGISTERS_H

#include <stdint.h>

/* System control space. Source: Armv7-M Architecture Reference Manual, B3.2, B3.4 and B3.5; Armv8-M, D1.2. */
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
#define MPU_RNR (*(volatile uint32_t *)0xe000ed98u)
#define MPU_RBAR (*(volatile uint32_t *)0xe000ed9cu)
#define MPU_RASR (*(volatile uint32_t *)0xe000eda0u) /* Armv8-M: RLAR */
#define MPU_MAIR0 (*(volatile uint32_t *)0xe000edc0u)

#define AIRCR_RESET (0x05fa0000u | 1u << 2)

#define MPU_CTRL_ENABLE (1u << 0)
#define MPU_CTRL_IN_FAULTS (1u << 1)   /* also in HardFault and NMI */
#define MPU_CTRL_DEFAULT_MAP (1u << 2) /* what no region covers stays accessible */

/* Armv7-M. */
#define RBAR_VALID (1u << 4) /* bits 0 to 3: the region */
#define RASR_ENABLE (1u << 0)
#define RASR_SIZE(bits) (((bits)-1) << 1) /* 2^bits bytes */
#define RASR_DISABLE(parts) ((parts) << 8)
#define RASR_NORMAL (1u << 17)     /* write-through, as the default map has flash */
#define RASR_READ_WRITE (3u << 24) /* else no access */
#define RASR_XN (1u << 28)

#define MPU_ALL_CLOSED (RASR_XN | RASR_SIZE(32) | RASR_ENABLE) /* Armv8-M: up to 0x1000003f, slots included */

/* Armv8-M. */
#define RBAR_XN (1u << 0) /* the rest of it 0: read and write */
#define MAIR_NORMAL 0xaau /* attributes 0: write-through, as the default map has flash */

#endif
