/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_NRF_NVMC_H
#define OUTBOARD_DRIVERS_NRF_NVMC_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/flash.h>

#define OB_NRF_NVMC_WORD 4 /* bytes: the only width that the controller writes */

/** The controller of an nRF's internal flash. It is the ctx of the device's struct ob_flash. */
struct ob_nrf_nvmc {
    uintptr_t regs;
    uintptr_t base;      /* of the flash, where the CPU reads it */
    bool erase_by_write; /* nRF53, nRF91: all ones to the first word of the page; nRF52: a register */
};

extern const struct ob_flash_ops ob_nrf_nvmc_ops;

#endif
