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
    {&vb_class_egu, "EGU0", 0x40014000, 20},          {&vb_class_egu, "EGU1", 0x40015000, 21},
    {&vb_class_egu, "EGU2", 0x40016000, 22},          {&vb_class_egu, "EGU3", 0x40017000, 23},
    {&vb_class_egu, "EGU4", 0x40018000, 24},          {&vb_class_egu, "EGU5", 0x40019000, 25},
    {&vb_class_pwm, "PWM0", 0x4001c000, 28},          {&vb_class_pwm, "PWM1", 0x40021000, 33},
    {&vb_class_pwm, "PWM2", 0x40022000, 34},          {&vb_class_pwm, "PWM3", 0x4002d000, 45},
    {&vb_class_mwu, "MWU", 0x40020000, 32},           {&vb_class_rom_table52, "ROMTABLE", 0xf0000000, -1},
};

static const struct vb_stranger strangers[] = {
    {0x40001000, "RADIO"},
    {0x40005000, "NFCT"},
    {0x40007000, "SAADC"},
    {0x4000e000, "ECB"},
    {0x4000f000, "CCM and AAR"},
    {0x40012000, "QDEC"},
    {0x40013000, "COMP and LPCOMP"},
    {0x4001d000, "PDM"},
    {0x4001f000, "PPI"},
    {0x40025000, "I2S"},
    {0x40026000, "FPU"},
    {0x40027000, "USBD"},
    {0x5002a000, "CRYPTOCELL"},
    {0x5002b000, "CRYPTOCELL"},
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
    .strangers = strangers,
    .stranger_count = OB_ARRAY_SIZE(strangers),
    .flash_permits = vb_acl_permits,
};
