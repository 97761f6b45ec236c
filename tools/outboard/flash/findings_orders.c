/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked of outboard's bootloader, and what became of it. */
#include "findings.h"

#include <string.h>

#include <outboard/update.h>
#include <outboard/util.h>

#define WORN_PERCENT 80u

const char *flash_cure_of(enum ob_err reason)
{
    switch (reason) {
    case OB_ERR_KEY:
    case OB_ERR_AUTH:
        return "sign it with the key that the bootloader was built with";
    case OB_ERR_TYPE:
    case OB_ERR_KIND:
        return "sign it with a key of the device's type, without imgtool options that make other images";
    case OB_ERR_DIGEST:
    case OB_ERR_FORMAT:
        return "upload it again; if outboard image verify accepts the file, the download is at fault: compare sizes, "
               "look at "
               "the supply and at who else writes to the chip";
    case OB_ERR_SIZE:
        return "make the image smaller: the build says `updates of up to <n> bytes`";
    case OB_ERR_OLD:
        return "sign it with a higher version: the device never goes below what was confirmed";
    case OB_ERR_DEPENDS:
        return "ask for the images that belong together before the restart";
    case OB_ERR_STATE:
        return "another image of the same transaction was refused: see its reason";
    case OB_ERR_EMPTY:
        return "the request came without an image: write it from offset 0 of the slot, or one erase unit up, and ask "
               "then";
    case OB_ERR_DEVICE:
        return "sign it with this device's --vid and --cid";
    default:
        return "build it for this layout and board, and sign it with the layout's header size";
    }
}

/** The newest event of a kind, unless the images that it is about were installed since; NULL: none. */
static const struct ob_event *newest(const struct flash_orders *orders, enum ob_event_kind kind)
{
    uint32_t installed = 0;

    for (uint32_t i = 0; i < orders->event_count; i++) {
        const struct ob_event *event = &orders->event[i];
        if (event->kind == kind && (ob_event_images(event) & ~installed) != 0) {
            return event;
        }
        if (event->kind == OB_EVENT_INSTALLED && event->what != OB_JOB_REVERT) {
            installed |= ob_event_images(event);
        }
    }
    return NULL;
}

void flash_elsewhere_text(const struct flash_report *report, const struct flash_slot *slot, char *out, size_t size)
{
    const struct flash_device *device = report->device;
    const struct ob_slots *slots = &device->slots[slot->image];
    struct ob_update_state state;
    char version[FLASH_VERSION_SIZE];

    if (ob_update_read_state(slots, &device->ledger, slot->image, &state) != OB_OK) {
        state.last = OB_UPDATE_NONE;
    }
    flash_version_text(&state.last_version, version);
    if (state.last == OB_UPDATE_MISSING) {
        snprintf(out, size, "it did not take version %s, and may hold a part of it", version);
    } else if (state.last != OB_UPDATE_TEST && state.last != OB_UPDATE_PERMANENT) {
        snprintf(out, size, "which version it holds is not known: the ledger says of none that it took it");
    } else if (ob_filled((const uint8_t *)&state.last_version, sizeof(state.last_version), 0)) {
        snprintf(out, size, "it took an image, whose version is not remembered any more");
    } else {
        snprintf(out, size, "it took version %s last", version);
    }
}

static void check_refusal(struct flash_report *report)
{
    const struct ob_event *event = newest(&report->orders, OB_EVENT_REFUSED);
    char version[FLASH_VERSION_SIZE];

    if (event != NULL) {
        const enum ob_err reason = (enum ob_err) - event->reason;
        flash_finding_add(report, "update-refused", FLASH_PROBLEM, flash_cure_of(reason),
                          "the last update of image %u, version %s (%s), was refused: %s", event->image,
                          flash_version_text(&event->version, version),
                          ob_image_kind_text((enum ob_image_kind)event->what), ob_err_text(reason));
    }
}

static bool hands_over(const struct flash_device *device)
{
    bool any = false;

    for (uint32_t i = 0; i < device->slot_count; i++) {
        any = any || device->slot[i].is_elsewhere;
    }
    return any;
}

/** A cell that was worn once stays so, though what it was found with was installed in the end. */
static void check_chip_events(struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    const bool failed = newest(orders, OB_EVENT_CHIP) != NULL;
    char text[200];

    for (uint32_t i = 0; i < orders->event_count && !flash_finding_is_there(report, "chip-worn"); i++) {
        if (orders->event[i].kind == OB_EVENT_CHIP) {
            flash_event_text(report->device, &orders->event[i], text, sizeof(text));
            flash_finding_add(
                report, "chip-worn", failed ? FLASH_PROBLEM : FLASH_WARNING,
                "the sector is worn, or write-protected, or the supply drops while it is written: the next update may "
                "fail at the same place; exchange the part",
                "%s", text);
        }
    }
}

static void check_record(struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    char version[FLASH_VERSION_SIZE];

    check_refusal(report);
    const struct ob_event *event = newest(orders, OB_EVENT_GOES_BACK);
    if (event != NULL && event->reason == 0) {
        flash_finding_add(
            report, "went-back-unconfirmed", FLASH_PROBLEM,
            "call ob_update_confirm() (boot_write_img_confirmed()) once the application has proved itself; find out "
            "why it did "
            "not come to that: a fault, or a reset by a watchdog",
            "the last update was taken back, to version %s: it was started, and did not confirm itself",
            flash_version_text(&event->version, version));
    } else if (event != NULL) {
        flash_finding_add(
            report, "went-back-broken", FLASH_PROBLEM,
            "look at what wrote to the primary slot, and at the internal flash: worn, or a supply that drops",
            "the last update was taken back: %s", ob_err_text((enum ob_err) - event->reason));
    }
    check_chip_events(report);
    event = newest(orders, OB_EVENT_VOID);
    if (event != NULL) {
        flash_finding_add(
            report, "image-vanished", FLASH_PROBLEM,
            "look for who erases or writes the update slot while an update is asked for; or the chip was exchanged",
            "version %s was asked for and verified, and was gone when its installation began",
            flash_version_text(&event->version, version));
    }
    event = newest(orders, OB_EVENT_MISSING);
    if (event != NULL) {
        flash_finding_add(
            report, "image-missing", FLASH_PROBLEM,
            "ask for all images that belong together once more. If it is the network core's: is its bootloader (b0n) "
            "programmed, and does it take such an image? Dump the flash of that core",
            "image %u, version %s, is missing, and what belongs to it may be there: %s", event->image,
            flash_version_text(&event->version, version), ob_err_text((enum ob_err) - event->reason));
    }
    event = newest(orders, OB_EVENT_WAITED);
    if (event != NULL) {
        flash_finding_add(report, "waited-for-chip", FLASH_WARNING,
                          "look at the supply and the wiring of the external chip",
                          "in the middle of an installation the external chip did not answer: %s",
                          ob_err_text((enum ob_err) - event->reason));
    }
    for (uint32_t i = 0; i < orders->event_count; i++) {
        if (orders->event[i].kind == OB_EVENT_NO_WAY_BACK && !flash_finding_is_there(report, "no-way-back") &&
            hands_over(report->device)) {
            flash_finding_add(report, "no-way-back", FLASH_NOTE, "nothing: who takes it keeps no old image",
                              "version %s is for good, handed over or asked for with what was",
                              flash_version_text(&orders->event[i].version, version));
        } else if (orders->event[i].kind == OB_EVENT_NO_WAY_BACK && !flash_finding_is_there(report, "no-way-back")) {
            flash_finding_add(
                report, "no-way-back", FLASH_WARNING,
                "an application confirms before it touches the update slot; an image that is larger than the build's "
                "`updates of up "
                "to <n> bytes` cannot be kept",
                "version %s stayed although it was not confirmed, or replaced an image that could not be kept",
                flash_version_text(&orders->event[i].version, version));
        }
    }
}

static void check_job(struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    const struct flash_device *device = report->device;
    char version[FLASH_VERSION_SIZE];
    uint32_t image = 0;

    while (image + 1 < device->boot.image_count && (orders->ledger.head.set >> image & 1) == 0) {
        image++;
    }
    flash_version_text(&orders->ledger.head.part[image].version, version);
    if (!orders->is_begun) {
        return;
    }
    if (report->next.err == OB_OK || report->next.is_unknown) {
        flash_finding_add(report, "job-begun", FLASH_NOTE, "nothing: the next start goes on with it",
                          "the installation of version %s is begun: %u of %u steps are done", version, orders->done,
                          orders->total);
    } else if (device->chip[FLASH_EXTERNAL].path == NULL) {
        flash_finding_add(
            report, "job-waits", FLASH_PROBLEM,
            "look at the external chip: supply, wiring, chip select; if it is dead, program merged.hex or send an "
            "image to "
            "serial recovery",
            "the installation of version %s is half done (%u of %u steps), and only the external chip has the rest",
            version, orders->done, orders->total);
    } else {
        flash_finding_add(
            report, "job-lost", FLASH_PROBLEM, "program merged.hex, or send an image to serial recovery",
            "the installation of version %s is half done (%u of %u steps), and the external chip does not hold the "
            "rest: it "
            "was exchanged, or somebody wrote to it",
            version, orders->done, orders->total);
    }
}

static bool log_has(const struct flash_report *report, const char *text)
{
    return report->next.log != NULL && strstr(report->next.log, text) != NULL;
}

/** What the dump does not have reads as erased. */
static bool knows_trailer(const struct flash_slot *slot)
{
    const struct ob_area trailer = {.flash = &slot->chip->flash,
                                    .start = slot->trailer.at,
                                    .size = slot->area.start + slot->area.size - slot->trailer.at};

    return flash_chip_knows(slot->chip, &trailer);
}

static void check_request(struct flash_report *report, const struct flash_slot *slot)
{
    const struct flash_trailer *trailer = &slot->trailer;
    const struct flash_device *device = report->device;
    const uint32_t own = ob_layout_align(&device->slots[slot->image].primary, &device->slots[slot->image].secondary[0]);
    const struct flash_image *image = &slot->found[0];
    const struct ob_part *part = &report->orders.ledger.head.part[slot->image];
    char text[128];

    if (slot->chip->path == NULL || report->orders.is_begun || flash_chip_is_filled(slot->chip, 0)) {
        return;
    }
    for (uint32_t i = 1; i < slot->found_count && image->why != OB_OK; i++) {
        image = slot->found[i].why == OB_OK || !image->is_there ? &slot->found[i] : image;
    }
    if (trailer->align != 0 && trailer->align != own) {
        flash_finding_add(
            report, "request-alignment", FLASH_PROBLEM,
            "sign with --max-align and build the application with the bootloader's BOOT_MAX_ALIGN; erase the slot and "
            "ask "
            "again",
            "'%s' is asked for with BOOT_MAX_ALIGN %u, and this device has %u: nobody sees the request", slot->name,
            trailer->align, own);
    } else if (trailer->magic != OB_MAGIC_UNSET && trailer->asks == OB_SWAP_NONE) {
        flash_finding_add(
            report, "request-damaged", FLASH_WARNING, "ask again: the next start erases what is left",
            "the trailer of '%s' is neither erased nor good: a request was cut, or an image reaches into it",
            slot->name);
    } else if (trailer->asks != OB_SWAP_NONE && image->why == OB_OK && !log_has(report, "refused:")) {
        flash_finding_add(report, "update-asked-for", FLASH_NOTE, "restart the device",
                          "%s in '%s' is asked for, %s: %s", flash_image_text(&image->image, text, sizeof(text)),
                          slot->name, trailer->asks == OB_SWAP_PERMANENT ? "for good" : "for a trial",
                          image->is_sealed ? "the next start installs it, if its content is right"
                                           : "the next start installs it");
    } else if (trailer->asks != OB_SWAP_NONE) {
        const char *refused = report->next.log == NULL ? NULL : strstr(report->next.log, "refused: ");
        const char *why = refused == NULL ? ob_err_text(image->why) : refused + strlen("refused: ");
        flash_finding_add(report, "update-will-be-refused", FLASH_PROBLEM, flash_cure_of(image->why),
                          "what is asked for in '%s' (%s) will be refused: %.*s", slot->name,
                          flash_image_text(&image->image, text, sizeof(text)), (int)strcspn(why, "\n"), why);
    } else if (image->is_there && image->why == OB_OK && knows_trailer(slot) &&
               memcmp(image->image.digest, part->out_digest, OB_DIGEST_SIZE) != 0 &&
               memcmp(image->image.digest, report->next.result.image.digest, OB_DIGEST_SIZE) != 0) {
        flash_finding_add(
            report, "update-not-asked-for", FLASH_PROBLEM,
            "ask for it: ob_update_request(), boot_request_upgrade(), smpmgr image state-write HASH; then restart",
            "%s in '%s' is whole, and nobody asked to install it", flash_image_text(&image->image, text, sizeof(text)),
            slot->name);
    } else if (image->is_there && image->why != OB_OK && part->in_size == 0) {
        flash_finding_add(report, "download-broken", FLASH_WARNING, flash_cure_of(image->why),
                          "%s in '%s' would be refused: %s", flash_image_text(&image->image, text, sizeof(text)),
                          slot->name, ob_err_text(image->why));
    }
}

/** Where the next start is not known, the trailers tell. */
static bool goes_back(const struct flash_report *report)
{
    const struct flash_device *device = report->device;
    struct ob_update_state state;

    if (report->next.is_unknown) {
        return ob_update_read_state(&device->slots[0], &device->ledger, 0, &state) == OB_OK &&
               state.next == OB_SWAP_REVERT;
    }
    return report->next.err == OB_OK && report->next.result.swap == OB_SWAP_REVERT;
}

static void check_trial(struct flash_report *report)
{
    const struct flash_device *device = report->device;
    const struct flash_slot *primary = flash_slot_of(device, 0, true);
    struct ob_update_state state;
    char text[128];

    if (primary->chip->path == NULL || report->orders.is_begun || flash_chip_is_filled(primary->chip, 0)) {
        return;
    }
    if (primary->trailer.magic == OB_MAGIC_BAD ||
        (primary->trailer.magic == OB_MAGIC_GOOD && primary->trailer.image_ok == OB_FLAG_BAD)) {
        flash_finding_add(report, "confirmation-damaged", FLASH_WARNING,
                          "nothing: that a confirmation was begun is enough, and the next start clears what is left",
                          "the trailer of '%s' reads as neither confirmed nor not: a confirmation was cut",
                          primary->name);
    }
    if (log_has(report, "there is nothing to go back to")) {
        flash_finding_add(
            report, "way-back-lost", FLASH_WARNING,
            "confirm before the update slot is erased or written: the previous image lies there until then",
            "%s is on trial and was not confirmed, and the image before is gone: it stays",
            flash_image_text(&primary->found[0].image, text, sizeof(text)));
    } else if (goes_back(report) && primary->found[0].why == OB_OK) {
        flash_finding_add(
            report, "on-trial", FLASH_PROBLEM,
            "call ob_update_confirm() (boot_write_img_confirmed(), smpmgr image state-write --confirm) while it runs",
            "%s is on trial and was not confirmed: the next start goes back",
            flash_image_text(&primary->found[0].image, text, sizeof(text)));
    }
    if (ob_update_read_state(&device->slots[0], &device->ledger, 0, &state) == OB_OK &&
        primary->found[0].why == OB_OK) {
        const struct ob_part *part = &report->orders.ledger.head.part[0];
        if (part->in_size != 0 && !report->orders.is_done &&
            memcmp(part->in_digest, primary->found[0].image.digest, OB_DIGEST_SIZE) != 0) {
            flash_finding_add(report, "programmed-since", FLASH_NOTE, "nothing, if a programmer or recovery wrote it",
                              "%s in '%s' is not what the bootloader installed last: it was programmed since",
                              flash_image_text(&primary->found[0].image, text, sizeof(text)), primary->name);
        }
    }
}

static void check_rescue(struct flash_report *report)
{
    const struct flash_slot *primary = flash_slot_of(report->device, 0, true);

    if (primary->is_known && primary->found[0].why != OB_OK && !report->orders.is_begun && report->next.err == OB_OK) {
        flash_finding_add(report, "mends-itself", FLASH_NOTE, "restart the device",
                          "the primary slot may not run, and the next start installs what lies in the update slot");
    }
}

static void check_wear(struct flash_report *report)
{
    const struct flash_chip *chip = &report->device->chip[FLASH_INTERNAL];
    const uint32_t jobs = report->orders.ledger.head.sequence;

    if (report->orders.ledger.now.counts && chip->part != NULL && chip->part->endurance != 0 &&
        jobs > chip->part->endurance / 100 * WORN_PERCENT) {
        flash_finding_add(report, "worn-out", FLASH_WARNING,
                          "outboard pm report says how many updates the chips are good for",
                          "%u banks of the ledger were begun; each sector of a %s is good for %u erases", jobs,
                          chip->part->name, chip->part->endurance);
    }
}

/** What the tool cannot foresee, it says. */
static void check_limits(struct flash_report *report)
{
    const struct flash_keys *keys = &report->device->keys;

    if (keys->keys.decryption != NULL && keys->decryption.key == NULL) {
        flash_finding_add(
            report, "encrypted", FLASH_NOTE, "give --enc-key to have their content looked at",
            "this device takes encrypted images, and no key was given to decrypt them: whether their content is right, "
            "and what the next start does with one, is not told");
    } else if (keys->keys.decryption != NULL && image_secret_demo(&keys->secret) != NULL) {
        flash_finding_add(report, "demo-enc-key", FLASH_WARNING,
                          "make a key of your own: imgtool keygen; then CONFIG_BOOT_ENCRYPTION_KEY_FILE",
                          "updates are encrypted for %s's public demo key: anybody can read them",
                          image_secret_demo(&keys->secret));
    }
}

void flash_check_outboard(struct flash_report *report)
{
    check_limits(report);
    check_job(report);
    check_record(report);
    for (uint32_t i = 0; i < report->device->slot_count; i++) {
        const struct flash_slot *slot = &report->device->slot[i];
        if (!slot->is_primary) {
            check_request(report, slot);
        }
    }
    check_trial(report);
    check_rescue(report);
    check_wear(report);
}
