/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_ADDRESS_H
#define OUTBOARD_DRIVERS_SPI_NOR_ADDRESS_H

#include "spi_nor.h"

/*
 * Three or four address bytes. If chip and driver count them differently, an erase or a write goes somewhere else in
 * the chip and all commands report success. So nothing is believed that a read has not shown.
 */

/** Read, in as many transfers as the controller needs. Any offset and length inside the chip. */
OB_MUST_CHECK enum ob_err ob_nor_read_array(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len);

/** Back to three address bytes, by the ways that need no table: in some chips the command that reads the tables takes
 * as many as all others. Finds out how many that are then. */
OB_MUST_CHECK enum ob_err ob_nor_leave_4byte_mode(struct ob_spi_nor *nor);

/** Read from the tables of the chip; off below 16 MiB. */
OB_MUST_CHECK enum ob_err ob_nor_read_sfdp(const struct ob_spi_nor *nor, uint32_t off, void *dst, uint32_t len);

/**
 * Choose opcodes and address width, put the chip into the mode that goes with them, and look whether it is so.
 *
 * @return OB_ERR_NODEV: there is no way to reach all of the chip, or it does not do as its tables say (the log says
 *         which)
 */
OB_MUST_CHECK enum ob_err ob_nor_set_addressing(struct ob_spi_nor *nor, const struct ob_sfdp *chip);

/**
 * A blank chip cannot show how it counts: then the first bytes that were written have to.
 *
 * @return OB_ERR_VERIFY: what was written is not where it belongs
 */
OB_MUST_CHECK enum ob_err ob_nor_confirm_addressing(struct ob_spi_nor *nor, uint32_t off, const uint8_t *src,
                                                    uint32_t len);

#endif
