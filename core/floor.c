/* SPDX-License-Identifier: Apache-2.0 */
/* What a device may not fall below. */
#include <outboard/ledger.h>
#include <outboard/util.h>

enum ob_err ob_floor_check(const struct ob_floor *floor, enum ob_guard guard, const struct ob_image *image)
{
    bool counts = guard == OB_GUARD_COUNTER || guard == OB_GUARD_ENFORCED;

    if (guard == OB_GUARD_VERSION && ob_version_is_older(&image->version, &floor->version)) {
        return OB_ERR_OLD;
    }
    if ((counts && image->counter < floor->counter) || (guard == OB_GUARD_ENFORCED && !image->has_counter)) {
        return OB_ERR_COUNTER;
    }
    return OB_OK;
}

struct ob_floor ob_ledger_floor(const struct ob_ledger *ledger, uint32_t image)
{
    const struct ob_part *part = &ledger->head.part[OB_IMAGE_AT(image)];
    struct ob_floor floor = part->floor;
    bool begun = ob_ledger_kind(ledger) != OB_RECORD_QUIET && (ledger->head.set >> image & 1) != 0;

    if (!begun && part->in_size != 0 && (ob_ledger_kept(ledger) >> image & 1) != 0) {
        ob_floor_raise(&floor, &part->version, part->counter);
    }
    return floor;
}

bool ob_floor_raise(struct ob_floor *floor, const struct ob_version *version, uint32_t counter)
{
    bool older = ob_version_is_older(&floor->version, version);
    bool below = floor->counter < counter;

    floor->version = older ? *version : floor->version;
    floor->counter = OB_MAX(floor->counter, counter);
    return older || below;
}
