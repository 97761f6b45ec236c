/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_DEV_DEVICES_H
#define OUTBOARD_VBOARD_DEV_DEVICES_H

#include "../device.h"

/* The kinds of devices, a file each, for the tables of soc/; and what one of them asks another. */

extern const struct vb_class vb_class_acl;
extern const struct vb_class vb_class_aspeed_fmc; /* the controller of the chip that the SoC starts from */
extern const struct vb_class vb_class_aspeed_spi; /* and of another one */
extern const struct vb_class vb_class_aspeed_timer;
extern const struct vb_class vb_class_aspeed_uart;
extern const struct vb_class vb_class_aspeed_wdt;
extern const struct vb_class vb_class_cache;
extern const struct vb_class vb_class_clock52; /* CLOCK and POWER, which share a page */
extern const struct vb_class vb_class_clock53;
extern const struct vb_class vb_class_ctrlap;
extern const struct vb_class vb_class_dppic;
extern const struct vb_class
    vb_class_errata53[5]; /* bases: 0x50000000, 0x50030000, 0x50100000, 0x50200000, a UARTE's less 0x800 */
extern const struct vb_class vb_class_ficr52;
extern const struct vb_class vb_class_ficr53;
extern const struct vb_class vb_class_gpio; /* base: of OUT less 4, so 0x50000500 on the nRF52840 */
extern const struct vb_class vb_class_gpiote52;
extern const struct vb_class vb_class_gpiote53;
extern const struct vb_class vb_class_ipc;
extern const struct vb_class vb_class_mutex;
extern const struct vb_class vb_class_network; /* no registers: base is that of who holds it, RESET */
extern const struct vb_class vb_class_nvmc52;
extern const struct vb_class vb_class_nvmc53;
extern const struct vb_class vb_class_qspi52;
extern const struct vb_class vb_class_qspi53;
extern const struct vb_class vb_class_regulators; /* and OSCILLATORS, which share a page */
extern const struct vb_class vb_class_reset53;
extern const struct vb_class vb_class_rng;
extern const struct vb_class vb_class_rtc;
extern const struct vb_class vb_class_spim;
extern const struct vb_class vb_class_spim_fast;   /* up to 32 MHz */
extern const struct vb_class vb_class_spim_or_spi; /* and the older SPI without DMA */
extern const struct vb_class vb_class_spu;
extern const struct vb_class vb_class_temp;
extern const struct vb_class vb_class_timer;
extern const struct vb_class vb_class_uarte;
extern const struct vb_class vb_class_uicr52;
extern const struct vb_class vb_class_rom_table52;
extern const struct vb_class vb_class_egu;
extern const struct vb_class vb_class_mwu;
extern const struct vb_class vb_class_pwm;
extern const struct vb_class vb_class_uicr53;
extern const struct vb_class vb_class_wdt;
extern const struct vb_class vb_class_wdt53;

/** ACL: may flash be programmed or erased at off? */
bool vb_acl_permits(struct vb_board *board, uint32_t off, const char **why);

/** SPU: does the device answer at this address, and may flash be programmed or erased at off? */
bool vb_spu_permits(struct vb_board *board, const struct vb_device *dev, uint32_t address, const char **why);
bool vb_spu_flash_permits(struct vb_board *board, uint32_t off, const char **why);

#define VB_RAM_BASE 0x20000000u /* of Nordic's SoCs */

/** The CPU stores to internal flash, or to UICR. */
void vb_nvmc_store(void *board, uint32_t address, unsigned size, uint32_t value);

/** The CPU reads size bytes of the external chip, off bytes into the XIP window. */
uint32_t vb_qspi_xip_load(struct vb_board *board, uint32_t off, unsigned size);

/** Aspeed's controllers: the CPU uses the window of the chip that it starts from, or of the other one. */
uint32_t vb_smc_flash_load(struct vb_board *board, uint32_t address, unsigned size);
void vb_smc_flash_store(void *board, uint32_t address, unsigned size, uint32_t value);
uint32_t vb_smc_window_load(struct vb_board *board, uint32_t off, unsigned size);
void vb_smc_window_store(struct vb_board *board, uint32_t off, unsigned size, uint32_t value);

void vb_uicr_erase(struct vb_device *uicr);

/** Where a SoC has it; 0: it has none. */
uint32_t vb_uicr_base(const struct vb_soc *soc);

/** @param bytes  VB_UICR_SIZE of them; NULL: all are ones */
void vb_uicr_fill(struct vb_device *uicr, const uint8_t *bytes);

/** Does the 32.768 kHz clock run? */
bool vb_lfclk_runs(struct vb_board *board);

/** Ticks spent asleep since power came: what a watchdog that pauses in sleep does not count. */
uint64_t vb_slept(const struct vb_board *board);

#endif
