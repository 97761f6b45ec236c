/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/soc.h>
#include <outboard/time.h>

/* Source: nRF52840 Product Specification, RNG. It runs for one byte, and is left as after a reset. */
#define REG(off) (*(volatile uint32_t *)(0x4000d000u + (off)))
#define TASKS_START REG(0x000)
#define TASKS_STOP REG(0x004)
#define EVENTS_VALRDY REG(0x100)
#define CONFIG REG(0x504)
#define CONFIG_CORRECTED 1u /* zeros and ones are equally likely */
#define VALUE REG(0x508)
#define BYTE_MAX_US 2000u /* 128 to start, typically 120 for a byte; no longest time is stated */

uint8_t ob_soc_random(void)
{
    const uint32_t start = ob_time_us();
    uint8_t value = 0;
    bool late = false;

    CONFIG = CONFIG_CORRECTED;
    TASKS_START = 1;
    while (EVENTS_VALRDY == 0 && !late) {
        late = ob_time_us() - start > BYTE_MAX_US;
    }
    if (EVENTS_VALRDY != 0) {
        value = (uint8_t)VALUE;
    }
    TASKS_STOP = 1;
    EVENTS_VALRDY = 0;
    CONFIG = 0;
    return value;
}
