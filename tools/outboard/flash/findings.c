/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all of it means: why the device does not boot, or will not update, and what to do. Each finding has a name that
 * stays; docs/INSPECT.md lists them, tests/flash makes each of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "../../../sim/parts.h"
#include "../common/file.h"
#include "inspect.h"

#define WORN_PERCENT 80u

__attribute__((format(printf, 5, 6))) static void
add(struct flash_report *report, const char *id, enum flash_severity severity, const char *cure, const char *what, ...)
{
    struct flash_finding *finding = &report->finding[report->finding_count];
    va_list args;

    if (report->finding_count == FLASH_FINDINGS_MAX) {
        return;
    }
    *finding = (struct flash_finding){.id = id, .severity = severity, .cure = cure};
    va_start(args, what);
    report->finding_count += vasprintf(&finding->what, what, args) >= 0;
    va_end(args);
}

static bool has(const struct flash_report *report, const char *id)
{
    bool found = false;

    for (uint32_t i = 0; i < report->finding_count; i++) {
        found = found || strcmp(report->finding[i].id, id) == 0;
    }
    return found;
}

/** "1.2.3+4, an ECDSA P-256 image" */
static const char *image_text(const struct ob_image *image, char *out, size_t size)
{
    char version[FLASH_VERSION_SIZE];

    if (image->kind == OB_KIND_NONE) {
        snprintf(out, size, "no image");
    } else {
        snprintf(out, size, "version %s, %s", flash_version_text(&image->version, version),
                 ob_image_kind_text(image->kind));
    }
    return out;
}

/* ---- the dumps ---- */

static bool is_filled(const struct flash_chip *chip, uint8_t value)
{
    return ob_filled(chip->bytes, chip->flash.size, value);
}

/**
 * Was it read as words whose bytes were written the other way round? The first header tells.
 * @return bytes of such a word; 0: it was not
 */
static uint32_t swapped_bytes(const struct flash_slot *primary)
{
    uint8_t header[OB_IMAGE_HEADER_SIZE];

    if (!primary->is_known || ob_area_read(&primary->area, 0, header, sizeof(header)) != OB_OK) {
        return 0;
    }
    const uint8_t halves[] = {header[1], header[0], header[3], header[2]};
    /* An image in big endian has such a magic too, and the size of its header where it belongs. */
    const bool words = ob_get_le32(header) == OB_IMAGE_MAGIC_BIG && header[8] == 0 && header[9] < OB_IMAGE_HEADER_SIZE;

    return ob_get_le32(halves) == OB_IMAGE_MAGIC ? 2 : words ? 4 : 0;
}

static void check_chip(struct flash_report *report, const struct flash_chip *chip)
{
    const bool internal = chip == &report->device->chip[FLASH_INTERNAL];

    if (chip->path == NULL) {
        add(report, "no-external-dump", FLASH_NOTE,
            "give --external as well; without it the chip counts as one that does not answer",
            "there is no dump of the %s", chip->name);
    } else if (is_filled(chip, 0) || (internal && is_filled(chip, 0xff))) {
        add(report, "dump-empty", FLASH_PROBLEM,
            "read it again, with a probe that is connected; a locked device reads like this and opens by an erase of "
            "all of it only",
            "the dump of the %s holds nothing but 0x%02x", chip->name, chip->bytes[0]);
    } else if (internal && swapped_bytes(flash_slot_of(report->device, 0, true)) != 0) {
        const uint32_t bytes = swapped_bytes(flash_slot_of(report->device, 0, true));
        add(report, "dump-swapped", FLASH_PROBLEM,
            "dump it byte by byte, or turn it: objcopy -I binary -O binary --reverse-bytes=N",
            "the dump of the %s has the bytes of each %u the other way round", chip->name, bytes);
    } else if (!chip->is_whole) {
        add(report, "dump-partial", FLASH_NOTE, "dump the whole chip to know more",
            "the dump of the %s has 0x%x of its 0x%x bytes; the rest counts as erased", chip->name, chip->known_len,
            chip->flash.size);
    }
}

/** Does the next start go on writing this primary? Half of an image is no fault then. */
static bool is_being_written(const struct flash_report *report, uint32_t image)
{
    const struct flash_status *status = &report->status[image];
    const struct flash_slot *secondary = flash_slot_of(report->device, image, false);

    if (report->device->family == FLASH_OUTBOARD) {
        return report->orders.is_begun;
    }
    return status->in_progress || (status->mode == FLASH_OVERWRITE && secondary->trailer.magic == OB_MAGIC_GOOD &&
                                   secondary->found[0].why == OB_OK);
}

static void check_layout(struct flash_report *report)
{
    struct flash_device *device = report->device;
    const struct flash_slot *primary = flash_slot_of(device, 0, true);
    uint32_t at;

    if (primary->is_known && !primary->found[0].is_there && !is_being_written(report, 0) &&
        flash_find_stray(device, FLASH_INTERNAL, &at)) {
        add(report, "other-layout", FLASH_PROBLEM,
            "give the partitions.yml of the build that the device was programmed with",
            "no image begins at 0x%x, where this layout has '%s', but one does at 0x%x", primary->area.start,
            primary->name, at);
    }
    if (device->ledger_found != 0) {
        add(report, "other-ledger", FLASH_PROBLEM,
            "give the build of this device's bootloader; CONFIG_BOOT_LEDGER_SIZE may never change while devices live",
            "the ledger in the dump has 0x%x bytes, and not the build's size: it is of another bootloader",
            device->ledger_found);
    }
    if (report->orders.err == OB_OK && !report->orders.is_blank && !report->orders.ledger.now.counts &&
        device->family == FLASH_OUTBOARD && flash_chip_knows(&device->chip[FLASH_INTERNAL], &device->ledger)) {
        add(report, "ledger-damaged", FLASH_PROBLEM,
            "what runs stays; the next update begins a new ledger. Look for what wrote there: a bootloader that grew "
            "into its ledger, or a programmer",
            "the ledger at 0x%x is neither blank nor valid: nothing is known of what was installed",
            device->ledger.start);
    }
    for (uint32_t i = 0; i < device->boot.image_count && device->family == FLASH_OUTBOARD; i++) {
        const struct ob_slots *slots = &device->slots[i];
        const uint32_t needed = ob_layout_units_needed(&slots->primary, &slots->secondary[0]);
        if (device->capacity[i] == 0) {
            add(report, "slots-do-not-fit", FLASH_PROBLEM, "make both slots larger: outboard pm check says how",
                "image %u: its slots have no room for an image beside their trailers: nothing can be installed", i);
        } else if (device->boot.max_units != 0 && device->boot.max_units < needed) {
            add(report, "max-sectors", FLASH_WARNING, "remove CONFIG_BOOT_MAX_IMG_SECTORS: 0 means as many as needed",
                "CONFIG_BOOT_MAX_IMG_SECTORS is %u and the slots of image %u need %u: updates above %u bytes are "
                "refused",
                (unsigned)device->boot.max_units, i, needed, device->capacity[i]);
        }
    }
}

static void check_bootloader(struct flash_report *report)
{
    const struct flash_device *device = report->device;
    const struct flash_chip *chip = &device->chip[FLASH_INTERNAL];
    const struct pm_part *part = pm_name_get((struct pm_layout *)&device->build->layout, "mcuboot")->part;
    const struct pm_image *bootloader = device->build->bootloader;

    if (part == NULL || part->region != chip->region || has(report, "dump-empty")) {
        return;
    }
    const uint32_t start = (uint32_t)(part->address - part->region->base);
    const struct ob_area vectors = {.flash = &chip->flash, .start = start, .size = 8};
    if (!flash_chip_knows(chip, &vectors)) {
        return;
    }
    if (ob_filled(chip->bytes + start, vectors.size, 0xff)) {
        add(report, "no-bootloader", FLASH_PROBLEM, "program merged.hex",
            "there is no bootloader at 0x%x: its vector table is erased", start);
        return;
    }
    char *path = NULL;
    char *data = NULL;
    size_t len = 0;
    if (bootloader->folder == NULL || asprintf(&path, "%s/mcuboot.bin", bootloader->folder) < 0) {
        return;
    }
    FILE *file = fopen(path, "rb"); /* an older build may have been cleaned */
    if (file != NULL && ob_file_read(path, (size_t)16 << 20, &data, &len) == OB_EXIT_OK && len <= part->size &&
        memcmp(chip->bytes + start, data, len) != 0) {
        add(report, "other-bootloader", FLASH_WARNING, "give the build that the device was programmed with",
            "the bootloader in the dump is not the one of the build: keys, mode and places may differ");
    }
    if (file != NULL) {
        fclose(file);
    }
    free(data);
    free(path);
}

/* ---- what runs ---- */

static const struct {
    enum ob_err why;
    const char *id;
    const char *cure;
} primary_faults[] = {
    {OB_ERR_EMPTY, "no-application",
     "program merged.hex, or send an image to serial recovery if the bootloader has it"},
    {OB_ERR_KEY, "primary-key",
     "sign it with the key that the bootloader was built with (CONFIG_BOOT_SIGNATURE_KEY_FILE); bootloader and "
     "application are of builds with different keys"},
    {OB_ERR_AUTH, "primary-key",
     "sign it with the key that the bootloader was built with (CONFIG_BOOT_SIGNATURE_KEY_FILE)"},
    {OB_ERR_TYPE, "primary-type", "sign it with a key of the type that the bootloader was built for"},
    {OB_ERR_KIND, "primary-kind",
     "sign it without --encrypt, --compression, --non-bootable, --load-addr, --endian big"},
    {OB_ERR_STACK, "primary-misplaced", "build it for this layout and board: program its merged.hex"},
    {OB_ERR_ENTRY, "primary-misplaced", "build it for this layout and board: program its merged.hex"},
    {OB_ERR_ADDRESS, "primary-misplaced", "build it for this layout and board: program its merged.hex"},
    {OB_ERR_HEADER_SIZE, "primary-misplaced", "sign it with the layout's header size (mcuboot_pad)"},
    {OB_ERR_DIGEST, "primary-damaged",
     "program it again, and look at what wrote there: the application, a neighbour's storage, worn flash"},
    {OB_ERR_FORMAT, "primary-damaged", "program it again, and look at how it was written"},
    {OB_ERR_SIZE, "primary-damaged", "program it again, and look at how it was written"},
};

static void check_primary(struct flash_report *report, const struct flash_slot *slot)
{
    const struct flash_image *found = &slot->found[0];
    char text[128];

    if (!slot->is_known) {
        return;
    }
    if (found->why == OB_OK) {
        if (found->demo != NULL) {
            add(report, "demo-key", FLASH_WARNING,
                "make a key of your own: imgtool keygen; then CONFIG_BOOT_SIGNATURE_KEY_FILE",
                "'%s' runs what is signed with %s's public demo key: anybody can sign for this device", slot->name,
                found->demo);
        }
        return;
    }
    if (is_being_written(report, slot->image)) {
        return;
    }
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(primary_faults); i++) {
        if (primary_faults[i].why == found->why) {
            add(report, primary_faults[i].id, FLASH_PROBLEM, primary_faults[i].cure,
                "'%s' holds %s, which may not run: %s", slot->name, image_text(&found->image, text, sizeof(text)),
                ob_err_text(found->why));
        }
    }
}

/* ---- what is asked for, and what happened ---- */

/** What makes a file that this device installs, by the reason that it refused one. */
static const char *cure_of(enum ob_err reason)
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
        add(report, "update-refused", FLASH_PROBLEM, cure_of(reason),
            "the last update of image %u, version %s (%s), was refused: %s", event->image,
            flash_version_text(&event->version, version), ob_image_kind_text((enum ob_image_kind)event->what),
            ob_err_text(reason));
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

    for (uint32_t i = 0; i < orders->event_count && !has(report, "chip-worn"); i++) {
        if (orders->event[i].kind == OB_EVENT_CHIP) {
            flash_event_text(report->device, &orders->event[i], text, sizeof(text));
            add(report, "chip-worn", failed ? FLASH_PROBLEM : FLASH_WARNING,
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
        add(report, "went-back-unconfirmed", FLASH_PROBLEM,
            "call ob_update_confirm() (boot_write_img_confirmed()) once the application has proved itself; find out "
            "why it did "
            "not come to that: a fault, or a reset by a watchdog",
            "the last update was taken back, to version %s: it was started, and did not confirm itself",
            flash_version_text(&event->version, version));
    } else if (event != NULL) {
        add(report, "went-back-broken", FLASH_PROBLEM,
            "look at what wrote to the primary slot, and at the internal flash: worn, or a supply that drops",
            "the last update was taken back: %s", ob_err_text((enum ob_err) - event->reason));
    }
    check_chip_events(report);
    event = newest(orders, OB_EVENT_VOID);
    if (event != NULL) {
        add(report, "image-vanished", FLASH_PROBLEM,
            "look for who erases or writes the update slot while an update is asked for; or the chip was exchanged",
            "version %s was asked for and verified, and was gone when its installation began",
            flash_version_text(&event->version, version));
    }
    event = newest(orders, OB_EVENT_MISSING);
    if (event != NULL) {
        add(report, "image-missing", FLASH_PROBLEM,
            "ask for all images that belong together once more. If it is the network core's: is its bootloader (b0n) "
            "programmed, and does it take such an image? Dump the flash of that core",
            "image %u, version %s, is missing, and what belongs to it may be there: %s", event->image,
            flash_version_text(&event->version, version), ob_err_text((enum ob_err) - event->reason));
    }
    event = newest(orders, OB_EVENT_WAITED);
    if (event != NULL) {
        add(report, "waited-for-chip", FLASH_WARNING, "look at the supply and the wiring of the external chip",
            "in the middle of an installation the external chip did not answer: %s",
            ob_err_text((enum ob_err) - event->reason));
    }
    for (uint32_t i = 0; i < orders->event_count; i++) {
        if (orders->event[i].kind == OB_EVENT_NO_WAY_BACK && !has(report, "no-way-back") &&
            hands_over(report->device)) {
            add(report, "no-way-back", FLASH_NOTE, "nothing: who takes it keeps no old image",
                "version %s is for good, handed over or asked for with what was",
                flash_version_text(&orders->event[i].version, version));
        } else if (orders->event[i].kind == OB_EVENT_NO_WAY_BACK && !has(report, "no-way-back")) {
            add(report, "no-way-back", FLASH_WARNING,
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
        add(report, "job-begun", FLASH_NOTE, "nothing: the next start goes on with it",
            "the installation of version %s is begun: %u of %u steps are done", version, orders->done, orders->total);
    } else if (device->chip[FLASH_EXTERNAL].path == NULL) {
        add(report, "job-waits", FLASH_PROBLEM,
            "look at the external chip: supply, wiring, chip select; if it is dead, program merged.hex or send an "
            "image to "
            "serial recovery",
            "the installation of version %s is half done (%u of %u steps), and only the external chip has the rest",
            version, orders->done, orders->total);
    } else {
        add(report, "job-lost", FLASH_PROBLEM, "program merged.hex, or send an image to serial recovery",
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

    if (slot->chip->path == NULL || report->orders.is_begun || is_filled(slot->chip, 0)) {
        return;
    }
    for (uint32_t i = 1; i < slot->found_count && image->why != OB_OK; i++) {
        image = slot->found[i].why == OB_OK || !image->is_there ? &slot->found[i] : image;
    }
    if (trailer->align != 0 && trailer->align != own) {
        add(report, "request-alignment", FLASH_PROBLEM,
            "sign with --max-align and build the application with the bootloader's BOOT_MAX_ALIGN; erase the slot and "
            "ask "
            "again",
            "'%s' is asked for with BOOT_MAX_ALIGN %u, and this device has %u: nobody sees the request", slot->name,
            trailer->align, own);
    } else if (trailer->magic != OB_MAGIC_UNSET && trailer->asks == OB_SWAP_NONE) {
        add(report, "request-damaged", FLASH_WARNING, "ask again: the next start erases what is left",
            "the trailer of '%s' is neither erased nor good: a request was cut, or an image reaches into it",
            slot->name);
    } else if (trailer->asks != OB_SWAP_NONE && image->why == OB_OK && !log_has(report, "refused:")) {
        add(report, "update-asked-for", FLASH_NOTE, "restart the device", "%s in '%s' is asked for, %s: %s",
            image_text(&image->image, text, sizeof(text)), slot->name,
            trailer->asks == OB_SWAP_PERMANENT ? "for good" : "for a trial",
            image->is_sealed ? "the next start installs it, if its content is right" : "the next start installs it");
    } else if (trailer->asks != OB_SWAP_NONE) {
        const char *refused = report->next.log == NULL ? NULL : strstr(report->next.log, "refused: ");
        const char *why = refused == NULL ? ob_err_text(image->why) : refused + strlen("refused: ");
        add(report, "update-will-be-refused", FLASH_PROBLEM, cure_of(image->why),
            "what is asked for in '%s' (%s) will be refused: %.*s", slot->name,
            image_text(&image->image, text, sizeof(text)), (int)strcspn(why, "\n"), why);
    } else if (image->is_there && image->why == OB_OK && knows_trailer(slot) &&
               memcmp(image->image.digest, part->out_digest, OB_DIGEST_SIZE) != 0 &&
               memcmp(image->image.digest, report->next.result.image.digest, OB_DIGEST_SIZE) != 0) {
        add(report, "update-not-asked-for", FLASH_PROBLEM,
            "ask for it: ob_update_request(), boot_request_upgrade(), smpmgr image state-write HASH; then restart",
            "%s in '%s' is whole, and nobody asked to install it", image_text(&image->image, text, sizeof(text)),
            slot->name);
    } else if (image->is_there && image->why != OB_OK && part->in_size == 0) {
        add(report, "download-broken", FLASH_WARNING, cure_of(image->why), "%s in '%s' would be refused: %s",
            image_text(&image->image, text, sizeof(text)), slot->name, ob_err_text(image->why));
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

    if (primary->chip->path == NULL || report->orders.is_begun || is_filled(primary->chip, 0)) {
        return;
    }
    if (primary->trailer.magic == OB_MAGIC_BAD ||
        (primary->trailer.magic == OB_MAGIC_GOOD && primary->trailer.image_ok == OB_FLAG_BAD)) {
        add(report, "confirmation-damaged", FLASH_WARNING,
            "nothing: that a confirmation was begun is enough, and the next start clears what is left",
            "the trailer of '%s' reads as neither confirmed nor not: a confirmation was cut", primary->name);
    }
    if (log_has(report, "there is nothing to go back to")) {
        add(report, "way-back-lost", FLASH_WARNING,
            "confirm before the update slot is erased or written: the previous image lies there until then",
            "%s is on trial and was not confirmed, and the image before is gone: it stays",
            image_text(&primary->found[0].image, text, sizeof(text)));
    } else if (goes_back(report) && primary->found[0].why == OB_OK) {
        add(report, "on-trial", FLASH_PROBLEM,
            "call ob_update_confirm() (boot_write_img_confirmed(), smpmgr image state-write --confirm) while it runs",
            "%s is on trial and was not confirmed: the next start goes back",
            image_text(&primary->found[0].image, text, sizeof(text)));
    }
    if (ob_update_read_state(&device->slots[0], &device->ledger, 0, &state) == OB_OK &&
        primary->found[0].why == OB_OK) {
        const struct ob_part *part = &report->orders.ledger.head.part[0];
        if (part->in_size != 0 && !report->orders.is_done &&
            memcmp(part->in_digest, primary->found[0].image.digest, OB_DIGEST_SIZE) != 0) {
            add(report, "programmed-since", FLASH_NOTE, "nothing, if a programmer or recovery wrote it",
                "%s in '%s' is not what the bootloader installed last: it was programmed since",
                image_text(&primary->found[0].image, text, sizeof(text)), primary->name);
        }
    }
}

static void check_rescue(struct flash_report *report)
{
    const struct flash_slot *primary = flash_slot_of(report->device, 0, true);

    if (primary->is_known && primary->found[0].why != OB_OK && !report->orders.is_begun && report->next.err == OB_OK) {
        add(report, "mends-itself", FLASH_NOTE, "restart the device",
            "the primary slot may not run, and the next start installs what lies in the update slot");
    }
}

static void check_wear(struct flash_report *report)
{
    const struct flash_chip *chip = &report->device->chip[FLASH_INTERNAL];
    const uint32_t jobs = report->orders.ledger.head.sequence;

    if (report->orders.ledger.now.counts && chip->part != NULL && chip->part->endurance != 0 &&
        jobs > chip->part->endurance / 100 * WORN_PERCENT) {
        add(report, "worn-out", FLASH_WARNING, "outboard pm report says how many updates the chips are good for",
            "%u banks of the ledger were begun; each sector of a %s is good for %u erases", jobs, chip->part->name,
            chip->part->endurance);
    }
}

/** What the tool cannot foresee, it says. */
static void check_limits(struct flash_report *report)
{
    const struct flash_keys *keys = &report->device->keys;

    if (keys->keys.decryption != NULL && keys->decryption.key == NULL) {
        add(report, "encrypted", FLASH_NOTE, "give --enc-key to have their content looked at",
            "this device takes encrypted images, and no key was given to decrypt them: whether their content is right, "
            "and what the next start does with one, is not told");
    } else if (keys->keys.decryption != NULL && image_secret_demo(&keys->secret) != NULL) {
        add(report, "demo-enc-key", FLASH_WARNING,
            "make a key of your own: imgtool keygen; then CONFIG_BOOT_ENCRYPTION_KEY_FILE",
            "updates are encrypted for %s's public demo key: anybody can read them", image_secret_demo(&keys->secret));
    }
}

static void check_outboard(struct flash_report *report)
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

/* ---- MCUboot ---- */

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
        add(report, "offset-missing", FLASH_PROBLEM,
            "upload it one sector up, as clients of swap-using-offset do, and ask again",
            "MCUboot installs from the second sector of '%s', and the image begins at the first: it is refused",
            slot->name);
    } else if (status->mode != FLASH_SWAP_OFFSET && status->mode != FLASH_SWAP_UNKNOWN && asks && !first->is_there &&
               second->is_there) {
        add(report, "offset-unexpected", FLASH_PROBLEM,
            "upload it from offset 0: the client was built for swap-using-offset",
            "MCUboot installs from the start of '%s', and the image begins one sector up: nothing is found",
            slot->name);
    } else if (asks && status->mode == FLASH_OVERWRITE && !image->is_there && primary->found[0].why == OB_OK) {
        add(report, "request-damaged", FLASH_WARNING, "nothing: the next start erases what is left",
            "'%s' is asked for, and its beginning is erased: it was installed, and the end of that was cut",
            slot->name);
    } else if (asks && image->is_there && image->why != OB_OK) {
        add(report, "update-will-be-refused", FLASH_PROBLEM, cure_of(image->why),
            "%s in '%s' is asked for, and will be erased by the next start: %s",
            image_text(&image->image, text, sizeof(text)), slot->name, ob_err_text(image->why));
    } else if (asks && !image->is_there) {
        add(report, "update-will-be-refused", FLASH_PROBLEM, cure_of(OB_ERR_EMPTY),
            "'%s' is asked for, and holds no image", slot->name);
    } else if (asks) {
        add(report, "update-asked-for", FLASH_NOTE,
            "restart the device; if the request stays, MCUboot cannot install it: the primary's image is too large, or "
            "the "
            "sectors do not fit (its log says which)",
            "%s in '%s' is asked for, %s", image_text(&image->image, text, sizeof(text)), slot->name,
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
        add(report, "swap-begun", secondary->chip->path == NULL ? FLASH_PROBLEM : FLASH_WARNING,
            "restart it with a good supply: MCUboot goes on where it was. If it never ends, look for `status write "
            "fails` in its log, and at the external chip",
            "a swap (%s) is half done: %s", flash_swap_mode_text(status->mode), how_far);
    } else if (status->next == OB_SWAP_REVERT && secondary->chip->path != NULL && !secondary->found[0].is_there &&
               secondary->found_count < 2) {
        add(report, "revert-stuck", FLASH_PROBLEM, "confirm what runs; do not erase the update slot before",
            "going back is due, and '%s' holds nothing to go back to", secondary->name);
    } else if (status->next == OB_SWAP_REVERT) {
        add(report, "on-trial", FLASH_PROBLEM, "call boot_write_img_confirmed() while it runs",
            "'%s' is on trial and was not confirmed: the next start goes back", primary->name);
    }
    if (secondary->trailer.align != 0 && secondary->trailer.magic != OB_MAGIC_GOOD) {
        add(report, "request-alignment", FLASH_PROBLEM, "build application and bootloader with the same BOOT_MAX_ALIGN",
            "'%s' is asked for with BOOT_MAX_ALIGN %u: this MCUboot does not see it", secondary->name,
            secondary->trailer.align);
    } else if (secondary->trailer.magic == OB_MAGIC_BAD) {
        add(report, "request-damaged", FLASH_PROBLEM,
            "erase the slot with its trailer, upload and ask again: MCUboot's library refuses to ask while this lies "
            "there",
            "the trailer of '%s' is neither erased nor good", secondary->name);
    }
    if (status->max_units != 0 && status->mode != FLASH_OVERWRITE) {
        const struct pm_setting *setting = pm_image_setting(device->build->bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS");
        if (setting != NULL && strtoul(setting->value, NULL, 0) != status->max_units) {
            add(report, "other-bootloader", FLASH_WARNING, "give the build that the device was programmed with",
                "the status begins where BOOT_MAX_IMG_SECTORS %u puts it, and the build has %s", status->max_units,
                setting->value);
        }
    }
    check_pending(report, secondary, status);
}

void flash_findings_make(struct flash_report *report)
{
    struct flash_device *device = report->device;

    if (device->boot.images[0].secondary[0].flash != &device->chip[FLASH_INTERNAL].flash) {
        check_chip(report, &device->chip[FLASH_EXTERNAL]);
    }
    check_chip(report, &device->chip[FLASH_INTERNAL]);
    if (has(report, "dump-swapped")) {
        return; /* nothing else that it says is true */
    }
    if (!has(report, "dump-empty")) {
        check_bootloader(report);
        check_layout(report);
        for (uint32_t i = 0; i < device->slot_count; i++) {
            if (device->slot[i].is_primary && !device->slot[i].is_elsewhere) {
                check_primary(report, &device->slot[i]);
            }
        }
    }
    if (device->family == FLASH_OUTBOARD) {
        check_outboard(report);
        return;
    }
    for (uint32_t i = 0; i < device->boot.image_count; i++) {
        check_swap(report, i);
    }
}
