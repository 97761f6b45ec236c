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

/*
 * Instructions counted on an emulated Cortex-M33 (docs/BENCH.md) for 500,662 bytes, taken as 1.3 cycles each at 64 MHz:
 * SHA-256, what is read, what is programmed by nRF5340's two drivers; and one P-256 verification.
 */
#define PS(instructions, bytes) (uint32_t)((instructions)*1300000.0 / 64 / (bytes))

const struct sim_choice sim_builds[] = {
    {"small",
     {.hash_ps_per_byte = PS(18.3e6, 500662),
      .read_ps_per_byte = PS(1.0e6, 500662),
      .write_ps_per_byte = PS(11.3e6, 500662),
      .verify_us = 370000,
      .start_us = 2000}},
    {"fast",
     {.hash_ps_per_byte = PS(15.4e6, 500662),
      .read_ps_per_byte = PS(0.9e6, 500662),
      .write_ps_per_byte = PS(9.6e6, 500662),
      .verify_us = 27000,
      .start_us = 2000}},
};
const unsigned sim_build_count = OB_ARRAY_SIZE(sim_builds);

const struct sim_choice sim_buses[] = {
    {"spi8", {.bus_ps_per_byte = 1000000}}, /* 8 MHz, one lane */
    {"quad32", {.bus_ps_per_byte = 62500}}, /* 32 MHz, four lanes */
};
const unsigned sim_bus_count = OB_ARRAY_SIZE(sim_buses);

static const struct sim_choice *find_choice(const struct sim_choice *choices, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(choices[i].name, name) == 0) {
            return &choices[i];
        }
    }
    return NULL;
}

bool sim_speed_find(const char *build, const char *bus, struct sim_speed *out)
{
    const struct sim_choice *cpu = find_choice(sim_builds, sim_build_count, build);
    const struct sim_choice *wires = find_choice(sim_buses, sim_bus_count, bus);

    if (cpu == NULL || wires == NULL) {
        return false;
    }
    *out = cpu->speed;
    out->bus_ps_per_byte = wires->speed.bus_ps_per_byte;
    return true;
}

const struct sim_profile *sim_profile_find(const char *name)
{
    for (unsigned i = 0; i < sim_profile_count; i++) {
        if (strcmp(sim_profiles[i].name, name) == 0) {
            return &sim_profiles[i];
        }
    }
    return NULL;
}
