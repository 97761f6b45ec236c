/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "seen.h"

#define PROBES 64u
#define VALUES 8u /* of a table's entries */

static uint64_t *slot_of(uint64_t *table, uint32_t size, uint64_t hash)
{
    uint32_t at = (uint32_t)(hash >> 32) % size;

    for (uint32_t probes = 0; probes < PROBES && table[at] != 0 && table[at] / VALUES != hash / VALUES; probes++) {
        at = (at + 1) % size;
    }
    return &table[at];
}

bool vb_seen_has(uint64_t *table, uint32_t size, uint64_t hash, uint8_t *value)
{
    const uint64_t found = *slot_of(table, size, hash);

    *value = (uint8_t)(found % VALUES - 1);
    return found != 0 && found / VALUES == hash / VALUES;
}

void vb_seen_put(uint64_t *table, uint32_t size, uint64_t hash, uint8_t value)
{
    uint64_t *slot = slot_of(table, size, hash);

    if (*slot == 0) {
        *slot = hash / VALUES * VALUES + value + 1;
    }
}

bool vb_seen_before(uint64_t *table, uint32_t size, uint64_t hash)
{
    uint8_t value;
    bool before = vb_seen_has(table, size, hash, &value);

    vb_seen_put(table, size, hash, 0);
    return before;
}
