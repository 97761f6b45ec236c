/* SPDX-License-Identifier: Apache-2.0 */
#include "slots.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/ledger_place.h>

uint32_t pm_ledger_size(const struct pm_image *bootloader)
{
    const struct pm_setting *setting =
        bootloader == NULL ? NULL : pm_image_setting(bootloader, "CONFIG_BOOT_LEDGER_SIZE");

    return setting == NULL ? 0 : (uint32_t)strtoul(setting->value, NULL, 0);
}

const struct pm_part *pm_ledger_home(struct pm_layout *layout, bool *in_slot)
{
    const struct pm_part *mcuboot = pm_name_get(layout, "mcuboot")->part;

    *in_slot = mcuboot != NULL && OB_LEDGER_IN_SLOT(mcuboot->size);
    return *in_slot ? pm_name_get(layout, "mcuboot_primary")->part : mcuboot;
}

static struct pm_slot find_slot(struct pm_layout *layout, const struct pm_image *bootloader, const char *base,
                                uint32_t number)
{
    const char *text = number == 0 ? base : ob_arena_printf(layout->arena, "%s_%u", base, number);
    struct pm_slot slot = {.part = pm_name_get(layout, text)->part};

    if (slot.part == NULL || slot.part->region->device == NULL) {
        return slot;
    }
    const char *path = pm_image_device_path(bootloader, slot.part->region->device);
    slot.node = path == NULL ? NULL : pm_image_node(bootloader, path);
    uint64_t write = pm_node_number(slot.node, "write-block-size", 1);
    slot.flash.size = (uint32_t)(slot.part->region->size > UINT32_MAX ? UINT32_MAX : slot.part->region->size);
    pm_chip_read(slot.node, &slot.chip);
    slot.flash.erase_sizes[0] = pm_chip_erase_unit(&slot.chip, bootloader, slot.node);
    slot.flash.write_size = write == 0 || write > 32 ? 1 : (uint32_t)write;
    slot.area.start = (uint32_t)(slot.part->address - slot.part->region->base);
    slot.area.size = (uint32_t)(slot.part->size > UINT32_MAX ? UINT32_MAX : slot.part->size);
    return slot;
}

static enum ob_mode_id mode_of(const struct pm_image *bootloader, uint32_t number)
{
    if (number == 1 && pm_image_is_set(bootloader, "CONFIG_NRF53_UPGRADE_NETWORK_CORE") && !bootloader->is_zephyr) {
        return OB_MODE_HANDOVER;
    }
    if (pm_image_is_set(bootloader, "CONFIG_BOOT_UPGRADE_ONLY")) {
        return OB_MODE_OVERWRITE;
    }
    return pm_image_is_set(bootloader, "CONFIG_BOOT_UPGRADE_DUAL") ? OB_MODE_DUAL : OB_MODE_SLIDE;
}

bool pm_slot_is_erasable(const struct pm_slot *slot)
{
    uint32_t unit = slot->flash.erase_sizes[0];

    return slot->part != NULL && unit != 0 && slot->area.size != 0 && slot->area.start % unit == 0 &&
           slot->area.size % unit == 0;
}

static uint32_t max_units_of(const struct pm_pair *pair)
{
    return pair->max_units == NULL ? 0 : (uint32_t)strtoul(pair->max_units->value, NULL, 0);
}

static void lay_out(struct pm_pair *pair)
{
    const struct ob_area *primary = &pair->primary.area;
    const struct ob_area *secondary = &pair->secondary.area;

    if (!pm_slot_is_erasable(&pair->primary) || !pm_slot_is_erasable(&pair->secondary)) {
        return;
    }
    pair->units_needed = ob_layout_units_needed(primary, secondary);
    if (ob_layout(primary, secondary, max_units_of(pair), &pair->layout) == OB_OK) {
        pair->capacity = ob_layout_capacity(&pair->layout, primary, secondary, pair->mode);
    }
}

void pm_pairs_find(struct pm_layout *layout, const struct pm_image *bootloader, struct pm_pairs *pairs)
{
    bool in_slot;

    for (uint32_t i = 0; i < PM_PAIRS_MAX; i++) {
        struct pm_pair *pair = &pairs->v[pairs->count];
        *pair = (struct pm_pair){.mode = mode_of(bootloader, i)};
        pair->primary = find_slot(layout, bootloader, "mcuboot_primary", i);
        pair->secondary = find_slot(layout, bootloader, "mcuboot_secondary", i);
        if (pair->primary.part == NULL || pair->secondary.part == NULL) {
            continue;
        }
        if (i == 0 && pair->mode == OB_MODE_DUAL) {
            pair->dual = find_slot(layout, bootloader, "mcuboot_secondary_dual", 0);
            pair->dual.area.flash = &pair->dual.flash;
        }
        pair->max_units = pm_image_setting(bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS");
        pair->primary.area.flash = &pair->primary.flash;
        if (pm_ledger_home(layout, &in_slot) == pair->primary.part && in_slot) {
            pair->primary.area.reserved = pm_ledger_size(bootloader);
        }
        pair->secondary.area.flash = &pair->secondary.flash;
        lay_out(pair);
        pairs->count++;
    }
}

const char *pm_mode_name(enum ob_mode_id mode)
{
    switch (mode) {
    case OB_MODE_SLIDE:
        return "slide";
    case OB_MODE_OVERWRITE:
        return "overwrite";
    case OB_MODE_DUAL:
        return "dual";
    case OB_MODE_HANDOVER:
        return "handover";
    }
    return "unknown";
}
