/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "contents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

enum ob_exit vb_contents_read(struct vb_contents *contents, const char *path, uint32_t size)
{
    struct ob_loc at = {.file = contents->path};
    char *data;
    size_t len;

    snprintf(contents->path, sizeof(contents->path), "%s", path);
    enum ob_exit status = ob_file_read(path, 256u << 20, &data, &len);
    if (status != OB_EXIT_OK) {
        return status;
    }
    if (len != size) {
        ob_diag_error(&at, "has %zu bytes, but the chip has %u; is it of another board?", len, size);
        free(data);
        return OB_EXIT_USAGE;
    }
    contents->data = (uint8_t *)data;
    contents->size = size;
    return OB_EXIT_OK;
}

void vb_contents_free(struct vb_contents *contents)
{
    free(contents->data);
    contents->data = NULL;
}

void vb_contents_put(const struct vb_contents *contents, struct sim_chip *chip)
{
    sim_chip_poke(chip, 0, contents->data, contents->size);
}

enum ob_exit vb_contents_keep(struct vb_contents *contents, const struct sim_chip *chip)
{
    uint8_t *now = malloc(contents->size);

    if (now == NULL || contents->path[0] == '\0') {
        free(now);
        return OB_EXIT_OK;
    }
    sim_chip_peek(chip, 0, now, contents->size);
    const struct ob_file_text file = {.path = contents->path, .data = (const char *)now, .len = contents->size};
    enum ob_exit status = memcmp(now, contents->data, contents->size) == 0 ? OB_EXIT_OK : ob_file_write_all(&file, 1);
    free(now);
    return status;
}
