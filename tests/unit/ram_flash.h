/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_RAM_FLASH_H
#define OUTBOARD_TESTS_RAM_FLASH_H

#include <outboard/flash.h>

#define RAM_FLASH_SIZE 0x40000u /* bytes; erases of 4, 32 and 64 KiB */
#define RAM_FLASH_ERASES 4096

/** The supply of several chips: it fails before one of their writes or erases, and stays off. */
struct ram_power {
    unsigned left; /* writes and erases until it fails; 0: it has failed */
};

/** A NOR flash in RAM that counts what a driver would have been asked. */
struct ram_flash {
    struct ob_flash flash;
    uint8_t bytes[RAM_FLASH_SIZE];
    unsigned reads, writes, resets;
    unsigned erase_count;
    struct {
        uint32_t off, size;
    } erases[RAM_FLASH_ERASES];
    struct ram_power *power; /* NULL: never fails */
    unsigned fail_at;        /* the n-th operation from now fails with OB_ERR_BUS; 0: none */
};

/** Erased, counters at zero. */
void ram_flash_init(struct ram_flash *ram);

#endif
