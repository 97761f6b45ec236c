/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_BUILD_H
#define OUTBOARD_PM_BUILD_H

#include "../check/check.h"
#include "dts.h"

/**
 * Read a build folder as it lies there: of this project, or of Zephyr or the nRF Connect SDK, with sysbuild or with
 * child images. From `partitions.yml` and `regions.yml` if the build has a partition manager, else from the
 * devicetree's partitions; and for application and bootloader from `.config` and `zephyr.dts`.
 *
 * @return OB_EXIT_USAGE after printing what is missing
 */
enum ob_exit pm_build_read(const char *folder, struct pm_check *check);

/** What `outboard dt --json` says of a devicetree, from one that Zephyr made: its drivers' symbols are Zephyr's. */
const struct ob_yaml *pm_build_tree(struct ob_arena *arena, const struct dt_tree *tree);

/** Let the settings of an image of Zephyr name the lines of the fragments that its build folder lists, where they can
 * be read. */
void pm_zephyr_config_places(struct ob_arena *arena, struct pm_image *image);

/** Let the places in a zephyr.dts name the sources that it came from, where it tells. */
void pm_zephyr_dts_places(struct dt_tree *tree, const char *path);

#endif
