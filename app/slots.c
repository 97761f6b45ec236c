/* SPDX-License-Identifier: Apache-2.0 */
#include <pm_config.h>

#include <outboard/flash_map.h>
#include <outboard/log.h>
#include <outboard/slots.h>

#define NO_SLOT 255u /* not an id: there are fewer partitions */

#ifndef PM_MCUBOOT_SECONDARY_DUAL_ID
#define PM_MCUBOOT_SECONDARY_DUAL_ID NO_SLOT
#endif
#ifndef PM_MCUBOOT_SECONDARY_1_DUAL_ID
#define PM_MCUBOOT_SECONDARY_1_DUAL_ID NO_SLOT
#endif
#ifndef PM_MCUBOOT_SECONDARY_2_DUAL_ID
#define PM_MCUBOOT_SECONDARY_2_DUAL_ID NO_SLOT
#endif

/* By image: primary, secondary, the other secondary. */
static const uint8_t slot_ids[][3] = {
    {PM_MCUBOOT_PRIMARY_ID, PM_MCUBOOT_SECONDARY_ID, PM_MCUBOOT_SECONDARY_DUAL_ID},
#ifdef PM_MCUBOOT_PRIMARY_1_ID
    {PM_MCUBOOT_PRIMARY_1_ID, PM_MCUBOOT_SECONDARY_1_ID, PM_MCUBOOT_SECONDARY_1_DUAL_ID},
#endif
#ifdef PM_MCUBOOT_PRIMARY_2_ID
    {PM_MCUBOOT_PRIMARY_2_ID, PM_MCUBOOT_SECONDARY_2_ID, PM_MCUBOOT_SECONDARY_2_DUAL_ID},
#endif
};

enum ob_err ob_slots_open(unsigned image, struct ob_slots *slots)
{
    struct ob_area *const areas[] = {&slots->primary, &slots->secondary[0], &slots->secondary[1]};
    enum ob_err result = OB_OK;

    if (image >= OB_ARRAY_SIZE(slot_ids)) {
        return OB_ERR_RANGE;
    }
    for (unsigned slot = 0; slot < OB_ARRAY_SIZE(areas); slot++) {
        uint8_t id = slot_ids[image][slot];
        *areas[slot] = (struct ob_area){0};
        enum ob_err err = id == NO_SLOT ? OB_OK : ob_flash_map_open(id, areas[slot]);
        if (err != OB_OK) {
            OB_LOG_WRN("Failed to open flash area ID %u (image %u slot %u): %s", id, image, slot, ob_err_text(err));
            result = err;
        }
    }
    return result;
}

enum ob_err ob_ledger_open(struct ob_area *ledger)
{
    enum ob_err err = ob_flash_map_open(PM_MCUBOOT_ID, ledger);

    if (err == OB_OK) {
        ledger->start += ledger->size - CONFIG_BOOT_LEDGER_SIZE;
        ledger->size = CONFIG_BOOT_LEDGER_SIZE;
    } else {
        *ledger = (struct ob_area){0};
    }
    return err;
}
