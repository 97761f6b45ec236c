/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console framing: a packet is its length (16 bits, big endian), the request and a CRC, in base64, in lines that start
 * with 06 09 (the first) or 04 14 and end with a newline. Anything else on the console is text, and passed over.
 *
 * The base64 is taken apart byte by byte, so lines may be of any length and need no buffer.
 */
#include <outboard/smp.h>

#define FIRST_1 0x06
#define FIRST_2 0x09
#define NEXT_1 0x04
#define NEXT_2 0x14

#define LENGTH_SIZE 2u
#define CRC_SIZE 2u
#define LINE_CHARS 124u /* of base64 that MCUboot puts into a line */

enum state {
    TEXT,
    FIRST_MARK, /* FIRST_1 came */
    NEXT_MARK,
    BODY,
    PADDED, /* an = came: nothing but the line's end may follow */
};

/* CRC-16 with polynomial 0x1021, as XMODEM has it. Over a message and its CRC it is 0. */
static uint16_t crc16(uint16_t crc, uint8_t byte)
{
    crc ^= (uint16_t)(byte << 8);
    for (uint32_t bit = 0; bit < 8; bit++) {
        crc = (uint16_t)((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @return 0 to 63; 64: it is none */
static uint32_t from_base64(uint8_t c)
{
    uint32_t value = 0;

    while (value < 64 && digits[value] != (char)c) {
        value++;
    }
    return value;
}

static void forget(struct ob_smp_framing *framing)
{
    framing->state = TEXT;
    framing->len = 0;
}

/** A line begins. A first line drops a packet that was not complete; another one needs such a packet. */
static void begin_line(struct ob_smp_framing *framing, bool first)
{
    if (first) {
        framing->len = 0;
    }
    framing->state = first || framing->len > 0 ? BODY : TEXT;
    framing->bits = 0;
    framing->count = 0;
}

static bool is_whole(const struct ob_smp_framing *framing)
{
    const uint8_t *packet = framing->buffer;
    uint16_t crc = 0;

    if (framing->len < LENGTH_SIZE + CRC_SIZE || framing->len != LENGTH_SIZE + (uint32_t)(packet[0] << 8 | packet[1])) {
        return false;
    }
    for (uint32_t i = LENGTH_SIZE; i < framing->len; i++) {
        crc = crc16(crc, packet[i]);
    }
    return crc == 0;
}

/** One character of a line. false: it does not belong there, or the packet is longer than the buffer. */
static bool take_char(struct ob_smp_framing *framing, uint8_t c)
{
    const uint32_t value = from_base64(c);

    if (c == '=' && framing->count >= 2) {
        framing->state = PADDED; /* the bits that are left are zeros */
        return true;
    }
    if (value == 64 || framing->state == PADDED) {
        return false;
    }
    framing->bits = framing->bits << 6 | value;
    framing->count = (uint8_t)((framing->count + 1) % 4);
    if (framing->count == 1) {
        return true; /* six bits are no byte */
    }
    if (framing->len == framing->size) {
        return false;
    }
    framing->buffer[framing->len++] = (uint8_t)(framing->bits >> (framing->count == 0 ? 0 : 8 - 2 * framing->count));
    return true;
}

static bool end_line(struct ob_smp_framing *framing, const uint8_t **request, uint32_t *len)
{
    const bool cut = framing->state == BODY && framing->count != 0; /* in the middle of a group of four */

    framing->state = TEXT;
    if (cut) {
        forget(framing);
    } else if (is_whole(framing)) {
        *request = framing->buffer + LENGTH_SIZE;
        *len = framing->len - LENGTH_SIZE - CRC_SIZE;
        framing->len = 0;
        return true;
    }
    return false;
}

bool ob_smp_console_take(struct ob_smp_framing *framing, uint8_t byte, const uint8_t **request, uint32_t *len)
{
    if (byte == FIRST_1 || byte == NEXT_1) { /* neither is part of a line */
        framing->state = byte == FIRST_1 ? FIRST_MARK : NEXT_MARK;
    } else if (framing->state == FIRST_MARK || framing->state == NEXT_MARK) {
        bool first = framing->state == FIRST_MARK;
        framing->state = TEXT;
        if (byte == (first ? FIRST_2 : NEXT_2)) {
            begin_line(framing, first);
        }
    } else if (framing->state != TEXT && byte == '\n') {
        return end_line(framing, request, len);
    } else if (framing->state != TEXT && byte != '\r' && !take_char(framing, byte)) {
        forget(framing);
    }
    return false;
}

/* What is sent: base64 in lines. */
struct line {
    void (*put)(void *ctx, uint8_t byte);
    void *ctx;
    uint32_t bits;
    uint32_t bytes; /* so far */
    uint32_t chars; /* in this line */
};

static void put_group(struct line *line, uint32_t bytes)
{
    if (line->chars == LINE_CHARS) {
        line->put(line->ctx, '\n');
        line->put(line->ctx, NEXT_1);
        line->put(line->ctx, NEXT_2);
        line->chars = 0;
    }
    line->bits <<= 8 * (3 - bytes);
    for (uint32_t i = 0; i < 4; i++) {
        line->put(line->ctx, i <= bytes ? (uint8_t)digits[line->bits >> (18 - 6 * i) & 0x3f] : '=');
    }
    line->chars += 4;
    line->bits = 0;
}

static void put_byte(struct line *line, uint8_t byte)
{
    line->bits = line->bits << 8 | byte;
    if (++line->bytes % 3 == 0) {
        put_group(line, 3);
    }
}

void ob_smp_console_put(const uint8_t *answer, uint32_t len, void (*put)(void *ctx, uint8_t byte), void *ctx)
{
    struct line line = {.put = put, .ctx = ctx};
    uint16_t crc = 0;

    put(ctx, FIRST_1);
    put(ctx, FIRST_2);
    put_byte(&line, (uint8_t)((len + CRC_SIZE) >> 8));
    put_byte(&line, (uint8_t)(len + CRC_SIZE));
    for (uint32_t i = 0; i < len; i++) {
        crc = crc16(crc, answer[i]);
        put_byte(&line, answer[i]);
    }
    put_byte(&line, (uint8_t)(crc >> 8));
    put_byte(&line, (uint8_t)crc);
    if (line.bytes % 3 != 0) {
        put_group(&line, line.bytes % 3);
    }
    put(ctx, '\n');
}
