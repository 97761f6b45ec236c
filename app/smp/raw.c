/* SPDX-License-Identifier: Apache-2.0 */
/* Raw: requests and answers as they are, one after the other; the header tells where each ends. Nothing else may be
 * sent on the line, and whoever falls silent in the middle is forgotten by the transport. */
#include <outboard/smp.h>

bool ob_smp_raw_take(struct ob_smp_framing *framing, uint8_t byte, const uint8_t **request, uint32_t *len)
{
    uint8_t *buffer = framing->buffer;
    uint32_t whole = OB_SMP_HEADER_SIZE;

    if (framing->len < framing->size) {
        buffer[framing->len] = byte; /* of one that is too long only the length is kept */
    }
    framing->len++;
    if (framing->len >= OB_SMP_HEADER_SIZE) {
        whole += (uint32_t)(buffer[2] << 8 | buffer[3]);
    }
    if (framing->len < whole) {
        return false;
    }
    framing->len = 0;
    *request = buffer;
    *len = whole;
    return whole <= framing->size;
}

void ob_smp_raw_put(const uint8_t *answer, uint32_t len, void (*put)(void *ctx, uint8_t byte), void *ctx)
{
    for (uint32_t i = 0; i < len; i++) {
        put(ctx, answer[i]);
    }
}
