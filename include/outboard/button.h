/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_BUTTON_H
#define OUTBOARD_BUTTON_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Is the button of the devicetree's alias mcuboot-button0 held down, for so long? Its pin is left as after a reset.
 *
 * @param hold_us  it counts only if it is down at each look until then; 0: now
 */
bool ob_button_is_down(uint32_t hold_us);

#endif
