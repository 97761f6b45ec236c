/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_LEDGER_H
#define OUTBOARD_SIM_LEDGER_H

#include "world.h"

/**
 * Hash of what the ledger says. Ledgers are alike, and what follows from them is, if they differ only
 *
 * - in records before a value that is stated three times in steady cells: the last record counts (DESIGN, "The
 * ledger"), so they are never read again, and no way of tearing an erase uncovers them;
 * - in how events and jobs are numbered, if they are in the same order and with the same gaps;
 * - in what exactly is wrong with an event that is not whole, in steady cells.
 *
 * Everything else of it is compared cell by cell.
 */
uint64_t sim_ledger_hash(const struct sim_world *world);

#endif
