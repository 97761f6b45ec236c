/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_WAIT_H
#define OUTBOARD_DRIVERS_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/** Read a register until it is not 0, but not longer than max_us. @return whether it was */
bool ob_wait_until_set(const volatile uint32_t *reg, uint32_t max_us);

#endif
