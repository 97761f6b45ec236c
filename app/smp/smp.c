/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/smp.h>

#include <zcbor_decode.h>
#include <zcbor_encode.h>

#include <outboard/util.h>

#include "cbor.h"

/*
 * Header: operation and version, flags, length (16 bits, big endian), group (the same), sequence, id.
 * Source: Zephyr's SMP protocol specification.
 */
#define OP_MASK 0x07u
#define OP_READ 0u
#define OP_WRITE 2u
#define VERSION_SHIFT 3
#define VERSION_MASK 0x3u
#define VERSION_MAX 1u /* "version 2" */
#define PAIRS_MAX 16u  /* of an answer's map */

static uint16_t get_be16(const uint8_t *src)
{
    return (uint16_t)(src[0] << 8 | src[1]);
}

static void put_be16(uint8_t *dst, uint32_t value)
{
    dst[0] = (uint8_t)(value >> 8);
    dst[1] = (uint8_t)value;
}

static enum ob_smp_rc dispatch(struct ob_smp *smp, const uint8_t *header, struct ob_smp_command *command)
{
    const uint16_t group = get_be16(header + 4);

    if ((header[0] >> VERSION_SHIFT & VERSION_MASK) > VERSION_MAX) {
        return OB_SMP_TOO_NEW;
    }
    for (uint32_t i = 0; i < smp->group_count; i++) {
        if (smp->groups[i].id == group) {
            return smp->groups[i].handle(command, smp->groups[i].ctx);
        }
    }
    return OB_SMP_NOTSUP;
}

/** {"rc": ..., "rsn": ...}. @return its bytes; 0: it does not fit. Not inlined: a command's frame is the deeper one. */
__attribute__((noinline)) static uint32_t error_map(enum ob_smp_rc rc, const char *reason, uint8_t *map, uint32_t size)
{
    ZCBOR_STATE_E(out, OB_SMP_NESTING, map, size, 1);
    bool fits = zcbor_map_start_encode(out, PAIRS_MAX) && ob_smp_put_uint(out, "rc", (uint32_t)rc) &&
                (reason == NULL || ob_smp_put_text(out, "rsn", reason)) && zcbor_map_end_encode(out, PAIRS_MAX);

    return fits ? (uint32_t)(out->payload - map) : 0;
}

/** Write the answer's map. @return its bytes; 0: command->reason says what is wrong, as *rc does */
__attribute__((noinline)) static uint32_t answer_map(struct ob_smp *smp, const uint8_t *request, uint32_t len,
                                                     uint8_t *map, uint32_t size, enum ob_smp_rc *rc,
                                                     const char **reason)
{
    ZCBOR_STATE_D(in, OB_SMP_NESTING, request + OB_SMP_HEADER_SIZE, len - OB_SMP_HEADER_SIZE, 1, 0);
    ZCBOR_STATE_E(out, OB_SMP_NESTING, map, size, 1);
    struct ob_smp_command command = {
        .id = request[7],
        .write = (request[0] & OP_MASK) == OP_WRITE,
        .in = in,
        .out = out,
    };

    *rc = zcbor_map_start_encode(out, PAIRS_MAX) ? dispatch(smp, request, &command) : OB_SMP_MSGSIZE;
    *reason = command.reason;
    if (*rc == OB_SMP_OK && !zcbor_map_end_encode(out, PAIRS_MAX)) {
        *rc = OB_SMP_MSGSIZE;
    }
    smp->then = *rc == OB_SMP_OK ? command.then : (struct ob_smp_then){0};
    return *rc == OB_SMP_OK ? (uint32_t)(out->payload - map) : 0;
}

uint32_t ob_smp_handle(struct ob_smp *smp, const uint8_t *request, uint32_t len, uint8_t *answer, uint32_t size)
{
    smp->then = (struct ob_smp_then){0};
    if (len < OB_SMP_HEADER_SIZE || size < OB_SMP_HEADER_SIZE) {
        return 0;
    }
    const uint32_t op = request[0] & OP_MASK;
    const uint32_t payload = get_be16(request + 2);
    if ((op != OP_READ && op != OP_WRITE) || payload > len - OB_SMP_HEADER_SIZE) {
        return 0;
    }
    const uint32_t room = OB_MIN(size, UINT16_MAX) - OB_SMP_HEADER_SIZE;
    enum ob_smp_rc rc;
    const char *reason;
    uint32_t map =
        answer_map(smp, request, OB_SMP_HEADER_SIZE + payload, answer + OB_SMP_HEADER_SIZE, room, &rc, &reason);
    if (map == 0) {
        map = error_map(rc, reason, answer + OB_SMP_HEADER_SIZE, room);
    }
    if (map == 0) {
        return 0;
    }
    answer[0] = (uint8_t)((request[0] & ~OP_MASK & (VERSION_MASK << VERSION_SHIFT | OP_MASK)) | (op + 1));
    answer[1] = 0;
    put_be16(answer + 2, map);
    for (uint32_t i = 4; i < OB_SMP_HEADER_SIZE; i++) { /* group, sequence, id */
        answer[i] = request[i];
    }
    return OB_SMP_HEADER_SIZE + map;
}

void ob_smp_finish(struct ob_smp *smp)
{
    const struct ob_smp_then then = smp->then;

    smp->then = (struct ob_smp_then){0};
    if (then.act != NULL) {
        then.act(then.ctx);
    }
}
