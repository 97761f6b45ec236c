/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "../dev/devices.h"

#include <outboard/util.h>

/* Source: nRF52840 Product Specification v1.8, memory, instantiation; NVMC, electrical specification. */

static const struct vb_place places[] = {
    {&vb_class_ficr52, "FICR", 0x10000000, -1},       {&vb_class_uicr52, "UICR", 0x10001000, -1},
    {&vb_class_clock52, "CLOCK", 0x40000000, 0},      {&vb_class_uarte, "UARTE0", 0x40002000, 2},
    {&vb_class_uarte, "UARTE1", 0x40028000, 40},      {&vb_class_timer, "TIMER0", 0x40008000, 8},
    {&vb_class_timer, "TIMER1", 0x40009000, 9},       {&vb_class_timer, "TIMER2", 0x4000a000, 10},
    {&vb_class_timer, "TIMER3", 0x4001a000, 26},      {&vb_class_timer, "TIMER4", 0x4001b000, 27},
    {&vb_class_rtc, "RTC0", 0x4000b000, 11},          {&vb_class_rtc, "RTC1", 0x40011000, 17},
    {&vb_class_rtc, "RTC2", 0x40024000, 36},          {&vb_class_wdt, "WDT", 0x40010000, 16},
    {&vb_class_nvmc52, "NVMC", 0x4001e000, -1},       {&vb_class_acl, "ACL", 0x4001e000, -1},
    {&vb_class_spim_or_spi, "SPIM0", 0x40003000, 3},  {&vb_class_spim_or_spi, "SPIM1", 0x40004000, 4},
    {&vb_class_spim_or_spi, "SPIM2", 0x40023000, 35}, {&vb_class_spim_fast, "SPIM3", 0x4002f000, 47},
    {&vb_class_gpiote52, "GPIOTE", 0x40006000, 6},    {&vb_class_rng, "RNG", 0x4000d000, 13},
    {&vb_class_temp, "TEMP", 0x4000c000, 12},         {&vb_class_qspi52, "QSPI", 0x40029000, 41},
    {&vb_class_gpio, "P0", 0x50000500, -1},           {&vb_class_gpio, "P1", 0x50000800, -1},
};

const struct vb_soc vb_soc_nrf52840 = {
    .name = "nRF52840",
    .controller = "nordic,nrf52-flash-controller",
    .ram_base = VB_RAM_BASE,
    .flash = {.size = 0x100000, .erase_sizes = {0x1000}, .write_size = 4, .program_size = 4, .program_limit = 2},
    .erase_us = 85000,
    .word_us = 41,
    .ram_size = 0x40000,
    .irq_count = 48,
    .xip = 0x12000000,
    .xip_load = vb_qspi_xip_load,
    .flash_store = vb_nvmc_store,
    .places = places,
    .place_count = OB_ARRAY_SIZE(places),
    .flash_permits = vb_acl_permits,
};
