/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: which job is begun, how far it came, and what is remembered. */
#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#include "inspect.h"

static uint32_t steps_of(const struct flash_device *device, const struct ob_part *part)
{
    bool same = memcmp(part->in_digest, part->out_digest, OB_DIGEST_SIZE) == 0;
    const struct ob_mode *mode = part->mode == OB_MODE_HANDOVER ? &ob_mode_handover : device->boot.mode;

    return same || part->unit == 0 ? 0 : mode->count(part);
}

static void read_job(const struct flash_device *device, struct flash_orders *orders)
{
    const struct ob_ledger *ledger = &orders->ledger;
    const uint16_t kind = ob_ledger_kind(ledger);

    orders->is_begun = kind != OB_RECORD_QUIET;
    orders->is_done = !orders->is_begun && (ledger->now.value & OB_RECORD_PHASE) == OB_RECORD_DONE;
    orders->undone = kind == OB_RECORD_UNDONE;
    orders->done = orders->is_begun ? ob_ledger_steps(ledger) : 0;
    for (uint32_t i = 0; i < device->boot.image_count; i++) {
        if ((ledger->head.set >> i & 1) != 0) {
            orders->total += steps_of(device, &ledger->head.part[i]);
        }
    }
    /* Each start of a job that is begun states what it found, and leaves one unit out. */
    const uint32_t stated = OB_LEDGER_SETTLED + orders->done;
    const uint32_t each = OB_LEDGER_SETTLED + 1;
    orders->interrupted = orders->is_begun && ledger->now.end > stated ? (ledger->now.end - stated) / each : 0;
}

void flash_orders_read(const struct flash_device *device, struct flash_orders *orders)
{
    *orders = (struct flash_orders){.err = OB_ERR_NODEV};
    if (device->ledger.flash == NULL || device->chip[FLASH_INTERNAL].path == NULL) {
        return;
    }
    bool blank = false;
    enum ob_err err = ob_area_blank(&device->ledger, 0, device->ledger.size, &blank);
    if (err == OB_OK) {
        err = ob_ledger_read(&device->ledger, device->boot.image_count, &orders->ledger);
    }
    orders->err = err;
    orders->is_blank = blank;
    if (err != OB_OK || !orders->ledger.now.counts) {
        return;
    }
    read_job(device, orders);
    while (orders->event_count < OB_LEDGER_EVENTS &&
           ob_ledger_event(&orders->ledger, orders->event_count, &orders->event[orders->event_count]) == OB_OK) {
        orders->event_count++;
    }
}

static const char *job_text(uint8_t kind)
{
    return kind == OB_JOB_TEST ? "for a trial" : kind == OB_JOB_PERMANENT ? "for good" : "on the way back";
}

/** On which chip it is, the event does not say: whichever slot lies there. */
static void chip_text(const struct flash_device *device, const struct ob_event *event, char *out, size_t size)
{
    const struct flash_slot *primary = flash_slot_of(device, event->image, true);
    const struct flash_slot *secondary = flash_slot_of(device, event->image, false);
    bool inside = primary != NULL && event->address >= primary->area.start &&
                  event->address - primary->area.start <= primary->area.size;
    bool outside = secondary != NULL && event->address >= secondary->area.start &&
                   event->address - secondary->area.start < secondary->area.size;

    snprintf(out, size, "a chip failed at 0x%x (%s%s%s): %s", event->address, inside ? primary->name : "",
             inside && outside ? " or " : "", outside ? secondary->name : "",
             ob_err_text((enum ob_err) - event->reason));
}

/** The images of a job beside the lowest: ", with image 1". */
static void add_others(const struct ob_event *event, char *out, size_t size)
{
    for (uint32_t image = event->image + 1u; image < OB_IMAGES_MAX; image++) {
        const size_t len = strlen(out);
        if ((ob_event_images(event) >> image & 1) != 0) {
            snprintf(out + len, size - len, ", with image %u", image);
        }
    }
}

void flash_event_text(const struct flash_device *device, const struct ob_event *event, char *out, size_t size)
{
    const char *reason = ob_err_text((enum ob_err) - event->reason);

    switch (event->kind) {
    case OB_EVENT_REFUSED:
        snprintf(out, size, "refused: %s", reason);
        break;
    case OB_EVENT_NO_WAY_BACK:
        snprintf(out, size, "no way back: it stays, or what it replaces cannot be kept");
        break;
    case OB_EVENT_CHIP:
        chip_text(device, event, out, size);
        break;
    case OB_EVENT_BEGUN:
        snprintf(out, size, "asked for, %s: the installation was begun", job_text(event->what));
        break;
    case OB_EVENT_INSTALLED:
        snprintf(out, size, "installed %s", job_text(event->what));
        break;
    case OB_EVENT_GOES_BACK:
        snprintf(out, size, "going back %s it: %s", event->what == OB_JOB_REVERT ? "to" : "from",
                 event->reason == 0 ? "the other image was not confirmed" : reason);
        break;
    case OB_EVENT_VOID:
        snprintf(out, size, "what was to be installed was not there any more");
        break;
    case OB_EVENT_WAITED:
        snprintf(out, size, "waited in vain for the external chip: %s", reason);
        break;
    case OB_EVENT_MISSING:
        snprintf(out, size, "missing: others that belong to it may be there, and it is not: %s", reason);
        break;
    default:
        snprintf(out, size, "an event of another release: kind %u", event->kind);
    }
    add_others(event, out, size);
}

const char *flash_version_text(const struct ob_version *version, char out[FLASH_VERSION_SIZE])
{
    snprintf(out, FLASH_VERSION_SIZE, "%u.%u.%u+%u", version->major, version->minor, version->revision,
             (unsigned)version->build);
    return out;
}
