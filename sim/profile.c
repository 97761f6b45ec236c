/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <string.h>

#include <outboard/util.h>

const struct sim_profile sim_profiles[] = {
    {"nrf5340+mx25r6435f", "nRF5340", "MX25R6435F", "0x84000:4K:4", "0x84000:4K,32K,64K:1"},
    {"nrf5340+mx25r6435f-4k", "nRF5340", "MX25R6435F", "0x84000:4K:4", "0x84000:4K:1"},
    {"nrf52840+mx25r6435f", "nRF52840", "MX25R6435F", "0x6e000:4K:4", "0x6e000:4K,32K,64K:1"},
    {"stm32l4+w25q128", "STM32L4", "W25Q128", "0x84000:2K:8", "0x84000:4K,32K,64K:1"},
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
