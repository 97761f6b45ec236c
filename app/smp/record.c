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

#define FIELDS_MAX 11u
#define NAMES_MAX (OB_LEDGER_LOG + OB_IMAGES_MAX)

static const char *const kinds[OB_EVENT_KINDS] = {
    [OB_EVENT_REFUSED] = "refused",     [OB_EVENT_NO_WAY_BACK] = "no_way_back", [OB_EVENT_CHIP] = "chip_failed",
    [OB_EVENT_BEGUN] = "begun",         [OB_EVENT_INSTALLED] = "installed",     [OB_EVENT_GOES_BACK] = "goes_back",
    [OB_EVENT_VOID] = "not_there_more", [OB_EVENT_WAITED] = "waited",           [OB_EVENT_MISSING] = "missing",
};

#define NAME_LEN 6u /* "event0", the newest; "image0" */

static void name_of(const char *what, uint32_t n, char name[NAME_LEN])
{
    memcpy(name, what, NAME_LEN - 1);
    name[NAME_LEN - 1] = (char)('0' + n);
}

static bool is_name(const struct zcbor_string *wanted, const char *what, uint32_t n)
{
    char name[NAME_LEN];

    name_of(what, n, name);
    return wanted->len == NAME_LEN && memcmp(wanted->value, name, NAME_LEN) == 0;
}

static bool put_name(zcbor_state_t *out, const char *what, uint32_t n)
{
    char name[NAME_LEN];

    name_of(what, n, name);
    return zcbor_tstr_encode_ptr(out, name, NAME_LEN);
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
        fits = put_name(out, "event", n);
    }
    for (uint32_t image = 0; image < record->image_count && fits; image++) {
        fits = put_name(out, "image", image);
    }
    return room(fits && zcbor_list_end_encode(out, NAMES_MAX));
}

static bool put_version(zcbor_state_t *out, const struct ob_version *version)
{
    return ob_smp_put_uint(out, "major", version->major) && ob_smp_put_uint(out, "minor", version->minor) &&
           ob_smp_put_uint(out, "revision", version->revision) && ob_smp_put_uint(out, "build", version->build);
}

/** What the kind is about is the value of its name. */
static bool put_event(zcbor_state_t *out, const struct ob_event *event)
{
    const bool of_job = event->kind == OB_EVENT_BEGUN || event->kind == OB_EVENT_INSTALLED;
    const char *kind = event->kind < OB_EVENT_KINDS && kinds[event->kind] != NULL ? kinds[event->kind] : "unknown";
    bool fits = zcbor_map_start_encode(out, FIELDS_MAX) &&
                ob_smp_put_uint(out, kind, of_job ? event->what : event->reason) &&
                ob_smp_put_uint(out, "image", event->image) && put_version(out, &event->version);

    if (event->kind == OB_EVENT_CHIP) {
        fits = fits && ob_smp_put_uint(out, "address", event->address);
    } else if (event->address != 0) {
        fits = fits && ob_smp_put_uint(out, "images", ob_event_images(event));
    }
    return fits && ob_smp_put_uint(out, "start", event->start) && ob_smp_put_uint(out, "number", event->number) &&
           zcbor_map_end_encode(out, FIELDS_MAX);
}

/** Of an image: what became of its last update, and what the next start does. */
static bool put_state(zcbor_state_t *out, const struct ob_update_state *state)
{
    const bool installed = state->last != OB_UPDATE_REFUSED && state->last != OB_UPDATE_MISSING;
    const int what = installed ? (int)state->last : -(int)state->last_reason;
    const char *last = installed ? "installed" : state->last == OB_UPDATE_REFUSED ? "refused" : "missing";
    bool fits = zcbor_map_start_encode(out, FIELDS_MAX) && ob_smp_put_uint(out, "confirmed", state->confirmed) &&
                ob_smp_put_uint(out, "next", (uint32_t)state->next);

    if (state->last != OB_UPDATE_NONE) {
        fits = fits && ob_smp_put_uint(out, last, (uint32_t)what) && put_version(out, &state->last_version);
    }
    return fits && zcbor_map_end_encode(out, FIELDS_MAX);
}

static bool put_head(zcbor_state_t *out, const struct zcbor_string *name)
{
    return ob_smp_put_key(out, "name") && zcbor_tstr_encode(out, name) && ob_smp_put_key(out, "fields");
}

static enum ob_smp_rc group(struct ob_smp_command *command, const struct ob_smp_record *record)
{
    static const struct ob_smp_field field = {"name", OB_SMP_TEXT, 0};
    struct zcbor_string wanted;
    uint32_t found;
    struct ob_event event;
    struct ob_update_state state;

    if (!ob_smp_decode(command->in, &field, 1, &wanted, &found) || found == 0) {
        return OB_SMP_INVALID;
    }
    for (uint32_t n = 0; n < OB_LEDGER_LOG; n++) {
        if (is_name(&wanted, "event", n) && ob_update_read_event(record->ledger, n, &event) == OB_OK) {
            return room(put_head(command->out, &wanted) && put_event(command->out, &event));
        }
    }
    for (uint32_t image = 0; image < record->image_count; image++) {
        if (is_name(&wanted, "image", image) &&
            ob_update_read_state(&record->slots[image], record->ledger, image, &state) == OB_OK) {
            return room(put_head(command->out, &wanted) && put_state(command->out, &state));
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
