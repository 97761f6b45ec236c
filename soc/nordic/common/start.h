/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SOC_NORDIC_START_H
#define OUTBOARD_SOC_NORDIC_START_H

/** What the part's errata and its debug port want of the first code after a reset. Each series brings it. Repeating it,
 * as the application's own start-up does, changes nothing. Called before .bss is cleared: it uses no variable. */
void ob_nrf_start(void);

#endif
