/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <outboard/soc.h>

#include <pm_config.h>

/* Source: nRF52840 Product Specification, ACL: each entry is written once and lasts until the next reset. */
#define ACL_ADDR (*(volatile uint32_t *)0x4001e800u)
#define ACL_SIZE (*(volatile uint32_t *)0x4001e804u)
#define ACL_PERM (*(volatile uint32_t *)0x4001e808u)
#define ACL_PERM_NO_WRITE (1u << 1)

_Static_assert(PM_ADDRESS % CONFIG_FPROTECT_BLOCK_SIZE == 0 && PM_SIZE % CONFIG_FPROTECT_BLOCK_SIZE == 0,
               "CONFIG_FPROTECT locks whole blocks of 4 KiB: make PM_PARTITION_SIZE_MCUBOOT a multiple of 0x1000");

void ob_soc_lock_image(void)
{
    ACL_ADDR = PM_ADDRESS;
    ACL_SIZE = PM_SIZE;
    ACL_PERM = ACL_PERM_NO_WRITE; /* last: it makes the entry valid */
    __asm volatile("dsb" ::: "memory");
}
