/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include <outboard/soc.h>
#include <outboard/util.h>

#include "../common/start.h"

/* Source: nRF52840 Product Specification, FICR, UICR and POWER; errata 136; the vendor's system_nrf52840.c. */
#define FICR_INFO_VARIANT (*(const volatile uint32_t *)0x10000134u)
#define VARIANT_WITH_LOCKED_DEBUG_PORT 3u /* and later ones: revision 3 of the silicon */
#define UICR_APPROTECT (*(const volatile uint32_t *)0x10001208u)
#define APPROTECT_FORCEPROTECT (*(volatile uint32_t *)0x40000550u) /* 0 until the next reset: closed */
#define APPROTECT_DISABLE (*(volatile uint32_t *)0x40000558u)
#define POWER_RESETREAS (*(volatile uint32_t *)0x40000400u)
#define RESETREAS_RESETPIN (1u << 0)

/* The debug port stays closed after a reset until firmware repeats what UICR says: without this nobody could debug, or
 * program again without erasing everything. */
static void open_debug_port_if_uicr_says_so(void)
{
    if (FICR_INFO_VARIANT < VARIANT_WITH_LOCKED_DEBUG_PORT || APPROTECT_FORCEPROTECT == 0) {
        return;
    }
    if (OB_ENABLED(CONFIG_NRF_APPROTECT_LOCK)) {
        APPROTECT_FORCEPROTECT = 0;
    } else {
        APPROTECT_DISABLE = UICR_APPROTECT;
    }
}

/* 136: a pin reset sets bits of other reasons, too. */
static void clear_false_reset_reasons(void)
{
    if ((POWER_RESETREAS & RESETREAS_RESETPIN) != 0) {
        POWER_RESETREAS = ~RESETREAS_RESETPIN; /* ones clear */
    }
}

bool ob_soc_take_pin_reset(void)
{
    const bool pin = (POWER_RESETREAS & RESETREAS_RESETPIN) != 0;

    POWER_RESETREAS = RESETREAS_RESETPIN;
    return pin;
}

void ob_nrf_start(void)
{
    open_debug_port_if_uicr_says_so();
    clear_false_reset_reasons();
}
