/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "binary.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/binary.h"
#include "common/file.h"

#define FILE_MAX (64u << 20)
#define ERASED 0xffu

#define BUFFERS 3u /* the one and those beside it */

/* A file goes into copies first, so that a bad one changes nothing. */
struct put {
    const char *path;
    const struct vb_buffer *buffers[BUFFERS];
    uint8_t *copies[BUFFERS];
    unsigned count;
    uint32_t address; /* where a raw file begins */
};

static bool has_room(const struct vb_buffer *buffer, uint32_t address, uint32_t len)
{
    const uint32_t off = address - buffer->base;

    return address >= buffer->base && off <= buffer->size && len <= buffer->size - off;
}

static bool put_bytes(void *ctx, const struct ob_loc *at, uint32_t address, const uint8_t *data, uint32_t len)
{
    const struct put *put = ctx;
    const struct vb_buffer *buffer = put->buffers[0];
    unsigned into = 0;

    address += put->address;
    while (into < put->count && !has_room(put->buffers[into], address, len)) {
        into++;
    }
    if (into == put->count) {
        ob_diag_error(at, "has %u bytes for 0x%08x, but %s is 0x%08x to 0x%08x; is it of another board?", len, address,
                      buffer->what, buffer->base, buffer->base + buffer->size - 1);
        return false;
    }
    uint8_t *copy = put->copies[into] + (address - put->buffers[into]->base);
    for (uint32_t i = 0; i < len; i++) {
        if (copy[i] != ERASED && copy[i] != data[i]) {
            ob_diag_error(at, "has 0x%02x for 0x%08x, where 0x%02x of another file lies; give one of them", data[i],
                          address + i, copy[i]);
            return false;
        }
    }
    memcpy(copy, data, len);
    return true;
}

static bool split(const char *spec, char *path, size_t size, uint32_t *address, bool *has_address)
{
    const char *at = strrchr(spec, '@');
    char *end = NULL;

    *has_address = at != NULL && at[1] != '\0';
    unsigned long long number = *has_address ? strtoull(at + 1, &end, 0) : 0;
    if (*has_address && *end != '\0' && access(spec, F_OK) == 0) { /* a file whose name has an @ in it */
        *has_address = false;
    }
    if (*has_address && (at[1] < '0' || at[1] > '9' || *end != '\0' || number > UINT32_MAX)) {
        ob_diag_error(NULL, "board: %s: what stands behind the @ is no address", spec);
        return false;
    }
    *address = (uint32_t)number;
    snprintf(path, size, "%.*s", *has_address ? (int)(at - spec) : (int)strlen(spec), spec);
    return true;
}

static bool put_file(struct put *put, const char *data, size_t len, bool has_address)
{
    const bool raw = ob_binary_kind_of(data, len) == OB_BINARY_RAW;

    if (!raw && has_address) {
        ob_diag_error(&(struct ob_loc){.file = put->path}, "knows its addresses; leave out what stands behind the @");
        return false;
    }
    put->address = !raw ? 0 : has_address ? put->address : put->buffers[0]->base;
    return ob_binary_each(put->path, data, len, put_bytes, put);
}

static bool make_copies(struct put *put, const struct vb_buffer *buffer)
{
    bool made = true;

    for (; made && buffer != NULL && put->count < BUFFERS; buffer = buffer->beside) {
        uint8_t *copy = malloc(buffer->size);
        made = copy != NULL;
        if (made) {
            memcpy(copy, buffer->data, buffer->size);
            put->buffers[put->count] = buffer;
            put->copies[put->count++] = copy;
        }
    }
    return made;
}

static void end_copies(struct put *put, bool keep)
{
    for (unsigned i = 0; i < put->count; i++) {
        if (keep) {
            memcpy(put->buffers[i]->data, put->copies[i], put->buffers[i]->size);
        }
        free(put->copies[i]);
    }
}

enum ob_exit vb_binary_put(const char *spec, const struct vb_buffer *buffer, struct vb_symbols *symbols)
{
    char path[PATH_MAX];
    bool has_address;
    char *data;
    size_t len;
    struct put put = {.path = path};

    if (!split(spec, path, sizeof(path), &put.address, &has_address) ||
        ob_file_read(path, FILE_MAX, &data, &len) != OB_EXIT_OK) {
        return OB_EXIT_USAGE;
    }
    bool ok = make_copies(&put, buffer) && put_file(&put, data, len, has_address);
    end_copies(&put, ok);
    if (ok && symbols != NULL) {
        vb_symbols_add(symbols, (const uint8_t *)data, len);
    }
    free(data);
    return ok ? OB_EXIT_OK : OB_EXIT_USAGE;
}
