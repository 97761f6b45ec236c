/* SPDX-License-Identifier: Apache-2.0 */
#include "nrf_qspi.h"

/* Source: nRF52840 errata 122. The clock needs nothing: HFINT does, and switching to HFXO during a transfer would
 * corrupt it (errata 244). */
#define ANOMALY_122 0x054u

void ob_nrf_qspi_power_up(uintptr_t regs)
{
    (void)regs;
}

void ob_nrf_qspi_configure(uintptr_t regs, uint32_t sck_divider)
{
    (void)regs;
    (void)sck_divider;
}

void ob_nrf_qspi_deactivated(uintptr_t regs)
{
    *(volatile uint32_t *)(regs + ANOMALY_122) = 1; /* else it draws current although disabled */
}

void ob_nrf_qspi_power_down(uintptr_t regs)
{
    (void)regs;
}
