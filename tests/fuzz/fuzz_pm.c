/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pm.yml, and a pm_static.yml, of anything. The first byte chooses which. What is solved must hold together:
 * partitions lie inside their region. What the solver makes of sane files is in tests/pm.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../tools/outboard/pm/read/load.h"
#include "../../tools/outboard/pm/solve/solve.h"
#include "input_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct ob_arena arena = {0};
    struct pm_layout layout = {.arena = &arena};
    struct pm_region region = {
        .name = "flash_primary", .size = 0x100000, .strategy = PM_COMPLEX, .dynamic = pm_name_get(&layout, "app")};

    layout.regions = &region;
    layout.region_count = 1;
    const char *path = input_file(data + 1, size - 1);
    const bool is_static = data[0] % 2 != 0;
    if (pm_load(&layout, is_static ? path : NULL, &path, is_static ? 0 : 1) == OB_EXIT_OK &&
        pm_solve(&layout) == OB_EXIT_OK) {
        for (uint32_t i = 0; i < region.parts.count; i++) {
            const struct pm_part *part = region.parts.v[i];
            if (!part->dropped && (part->address > region.size || part->size > region.size - part->address)) {
                abort();
            }
        }
    }
    ob_arena_free(&arena);
    return 0;
}
