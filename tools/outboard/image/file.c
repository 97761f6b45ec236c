/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "../common/file.h"

#define FILE_MAX (64u << 20) /* more than any slot in a NOR chip with 3- or 4-byte addresses that is in use */

static enum ob_err read_bytes(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const uint8_t *bytes = flash->ctx;
    memcpy(dst, bytes + off, len);
    return OB_OK;
}

static const struct ob_flash_ops read_only = {.read = read_bytes};

static bool is_intel_hex(const char *data, size_t len)
{
    return len > 9 && data[0] == ':' && strspn(data + 1, "0123456789ABCDEFabcdef") >= 10;
}

enum ob_exit image_file_read(struct image_file *file, const char *path, uint32_t slot_size)
{
    struct ob_loc at = {.file = path};
    char *data;
    size_t len;
    enum ob_exit status = ob_file_read(path, FILE_MAX, &data, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    uint32_t size = slot_size == 0 ? (uint32_t)len : slot_size;
    if (is_intel_hex(data, len)) {
        ob_diag_error(&at, "is Intel HEX; convert it: objcopy -I ihex -O binary <in> <out>");
        status = OB_EXIT_USAGE;
    } else if (len > size) {
        ob_diag_error(&at, "refused: %zu bytes are more than the slot's %u; make the image smaller or the slot larger",
                      len, size);
        status = OB_EXIT_FINDING;
    }
    uint8_t *bytes = status == OB_EXIT_OK ? malloc((size_t)size + 1) : NULL; /* never malloc(0) */
    if (status == OB_EXIT_OK && bytes == NULL) {
        ob_diag_error(&at, "cannot be read: out of memory");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        memset(bytes, 0xff, size);
        memcpy(bytes, data, len);
        *file = (struct image_file){.path = path, .bytes = bytes, .len = (uint32_t)len};
        file->flash = (struct ob_flash){
            .ops = &read_only,
            .ctx = bytes,
            .size = size,
            .write_size = 1,
            .program_size = 1,
            .erase_sizes = {1},
            .erased_value = 0xff,
        };
        file->slot = (struct ob_area){.flash = &file->flash, .start = 0, .size = size};
    }
    free(data);
    return status;
}

void image_file_free(struct image_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}
