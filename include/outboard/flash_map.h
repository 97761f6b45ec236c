/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_FLASH_MAP_H
#define OUTBOARD_FLASH_MAP_H

#include <stdint.h>

#include <outboard/area.h>

/**
 * Open a partition by the id that the partition manager gave it (PM_<NAME>_ID).
 *
 * The map holds the partitions whose flash device has a driver in this image.
 *
 * @return OB_ERR_NOENT: not in the map: no driver, or another devicetree chosen, in this image;
 *         OB_ERR_NODEV and other device errors: the driver is there, the chip did not start.
 */
OB_MUST_CHECK enum ob_err ob_flash_map_open(uint8_t id, struct ob_area *out);

#endif
