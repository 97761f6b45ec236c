/* SPDX-License-Identifier: Apache-2.0 */
/* What the dumps, the layout and what runs mean, and the list of findings itself. */
#include "findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../common/file.h"

void flash_finding_add(struct flash_report *report, const char *id, enum flash_severity severity, const char *cure,
                       const char *what, ...)
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

bool flash_finding_is_there(const struct flash_report *report, const char *id)
{
    bool found = false;

    for (uint32_t i = 0; i < report->finding_count; i++) {
        found = found || strcmp(report->finding[i].id, id) == 0;
    }
    return found;
}

const char *flash_image_text(const struct ob_image *image, char *out, size_t size)
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
        flash_finding_add(report, "no-external-dump", FLASH_NOTE,
                          "give --external as well; without it the chip counts as one that does not answer",
                          "there is no dump of the %s", chip->name);
    } else if (flash_chip_is_filled(chip, 0) || (internal && flash_chip_is_filled(chip, 0xff))) {
        flash_finding_add(
            report, "dump-empty", FLASH_PROBLEM,
            "read it again, with a probe that is connected; a locked device reads like this and opens by an erase of "
            "all of it only",
            "the dump of the %s holds nothing but 0x%02x", chip->name, chip->bytes[0]);
    } else if (internal && swapped_bytes(flash_slot_of(report->device, 0, true)) != 0) {
        const uint32_t bytes = swapped_bytes(flash_slot_of(report->device, 0, true));
        flash_finding_add(report, "dump-swapped", FLASH_PROBLEM,
                          "dump it byte by byte, or turn it: objcopy -I binary -O binary --reverse-bytes=N",
                          "the dump of the %s has the bytes of each %u the other way round", chip->name, bytes);
    } else if (!chip->is_whole) {
        flash_finding_add(report, "dump-partial", FLASH_NOTE, "dump the whole chip to know more",
                          "the dump of the %s has 0x%x of its 0x%x bytes; the rest counts as erased", chip->name,
                          chip->known_len, chip->flash.size);
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
        flash_finding_add(report, "other-layout", FLASH_PROBLEM,
                          "give the partitions.yml of the build that the device was programmed with",
                          "no image begins at 0x%x, where this layout has '%s', but one does at 0x%x",
                          primary->area.start, primary->name, at);
    }
    if (device->ledger_is_taken && device->family == FLASH_OUTBOARD) {
        flash_finding_add(
            report, "ledger-taken", FLASH_PROBLEM,
            "program an image that leaves it free: the build says `updates of up to <n> bytes`",
            "the image in '%s' reaches into the bytes in front of its trailer that are the ledger's: it is "
            "started, and nothing can be installed",
            primary->name);
    }
    if (device->ledger_found != 0) {
        flash_finding_add(
            report, "other-ledger", FLASH_PROBLEM,
            "give the build of this device's bootloader; CONFIG_BOOT_LEDGER_SIZE may never change while devices live",
            "the ledger in the dump has 0x%x bytes, and not the build's size: it is of another bootloader",
            device->ledger_found);
    }
    if (report->orders.err == OB_OK && !report->orders.is_blank && !report->orders.ledger.now.counts &&
        device->family == FLASH_OUTBOARD && flash_chip_knows(&device->chip[FLASH_INTERNAL], &device->ledger)) {
        flash_finding_add(
            report, "ledger-damaged", FLASH_PROBLEM,
            "what runs stays; the next update begins a new ledger. Look for what wrote there: a bootloader that grew "
            "into its ledger, or a programmer",
            "the ledger at 0x%x is neither blank nor valid: nothing is known of what was installed",
            device->ledger.start);
    }
    for (uint32_t i = 0; i < device->boot.image_count && device->family == FLASH_OUTBOARD; i++) {
        const struct ob_slots *slots = &device->slots[i];
        const uint32_t needed = ob_layout_units_needed(&slots->primary, &slots->secondary[0]);
        if (device->capacity[i] == 0) {
            flash_finding_add(
                report, "slots-do-not-fit", FLASH_PROBLEM, "make both slots larger: outboard pm check says how",
                "image %u: its slots have no room for an image beside their trailers: nothing can be installed", i);
        } else if (device->boot.max_units != 0 && device->boot.max_units < needed) {
            flash_finding_add(
                report, "max-sectors", FLASH_WARNING, "remove CONFIG_BOOT_MAX_IMG_SECTORS: 0 means as many as needed",
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

    if (part == NULL || part->region != chip->region || flash_finding_is_there(report, "dump-empty")) {
        return;
    }
    const uint32_t start = (uint32_t)(part->address - part->region->base);
    const struct ob_area vectors = {.flash = &chip->flash, .start = start, .size = 8};
    if (!flash_chip_knows(chip, &vectors)) {
        return;
    }
    if (ob_filled(chip->bytes + start, vectors.size, 0xff)) {
        flash_finding_add(report, "no-bootloader", FLASH_PROBLEM, "program merged.hex",
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
        flash_finding_add(report, "other-bootloader", FLASH_WARNING,
                          "give the build that the device was programmed with",
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
            flash_finding_add(report, "demo-key", FLASH_WARNING,
                              "make a key of your own: imgtool keygen; then CONFIG_BOOT_SIGNATURE_KEY_FILE",
                              "'%s' runs what is signed with %s's public demo key: anybody can sign for this device",
                              slot->name, found->demo);
        }
        return;
    }
    if (is_being_written(report, slot->image)) {
        return;
    }
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(primary_faults); i++) {
        if (primary_faults[i].why == found->why) {
            flash_finding_add(report, primary_faults[i].id, FLASH_PROBLEM, primary_faults[i].cure,
                              "'%s' holds %s, which may not run: %s", slot->name,
                              flash_image_text(&found->image, text, sizeof(text)), ob_err_text(found->why));
        }
    }
}

void flash_findings_make(struct flash_report *report)
{
    struct flash_device *device = report->device;

    if (device->boot.images[0].secondary[0].flash != &device->chip[FLASH_INTERNAL].flash) {
        check_chip(report, &device->chip[FLASH_EXTERNAL]);
    }
    check_chip(report, &device->chip[FLASH_INTERNAL]);
    if (flash_finding_is_there(report, "dump-swapped")) {
        return; /* nothing else that it says is true */
    }
    if (!flash_finding_is_there(report, "dump-empty")) {
        check_bootloader(report);
        check_layout(report);
        for (uint32_t i = 0; i < device->slot_count; i++) {
            if (device->slot[i].is_primary && !device->slot[i].is_elsewhere) {
                check_primary(report, &device->slot[i]);
            }
        }
    }
    if (device->family == FLASH_OUTBOARD) {
        flash_check_outboard(report);
    } else {
        flash_check_mcuboot(report);
    }
}
