/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <outboard/util.h>

#include "inspect.h"

static const char *magic_text(enum ob_magic magic)
{
    return magic == OB_MAGIC_GOOD ? "good" : magic == OB_MAGIC_UNSET ? "unset" : "bad";
}

static const char *flag_text(enum ob_flag flag)
{
    return flag == OB_FLAG_SET ? "set" : flag == OB_FLAG_UNSET ? "unset" : "bad";
}

static void print_chip(FILE *out, const struct flash_chip *chip)
{
    if (chip->path == NULL) {
        fprintf(out, "%s: no dump\n", chip->name);
        return;
    }
    fprintf(out, "%s: %s, 0x%x of 0x%x bytes%s%s", chip->name, chip->path, chip->known_len, chip->flash.size,
            chip->part == NULL ? "" : ", ", chip->part == NULL ? "" : chip->part->name);
    if (chip->shift != 0) {
        fprintf(out, ", read at 0x%08x", (uint32_t)chip->region->base + chip->shift);
    }
    fputc('\n', out);
}

static void print_image(FILE *out, const struct flash_report *report, const struct flash_slot *slot,
                        const struct flash_image *found)
{
    char version[FLASH_VERSION_SIZE];
    const uint32_t at = slot->area.start + found->at;

    if (!found->is_there) {
        fprintf(out, "    0x%06x  %s\n", at, slot->chip->path == NULL ? "not dumped" : "no image");
        return;
    }
    fprintf(out, "    0x%06x  version %s, %u bytes, %s, %s: ", at, flash_version_text(&found->image.version, version),
            found->image.size, ob_image_kind_text(found->image.kind),
            found->is_sealed      ? "encrypted, its content was not looked at"
            : found->why == OB_OK ? "digest and signature right"
                                  : ob_err_text(found->why));
    if (found->signer != NULL) {
        fprintf(out, "signed by %s", found->signer);
    } else {
        fputs(report->device->keys.is_known ? "signed by none of the keys" : "no key was given to check it with", out);
    }
    fprintf(out, "%s%s%s\n", found->demo == NULL ? "" : ", ", found->demo == NULL ? "" : found->demo,
            found->demo == NULL ? "" : "'s public demo key");
}

static void print_trailer(FILE *out, const struct flash_slot *slot)
{
    const struct flash_trailer *trailer = &slot->trailer;

    fprintf(out, "    0x%06x  trailer: magic %s, image_ok %s, copy_done %s, swap_info ", trailer->at,
            magic_text(trailer->magic), flag_text(trailer->image_ok), flag_text(trailer->copy_done));
    if (trailer->swap_info == 0xff) {
        fputs("unset", out);
    } else {
        fprintf(out, "0x%02x", trailer->swap_info);
    }
    fprintf(out, "%s\n", slot->is_known ? "" : " (not all of the slot was dumped)");
}

static void print_elsewhere(FILE *out, const struct flash_report *report, const struct flash_slot *slot)
{
    char text[128];

    flash_elsewhere_text(report, slot, text, sizeof(text));
    fprintf(out, "    what is handed over from here runs in flash of its own, which no dump here has: %s\n", text);
}

static void print_slots(FILE *out, const struct flash_report *report)
{
    fputs("\nslots\n", out);
    for (uint32_t i = 0; i < report->device->slot_count; i++) {
        const struct flash_slot *slot = &report->device->slot[i];
        fprintf(out, "  %s, %s\n", slot->name, slot->chip->name);
        if (slot->is_elsewhere) {
            print_elsewhere(out, report, slot);
            continue;
        }
        for (uint32_t j = 0; j < slot->found_count; j++) {
            print_image(out, report, slot, &slot->found[j]);
        }
        if (slot->chip->path != NULL) {
            print_trailer(out, slot);
        }
    }
}

static void print_part(FILE *out, const struct ob_part *part, uint32_t image)
{
    static const char *const kind[] = {"none", "test", "permanent", "revert"};
    char version[FLASH_VERSION_SIZE];
    char floor[FLASH_VERSION_SIZE];

    if (part->in_size == 0) {
        return;
    }
    fprintf(out,
            "    image %u: %s of version %s, %u bytes from unit %u of secondary %u; what leaves: %u bytes to unit %u; "
            "units of 0x%x; floor %s\n",
            image, part->kind <= OB_JOB_REVERT ? kind[part->kind] : "unknown",
            flash_version_text(&part->version, version), part->in_size, part->in_at, part->source, part->out_size,
            part->out_at, part->unit, flash_version_text(&part->floor.version, floor));
}

static void print_ledger(FILE *out, const struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    const struct ob_ledger *ledger = &orders->ledger;
    const struct ob_area *area = &report->device->ledger;

    if (area->flash == NULL) {
        fputs("\nledger: this layout has no room for it\n", out);
        return;
    }
    fprintf(out, "\nledger at 0x%06x, 0x%x bytes: ", area->start, area->size);
    if (orders->err != OB_OK || !ledger->now.counts) {
        fputs(orders->err != OB_OK ? "cannot be read\n"
              : orders->is_blank   ? "blank: nothing was ever installed\n"
                                   : "not valid\n",
              out);
        return;
    }
    fprintf(out, "bank %u at 0x%06x, job %u, ", ledger->bank,
            area->start + ledger->bank * (area->size / OB_LEDGER_BANKS), ledger->head.sequence);
    if (orders->is_begun) {
        fprintf(out, "%s: %u of %u steps%s; interrupted about %u times\n",
                orders->undone ? "being taken back" : "begun", orders->done, orders->total,
                orders->undone ? " are still to be undone" : " are done", orders->interrupted);
    } else {
        fprintf(out, "%s, last record 0x%04x\n",
                orders->is_done ? "done, its request is not withdrawn" : "nothing is under way", ledger->now.value);
    }
    for (uint32_t i = 0; i < report->device->boot.image_count; i++) {
        print_part(out, &ledger->head.part[i], i);
    }
}

static void print_record(FILE *out, const struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    char version[FLASH_VERSION_SIZE];
    char text[200];

    if (orders->event_count > 0) {
        fputs("\nrecord, newest first (starts that did nothing are not counted)\n", out);
    }
    for (uint32_t i = 0; i < orders->event_count; i++) {
        const struct ob_event *event = &orders->event[i];
        flash_event_text(report->device, event, text, sizeof(text));
        fprintf(out, "    %4u  start %u  image %u, version %s: %s\n", event->number, event->start, event->image,
                flash_version_text(&event->version, version), text);
    }
}

static void print_status(FILE *out, const struct flash_report *report)
{
    static const char *const next[] = {"nothing", "nothing", "installs for a trial", "installs for good", "goes back"};

    for (uint32_t i = 0; i < report->device->boot.image_count; i++) {
        const struct flash_status *status = &report->status[i];
        fprintf(out, "\nMCUboot, image %u: %s; next start: %s\n", i, flash_swap_mode_text(status->mode),
                status->in_progress ? "goes on with a swap that is half done" : next[status->next]);
        if (status->entries > 0) {
            fprintf(out, "    status: %u entries, swap_size 0x%x, BOOT_MAX_IMG_SECTORS %u\n", status->entries,
                    status->swap_size, status->max_units);
        }
    }
}

static void print_next(FILE *out, const struct flash_report *report)
{
    const struct flash_next *next = &report->next;
    char version[FLASH_VERSION_SIZE];

    if (next->is_unknown) {
        fputs("\nthe next start is not known: it depends on what is encrypted (--enc-key)\n", out);
        return;
    }
    fprintf(out, "\nthe next start, on a copy of the dumps%s\n",
            report->device->keys.is_known ? "" : " (without a key every signature counts as good)");
    for (const char *line = next->log; line != NULL && *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        fprintf(out, "    %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    if (next->err == OB_OK) {
        fprintf(out, "    starts version %s", flash_version_text(&next->result.image.version, version));
    } else {
        fprintf(out, "    starts nothing: %s", ob_err_text(next->err));
    }
    fprintf(out, "; changes: %u inside, %u outside\n", next->changes[FLASH_INTERNAL], next->changes[FLASH_EXTERNAL]);
    if (next->goes_back_after) {
        fputs("    and goes back at the start after that, unless it is confirmed\n", out);
    }
}

static void print_findings(FILE *out, const struct flash_report *report)
{
    static const struct {
        const char *word;
        const char *colour;
    } severities[] = {
        [FLASH_NOTE] = {"note", "36"}, [FLASH_WARNING] = {"warning", "35"}, [FLASH_PROBLEM] = {"problem", "31"}};
    const bool colour = isatty(fileno(out)) != 0 && getenv("NO_COLOR") == NULL;

    fputs("\nfindings\n", out);
    for (int severity = FLASH_PROBLEM; severity >= FLASH_NOTE; severity--) {
        for (uint32_t i = 0; i < report->finding_count; i++) {
            const struct flash_finding *finding = &report->finding[i];
            if ((int)finding->severity == severity) {
                fprintf(out, "  %s%s%s%s [%s]: %s;\n      %s\n", colour ? "\033[" : "",
                        colour ? severities[severity].colour : "", colour ? "m" : "", severities[severity].word,
                        finding->id, finding->what, finding->cure);
                fputs(colour ? "\033[0m" : "", out);
            }
        }
    }
    if (report->finding_count == 0) {
        fputs("  none: it starts, and can be updated\n", out);
    }
}

void flash_print_text(FILE *out, const struct flash_report *report)
{
    const struct flash_device *device = report->device;
    const bool own = device->family == FLASH_OUTBOARD;

    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        print_chip(out, &device->chip[id]);
    }
    fprintf(out, "bootloader: %s, by %s\n", own ? "outboard" : "MCUboot",
            device->why_family == NULL ? "assumption: nothing tells" : device->why_family);
    print_slots(out, report);
    if (own) {
        print_ledger(out, report);
        print_record(out, report);
        print_next(out, report);
    } else {
        print_status(out, report);
    }
    print_findings(out, report);
}
