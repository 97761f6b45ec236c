/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "record.h"

#include <string.h>

#include <mbedtls/sha256.h>
#include <outboard/util.h>

/* Events are found by their check alone: where they lie depends on how many images there are. */

#define CHECK_SIZE (VB_EVENT_SIZE - VB_EVENT_CHECKED)
#define STEP 8u

static bool is_event(const uint8_t *bytes)
{
    uint8_t hash[32];

    return mbedtls_sha256(bytes, VB_EVENT_CHECKED, hash, 0) == 0 &&
           memcmp(bytes + VB_EVENT_CHECKED, hash, CHECK_SIZE) == 0;
}

bool vb_record_says_missing(struct vb_campaign *campaign, uint8_t image)
{
    const uint8_t *flash = campaign->target.board->flash;
    const struct vb_slot *primary = &campaign->target.primary;
    const uint32_t end = primary->off + primary->size; /* the ledger lies before it, or in it */
    bool found = false;

    for (uint32_t at = 0; at + VB_EVENT_SIZE <= end && !found; at += STEP) {
        found = flash[at + VB_EVENT_KIND] == VB_EVENT_KIND_MISSING && flash[at + VB_EVENT_IMAGE] == image &&
                is_event(flash + at);
    }
    return found;
}
