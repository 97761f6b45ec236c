/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DT_ADC_H
#define OUTBOARD_DT_ADC_H

/* Nothing here samples: names that overlays use, with Zephyr's order of the units. */
#define ADC_ACQ_TIME_DEFAULT 0
#define ADC_ACQ_TIME_MICROSECONDS 1
#define ADC_ACQ_TIME_NANOSECONDS 2
#define ADC_ACQ_TIME_TICKS 3
#define ADC_ACQ_TIME(unit, value) (((unit) << 14) | ((value) & 0x3fff))

#endif
