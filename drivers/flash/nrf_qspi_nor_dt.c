/* SPDX-License-Identifier: Apache-2.0 */
#include "spi_nor_dt.h"

/* External chips: the chip itself programs single bytes. */
#define QSPI_NOR_DEFINE(node) OB_SPI_NOR_DEFINE(node, 1)

DT_FOREACH_STATUS_OKAY(nordic_qspi_nor, QSPI_NOR_DEFINE)
