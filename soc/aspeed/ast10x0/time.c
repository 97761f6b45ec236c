/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/devicetree.h>
#include <outboard/soc.h>
#include <outboard/time.h>

/* Timer 1 counts down at 1 MHz and starts again from its reload value. Source: AST1030 datasheet, timer controller. */
#define TIMER DT_REG_ADDR(DT_NODELABEL(timer))
#define TIMER_COUNT (*(volatile uint32_t *)(TIMER + 0x00u))
#define TIMER_RELOAD (*(volatile uint32_t *)(TIMER + 0x04u))
#define TIMER_CONTROL (*(volatile uint32_t *)(TIMER + 0x30u))

#define CONTROL_ENABLE 0x1u
#define CONTROL_1_MHZ 0x2u

void ob_soc_time_init(void)
{
    TIMER_CONTROL = 0;
    TIMER_RELOAD = UINT32_MAX;
    TIMER_COUNT = UINT32_MAX;
    TIMER_CONTROL = CONTROL_ENABLE | CONTROL_1_MHZ;
}

void ob_soc_time_stop(void)
{
    TIMER_CONTROL = 0;
}

uint32_t ob_time_us(void)
{
    return UINT32_MAX - TIMER_COUNT;
}

void ob_delay_us(uint32_t us)
{
    uint32_t start = ob_time_us();
    while (ob_time_us() - start <= us) { /* <=: the first microsecond may be cut short */
    }
}
