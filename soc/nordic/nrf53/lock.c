/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <outboard/soc.h>
#include <outboard/util.h>

#include <pm_config.h>

/* Source: nRF5340 Product Specification, SPU: a locked region stays as it is until the next reset. */
#define SPU_FLASHREGION_PERM ((volatile uint32_t *)0x50003600u)
#define PERM_EXECUTE (1u << 0)
#define PERM_READ (1u << 2)
#define PERM_SECURE (1u << 4)
#define PERM_LOCK (1u << 8)

_Static_assert(PM_ADDRESS % CONFIG_FPROTECT_BLOCK_SIZE == 0 && PM_SIZE % CONFIG_FPROTECT_BLOCK_SIZE == 0,
               "CONFIG_FPROTECT locks whole regions of 16 KiB: make PM_PARTITION_SIZE_MCUBOOT a multiple of 0x4000");

void ob_soc_lock(uint32_t address, uint32_t size)
{
    const uint32_t end = ob_align_down(address + size, CONFIG_FPROTECT_BLOCK_SIZE);

    for (uint32_t at = ob_align_up(address, CONFIG_FPROTECT_BLOCK_SIZE); at < end; at += CONFIG_FPROTECT_BLOCK_SIZE) {
        SPU_FLASHREGION_PERM[at / CONFIG_FPROTECT_BLOCK_SIZE] = PERM_EXECUTE | PERM_READ | PERM_SECURE | PERM_LOCK;
    }
    __asm volatile("dsb" ::: "memory");
}
