/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes on the line, in both framings, and any request: taking them apart, reading a request's map and answering it
 * neither reads nor writes where it must not.
 *
 * What it does not show: what the commands do, and zcbor, in whose place its contract stands (zcbor.c); fuzz_smp does.
 */
#include <__fc_builtin.h>
#include <stddef.h>

#include <outboard/smp.h>

#include "../../app/smp/cbor.h"
#include "any.h"

#define SIZE 64u

static enum ob_smp_rc handle(struct ob_smp_command *command, void *ctx)
{
    struct values {
        uint32_t number;
        bool flag;
        struct zcbor_string bytes, text;
    } values = {0};
    const struct ob_smp_field fields[] = {{"off", OB_SMP_UINT, offsetof(struct values, number)},
                                          {"upgrade", OB_SMP_BOOL, offsetof(struct values, flag)},
                                          {"data", OB_SMP_BYTES, offsetof(struct values, bytes)},
                                          {"d", OB_SMP_TEXT, offsetof(struct values, text)}};
    uint32_t found;

    (void)ctx;
    if (!ob_smp_decode(command->in, fields, OB_ARRAY_SIZE(fields), &values, &found)) {
        return OB_SMP_INVALID;
    }
    return ob_smp_put_uint(command->out, "off", values.number) && ob_smp_put_bool(command->out, "match", values.flag)
               ? OB_SMP_OK
               : OB_SMP_MSGSIZE;
}

/* One more byte, in any state that the bytes before may have led to: afterwards it is such a state again. */
static void frame(void)
{
    static uint8_t buffer[SIZE];
    const uint8_t *request = NULL;
    uint32_t len = 0;
    struct ob_smp_framing framing = {.buffer = buffer,
                                     .size = sizeof(buffer),
                                     .len = any_u32() % (SIZE + 1),
                                     .bits = any_u32(),
                                     .state = (uint8_t)any_u32(),
                                     .count = (uint8_t)(any_u32() % 4)};

    Frama_C_make_unknown((char *)buffer, sizeof(buffer));
    if (any_bool()) {
        (void)ob_smp_console_take(&framing, (uint8_t)any_u32(), &request, &len);
        //@ assert again: framing.len <= SIZE && framing.count < 4;
    } else {
        (void)ob_smp_raw_take(&framing, (uint8_t)any_u32(), &request, &len);
    }
}

int main(void)
{
    static uint8_t request[SIZE];
    static uint8_t answer[SIZE];
    const struct ob_smp_group group = {.id = 1, .handle = handle};
    struct ob_smp smp = {.groups = &group, .group_count = 1};

    frame();
    Frama_C_make_unknown((char *)request, sizeof(request));
    (void)ob_smp_handle(&smp, request, any_u32() % (SIZE + 1), answer, any_u32() % (SIZE + 1));
    return 0;
}
