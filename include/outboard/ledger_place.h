/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_LEDGER_PLACE_H
#define OUTBOARD_LEDGER_PLACE_H

/* Where the ledger lies. For C, and for linker scripts: macros only. */

/** Bytes: a bootloader's partition from here on has room for its ledger as well. */
#define OB_LEDGER_HOME_MIN 0xa000

/**
 * The ledger takes the last bytes of the bootloader's partition; of a smaller one, as layouts of Matter devices have it,
 * it leaves all to the bootloader, and lies in front of the trailer of the first primary slot.
 */
#define OB_LEDGER_IN_SLOT(partition_size) ((partition_size) < OB_LEDGER_HOME_MIN)

#endif
