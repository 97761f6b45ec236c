/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "../dev/devices.h"

#include <outboard/util.h>

/*
 * As far as QEMU's ast1030-evb and outboard's drivers know it. It has no flash: programs run from RAM, where the boot
 * ROM copies the start of the chip behind the FMC. Its 200 MHz are 64 here, as on the other boards. Source: QEMU 7.2,
 * hw/arm/aspeed_ast10x0.c.
 */

static const struct vb_place places[] = {
    {&vb_class_aspeed_fmc, "FMC", 0x7e620000, -1},      {&vb_class_aspeed_spi, "SPI1", 0x7e630000, -1},
    {&vb_class_aspeed_timer, "TIMER1", 0x7e782000, -1}, {&vb_class_aspeed_uart, "UART5", 0x7e784000, -1},
    {&vb_class_aspeed_wdt, "WDT1", 0x7e785000, -1},
};

const struct vb_soc vb_soc_ast1030 = {
    .name = "AST1030",
    .controller = "aspeed,ast1030-fmc",
    .flash_base = 0x80000000,
    .flash = {.size = 0x800000, .erase_sizes = {0x1000, 0x10000}, .write_size = 1, .program_size = 256},
    .flash_chip = "aspeed,fmc-nor",
    .starts_in_ram = true,
    .ram_size = 0xc0000,
    .irq_count = 48,
    .xip = 0x90000000,
    .xip_load = vb_smc_window_load,
    .xip_store = vb_smc_window_store,
    .flash_load = vb_smc_flash_load,
    .flash_store = vb_smc_flash_store,
    .places = places,
    .place_count = OB_ARRAY_SIZE(places),
};
