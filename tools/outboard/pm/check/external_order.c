/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

/*
 * Regions that are filled in order, external flash above all, follow the order of the input files. It differs between
 * child images and sysbuild, and with each library added; an update whose slot has moved is never found by a bootloader
 * in the field. A first build has nothing to compare with, so this is refused where it begins to matter: when an image
 * has a version.
 */

#define VERSION "CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION"
#define NO_VERSION "\"0.0.0+0\"" /* the symbol's default */
#define ACCEPTED "CONFIG_PM_EXTERNAL_ORDER_FROM_FILES"

/** @return the setting that makes it a release; NULL: it is none */
static const struct pm_setting *release_of(const struct pm_check *check)
{
    const struct pm_setting *version = check->image_count == 0 ? NULL : pm_image_setting(&check->images[0], VERSION);

    return version == NULL || strcmp(version->value, NO_VERSION) == 0 ? NULL : version;
}

void pm_check_order(struct pm_check *check)
{
    const struct pm_setting *version = release_of(check);

    if (version == NULL || pm_image_is_set(&check->images[0], ACCEPTED)) {
        return;
    }
    for (uint32_t i = 0; i < check->layout.region_count; i++) {
        const struct pm_region *region = &check->layout.regions[i];
        if (region->unfixed != NULL) {
            pm_finding(
                check, &version->at,
                "version %s is a release, but the order of %s in region '%s' is only that of the input files: with "
                "another one devices in the field would not find their updates or their data; copy %s to "
                "pm_static.yml, or record the layout in pm_lock.yml ('outboard pm lock'), or say 'after' in their "
                "placement; or set " ACCEPTED "=y in prj.conf",
                version->value, region->unfixed, region->name, check->layout.parts.v[0]->at.file);
        }
    }
}
