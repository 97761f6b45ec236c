/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <outboard/ledger.h>
#include <outboard/util.h>

#include "check.h"

/* Slots are usable: else a refused or unfinished update on the device. */

static void check_erasable(struct pm_check *check, const struct pm_slot *slot)
{
    const struct pm_part *part = slot->part;

    if (part == NULL || part->region->device == NULL || pm_slot_is_erasable(slot)) {
        return;
    }
    pm_finding(check, &part->at,
               "'%s' at offset 0x%x with 0x%x bytes is not made of whole erase units of 0x%x bytes: erasing it would "
               "erase a neighbour; align it, and give it and what comes before it sizes that are multiples",
               part->name->text, slot->area.start, slot->area.size, slot->flash.erase_sizes[0]);
}

static void check_units(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *part = pair->primary.part;
    unsigned long units = pair->max_units == NULL ? 0 : strtoul(pair->max_units->value, NULL, 0);

    if (pair->units_needed > OB_MAX_UNITS) {
        pm_finding(check, &part->at,
                   "'%s' has %u erase units of 0x%x bytes, more than the %u that can be recorded; make it smaller",
                   part->name->text, pair->units_needed, ob_layout_unit(&pair->primary.area, &pair->secondary.area),
                   OB_MAX_UNITS);
    } else if (units != 0 && units < pair->units_needed) {
        pm_finding(check, &pair->max_units->at,
                   "CONFIG_BOOT_MAX_IMG_SECTORS is %lu, but '%s' has %u erase units of 0x%x bytes; set it to %u, or to "
                   "0 for as many as the layout needs, in child_image/mcuboot.conf",
                   units, part->name->text, pair->units_needed,
                   ob_layout_unit(&pair->primary.area, &pair->secondary.area), pair->units_needed);
    }
}

static void check_room(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *part = pair->secondary.part;

    if (pair->capacity == 0 && pair->units_needed != 0 && pair->units_needed <= OB_MAX_UNITS) {
        pm_finding(check, &part->at,
                   "'%s' and '%s' have no room for an image beside their trailers and the spare unit; make "
                   "both slots larger",
                   pair->primary.part->name->text, part->name->text);
    }
}

static void check_dual(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *dual = pair->dual.part;

    if (pair->mode != OB_MODE_DUAL || pair->primary.part != check->pairs.v[0].primary.part) {
        return;
    }
    if (dual == NULL) {
        pm_finding(check, &pair->secondary.part->at,
                   "CONFIG_BOOT_UPGRADE_DUAL needs a second slot, 'mcuboot_secondary_dual'; add it beside '%s' in the "
                   "static configuration",
                   pair->secondary.part->name->text);
    } else if (dual->size != pair->secondary.part->size || dual->region != pair->secondary.part->region) {
        pm_finding(check, &dual->at, "'%s' has to be as large as '%s' and in the same region", dual->name->text,
                   pair->secondary.part->name->text);
    }
}

/** Storage that does not start on an erase unit loses a neighbour's bytes when it is erased. */
static void warn_unaligned_storage(const struct pm_check *check, const struct pm_slot *slot)
{
    uint32_t unit = slot->flash.erase_sizes[0];

    for (uint32_t i = 0; unit != 0 && i < check->layout.parts.count; i++) {
        const struct pm_part *part = check->layout.parts.v[i];
        uint64_t offset = part->address - part->region->base;
        if (part->region == slot->part->region && strstr(part->name->text, "_storage") != NULL &&
            (offset % unit != 0 || part->size % unit != 0)) {
            ob_diag_warning(&part->at,
                            "'%s' at offset 0x%llx with 0x%llx bytes is not made of whole erase units of 0x%x bytes; "
                            "align it",
                            part->name->text, (unsigned long long)offset, (unsigned long long)part->size, unit);
        }
    }
}

/** Code runs from internal flash: what starts lies there. */
static void check_primary_inside(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_region *region = pair->primary.part->region;

    if (strcmp(region->name, "external_flash") == 0) {
        pm_finding(check, &pair->primary.part->at,
                   "'%s' is in region '%s'%s, and images run from internal flash only; put it into flash_primary",
                   pair->primary.part->name->text, region->name,
                   region == pair->secondary.part->region ? ", as the update slot is" : "");
    }
}

/** The network core copies from RAM, and keeps no old image: that is to be known before the first update. */
static void check_handover(struct pm_check *check, const struct pm_pair *pair)
{
    const struct pm_part *primary = pair->primary.part;

    if (pair->mode != OB_MODE_HANDOVER) {
        return;
    }
    if (strcmp(primary->region->name, "ram_flash") != 0) {
        pm_finding(check, &primary->at,
                   "'%s' is in region '%s', but the network core takes its image from RAM; put it into ram_flash",
                   primary->name->text, primary->region->name);
        return;
    }
    ob_diag_note(&primary->at,
                 "'%s' is handed over to the network core, which keeps no old image: there is no way back from an "
                 "update of it, nor of what is asked for together with it",
                 primary->name->text);
}

/** The ledger is large enough, and leaves room for the bootloader if it lies in its partition. */
static void check_ledger(struct pm_check *check)
{
    const struct pm_setting *setting = pm_image_setting(check->bootloader, "CONFIG_BOOT_LEDGER_SIZE");
    bool in_slot;
    const struct pm_part *home = pm_ledger_home(&check->layout, &in_slot);
    const struct ob_flash *flash = &check->pairs.v[0].primary.flash;
    uint32_t steps = 0;

    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        if (pair->capacity != 0) {
            steps += ob_layout_steps(&pair->layout, &pair->primary.area, &pair->secondary.area, pair->mode);
        }
    }
    if (setting == NULL || home == NULL || steps == 0 || flash->erase_sizes[0] == 0) {
        return;
    }
    const uint32_t size = pm_ledger_size(check->bootloader);
    const uint32_t needed = ob_ledger_size(flash, check->pairs.count, steps);
    if (size < needed || size % (OB_LEDGER_BANKS * flash->erase_sizes[0]) != 0) {
        pm_finding(check, &setting->at,
                   "CONFIG_BOOT_LEDGER_SIZE is 0x%x, but these slots need 0x%x bytes, in two halves of whole erase "
                   "units of 0x%x; set it to 0x%x, in child_image/mcuboot.conf",
                   size, needed, flash->erase_sizes[0],
                   ob_align_up(OB_MAX(size, needed), OB_LEDGER_BANKS * flash->erase_sizes[0]));
    } else if (!in_slot && size >= home->size) {
        pm_finding(check, &home->at,
                   "'mcuboot' with 0x%llx bytes has no room for the bootloader beside its ledger of 0x%x; make it "
                   "larger",
                   (unsigned long long)home->size, size);
    }
}

/** Where somebody would not look for it, and an application may be able to write. */
static void note_ledger_in_slot(const struct pm_check *check)
{
    const struct pm_slot *primary = &check->pairs.v[0].primary;
    const struct pm_part *mcuboot = pm_name_get((struct pm_layout *)&check->layout, "mcuboot")->part;

    if (primary->area.reserved != 0) {
        const struct ob_area ledger = ob_layout_reserved(&primary->area);
        const uint64_t start = primary->part->region->base + ledger.start;
        ob_diag_note(
            &mcuboot->at,
            "'mcuboot' with 0x%llx bytes is too small for code and ledger: its ledger lies in '%s', from 0x%llx "
            "to 0x%llx",
            (unsigned long long)mcuboot->size, primary->part->name->text, (unsigned long long)start,
            (unsigned long long)start + ledger.size);
    }
}

void pm_check_slots(struct pm_check *check)
{
    for (uint32_t i = 0; i < check->pairs.count; i++) {
        const struct pm_pair *pair = &check->pairs.v[i];
        check_primary_inside(check, pair);
        check_erasable(check, &pair->primary);
        check_erasable(check, &pair->secondary);
        check_erasable(check, &pair->dual);
        check_units(check, pair);
        check_room(check, pair);
        check_dual(check, pair);
        check_handover(check, pair);
    }
    if (check->pairs.count != 0) {
        const struct pm_pair *pair = &check->pairs.v[0];
        check_ledger(check);
        note_ledger_in_slot(check);
        warn_unaligned_storage(check, &pair->primary);
        if (pair->secondary.part->region != pair->primary.part->region) {
            warn_unaligned_storage(check, &pair->secondary);
        }
    }
}

void pm_check_update(struct pm_check *check, const char *path, uint64_t len)
{
    struct ob_loc at = {.file = path};

    if (check->pairs.count == 0 || check->pairs.v[0].capacity == 0) {
        pm_finding(check, &at, "there are no slots that could take an update");
    } else if (len > check->pairs.v[0].capacity) {
        const struct pm_pair *pair = &check->pairs.v[0];
        pm_finding(check, &at,
                   "the update has %llu bytes, %llu more than '%s' can install (%u): trailer and spare unit of "
                   "mode '%s' take the rest of the slot; make the image smaller or the slots larger",
                   (unsigned long long)len, (unsigned long long)(len - pair->capacity),
                   pair->secondary.part->name->text, pair->capacity, pm_mode_name(pair->mode));
    }
}
