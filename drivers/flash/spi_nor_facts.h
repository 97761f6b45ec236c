/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_DRIVERS_SPI_NOR_FACTS_H
#define OUTBOARD_DRIVERS_SPI_NOR_FACTS_H

/*
 * What the chips of this image's devicetree need of the driver, as constants: what none of them needs is not linked. A
 * host program has no devicetree, and drives any chip.
 */

#include <stdbool.h>

#include "sfdp.h"

#define OB_NOR_SIZE_3BYTE 0x1000000u /* bytes that 3-byte addresses reach */

#ifdef CONFIG_SPI_NOR_CORE

#include <outboard/devicetree.h>

#define OB_NOR_ANY(fact)                                                                            \
    (false DT_FOREACH_STATUS_OKAY(jedec_spi_nor, fact) DT_FOREACH_STATUS_OKAY(aspeed_fmc_nor, fact) \
         DT_FOREACH_STATUS_OKAY(nordic_qspi_nor, fact))

#define OB_NOR_IS_LARGE(node) || DT_PROP(node, size) / 8 > OB_NOR_SIZE_3BYTE
#define OB_NOR_HAS_BANK(node) || (DT_PROP_OR(node, enter_4byte_addr, 0) & OB_SFDP_ENTER_4BYTE_BANK) != 0
#define OB_NOR_HAS_LOCK(node) || DT_PROP_OR(node, has_lock, 0) != 0
#define OB_NOR_IS_LOCKED(node) || DT_PROP_OR(node, requires_ulbpr, 0) != 0

#else

#define OB_NOR_ANY(fact) true

#endif

/** A chip above 16 MiB. No other one is driven: its size is compared with the devicetree's. */
#define OB_NOR_LARGE OB_NOR_ANY(OB_NOR_IS_LARGE)
/** A chip whose bank register may hold it in 4-byte mode. */
#define OB_NOR_BANK OB_NOR_ANY(OB_NOR_HAS_BANK)
/** Protection bits that must be 0. */
#define OB_NOR_LOCK_BITS OB_NOR_ANY(OB_NOR_HAS_LOCK)
/** Blocks that are locked at power-up. */
#define OB_NOR_LOCKED_BLOCKS OB_NOR_ANY(OB_NOR_IS_LOCKED)

#endif
