/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_CORTEX_M_GUARD_H
#define OUTBOARD_CORTEX_M_GUARD_H

/** From here on a stack that grows too far faults instead of overwriting data. */
void ob_stack_guard_on(void);

/** As after a reset. Uses no stack, and keeps r0 and r1: ob_fault() calls it. */
void ob_stack_guard_off(void);

#endif
