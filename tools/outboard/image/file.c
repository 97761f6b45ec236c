/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../common/binary.h"
#include "../common/file.h"

#define IMAGE_MAX (64u << 20)     /* more than any slot in a NOR chip with 3- or 4-byte addresses that is in use */
#define FILE_MAX (4u * IMAGE_MAX) /* as HEX */

static enum ob_err read_bytes(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const uint8_t *bytes = flash->ctx;
    memcpy(dst, bytes + off, len);
    return OB_OK;
}

static const struct ob_flash_ops read_only = {.read = read_bytes};

/** Where the pieces of a file lie that has addresses. */
struct span {
    uint64_t start, end;
    uint8_t *bytes; /* from start on */
};

static bool measure(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len)
{
    struct span *span = ctx;

    (void)at;
    (void)data;
    span->start = OB_MIN(span->start, address);
    span->end = OB_MAX(span->end, (uint64_t)address + len);
    return true;
}

static bool put(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len)
{
    const struct span *span = ctx;

    (void)at;
    memcpy(span->bytes + (address - span->start), data, len);
    return true;
}

static bool has_addresses(const char *data, size_t len)
{
    const enum ob_binary_kind kind = ob_binary_kind_of(data, len);

    return kind == OB_BINARY_HEX || kind == OB_BINARY_UF2;
}

/** Put in place of a file that has addresses the bytes from the lowest on, as flash would hold them. */
static enum ob_exit flatten(const char *path, char **data, size_t *len)
{
    struct ob_loc at = {.file = path};
    struct span span = {.start = UINT64_MAX};

    if (!ob_binary_each(path, *data, *len, measure, &span)) {
        return OB_EXIT_USAGE;
    }
    const size_t size = span.end > span.start ? (size_t)(span.end - span.start) : 0;
    if (size > IMAGE_MAX) {
        ob_diag_error(&at, "has bytes from 0x%08llx to 0x%08llx: more than an image; leave UICR and other chips out",
                      (unsigned long long)span.start, (unsigned long long)span.end - 1);
        return OB_EXIT_USAGE;
    }
    span.bytes = malloc(size + 1); /* never malloc(0) */
    if (span.bytes == NULL) {
        ob_diag_error(&at, "cannot be read: out of memory");
        return OB_EXIT_USAGE;
    }
    memset(span.bytes, 0xff, size);
    ob_binary_each(path, *data, *len, put, &span);
    free(*data);
    *data = (char *)span.bytes;
    *len = size;
    return OB_EXIT_OK;
}

/** What the content does not fill of a slot is erased. */
static enum ob_exit make_slot(struct image_file *file, const char *data, uint32_t size)
{
    file->bytes = malloc((size_t)size + 1); /* never malloc(0) */
    if (file->bytes == NULL) {
        ob_diag_error(&(struct ob_loc){.file = file->path}, "cannot be read: out of memory");
        return OB_EXIT_USAGE;
    }
    memset(file->bytes, 0xff, size);
    memcpy(file->bytes, data, file->len);
    file->flash = (struct ob_flash){
        .ops = &read_only,
        .ctx = file->bytes,
        .size = size,
        .write_size = 1,
        .program_size = 1,
        .erase_sizes = {1},
        .erased_value = 0xff,
    };
    file->slot = (struct ob_area){.flash = &file->flash, .start = 0, .size = size};
    return OB_EXIT_OK;
}

enum ob_exit image_file_read(struct image_file *file, const char *path, uint32_t slot_size)
{
    char *data;
    size_t len;
    enum ob_exit status = ob_file_read(path, FILE_MAX, &data, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    const bool addressed = has_addresses(data, len);
    if (addressed) {
        status = flatten(path, &data, &len);
    }
    const uint32_t size = slot_size == 0 ? (uint32_t)len : slot_size;
    if (status == OB_EXIT_OK && len > size) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "refused: %zu bytes are more than the slot's %u; make the image smaller or the slot larger", len,
                      size);
        status = OB_EXIT_FINDING;
    }
    if (status == OB_EXIT_OK) {
        *file = (struct image_file){.path = path, .len = (uint32_t)len, .addressed = addressed};
        status = make_slot(file, data, size);
    }
    free(data);
    return status;
}

void image_file_free(struct image_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}
