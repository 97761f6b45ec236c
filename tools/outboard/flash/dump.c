/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps: raw, Intel HEX, ELF or UF2; of a whole chip, of one slot, or of whatever was read. */
#include <stdlib.h>
#include <string.h>

#include <outboard/image.h>
#include <outboard/util.h>

#include "../common/binary.h"
#include "../common/file.h"
#include "inspect.h"

#define FILE_MAX ((size_t)300 << 20) /* HEX of 64 MiB and more */
#define PATH_SIZE 4096u
#define MAP_MASK 0xff000000u /* where microcontrollers map an external chip */

/** Where a file's content goes. */
struct put {
    struct flash_chip *chip;
    uint32_t lowest;
    uint32_t inside; /* bytes that lie in the chip */
    uint32_t outside;
    uint32_t base; /* address of the chip's first byte in the file */
};

/** Bytes of a piece that the chip has; *off: where the first of them lies in it. */
static uint32_t part_inside(const struct put *put, uint32_t address, uint32_t len, uint32_t *off)
{
    const uint32_t size = put->chip->flash.size;

    *off = address - put->base;
    return address < put->base || *off >= size ? 0 : OB_MIN(len, size - *off);
}

static bool measure(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len)
{
    struct put *put = ctx;
    uint32_t off;
    const uint32_t inside = part_inside(put, address, len, &off);

    (void)at;
    (void)data;
    put->lowest = OB_MIN(put->lowest, address);
    put->inside += inside;
    put->outside += len - inside;
    return true;
}

static bool put_bytes(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len)
{
    struct put *put = ctx;
    uint32_t off;

    len = part_inside(put, address, len, &off);
    for (uint32_t i = 0; i < len; i++) {
        if (put->chip->known[off + i] && put->chip->bytes[off + i] != data[i]) {
            ob_diag_error(
                at,
                "has 0x%02x at 0x%06x of the %s, and another dump 0x%02x; give dumps of one device, taken at one time",
                data[i], off + i, put->chip->name, put->chip->bytes[off + i]);
            return false;
        }
    }
    memcpy(put->chip->bytes + off, data, len);
    memset(put->chip->known + off, 1, len);
    return true;
}

/** A file that knows its addresses: those of the region, or where the chip was mapped when it was read. */
static enum ob_exit put_addressed(struct put *put, const char *path, const char *data, size_t len)
{
    struct flash_chip *chip = put->chip;
    const uint32_t base = (uint32_t)chip->region->base;

    put->base = base;
    put->lowest = UINT32_MAX;
    if (!ob_binary_each(path, data, len, measure, put)) {
        return OB_EXIT_USAGE;
    }
    if (put->inside == 0) {
        put->base = put->lowest & MAP_MASK;
        put->outside = 0;
        chip->shift = put->base - base;
        bool same = ob_binary_each(path, data, len, measure, put);
        (void)same; /* as before */
    }
    if (put->inside == 0) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "has bytes from 0x%08x on, but the %s of this layout is 0x%08x to 0x%08x: the dump of another "
                      "chip, or the partitions.yml of another build; or --internal and --external changed places",
                      put->lowest, chip->name, base, base + chip->flash.size - 1);
        return OB_EXIT_USAGE;
    }
    if (put->outside != 0) {
        ob_diag_note(&(struct ob_loc){.file = path}, "has %u bytes outside the %s: they are left out", put->outside,
                     chip->name);
    }
    return ob_binary_each(path, data, len, put_bytes, put) ? OB_EXIT_OK : OB_EXIT_USAGE;
}

static bool is_blank(const char *data, size_t len)
{
    size_t i = 0;

    while (i < len && (uint8_t)data[i] == 0xff) {
        i++;
    }
    return i == len;
}

static bool begins_with_slot(const struct flash_place *places, uint32_t count)
{
    bool found = false;

    for (uint32_t i = 0; i < count; i++) {
        found = found || (places[i].start == 0 && strcmp(places[i].name, "mcuboot") != 0);
    }
    return found;
}

/** Where a raw dump begins: its size tells. */
static bool find_place(const struct flash_chip *chip, const char *path, const char *data, size_t len,
                       const struct flash_place *places, uint32_t count, uint32_t *start)
{
    uint32_t fits = 0;

    *start = 0;
    if (len == chip->flash.size) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (places[i].size == len) {
            *start = places[i].start;
            fits++;
        }
    }
    if (fits == 0 && len >= 4 && ob_get_le32((const uint8_t *)data) == OB_IMAGE_MAGIC &&
        !begins_with_slot(places, count)) {
        ob_diag_error(
            &(struct ob_loc){.file = path},
            "is an image, and not one of the partitions of the %s begins there; say where it lies: FILE@0x...",
            chip->name);
        return false;
    }
    if (fits > 1) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "has %zu bytes, as several partitions of the %s; say where it begins: FILE@0x...", len,
                      chip->name);
        return false;
    }
    return true;
}

static enum ob_exit put_raw(struct put *put, const char *path, const char *data, size_t len, const uint32_t *where,
                            const struct flash_place *places, uint32_t count)
{
    struct flash_chip *chip = put->chip;
    const struct ob_loc at = {.file = path};
    const uint32_t size = chip->flash.size;
    const char *why_not = ob_binary_no_content(data, len);
    uint32_t start = where != NULL ? *where : 0;

    if (why_not != NULL) {
        ob_diag_error(&at, "%s", why_not);
        return OB_EXIT_USAGE;
    }
    if (where == NULL && !find_place(chip, path, data, len, places, count, &start)) {
        return OB_EXIT_USAGE;
    }
    if (start > size || (len > size - start && !is_blank(data + (size - start), len - (size - start)))) {
        ob_diag_error(&at,
                      "has %zu bytes%s, but the %s of this layout has %u: the dump of another chip, or the "
                      "partitions.yml of another build; or --internal and --external changed places",
                      len, start == 0 ? "" : " from there on", chip->name, size);
        return OB_EXIT_USAGE;
    }
    if (len > size - start) {
        ob_diag_note(&at, "has %zu bytes more than the %s: all of them are erased, and left out", len - (size - start),
                     chip->name);
        len = size - start;
    }
    if (len == 0) {
        ob_diag_error(&at, "is empty");
        return OB_EXIT_USAGE;
    }
    return put_bytes(put, &at, start, (const uint8_t *)data, (uint32_t)len) ? OB_EXIT_OK : OB_EXIT_USAGE;
}

/** FILE@OFFSET, if what stands behind the @ is a number. */
static bool split(const char *spec, char path[PATH_SIZE], uint32_t *where)
{
    const char *at = strrchr(spec, '@');
    char *end = NULL;
    unsigned long long value = at == NULL || at[1] == '\0' ? 0 : strtoull(at + 1, &end, 0);
    bool has = end != NULL && *end == '\0' && value <= UINT32_MAX;

    *where = (uint32_t)value;
    snprintf(path, PATH_SIZE, "%.*s", has ? (int)(at - spec) : (int)strlen(spec), spec);
    return has;
}

enum ob_exit flash_dump_read(struct flash_chip *chip, const char *spec, const struct flash_place *places,
                             uint32_t place_count)
{
    static char path[PATH_SIZE];
    struct put put = {.chip = chip};
    uint32_t where;
    char *data;
    size_t len;
    const bool has_where = split(spec, path, &where);
    enum ob_exit rc = ob_file_read(path, FILE_MAX, &data, &len);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    if (ob_binary_kind_of(data, len) == OB_BINARY_RAW) {
        rc = put_raw(&put, path, data, len, has_where ? &where : NULL, places, place_count);
    } else if (has_where) {
        ob_diag_error(&(struct ob_loc){.file = path}, "knows its addresses; leave out what stands behind the @");
        rc = OB_EXIT_USAGE;
    } else {
        rc = put_addressed(&put, path, data, len);
    }
    free(data);
    chip->known_len = 0;
    for (uint32_t i = 0; i < chip->flash.size; i++) {
        chip->known_len += chip->known[i];
    }
    chip->path = spec;
    chip->is_whole = chip->known_len == chip->flash.size;
    return rc;
}
