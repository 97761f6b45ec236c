/* SPDX-License-Identifier: Apache-2.0 */
/* Where a device's images lie, from the partition manager's partitions.yml. */
#include "image.h"

#include <string.h>

#include "../common/arena.h"
#include "../common/yaml.h"

static bool read_number(const struct ob_yaml *part, const char *key, uint32_t *out)
{
    const struct ob_yaml *node = ob_yaml_get(part, key);
    uint64_t value;
    if (node == NULL || !ob_yaml_to_u64(node, &value) || value > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* The RAM that all images share: from the lowest to the highest byte of what lies in its region. */
static bool find_ram(const struct ob_yaml *parts, struct ob_home *home)
{
    uint32_t end = 0;
    home->ram_start = UINT32_MAX;
    for (uint32_t i = 0; parts->kind == OB_YAML_MAP && i < parts->count; i++) {
        const struct ob_yaml *part = parts->pairs[i].value;
        const struct ob_yaml *region = ob_yaml_get(part, "region");
        uint32_t address;
        uint32_t size;
        if (region != NULL && region->kind == OB_YAML_SCALAR && strcmp(region->text, "sram_primary") == 0 &&
            read_number(part, "address", &address) && read_number(part, "size", &size)) {
            home->ram_start = address < home->ram_start ? address : home->ram_start;
            end = address + size > end ? address + size : end;
        }
    }
    home->ram_size = end - home->ram_start;
    return end > home->ram_start;
}

enum ob_exit image_home_read(const char *path, struct ob_home *home, uint32_t *slot_size)
{
    struct ob_arena arena = {0};
    const struct ob_yaml *parts;
    struct ob_loc at = {.file = path};
    enum ob_exit status = ob_yaml_read(&arena, path, &parts);
    if (status == OB_EXIT_OK && (parts == NULL || parts->kind != OB_YAML_MAP)) {
        ob_diag_error(&at, "holds no partitions; give the partitions.yml of a build folder");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        const struct ob_yaml *primary = ob_yaml_get(parts, "mcuboot_primary");
        const struct ob_yaml *pad = ob_yaml_get(parts, "mcuboot_pad");
        if (primary == NULL || pad == NULL || !read_number(primary, "address", &home->address) ||
            !read_number(primary, "size", slot_size) || !read_number(pad, "size", &home->header_size)) {
            ob_diag_error(&at,
                          "has no mcuboot_primary and mcuboot_pad with address and size; give the partitions.yml of "
                          "a build with a bootloader");
            status = OB_EXIT_USAGE;
        } else if (!find_ram(parts, home)) {
            ob_diag_error(&at, "has nothing in region sram_primary; give the partitions.yml of a build folder");
            status = OB_EXIT_USAGE;
        }
    }
    ob_arena_free(&arena);
    return status;
}
