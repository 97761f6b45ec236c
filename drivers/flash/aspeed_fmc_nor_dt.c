/* SPDX-License-Identifier: Apache-2.0 */
#include "spi_nor_dt.h"

/* The chip that the SoC starts from stands for internal flash: it writes in the units that the board says. */
#define INTERNAL_DEFINE(node) OB_SPI_NOR_DEFINE(node, DT_PROP(node, write_block_size))

DT_FOREACH_STATUS_OKAY(aspeed_fmc_nor, INTERNAL_DEFINE)
