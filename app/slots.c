/* SPDX-License-Identifier: Apache-2.0 */
#include <pm_config.h>

#include <outboard/flash_map.h>
#include <outboard/log.h>
#include <outboard/slots.h>

static const uint8_t secondary_ids[] = {
    PM_MCUBOOT_SECONDARY_ID,
#ifdef PM_MCUBOOT_SECONDARY_DUAL_ID
    PM_MCUBOOT_SECONDARY_DUAL_ID,
#endif
};

static enum ob_err open_slot(uint8_t id, unsigned slot, struct ob_area *area)
{
    enum ob_err err = ob_flash_map_open(id, area);

    if (err != OB_OK) {
        OB_LOG_WRN("Failed to open flash area ID %u (image 0 slot %u): %s", id, slot, ob_err_text(err));
        *area = (struct ob_area){0};
    }
    return err;
}

enum ob_err ob_slots_open(struct ob_slots *slots)
{
    enum ob_err err = open_slot(PM_MCUBOOT_PRIMARY_ID, 0, &slots->primary);

    for (unsigned i = 0; i < OB_ARRAY_SIZE(slots->secondary); i++) {
        slots->secondary[i] = (struct ob_area){0};
        if (i < OB_ARRAY_SIZE(secondary_ids)) {
            enum ob_err secondary_err = open_slot(secondary_ids[i], i + 1, &slots->secondary[i]);
            err = err == OB_OK ? secondary_err : err;
        }
    }
    return err;
}
