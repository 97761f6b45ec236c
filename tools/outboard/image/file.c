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

static bool has_addresses(const char *data, size_t len)
{
    const enum ob_binary_kind kind = ob_binary_kind_of(data, len);

    return kind == OB_BINARY_HEX || kind == OB_BINARY_UF2;
}

/** Visit the pieces of a file; whatever has no addresses is one at 0. */
static bool each_piece(const char *path, const char *data, size_t len, ob_binary_visit *visit, void *ctx)
{
    return has_addresses(data, len) ? ob_binary_each(path, data, len, visit, ctx)
                                    : visit(ctx, NULL, 0, (const uint8_t *)data, (uint32_t)len);
}

/** Where they lie. */
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

/** All of a slot is erased. */
static enum ob_exit make_slot(struct image_file *file, uint32_t size)
{
    file->bytes = malloc((size_t)size + 1); /* never malloc(0) */
    if (file->bytes == NULL) {
        ob_diag_error(&(struct ob_loc){.file = file->path}, "cannot be read: out of memory");
        return OB_EXIT_USAGE;
    }
    memset(file->bytes, 0xff, size);
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

/** Put a file's content into a slot, from its lowest address on. */
static enum ob_exit fill_slot(struct image_file *file, const char *data, size_t len, uint32_t slot_size)
{
    const struct ob_loc at = {.file = file->path};
    struct span span = {.start = UINT64_MAX};

    if (!each_piece(file->path, data, len, measure, &span)) {
        return OB_EXIT_USAGE;
    }
    const uint64_t content = span.end > span.start ? span.end - span.start : 0;
    if (content > IMAGE_MAX) {
        ob_diag_error(&at, "has bytes from 0x%08llx to 0x%08llx: more than an image; leave UICR and other chips out",
                      (unsigned long long)span.start, (unsigned long long)span.end - 1);
        return OB_EXIT_USAGE;
    }
    if (slot_size != 0 && content > slot_size) {
        ob_diag_error(&at, "refused: %u bytes are more than the slot's %u; make the image smaller or the slot larger",
                      (uint32_t)content, slot_size);
        return OB_EXIT_FINDING;
    }
    file->len = (uint32_t)content;
    enum ob_exit status = make_slot(file, slot_size == 0 ? file->len : slot_size);
    if (status == OB_EXIT_OK) {
        span.bytes = file->bytes;
        each_piece(file->path, data, len, put, &span);
    }
    return status;
}

enum ob_exit image_file_read(struct image_file *file, const char *path, uint32_t slot_size)
{
    char *data;
    size_t len;
    enum ob_exit status = ob_file_read(path, FILE_MAX, &data, &len);

    if (status == OB_EXIT_OK) {
        *file = (struct image_file){.path = path, .addressed = has_addresses(data, len)};
        status = fill_slot(file, data, len, slot_size);
        free(data);
    }
    return status;
}

void image_file_free(struct image_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}
