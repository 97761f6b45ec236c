/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_LOG_H
#define OUTBOARD_SIM_LOG_H

/** The bootloader's log, while its code runs in a host program: each line, as `I: text`. line NULL: it is dropped. */
void sim_log_to(void (*line)(void *ctx, const char *line), void *ctx);

#endif
