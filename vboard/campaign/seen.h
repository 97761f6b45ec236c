/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SEEN_H
#define OUTBOARD_VBOARD_SEEN_H

#include <stdbool.h>
#include <stdint.h>

/* Hashes of states that were met, each with a small value, in a table of a size that never grows: what finds no place
 * is forgotten, and looked at again when it is met again. An entry of zeros is free. */

#define SEEN_VALUES 7u /* that can be kept: 0 to 6 */

bool vb_seen_has(uint64_t *table, uint32_t size, uint64_t hash, uint8_t *value);

/** What is there already stays. */
void vb_seen_put(uint64_t *table, uint32_t size, uint64_t hash, uint8_t value);

/** Of a table of hashes alone: put one. @return true: it was there */
bool vb_seen_before(uint64_t *table, uint32_t size, uint64_t hash);

#endif
