/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_INPUTS_H
#define OUTBOARD_PM_INPUTS_H

#include "check.h"
#include "cmd.h"

/* What `check`, `lock` and `report` are told about a finished build. */

struct pm_inputs {
    const char *partitions;
    const char *regions;
    struct pm_words images; /* NAME=FOLDER */
};

#define PM_PARTITIONS_DOC "partitions.yml of the build"
#define PM_REGIONS_DOC "regions.yml of the build"
#define PM_IMAGE_DOC "an image and its build folder with .config and devicetree.json; once for each image"

#define PM_PART_DOC(slot) "the part that the " slot " slot is in, where the devicetree does not tell its times"

/**
 * Read layout and images.
 * @param check  with its arena set; images, layout, bootloader and pairs are written
 */
enum ob_exit pm_inputs_read(const struct pm_inputs *inputs, const char *program, struct pm_check *check);

#endif
