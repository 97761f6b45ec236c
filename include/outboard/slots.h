/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SLOTS_H
#define OUTBOARD_SLOTS_H

#include <outboard/upgrade.h>

/**
 * Open the slots of image 0 by the partition manager's ids (mcuboot_primary, mcuboot_secondary and, in dual mode,
 * mcuboot_secondary_dual). Firmware only: the bootloader and the application open them alike.
 *
 * @return OB_OK; else the error of the slot that could not be opened. A secondary that could not be opened has flash ==
 * NULL, the others are valid; without the primary nothing is.
 */
OB_MUST_CHECK enum ob_err ob_slots_open(struct ob_slots *slots);

#endif
