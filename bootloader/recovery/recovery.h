/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECOVERY_H
#define RECOVERY_H

#include <outboard/boot.h>

/*
 * Serial recovery: clients of SMP reach the bootloader itself, and mend a device that has nothing to start. What
 * arrives is hostile: the last image that verifies is never overwritten by something that may not.
 */

/** Does somebody hold the button, was the reset pin pulled, or has the application asked for recovery before it reset? */
bool recovery_is_asked_for(void);

/** Serve clients until one of them asks for a reset. */
_Noreturn void recovery_run(const struct ob_boot *boot);

/** Serve clients for so long; once a first request came, for good. */
void recovery_wait(const struct ob_boot *boot, uint32_t us);

#endif
