/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include <outboard/soc.h>
#include <outboard/util.h>

#include "../common/start.h"

/* The application core, secure. Source: nRF5340 Product Specification, FICR, UICR, CTRLAP, RESET and CLOCK; the errata
 * named below; the vendor's system_nrf5340_application.c, which alone tells the addresses without a name. */
#define REG(address) (*(volatile uint32_t *)(address))

#define FICR_INFO_VARIANT REG(0x00ff0134u)
#define FICR_TRIMCNF 0x00ff0300u /* pairs of address and value */
#define TRIMCNF_COUNT 32u
#define TRIMCNF_END UINT32_MAX

#define UICR_APPROTECT REG(0x00ff8000u)
#define UICR_SECUREAPPROTECT REG(0x00ff801cu)
#define CTRLAP_APPROTECT 0x50006540u
#define CTRLAP_SECUREAPPROTECT 0x50006548u
#define LOCK(port) REG(port) /* 1 until the next reset: the next register keeps what it holds, 0: closed */
#define DISABLE(port) REG((port) + 4)

#define RESET_RESETREAS REG(0x50005400u)
#define RESETREAS_RESETPIN (1u << 0)

#define CLOCK_TASKS_LFCLKSTART REG(0x50005008u)
#define CLOCK_TASKS_LFCLKSTOP REG(0x5000500cu)
#define CLOCK_EVENTS_LFCLKSTARTED REG(0x50005104u)
#define CLOCK_LFCLKSRC REG(0x50005518u)
#define LFCLKSRC_LFRC 1u
#define LFCLKSRC_LFSYNT 3u
#define LFCLK_START_POLLS 100000u /* several times what it takes, at 64 MHz */

static void copy_trims(void)
{
    for (uint32_t i = 0; i < TRIMCNF_COUNT && REG(FICR_TRIMCNF + 8 * i) != TRIMCNF_END; i++) {
        REG(REG(FICR_TRIMCNF + 8 * i)) = REG(FICR_TRIMCNF + 8 * i + 4);
    }
}

/* 46: LFRC takes more current. */
static void anomaly_46(void)
{
    REG(0x5003254cu) = 0;
}

/* 55: a pin reset sets bits of other reasons, too. */
static void anomaly_55(void)
{
    if ((RESET_RESETREAS & RESETREAS_RESETPIN) != 0) {
        RESET_RESETREAS = ~RESETREAS_RESETPIN; /* ones clear */
    }
}

bool ob_soc_take_pin_reset(void)
{
    const bool pin = (RESET_RESETREAS & RESETREAS_RESETPIN) != 0;

    RESET_RESETREAS = RESETREAS_RESETPIN;
    return pin;
}

/* 140: a reset came while LFRC was calibrated. */
static void anomaly_140(void)
{
    if ((REG(0x50032420u) & 1u << 31) == 0) {
        return;
    }
    CLOCK_LFCLKSRC = LFCLKSRC_LFSYNT;
    CLOCK_TASKS_LFCLKSTART = 1;
    for (uint32_t polls = 0; polls < LFCLK_START_POLLS && CLOCK_EVENTS_LFCLKSTARTED == 0; polls++) {
    }
    CLOCK_EVENTS_LFCLKSTARTED = 0;
    CLOCK_TASKS_LFCLKSTOP = 1;
    CLOCK_LFCLKSRC = LFCLKSRC_LFRC;
}

/* 160: the regulator at 128 MHz. */
static void anomaly_160(void)
{
    static const struct {
        uint32_t address, value;
    } writes[] = {
        {0x5000470cu, 0x7e}, {0x5000493cu, 0x7e}, {0x50002118u, 0x7f}, {0x50039e04u, 0}, {0x50039e08u, 0},
        {0x50101110u, 0},    {0x50002124u, 0},    {0x5000212cu, 0},    {0x502012a0u, 0},
    };

    for (unsigned i = 0; i < OB_ARRAY_SIZE(writes); i++) {
        REG(writes[i].address) = writes[i].value;
    }
}

/* The debug port stays closed after a reset until firmware repeats what UICR says: without this nobody could debug, or
 * program again without erasing everything. */
static void open_debug_port_if_uicr_says_so(uint32_t port, uint32_t uicr, bool lock)
{
    if (LOCK(port) != 0) {
        return; /* by the bootloader */
    }
    if (lock) {
        LOCK(port) = 1;
    } else {
        DISABLE(port) = uicr;
    }
}

void ob_nrf_start(void)
{
    uint32_t variant = FICR_INFO_VARIANT; /* 3, 4, 5: the production revisions */

    copy_trims();
    if (variant == 3) {
        anomaly_46();
    }
    anomaly_55();
    anomaly_140();
    if (variant >= 5) {
        anomaly_160();
    }
    open_debug_port_if_uicr_says_so(CTRLAP_APPROTECT, UICR_APPROTECT, OB_ENABLED(CONFIG_NRF_APPROTECT_LOCK));
    open_debug_port_if_uicr_says_so(CTRLAP_SECUREAPPROTECT, UICR_SECUREAPPROTECT,
                                    OB_ENABLED(CONFIG_NRF_SECURE_APPROTECT_LOCK));
}
