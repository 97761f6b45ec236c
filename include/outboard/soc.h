/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SOC_H
#define OUTBOARD_SOC_H

#include <stdint.h>

/**
 * Hand the CPU to another image, as a reset would: interrupts off, stack and entry from its vector table.
 *
 * @param vectors address of the vector table: the image's first byte after its header, where the CPU reads it
 */
_Noreturn void ob_soc_start_image(uintptr_t vectors);

/** Reset the whole SoC. */
_Noreturn void ob_soc_reset(void);

/** Stop for good, at the lowest power that needs no set-up. */
_Noreturn void ob_soc_halt(void);

/** Start the clock that ob_time_us() reads. Start-up code calls it before any device is initialised. */
void ob_soc_time_init(void);

/** Bytes of the stack, and the most of it that was ever in use since start-up. */
uint32_t ob_soc_stack_size(void);
uint32_t ob_soc_stack_used(void);

#endif
