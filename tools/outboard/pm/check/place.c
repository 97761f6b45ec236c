/* SPDX-License-Identifier: Apache-2.0 */
/* Where somebody wrote what a check objects to. */
#include <string.h>
#include <unistd.h>

#include "../../dt/dt.h"
#include "check.h"

/** Read once; empty where there is no such file. */
static const struct dt_tree *places_of(struct pm_check *check, const struct pm_image *image)
{
    const struct dt_tree **kept = &check->places[image - check->images];

    if (*kept == NULL) {
        struct dt_tree *tree = ob_arena_array(check->arena, 1, sizeof(*tree));
        const char *path =
            image->folder == NULL ? NULL : ob_arena_printf(check->arena, "%s/devicetree.dts.places", image->folder);
        *tree = (struct dt_tree){.arena = check->arena};
        if (path != NULL && access(path, R_OK) == 0) {
            (void)dt_places_read(check->arena, path, &tree->places);
        }
        *kept = tree;
    }
    return *kept;
}

/** @param at  left alone if the place is not known */
static void find_place(struct pm_check *check, const struct pm_image *image, const char *path, const char *property,
                       struct ob_loc *at)
{
    if (path != NULL) {
        const struct ob_loc found = dt_place_of(places_of(check, image), path, property);
        *at = found.file != NULL ? found : *at;
    }
}

struct ob_loc pm_place_of_property(struct pm_check *check, const struct pm_image *image, const char *path,
                                   const char *property)
{
    struct ob_loc at = pm_file_of(image);

    find_place(check, image, path, property, &at);
    return at;
}

/** The chosen of an image, or if it has none, of the one that made the region. */
static struct ob_loc place_of_region(struct pm_check *check, const struct pm_image *image)
{
    static const char chosen[] = "nordic,pm-ext-flash";
    struct ob_loc at = pm_file_of(image);

    if (pm_image_device_path(image, "DT_CHOSEN(nordic_pm_ext_flash)") == NULL) {
        image = &check->images[0];
    }
    find_place(check, image, "/chosen", chosen, &at);
    return at;
}

struct ob_loc pm_place_of_slot(struct pm_check *check, const struct pm_image *image, const struct pm_part *slot,
                               const char *symbol)
{
    const struct ob_loc *written = symbol == NULL ? NULL : pm_image_place(image, symbol);

    if (written != NULL) {
        return *written;
    }
    return slot != NULL && slot->region->device != NULL && strstr(slot->region->device, "ext_flash") != NULL
               ? place_of_region(check, image)
               : pm_file_of(image);
}
