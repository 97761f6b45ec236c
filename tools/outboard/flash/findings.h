/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_FLASH_FINDINGS_H
#define OUTBOARD_TOOLS_FLASH_FINDINGS_H

#include "inspect.h"

/*
 * What all of it means: why the device does not boot, or will not update, and what to do. Each finding has a name that
 * stays; docs/INSPECT.md lists them, tests/flash makes each of them.
 */

__attribute__((format(printf, 5, 6))) void flash_finding_add(struct flash_report *report, const char *id,
                                                             enum flash_severity severity, const char *cure,
                                                             const char *what, ...);

/** Was it added already? */
bool flash_finding_is_there(const struct flash_report *report, const char *id);

/** "version 1.2.3+4, an ECDSA P-256 image" */
const char *flash_image_text(const struct ob_image *image, char *out, size_t size);

/** What makes a file that this device installs, by the reason that it refused one. */
const char *flash_cure_of(enum ob_err reason);

void flash_check_outboard(struct flash_report *report);
void flash_check_mcuboot(struct flash_report *report);

#endif
