/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SOC_H
#define OUTBOARD_SOC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Hand the CPU to another image, as a reset would: interrupts off and not pending, no guard, stack and entry from
 * its vector table; docs/PORTING.md lists all of it. With CONFIG_BOOT_WIPE_STACK the stack holds zeros then. Devices
 * are stopped before: ob_device_stop_all().
 *
 * @param vectors  address of the vector table: the image's first byte after its header, where the CPU reads it
 * @param verdict  on that image: with another one than OB_VERDICT_ACCEPTED it cannot be executed
 */
_Noreturn void ob_soc_start_image(uintptr_t vectors, uint32_t verdict);

/** Reset the whole SoC. */
_Noreturn void ob_soc_reset(void);

/** Was the reset pin what started the SoC? It counts once: the cause is cleared. On nRFs. */
bool ob_soc_take_pin_reset(void);

/** Stop for good, at the lowest power that needs no set-up. */
_Noreturn void ob_soc_halt(void);

/** Start the clock that ob_time_us() reads. Start-up code calls it before any device is initialised. */
void ob_soc_time_init(void);

/** Leave that clock's timer as after a reset. ob_soc_start_image() calls it. */
void ob_soc_time_stop(void);

/**
 * Make internal flash read-only until the next reset (CONFIG_FPROTECT): of this range the whole blocks of
 * CONFIG_FPROTECT_BLOCK_SIZE. For the bootloader's partition and one range of each image.
 *
 * @param address  where the CPU reads the first byte; address + size does not wrap
 */
void ob_soc_lock(uint32_t address, uint32_t size);

/**
 * A byte that nobody can foresee (CONFIG_SOC_RANDOM). Takes about 0.25 ms on an nRF52840.
 * @return 0 once it did not come in 2 ms
 */
uint8_t ob_soc_random(void);

/** Bytes of the stack, and the most of it that was ever in use since start-up. */
uint32_t ob_soc_stack_size(void);
uint32_t ob_soc_stack_used(void);

#endif
