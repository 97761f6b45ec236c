/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "binary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

#define FILE_MAX (64u << 20)

/* A file goes into a copy first, so that a bad one changes nothing. */
struct put {
    const char *path;
    const struct vb_buffer *buffer;
    uint8_t *copy;
    uint32_t line; /* HEX */
    bool any;
};

static bool fail(const struct put *put, const char *what)
{
    ob_diag_error(&(struct ob_loc){.file = put->path, .line = put->line, .col = 1}, "%s", what);
    return false;
}

static bool put_bytes(struct put *put, uint32_t address, const uint8_t *data, uint32_t len)
{
    const struct vb_buffer *buffer = put->buffer;
    uint32_t off = address - buffer->base;

    if (address < buffer->base || off > buffer->size || len > buffer->size - off) {
        ob_diag_error(&(struct ob_loc){.file = put->path, .line = put->line, .col = 1},
                      "has %u bytes for 0x%08x, but %s is 0x%08x to 0x%08x; is it of another board?", len, address,
                      buffer->what, buffer->base, buffer->base + buffer->size - 1);
        return false;
    }
    memcpy(put->copy + off, data, len);
    put->any = put->any || len > 0;
    return true;
}

static bool put_elf(struct put *put, const uint8_t *file, size_t len)
{
    struct vb_segment segment;

    for (unsigned i = 0; vb_elf_segment(file, len, i, &segment); i++) {
        if (!put_bytes(put, segment.address, segment.data, segment.len)) {
            return false;
        }
    }
    return put->any || fail(put, "is an ELF file without anything to load");
}

/* ---- Intel HEX ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a record, its checksum included. @return their number; -1: it is none */
static int record_bytes(const char *text, const char *end, uint8_t bytes[260])
{
    int count = 0;
    uint8_t sum = 0;

    for (; text + 1 < end && hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0 && count < 260; text += 2) {
        bytes[count] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        sum = (uint8_t)(sum + bytes[count++]);
    }
    while (text < end && (*text == '\r' || *text == ' ')) {
        text++;
    }
    return text == end && sum == 0 && count >= 5 && count == bytes[0] + 5 ? count : -1;
}

enum { HEX_DATA, HEX_END, HEX_SEGMENT, HEX_START_SEGMENT, HEX_LINEAR, HEX_START };

static bool put_record(struct put *put, const uint8_t *bytes, uint32_t *base, bool *ended)
{
    uint32_t address = (uint32_t)bytes[1] << 8 | bytes[2];

    switch (bytes[3]) {
    case HEX_DATA:
        return put_bytes(put, *base + address, bytes + 4, bytes[0]);
    case HEX_END:
        *ended = true;
        return true;
    case HEX_SEGMENT:
        *base = ((uint32_t)bytes[4] << 8 | bytes[5]) << 4;
        return true;
    case HEX_LINEAR:
        *base = ((uint32_t)bytes[4] << 8 | bytes[5]) << 16;
        return true;
    case HEX_START_SEGMENT:
    case HEX_START:
        return true; /* a microcontroller starts from its vector table */
    default:
        return fail(put, "is a record of an unknown type");
    }
}

static bool put_hex(struct put *put, const char *text, size_t len)
{
    const char *end = text + len;
    uint32_t base = 0;
    bool ended = false;

    for (put->line = 1; text < end && !ended; put->line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline == NULL ? end : newline;
        uint8_t bytes[260];
        if (stop - text > 1 || *text == ':') {
            if (*text != ':' || record_bytes(text + 1, stop, bytes) < 0) {
                return fail(put, "is no record of an Intel HEX file, or its checksum is wrong");
            }
            if (!put_record(put, bytes, &base, &ended)) {
                return false;
            }
        }
        text = newline == NULL ? end : newline + 1;
    }
    put->line = 0;
    return ended || fail(put, "is an Intel HEX file that is cut short: its end record is missing");
}

/* ---- any of them ---- */

static bool split(const char *spec, char *path, size_t size, uint32_t *address, bool *has_address)
{
    const char *at = strrchr(spec, '@');
    char *end = NULL;

    *has_address = at != NULL && at[1] != '\0';
    *address = *has_address ? (uint32_t)strtoul(at + 1, &end, 0) : 0;
    if (*has_address && *end != '\0') { /* a file whose name has an @ in it */
        *has_address = false;
    }
    snprintf(path, size, "%.*s", *has_address ? (int)(at - spec) : (int)strlen(spec), spec);
    return true;
}

static bool put_file(struct put *put, const char *data, size_t len, uint32_t address, bool has_address)
{
    bool elf = len >= 4 && memcmp(data, "\177ELF", 4) == 0;
    bool hex = !elf && len > 0 && data[0] == ':';

    if (elf && !vb_elf_is((const uint8_t *)data, len)) {
        return fail(put, "is an ELF file, but not one for a 32-bit Arm");
    }
    if ((elf || hex) && has_address) {
        return fail(put, "knows its addresses; leave out what stands behind the @");
    }
    if (elf) {
        return put_elf(put, (const uint8_t *)data, len);
    }
    if (hex) {
        return put_hex(put, data, len);
    }
    return put_bytes(put, has_address ? address : put->buffer->base, (const uint8_t *)data, (uint32_t)len) &&
           (put->any || fail(put, "is empty"));
}

enum ob_exit vb_binary_put(const char *spec, const struct vb_buffer *buffer, struct vb_symbols *symbols)
{
    char path[512];
    uint32_t address;
    bool has_address;
    char *data;
    size_t len;
    struct put put = {.path = path, .buffer = buffer};

    split(spec, path, sizeof(path), &address, &has_address);
    if (ob_file_read(path, FILE_MAX, &data, &len) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    put.copy = malloc(buffer->size);
    bool ok = put.copy != NULL;
    if (ok) {
        memcpy(put.copy, buffer->data, buffer->size);
        ok = put_file(&put, data, len, address, has_address);
    }
    if (ok) {
        memcpy(buffer->data, put.copy, buffer->size);
        if (symbols != NULL) {
            vb_symbols_add(symbols, (const uint8_t *)data, len);
        }
    }
    free(put.copy);
    free(data);
    return ok ? OB_EXIT_OK : OB_EXIT_USAGE;
}
