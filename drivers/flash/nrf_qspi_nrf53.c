/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/time.h>

#include "nrf_qspi.h"

/* Source: nRF5340 Product Specification, QSPI and CLOCK; errata 121 and 159. The latter also wants the CPU at 64 MHz,
 * as it is after a reset. */
#define HFCLK192MCTRL (*(volatile uint32_t *)0x500055b8u)
#define HFCLK192M_DIVIDE_BY_1 0u
#define HFCLK192M_DIVIDE_BY_4 2u /* after a reset; QSPI does not work with it */
#define HFCLK192M_SETTLE_US 7u

#define IFCONFIG0 0x544u
#define IFCONFIG0_ANOMALY_121 (1u << 16)
#define IFCONFIG0_ANOMALY_121_96_MHZ (1u << 17)
#define XIPEN 0x54cu /* 1 after a reset */

static volatile uint32_t *reg(uintptr_t regs, uint32_t off)
{
    return (volatile uint32_t *)(regs + off);
}

void ob_nrf_qspi_power_up(uintptr_t regs)
{
    (void)regs;
    HFCLK192MCTRL = HFCLK192M_DIVIDE_BY_1;
    ob_delay_us(HFCLK192M_SETTLE_US);
}

void ob_nrf_qspi_configure(uintptr_t regs, uint32_t sck_divider)
{
    *reg(regs, XIPEN) = 0;
    *reg(regs, IFCONFIG0) |= IFCONFIG0_ANOMALY_121 | (sck_divider == 0 ? IFCONFIG0_ANOMALY_121_96_MHZ : 0);
}

void ob_nrf_qspi_deactivated(uintptr_t regs)
{
    (void)regs;
}

void ob_nrf_qspi_power_down(uintptr_t regs)
{
    *reg(regs, XIPEN) = 1;
    HFCLK192MCTRL = HFCLK192M_DIVIDE_BY_4;
}
