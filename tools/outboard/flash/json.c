/* SPDX-License-Identifier: Apache-2.0 */
#include "../common/json.h"
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "inspect.h"

static void add_version(cJSON *object, const struct ob_version *version)
{
    char text[FLASH_VERSION_SIZE];

    cJSON_AddStringToObject(object, "version", flash_version_text(version, text));
}

static void add_hex(cJSON *object, const char *name, const uint8_t *bytes, size_t len)
{
    char text[2 * OB_DIGEST_SIZE + 1] = "";

    for (size_t i = 0; i < len && i < OB_DIGEST_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    cJSON_AddStringToObject(object, name, text);
}

static void add_images(cJSON *object, const struct flash_slot *slot)
{
    cJSON *list = cJSON_AddArrayToObject(object, "images");

    for (uint32_t i = 0; i < slot->found_count; i++) {
        const struct flash_image *found = &slot->found[i];
        cJSON *item = cJSON_CreateObject();
        if (!found->is_there) {
            cJSON_Delete(item);
            continue;
        }
        cJSON_AddNumberToObject(item, "at", slot->area.start + found->at);
        add_version(item, &found->image.version);
        cJSON_AddStringToObject(item, "kind", ob_image_kind_text(found->image.kind));
        cJSON_AddNumberToObject(item, "size", found->image.size);
        cJSON_AddBoolToObject(item, "good", found->why == OB_OK);
        cJSON_AddStringToObject(item, "reason", ob_err_text(found->why));
        add_hex(item, "digest", found->image.digest, OB_DIGEST_SIZE);
        cJSON_AddBoolToObject(item, "sealed", found->is_sealed);
        if (found->signer != NULL) {
            cJSON_AddStringToObject(item, "key", found->signer);
        }
        cJSON_AddItemToArray(list, item);
    }
}

static void add_trailer(cJSON *object, const struct flash_trailer *trailer)
{
    static const char *const magic[] = {"unset", "good", "bad"};
    static const char *const flag[] = {"unset", "set", "bad"};
    cJSON *item = cJSON_AddObjectToObject(object, "trailer");

    cJSON_AddNumberToObject(item, "at", trailer->at);
    cJSON_AddStringToObject(item, "magic", magic[trailer->magic]);
    cJSON_AddStringToObject(item, "image_ok", flag[trailer->image_ok]);
    cJSON_AddStringToObject(item, "copy_done", flag[trailer->copy_done]);
    cJSON_AddNumberToObject(item, "swap_info", trailer->swap_info);
    cJSON_AddNumberToObject(item, "align", trailer->align);
}

static void add_slots(cJSON *root, const struct flash_report *report)
{
    const struct flash_device *device = report->device;
    cJSON *list = cJSON_AddArrayToObject(root, "slots");

    for (uint32_t i = 0; i < device->slot_count; i++) {
        const struct flash_slot *slot = &device->slot[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", slot->name);
        cJSON_AddNumberToObject(item, "image", slot->image);
        cJSON_AddBoolToObject(item, "dumped", slot->is_known);
        add_images(item, slot);
        if (slot->is_elsewhere) {
            char text[128];
            flash_elsewhere_text(report, slot, text, sizeof(text));
            cJSON_AddStringToObject(item, "handed_over", text);
        } else if (slot->chip->path != NULL) {
            add_trailer(item, &slot->trailer);
        }
        cJSON_AddItemToArray(list, item);
    }
}

static void add_ledger(cJSON *root, const struct flash_report *report)
{
    const struct flash_orders *orders = &report->orders;
    cJSON *item = cJSON_AddObjectToObject(root, "ledger");

    cJSON_AddBoolToObject(item, "valid", orders->ledger.now.counts);
    cJSON_AddNumberToObject(item, "at", report->device->ledger.start);
    cJSON_AddNumberToObject(item, "size", report->device->ledger.size);
    cJSON_AddNumberToObject(item, "bank", orders->ledger.bank);
    cJSON_AddNumberToObject(item, "job", orders->ledger.head.sequence);
    cJSON_AddNumberToObject(item, "record", orders->ledger.now.value);
    cJSON_AddBoolToObject(item, "begun", orders->is_begun);
    cJSON_AddNumberToObject(item, "done", orders->done);
    cJSON_AddNumberToObject(item, "total", orders->total);
    cJSON_AddNumberToObject(item, "interrupted", orders->interrupted);
}

static void add_record(cJSON *root, const struct flash_report *report)
{
    cJSON *list = cJSON_AddArrayToObject(root, "record");

    for (uint32_t i = 0; i < report->orders.event_count; i++) {
        const struct ob_event *event = &report->orders.event[i];
        cJSON *item = cJSON_CreateObject();
        char text[200];
        flash_event_text(report->device, event, text, sizeof(text));
        cJSON_AddNumberToObject(item, "number", event->number);
        cJSON_AddNumberToObject(item, "start", event->start);
        cJSON_AddNumberToObject(item, "kind", event->kind);
        cJSON_AddNumberToObject(item, "image", event->image);
        add_version(item, &event->version);
        cJSON_AddNumberToObject(item, "reason", -(int)event->reason);
        cJSON_AddNumberToObject(item, "what", event->what);
        cJSON_AddNumberToObject(item, "address", event->address);
        cJSON_AddStringToObject(item, "text", text);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_next(cJSON *root, const struct flash_next *next)
{
    cJSON *item = cJSON_AddObjectToObject(root, "next_start");

    cJSON_AddBoolToObject(item, "known", !next->is_unknown);
    cJSON_AddBoolToObject(item, "starts", next->err == OB_OK);
    cJSON_AddStringToObject(item, "reason", ob_err_text(next->err));
    if (next->err == OB_OK) {
        add_version(item, &next->result.image.version);
    }
    cJSON_AddNumberToObject(item, "swap", next->result.swap);
    cJSON_AddNumberToObject(item, "changes_inside", next->changes[FLASH_INTERNAL]);
    cJSON_AddNumberToObject(item, "changes_outside", next->changes[FLASH_EXTERNAL]);
    cJSON_AddBoolToObject(item, "goes_back_after", next->goes_back_after);
    cJSON_AddStringToObject(item, "log", next->log == NULL ? "" : next->log);
}

static void add_status(cJSON *root, const struct flash_report *report)
{
    cJSON *list = cJSON_AddArrayToObject(root, "swaps");

    for (uint32_t i = 0; i < report->device->boot.image_count; i++) {
        const struct flash_status *status = &report->status[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "mode", flash_swap_mode_text(status->mode));
        cJSON_AddBoolToObject(item, "in_progress", status->in_progress);
        cJSON_AddNumberToObject(item, "next", status->next);
        cJSON_AddNumberToObject(item, "swap_size", status->swap_size);
        cJSON_AddNumberToObject(item, "entries", status->entries);
        cJSON_AddNumberToObject(item, "max_units", status->max_units);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_findings(cJSON *root, const struct flash_report *report)
{
    static const char *const severity[] = {"note", "warning", "problem"};
    cJSON *list = cJSON_AddArrayToObject(root, "findings");

    for (uint32_t i = 0; i < report->finding_count; i++) {
        const struct flash_finding *finding = &report->finding[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", finding->id);
        cJSON_AddStringToObject(item, "severity", severity[finding->severity]);
        cJSON_AddStringToObject(item, "what", finding->what);
        cJSON_AddStringToObject(item, "cure", finding->cure);
        cJSON_AddItemToArray(list, item);
    }
}

void flash_print_json(FILE *out, const struct flash_report *report)
{
    const bool own = report->device->family == FLASH_OUTBOARD;
    cJSON *root = cJSON_CreateObject();

    cJSON_AddStringToObject(root, "bootloader", own ? "outboard" : "MCUboot");
    cJSON_AddBoolToObject(root, "keys_known", report->device->keys.is_known);
    add_slots(root, report);
    if (own) {
        add_ledger(root, report);
        add_record(root, report);
        add_next(root, &report->next);
    } else {
        add_status(root, report);
    }
    add_findings(root, report);
    ob_json_print(out, root);
}
