/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/devicetree.h>
#include <outboard/soc.h>
#include <outboard/time.h>

/* A 32-bit timer at 16 MHz / 2^4. Source: nRF52840 and nRF5340 Product Specifications, TIMER. */
#define TIMER DT_REG_ADDR(DT_NODELABEL(timer0))
#define TASKS_START (*(volatile uint32_t *)(TIMER + 0x000u))
#define TASKS_STOP (*(volatile uint32_t *)(TIMER + 0x004u))
#define TASKS_CLEAR (*(volatile uint32_t *)(TIMER + 0x00cu))
#define TASKS_CAPTURE_0 (*(volatile uint32_t *)(TIMER + 0x040u))
#define MODE (*(volatile uint32_t *)(TIMER + 0x504u))
#define BITMODE (*(volatile uint32_t *)(TIMER + 0x508u))
#define PRESCALER (*(volatile uint32_t *)(TIMER + 0x510u))
#define CC_0 (*(volatile uint32_t *)(TIMER + 0x540u))

#define MODE_TIMER 0u
#define BITMODE_16 0u /* after a reset */
#define BITMODE_32 3u
#define PRESCALER_1_MHZ 4u /* also after a reset */

void ob_soc_time_init(void)
{
    TASKS_STOP = 1;
    TASKS_CLEAR = 1;
    MODE = MODE_TIMER;
    BITMODE = BITMODE_32;
    PRESCALER = PRESCALER_1_MHZ;
    TASKS_START = 1;
}

void ob_soc_time_stop(void)
{
    TASKS_STOP = 1;
    TASKS_CLEAR = 1;
    BITMODE = BITMODE_16;
    CC_0 = 0;
}

uint32_t ob_time_us(void)
{
    TASKS_CAPTURE_0 = 1;
    return CC_0;
}

void ob_delay_us(uint32_t us)
{
    uint32_t start = ob_time_us();
    while (ob_time_us() - start <= us) { /* <=: the first microsecond may be cut short */
    }
}
