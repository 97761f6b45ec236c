/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_NRF_QSPI_H
#define OUTBOARD_DRIVERS_NRF_QSPI_H

#include <stdint.h>

#include <outboard/util.h>

/* What the QSPI controllers of the two series do differently: nrf_qspi_nrf52.c and nrf_qspi_nrf53.c. The rest of the
 * register map, with offsets, is in nrf_qspi.c. */

/** Clock that SCK is divided from, Hz. */
#define OB_NRF_QSPI_BASE_HZ (OB_ENABLED(CONFIG_SOC_SERIES_NRF53) ? 96000000u : 32000000u)

/** IFTIMING.RXDELAY: that of a reset, which is also what nRF52840 errata 120 and nRF5340 errata 121 ask for. */
#define OB_NRF_QSPI_RX_DELAY (OB_ENABLED(CONFIG_SOC_SERIES_NRF53) ? 6u : 2u)

/** Before the first access to a register: clocks. */
void ob_nrf_qspi_power_up(uintptr_t regs);

/** While disabled: what the errata want beside IFCONFIG0, IFCONFIG1 and IFTIMING. sck_divider: IFCONFIG1.SCKFREQ. */
void ob_nrf_qspi_configure(uintptr_t regs, uint32_t sck_divider);

/** Between DEACTIVATE and ENABLE = 0. */
void ob_nrf_qspi_deactivated(uintptr_t regs);

/** After ENABLE = 0: clocks, and what ob_nrf_qspi_configure() changed, as after a reset. */
void ob_nrf_qspi_power_down(uintptr_t regs);

#endif
