/* SPDX-License-Identifier: Apache-2.0 */
/* What MCUboot was asked for, and how far it came. */
#include "findings.h"

#include <stdlib.h>

static void check_pending(struct flash_report *report, const struct flash_slot *slot, const struct flash_status *status)
{
    const struct flash_image *first = &slot->found[0];
    const struct flash_image *second = slot->found_count > 1 ? &slot->found[1] : first;
    const struct flash_image *image = status->mode == FLASH_SWAP_OFFSET ? second : first;
    const struct flash_slot *primary = flash_slot_of(report->device, slot->image, true);
    const bool asks = slot->trailer.magic == OB_MAGIC_GOOD;
    char text[128];

    if (status->next == OB_SWAP_REVERT) {
        return; /* what goes back lies where the swap put it */
    }
    if (status->mode == FLASH_SWAP_OFFSET && asks && first->is_there && first == second) {
        flash_finding_add(
            report, "offset-missing", FLASH_PROBLEM,
            "upload it one sector up, as clients of swap-using-offset do, and ask again",
            "MCUboot installs from the second sector of '%s', and the image begins at the first: it is refused",
            slot->name);
    } else if (status->mode != FLASH_SWAP_OFFSET && status->mode != FLASH_SWAP_UNKNOWN && asks && !first->is_there &&
               second->is_there) {
        flash_finding_add(
            report, "offset-unexpected", FLASH_PROBLEM,
            "upload it from offset 0: the client was built for swap-using-offset",
            "MCUboot installs from the start of '%s', and the image begins one sector up: nothing is found",
            slot->name);
    } else if (asks && status->mode == FLASH_OVERWRITE && !image->is_there && primary->found[0].why == OB_OK) {
        flash_finding_add(
            report, "request-damaged", FLASH_WARNING, "nothing: the next start erases what is left",
            "'%s' is asked for, and its beginning is erased: it was installed, and the end of that was cut",
            slot->name);
    } else if (asks && image->is_there && image->why != OB_OK) {
        flash_finding_add(report, "update-will-be-refused", FLASH_PROBLEM, flash_cure_of(image->why),
                          "%s in '%s' is asked for, and will be erased by the next start: %s",
                          flash_image_text(&image->image, text, sizeof(text)), slot->name, ob_err_text(image->why));
    } else if (asks && !image->is_there) {
        flash_finding_add(report, "update-will-be-refused", FLASH_PROBLEM, flash_cure_of(OB_ERR_EMPTY),
                          "'%s' is asked for, and holds no image", slot->name);
    } else if (asks) {
        flash_finding_add(
            report, "update-asked-for", FLASH_NOTE,
            "restart the device; if the request stays, MCUboot cannot install it: the primary's image is too large, or "
            "the "
            "sectors do not fit (its log says which)",
            "%s in '%s' is asked for, %s", flash_image_text(&image->image, text, sizeof(text)), slot->name,
            slot->trailer.image_ok == OB_FLAG_SET ? "for good" : "for a trial");
    }
}

static void check_swap(struct flash_report *report, uint32_t image)
{
    const struct flash_device *device = report->device;
    const struct flash_slot *primary = flash_slot_of(device, image, true);
    const struct flash_slot *secondary = flash_slot_of(device, image, false);
    const struct flash_status *status = &report->status[image];

    if (status->in_progress) {
        char how_far[80] = "its status is in the scratch area";
        if (!status->in_scratch) {
            snprintf(how_far, sizeof(how_far), "of 0x%x bytes, %u entries of its status are written", status->swap_size,
                     status->entries);
        }
        flash_finding_add(
            report, "swap-begun", secondary->chip->path == NULL ? FLASH_PROBLEM : FLASH_WARNING,
            "restart it with a good supply: MCUboot goes on where it was. If it never ends, look for `status write "
            "fails` in its log, and at the external chip",
            "a swap (%s) is half done: %s", flash_swap_mode_text(status->mode), how_far);
    } else if (status->next == OB_SWAP_REVERT && secondary->chip->path != NULL && !secondary->found[0].is_there &&
               secondary->found_count < 2) {
        flash_finding_add(report, "revert-stuck", FLASH_PROBLEM,
                          "confirm what runs; do not erase the update slot before",
                          "going back is due, and '%s' holds nothing to go back to", secondary->name);
    } else if (status->next == OB_SWAP_REVERT) {
        flash_finding_add(report, "on-trial", FLASH_PROBLEM, "call boot_write_img_confirmed() while it runs",
                          "'%s' is on trial and was not confirmed: the next start goes back", primary->name);
    }
    if (secondary->trailer.align != 0 && secondary->trailer.magic != OB_MAGIC_GOOD) {
        flash_finding_add(report, "request-alignment", FLASH_PROBLEM,
                          "build application and bootloader with the same BOOT_MAX_ALIGN",
                          "'%s' is asked for with BOOT_MAX_ALIGN %u: this MCUboot does not see it", secondary->name,
                          secondary->trailer.align);
    } else if (secondary->trailer.magic == OB_MAGIC_BAD) {
        flash_finding_add(
            report, "request-damaged", FLASH_PROBLEM,
            "erase the slot with its trailer, upload and ask again: MCUboot's library refuses to ask while this lies "
            "there",
            "the trailer of '%s' is neither erased nor good", secondary->name);
    }
    if (status->max_units != 0 && status->mode != FLASH_OVERWRITE) {
        const struct pm_setting *setting = pm_image_setting(device->build->bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS");
        if (setting != NULL && strtoul(setting->value, NULL, 0) != status->max_units) {
            flash_finding_add(report, "other-bootloader", FLASH_WARNING,
                              "give the build that the device was programmed with",
                              "the status begins where BOOT_MAX_IMG_SECTORS %u puts it, and the build has %s",
                              status->max_units, setting->value);
        }
    }
    check_pending(report, secondary, status);
}

void flash_check_mcuboot(struct flash_report *report)
{
    for (uint32_t image = 0; image < report->device->boot.image_count; image++) {
        check_swap(report, image);
    }
}
