/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "binary.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "elf.h"

/* One walk through a file. */
struct walk {
    const char *path;
    ob_binary_visit *visit;
    void *ctx;
    uint32_t line; /* HEX */
    bool any;
};

static bool fail(const struct walk *walk, const char *what)
{
    ob_diag_error(&(struct ob_loc){.file = walk->path, .line = walk->line, .col = 1}, "%s", what);
    return false;
}

static bool piece(struct walk *walk, uint32_t address, const uint8_t *data, uint32_t len)
{
    walk->any = walk->any || len > 0;
    return walk->visit(walk->ctx, &(struct ob_loc){.file = walk->path, .line = walk->line, .col = 1}, address, data,
                       len);
}

static bool walk_elf(struct walk *walk, const uint8_t *file, size_t len)
{
    struct ob_elf_segment segment;

    if (!ob_elf_is_whole(file, len)) {
        return fail(walk, "is an ELF file that is cut short");
    }
    for (unsigned i = 0; ob_elf_segment(file, len, i, &segment); i++) {
        if (!piece(walk, segment.address, segment.data, segment.len)) {
            return false;
        }
    }
    return walk->any || fail(walk, "is an ELF file without anything to load");
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

static bool walk_record(struct walk *walk, const uint8_t *bytes, uint32_t *base, bool *ended)
{
    uint32_t address = (uint32_t)bytes[1] << 8 | bytes[2];

    switch (bytes[3]) {
    case HEX_DATA:
        return piece(walk, *base + address, bytes + 4, bytes[0]);
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
        return fail(walk, "is a record of an unknown type");
    }
}

static bool walk_hex(struct walk *walk, const char *text, size_t len)
{
    const char *end = text + len;
    uint32_t base = 0;
    bool ended = false;

    for (walk->line = 1; text < end && !ended; walk->line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline == NULL ? end : newline;
        uint8_t bytes[260];
        if (stop - text > 1 || *text == ':') {
            if (*text != ':' || record_bytes(text + 1, stop, bytes) < 0) {
                return fail(walk, "is no record of an Intel HEX file, or its checksum is wrong");
            }
            if (!walk_record(walk, bytes, &base, &ended)) {
                return false;
            }
        }
        text = newline == NULL ? end : newline + 1;
    }
    while (text < end && isspace((unsigned char)*text)) {
        text++;
    }
    if (ended && text < end) {
        return fail(walk, "has more behind its end record; give files that were joined one by one");
    }
    walk->line = 0;
    if (!ended) {
        return fail(walk, "is an Intel HEX file that is cut short: its end record is missing");
    }
    return walk->any || fail(walk, "is an Intel HEX file without any bytes");
}

/* ---- UF2. Source: microsoft/uf2, README.md ---- */

#define UF2_BLOCK 512u
#define UF2_DATA 32u
#define UF2_DATA_MAX 476u
#define UF2_START_1 "UF2\n"
#define UF2_START_2 0x9e5d5157u
#define UF2_END 0x0ab16f30u
#define UF2_NOT_MAIN_FLASH 1u

static uint32_t uf2_word(const uint8_t *block, uint32_t at)
{
    const uint8_t *bytes = block + at;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool walk_uf2(struct walk *walk, const uint8_t *file, size_t len)
{
    bool last = false;

    for (size_t at = 0; at < len; at += UF2_BLOCK) {
        const uint8_t *block = file + at;
        if (len - at < UF2_BLOCK) {
            return fail(walk, "is a UF2 file that is cut short: a block has 512 bytes");
        }
        const uint32_t size = uf2_word(block, 16);
        if (memcmp(block, UF2_START_1, 4) != 0 || uf2_word(block, 4) != UF2_START_2 ||
            uf2_word(block, UF2_BLOCK - 4) != UF2_END || size > UF2_DATA_MAX) {
            return fail(walk, "is a UF2 file with a block that is none");
        }
        last = uf2_word(block, 20) + 1 == uf2_word(block, 24);
        if ((uf2_word(block, 8) & UF2_NOT_MAIN_FLASH) == 0 &&
            !piece(walk, uf2_word(block, 12), block + UF2_DATA, size)) {
            return false;
        }
    }
    return last || fail(walk, "is a UF2 file that is cut short: its last block is missing");
}

/* ---- any of them ---- */

enum ob_binary_kind ob_binary_kind_of(const char *data, size_t len)
{
    if (len >= 4 && memcmp(data, "\177ELF", 4) == 0) {
        return OB_BINARY_ELF;
    }
    if (len >= 4 && memcmp(data, UF2_START_1, 4) == 0) {
        return OB_BINARY_UF2;
    }
    return len > 0 && data[0] == ':' ? OB_BINARY_HEX : OB_BINARY_RAW;
}

const char *ob_binary_no_content(const char *data, size_t len)
{
    /* zip, gzip, xz, bzip2, zstd, 7z */
    static const char *const archives[] = {"PK\3\4", "\x1f\x8b",         "\xfd\067zXZ",
                                           "BZh9",   "\x28\xb5\x2f\xfd", "7z\xbc\xaf"};
    size_t text = 0;

    for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
        if (len > strlen(archives[i]) && memcmp(data, archives[i], strlen(archives[i])) == 0) {
            return "is an archive; unpack it";
        }
    }
    while (text < len && (isprint((unsigned char)data[text]) || isspace((unsigned char)data[text]))) {
        text++;
    }
    return len > 0 && text == len
               ? "is text: neither raw nor Intel HEX, ELF or UF2; convert it (S-records: objcopy -I srec -O binary)"
               : NULL;
}

bool ob_binary_each(const char *path, const char *data, size_t len, ob_binary_visit *visit, void *ctx)
{
    struct walk walk = {.path = path, .visit = visit, .ctx = ctx};
    const char *why_not;

    switch (ob_binary_kind_of(data, len)) {
    case OB_BINARY_ELF:
        return ob_elf_is((const uint8_t *)data, len) ? walk_elf(&walk, (const uint8_t *)data, len)
                                                     : fail(&walk, "is an ELF file, but not one for a 32-bit Arm");
    case OB_BINARY_HEX:
        return walk_hex(&walk, data, len);
    case OB_BINARY_UF2:
        return walk_uf2(&walk, (const uint8_t *)data, len);
    default:
        why_not = ob_binary_no_content(data, len);
        if (why_not != NULL) {
            return fail(&walk, why_not);
        }
        return piece(&walk, 0, (const uint8_t *)data, (uint32_t)len) && (walk.any || fail(&walk, "is empty"));
    }
}
