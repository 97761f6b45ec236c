/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_LANES_H
#define OUTBOARD_DRIVERS_SPI_NOR_LANES_H

#include "spi_nor.h"

/** Choose the fastest read that chip and controller have in common and that needs no bit of the chip to be changed. Its
 * addressing must have been set. */
OB_MUST_CHECK enum ob_err ob_nor_choose_lanes(struct ob_spi_nor *nor);

/** Read, over as many lanes as were chosen where that is worth it. Any offset and length inside the chip. */
OB_MUST_CHECK enum ob_err ob_nor_read(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len);

#endif
