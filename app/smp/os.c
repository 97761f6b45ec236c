/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/smp.h>

#include <string.h>

#include <zcbor_encode.h>

#include <outboard/util.h>

#include "cbor.h"
#include "offers.h"

enum {
    ID_ECHO = 0,
    ID_ECHO_CONTROL = 1, /* of a console: there is none that echoes */
    ID_DATE = 4,
    ID_RESET = 5,
    ID_PARAMETERS = 6,
    ID_BOOTLOADER = 8,
};

static enum ob_smp_rc room(bool fits)
{
    return fits ? OB_SMP_OK : OB_SMP_MSGSIZE;
}

static enum ob_smp_rc echo(struct ob_smp_command *command)
{
    static const struct ob_smp_field field = {"d", OB_SMP_TEXT, 0};
    struct zcbor_string text = {.value = (const uint8_t *)"", .len = 0};
    uint32_t found;

    if (!ob_smp_decode(command->in, &field, 1, &text, &found)) {
        return OB_SMP_INVALID;
    }
    return room(ob_smp_put_key(command->out, "r") && zcbor_tstr_encode(command->out, &text));
}

static enum ob_smp_rc reset(struct ob_smp_command *command, const struct ob_smp_os *os)
{
    static const struct ob_smp_field field = {"boot_mode", OB_SMP_UINT, 0};
    uint32_t boot_mode = 0;
    uint32_t found;

    if (!ob_smp_decode(command->in, &field, 1, &boot_mode, &found)) {
        return OB_SMP_INVALID;
    }
    if (boot_mode != 0 && os->ask_for == NULL) {
        command->reason = OB_SMP_REASON("there is no other way to start");
        return OB_SMP_NOTSUP;
    }
    if (boot_mode != 0) {
        os->ask_for(boot_mode);
    }
    command->then = (struct ob_smp_then){.act = os->reset};
    return OB_SMP_OK;
}

static enum ob_smp_rc parameters(struct ob_smp_command *command, const struct ob_smp_os *os)
{
    return room(ob_smp_put_uint(command->out, "buf_size", os->buffer_size) &&
                ob_smp_put_uint(command->out, "buf_count", 1));
}

/** It says that it is MCUboot: so clients know what to do with its images and trailers. */
static enum ob_smp_rc bootloader(struct ob_smp_command *command, const struct ob_smp_os *os)
{
    static const struct ob_smp_field field = {"query", OB_SMP_TEXT, 0};
    struct zcbor_string query;
    uint32_t found;

    if (!ob_smp_decode(command->in, &field, 1, &query, &found)) {
        return OB_SMP_INVALID;
    }
    if (found == 0) {
        return room(ob_smp_put_text(command->out, "bootloader", "MCUboot"));
    }
    if (query.len != strlen("mode") || memcmp(query.value, "mode", query.len) != 0) {
        command->reason = OB_SMP_REASON("the only query is mode");
        return OB_SMP_NOTSUP;
    }
    bool fits = ob_smp_put_key(command->out, "mode") && zcbor_int32_put(command->out, os->mode);
    if (os->no_downgrade) {
        fits = fits && ob_smp_put_bool(command->out, "no-downgrade", true);
    }
    return room(fits);
}

enum ob_smp_rc ob_smp_os_handle(struct ob_smp_command *command, void *ctx)
{
    switch (command->id) {
    case ID_ECHO:
        return OB_SMP_ECHO ? echo(command) : OB_SMP_NOTSUP;
    case ID_ECHO_CONTROL:
        return OB_SMP_OK;
    case ID_RESET:
        return reset(command, ctx);
    case ID_PARAMETERS:
        return OB_SMP_PARAMETERS ? parameters(command, ctx) : OB_SMP_NOTSUP;
    case ID_BOOTLOADER:
        return OB_SMP_BOOTLOADER ? bootloader(command, ctx) : OB_SMP_NOTSUP;
    case ID_DATE:
        command->reason = OB_SMP_REASON("there is no clock");
        return OB_SMP_NOTSUP;
    default:
        return OB_SMP_NOTSUP;
    }
}
