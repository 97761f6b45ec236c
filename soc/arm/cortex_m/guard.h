/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_CORTEX_M_GUARD_H
#define OUTBOARD_CORTEX_M_GUARD_H

#include <stdint.h>

/*
 * What the CPU itself keeps from happening: a stack that grows over data, and in the bootloader that anything is
 * executed but its own code. RAM and slots hold what somebody else wrote: a fault that throws the CPU there ends in
 * another fault. docs/THREATS.md, "A glitch".
 */

#define OB_GUARD_REGIONS 3u /* of the MPU: 0 begins at address 0 */

/** From here on. */
void ob_guard_on(void);

/**
 * As after a reset. Uses no stack.
 *
 * @param closed  0; with 1 what may not be executed stays so, and devices are out of reach: nothing can be started
 */
void ob_guard_off(uint32_t closed);

#endif
