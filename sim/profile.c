/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <string.h>

#include <outboard/util.h>

/*
 * Times are in the order of a geometry's erase sizes. External chips tell theirs in SFDP (JESD216, Basic Flash
 * Parameters): DWORD 10 the erases, DWORD 11 the programs. MX25R6435F, DWORD 11 = 0xcc04ed82: bits 7:4 = 8, a page has
 * 2^8 bytes; bits 13:8 = 0x2d, a page takes (13 + 1) * 64 us = 0.9 ms; bits 18:14 = 0x13, the first byte (3 + 1) * 8 us
 * = 32 us; bits 23:19 = 0, each further byte 1 us.
 */
const struct sim_profile sim_profiles[] = {
    {
        .name = "nrf5340+mx25r6435f",
        .summary = "internal: nRF5340 product specification, NVMC; external: MX25R6435F SFDP",
        .primary = "0x84000:4K:4",
        .secondary = "0x84000:4K,32K,64K:1",
        .internal = {.erase_us = {87500}, .program_first_ns = 43000, .program_next_ns = 43000, .timed_word = 4},
        .external = {.erase_us = {48000, 240000, 480000},
                     .program_first_ns = 32000,
                     .program_next_ns = 1000,
                     .program_max_ns = 900000,
                     .timed_word = 1},
    },
    {
        .name = "nrf5340+mx25r6435f-4k",
        .summary = "the same, but the external chip is erased by 4 KiB only",
        .primary = "0x84000:4K:4",
        .secondary = "0x84000:4K:1",
        .internal = {.erase_us = {87500}, .program_first_ns = 43000, .program_next_ns = 43000, .timed_word = 4},
        .external = {.erase_us = {48000},
                     .program_first_ns = 32000,
                     .program_next_ns = 1000,
                     .program_max_ns = 900000,
                     .timed_word = 1},
    },
    {
        .name = "nrf52840+mx25r6435f",
        .summary = "internal: nRF52840 product specification, NVMC (page erase 85 ms, word 41 us)",
        .primary = "0x6e000:4K:4",
        .secondary = "0x6e000:4K,32K,64K:1",
        .internal = {.erase_us = {85000}, .program_first_ns = 41000, .program_next_ns = 41000, .timed_word = 4},
        .external = {.erase_us = {48000, 240000, 480000},
                     .program_first_ns = 32000,
                     .program_next_ns = 1000,
                     .program_max_ns = 900000,
                     .timed_word = 1},
    },
};
const unsigned sim_profile_count = OB_ARRAY_SIZE(sim_profiles);

const struct sim_profile *sim_profile_find(const char *name)
{
    for (unsigned i = 0; i < sim_profile_count; i++) {
        if (strcmp(sim_profiles[i].name, name) == 0) {
            return &sim_profiles[i];
        }
    }
    return NULL;
}
