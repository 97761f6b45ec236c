/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <outboard/soc.h>
#include <outboard/util.h>

#include <pm_config.h>

/* Source: nRF52840 Product Specification, ACL: each entry is written once and lasts until the next reset. */
struct entry {
    volatile uint32_t address;
    volatile uint32_t size; /* whole pages, at most 512 KiB */
    volatile uint32_t permission;
    uint32_t unused;
};

#define ACL ((struct entry *)0x4001e800u)
#define ENTRIES 8u
#define SIZE_MAX_OF_ENTRY 0x80000u
#define NO_WRITE (1u << 1)

_Static_assert(PM_ADDRESS % CONFIG_FPROTECT_BLOCK_SIZE == 0 && PM_SIZE % CONFIG_FPROTECT_BLOCK_SIZE == 0,
               "CONFIG_FPROTECT locks whole blocks of 4 KiB: make PM_PARTITION_SIZE_MCUBOOT a multiple of 0x1000");

void ob_soc_lock(uint32_t address, uint32_t size)
{
    const uint32_t end = ob_align_down(address + size, CONFIG_FPROTECT_BLOCK_SIZE);
    uint32_t at = ob_align_up(address, CONFIG_FPROTECT_BLOCK_SIZE);

    for (unsigned n = 0; n < ENTRIES && at < end; n++) {
        if (ACL[n].permission == 0) {
            const uint32_t part = OB_MIN(end - at, SIZE_MAX_OF_ENTRY);
            ACL[n].address = at;
            ACL[n].size = part;
            ACL[n].permission = NO_WRITE; /* last: it makes the entry valid */
            at += part;
        }
    }
    __asm volatile("dsb" ::: "memory");
}
