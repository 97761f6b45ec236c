/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TIME_H
#define OUTBOARD_TIME_H

#include <stdint.h>

/** Microseconds since reset; wraps after 71 minutes, so only differences mean something. Each SoC or host program
 * brings it. */
uint32_t ob_time_us(void);

/** Wait at least this long. */
void ob_delay_us(uint32_t us);

#endif
