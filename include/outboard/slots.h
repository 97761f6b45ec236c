/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SLOTS_H
#define OUTBOARD_SLOTS_H

#include <outboard/upgrade.h>

/**
 * Open the slots of an image by the partition manager's ids: mcuboot_primary, mcuboot_secondary and, in dual mode,
 * mcuboot_secondary_dual; for image n > 0 mcuboot_primary_<n> and so on. Firmware only: the bootloader and the
 * application open them alike.
 *
 * @return OB_OK; OB_ERR_RANGE: there is no such image; else the error of a slot that could not be opened, which has
 *         flash == NULL while the others are valid.
 */
OB_MUST_CHECK enum ob_err ob_slots_open(unsigned image, struct ob_slots *slots);

/**
 * Open the ledger, where outboard/ledger_place.h says that it lies.
 * @return the error of a partition that is not in this image's flash map; OB_ERR_SIZE: what runs reaches into it. Then
 *         flash == NULL
 */
OB_MUST_CHECK enum ob_err ob_ledger_open(struct ob_area *ledger);

#endif
