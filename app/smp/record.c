/* SPDX-License-Identifier: Apache-2.0 */
/* The bootloader's record as statistics: the one place of the protocol where a client shows what it does not know. */
#include <outboard/smp.h>

#include <string.h>

#include <zcbor_encode.h>

#include <outboard/update.h>
#include <outboard/util.h>

#include "cbor.h"

enum {
    ID_GROUP = 0,
    ID_LIST = 1,
};

#define FIELDS_MAX 10u
#define NAMES_MAX OB_LEDGER_LOG

static const char *const kinds[OB_EVENT_KINDS] = {
    [OB_EVENT_REFUSED] = "refused",     [OB_EVENT_NO_WAY_BACK] = "no_way_back", [OB_EVENT_CHIP] = "chip_failed",
    [OB_EVENT_BEGUN] = "begun",         [OB_EVENT_INSTALLED] = "installed",     [OB_EVENT_GOES_BACK] = "goes_back",
    [OB_EVENT_VOID] = "not_there_more", [OB_EVENT_WAITED] = "waited",           [OB_EVENT_MISSING] = "missing",
};

static const char prefix[] = "event";
#define NAME_SIZE sizeof("event0")

/** "event0" is the newest. */
static void name_of(uint32_t n, char name[NAME_SIZE])
{
    memcpy(name, prefix, sizeof(prefix));
    name[sizeof(prefix) - 1] = (char)('0' + n);
    name[sizeof(prefix)] = '\0';
}

static enum ob_smp_rc room(bool fits)
{
    return fits ? OB_SMP_OK : OB_SMP_MSGSIZE;
}

static enum ob_smp_rc list(struct ob_smp_command *command, const struct ob_smp_record *record)
{
    zcbor_state_t *out = command->out;
    bool fits = ob_smp_put_key(out, "stat_list") && zcbor_list_start_encode(out, NAMES_MAX);
    struct ob_event event;

    for (uint32_t n = 0; n < OB_LEDGER_LOG && fits && ob_update_read_event(record->ledger, n, &event) == OB_OK; n++) {
        char name[NAME_SIZE];
        name_of(n, name);
        fits = zcbor_tstr_encode_ptr(out, name, strlen(name));
    }
    return room(fits && zcbor_list_end_encode(out, NAMES_MAX));
}

/** What the kind is about is the value of its name. */
static bool put_event(zcbor_state_t *out, const struct ob_event *event)
{
    const bool of_job = event->kind == OB_EVENT_BEGUN || event->kind == OB_EVENT_INSTALLED;
    const char *kind = event->kind < OB_EVENT_KINDS && kinds[event->kind] != NULL ? kinds[event->kind] : "unknown";
    bool fits = zcbor_map_start_encode(out, FIELDS_MAX) &&
                ob_smp_put_uint(out, kind, of_job ? event->what : event->reason) &&
                ob_smp_put_uint(out, "image", event->image) && ob_smp_put_uint(out, "major", event->version.major) &&
                ob_smp_put_uint(out, "minor", event->version.minor) &&
                ob_smp_put_uint(out, "revision", event->version.revision) &&
                ob_smp_put_uint(out, "build", event->version.build);

    if (event->kind == OB_EVENT_CHIP) {
        fits = fits && ob_smp_put_uint(out, "address", event->address);
    }
    return fits && ob_smp_put_uint(out, "start", event->start) && ob_smp_put_uint(out, "number", event->number) &&
           zcbor_map_end_encode(out, FIELDS_MAX);
}

static enum ob_smp_rc group(struct ob_smp_command *command, const struct ob_smp_record *record)
{
    struct zcbor_string wanted;
    bool has_name = false;
    const struct ob_smp_field fields[] = {{"name", OB_SMP_TEXT, &wanted, &has_name}};
    struct ob_event event;
    char name[NAME_SIZE];

    if (!ob_smp_decode(command->in, fields, OB_ARRAY_SIZE(fields)) || !has_name) {
        return OB_SMP_INVALID;
    }
    for (uint32_t n = 0; n < OB_LEDGER_LOG; n++) {
        name_of(n, name);
        if (wanted.len == strlen(name) && memcmp(wanted.value, name, wanted.len) == 0 &&
            ob_update_read_event(record->ledger, n, &event) == OB_OK) {
            return room(ob_smp_put_text(command->out, "name", name) && ob_smp_put_key(command->out, "fields") &&
                        put_event(command->out, &event));
        }
    }
    command->reason = OB_SMP_REASON("the record has no such event");
    return OB_SMP_NOENT;
}

enum ob_smp_rc ob_smp_record_handle(struct ob_smp_command *command, void *ctx)
{
    if (!command->write && command->id == ID_LIST) {
        return list(command, ctx);
    }
    return !command->write && command->id == ID_GROUP ? group(command, ctx) : OB_SMP_NOTSUP;
}
