/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "../dev/devices.h"

#include <outboard/util.h>

/*
 * Application core, in secure state. Source: nRF5340 product specification, memory, instantiation; NVMC, electrical
 * specification. Where a UARTE, a SPIM and a TWIM share a block, one of them stands here: UARTE in SERIAL0 and 1.
 */

static const struct vb_place places[] = {
    {&vb_class_ficr53, "FICR", 0x00ff0000, -1},
    {&vb_class_uicr53, "UICR", 0x00ff8000, -1},
    {&vb_class_cache, "CACHE", 0x50001000, 1},
    {&vb_class_spu, "SPU", 0x50003000, 3},
    {&vb_class_regulators, "REGULATORS", 0x50004000, -1},
    {&vb_class_clock53, "CLOCK", 0x50005000, 5},
    {&vb_class_reset53, "RESET", 0x50005000, -1},
    {&vb_class_network, "NETWORK", 0x50005000, -1},
    {&vb_class_ctrlap, "CTRLAP", 0x50006000, -1},
    {&vb_class_uarte, "UARTE0", 0x50008000, 8},
    {&vb_class_uarte, "UARTE1", 0x50009000, 9},
    {&vb_class_spim_fast, "SPIM4", 0x5000a000, 10},
    {&vb_class_spim, "SPIM2", 0x5000b000, 11},
    {&vb_class_spim, "SPIM3", 0x5000c000, 12},
    {&vb_class_gpiote53, "GPIOTE0", 0x5000d000, 13},
    {&vb_class_timer, "TIMER0", 0x5000f000, 15},
    {&vb_class_timer, "TIMER1", 0x50010000, 16},
    {&vb_class_timer, "TIMER2", 0x50011000, 17},
    {&vb_class_rtc, "RTC0", 0x50014000, 20},
    {&vb_class_rtc, "RTC1", 0x50015000, 21},
    {&vb_class_dppic, "DPPIC", 0x50017000, -1},
    {&vb_class_wdt53, "WDT0", 0x50018000, 24},
    {&vb_class_wdt53, "WDT1", 0x50019000, 25},
    {&vb_class_egu, "EGU0", 0x5001b000, 27},
    {&vb_class_egu, "EGU1", 0x5001c000, 28},
    {&vb_class_egu, "EGU2", 0x5001d000, 29},
    {&vb_class_egu, "EGU3", 0x5001e000, 30},
    {&vb_class_egu, "EGU4", 0x5001f000, 31},
    {&vb_class_egu, "EGU5", 0x50020000, 32},
    {&vb_class_pwm, "PWM0", 0x50021000, 33},
    {&vb_class_pwm, "PWM1", 0x50022000, 34},
    {&vb_class_pwm, "PWM2", 0x50023000, 35},
    {&vb_class_pwm, "PWM3", 0x50024000, 36},
    {&vb_class_ipc, "IPC", 0x5002a000, 42},
    {&vb_class_qspi53, "QSPI", 0x5002b000, 43},
    {&vb_class_mutex, "MUTEX", 0x50030000, -1},
    {&vb_class_nvmc53, "NVMC", 0x50039000, -1},
    {&vb_class_gpio, "P0", 0x50842500, -1},
    {&vb_class_gpio, "P1", 0x50842800, -1},
    {&vb_class_errata53[0], "(no name)", 0x50000000, -1},
    {&vb_class_errata53[1], "(no name)", 0x50030000, -1},
    {&vb_class_errata53[2], "(no name)", 0x50100000, -1},
    {&vb_class_errata53[3], "(no name)", 0x50200000, -1},
    {&vb_class_errata53[4], "(no name)", 0x50007800, -1},
    {&vb_class_errata53[4], "(no name)", 0x50008800, -1},
};

/* 256 KiB; one operation here is what its bootloader writes at once. */
static const struct sim_geometry network_flash = {
    .size = 0x40000, .erase_sizes = {0x800}, .write_size = 4, .program_size = 512, .program_limit = 2};

static const struct vb_stranger strangers[] = {
    {0x5000e000, "SAADC"},        {0x5001a000, "COMP and LPCOMP"},
    {0x50026000, "PDM0"},         {0x50028000, "I2S0"},
    {0x5002d000, "NFCT"},         {0x50033000, "QDEC0"},
    {0x50034000, "QDEC1"},        {0x50036000, "USBD"},
    {0x50037000, "USBREGULATOR"}, {0x50081000, "VMC"},
    {0x50844000, "CRYPTOCELL"},   {0x50845000, "CRYPTOCELL"},
};

const struct vb_soc vb_soc_nrf5340 = {
    .name = "nRF5340",
    .controller = "nordic,nrf53-flash-controller",
    .ram_base = VB_RAM_BASE,
    .flash = {.size = 0x100000, .erase_sizes = {0x1000}, .write_size = 4, .program_size = 4, .program_limit = 2},
    .network_flash = &network_flash,
    .armv8m = true,
    .erase_us = 87500,
    .word_us = 43,
    .ram_size = 0x80000,
    .irq_count = 69,
    .alias = 0x10000000,
    .xip = 0x10000000,
    .xip_load = vb_qspi_xip_load,
    .flash_store = vb_nvmc_store,
    .places = places,
    .place_count = OB_ARRAY_SIZE(places),
    .strangers = strangers,
    .stranger_count = OB_ARRAY_SIZE(strangers),
    .permits = vb_spu_permits,
    .flash_permits = vb_spu_flash_permits,
};
