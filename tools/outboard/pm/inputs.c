/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include <string.h>

#include "read/load.h"

static enum ob_exit read_images(const struct pm_words *images, struct pm_check *check)
{
    enum ob_exit rc = OB_EXIT_OK;

    for (uint32_t i = 0; rc == OB_EXIT_OK && i < images->count; i++) {
        const char *word = images->v[i];
        const char *equal = strchr(word, '=');
        if (equal == NULL || check->image_count == PM_IMAGES_MAX) {
            ob_diag_error(NULL, "'%s': give at most %u images as NAME=FOLDER", word, PM_IMAGES_MAX);
            return OB_EXIT_USAGE;
        }
        struct pm_image *image = &check->images[check->image_count++];
        rc = pm_image_read(check->arena, ob_arena_text(check->arena, word, (size_t)(equal - word)), equal + 1, image);
        if (strcmp(image->name, "mcuboot") == 0) {
            check->bootloader = image;
        }
    }
    return rc;
}

error_t pm_inputs_option(struct pm_inputs *inputs, struct ob_arena *arena, int key, char *arg)
{
    switch (key) {
    case PM_KEY_PARTITIONS:
        inputs->partitions = arg;
        return 0;
    case PM_KEY_REGIONS:
        inputs->regions = arg;
        return 0;
    case PM_KEY_IMAGE:
        pm_words_add(&inputs->images, arg, arena);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum ob_exit pm_inputs_read(const struct pm_inputs *inputs, const char *program, struct pm_check *check)
{
    check->layout.arena = check->arena;
    if (inputs->partitions == NULL || inputs->regions == NULL) {
        ob_diag_error(NULL, "%s needs --partitions and --regions", program);
        return OB_EXIT_USAGE;
    }
    enum ob_exit rc = pm_load_regions(&check->layout, inputs->regions);
    if (rc == OB_EXIT_OK) {
        rc = pm_load_resolved(&check->layout, inputs->partitions);
    }
    if (rc == OB_EXIT_OK) {
        rc = read_images(&inputs->images, check);
    }
    if (rc == OB_EXIT_OK && check->bootloader != NULL) {
        pm_pairs_find(&check->layout, check->bootloader, &check->pairs);
    }
    return rc;
}
