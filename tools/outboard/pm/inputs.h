/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_INPUTS_H
#define OUTBOARD_PM_INPUTS_H

#include "check/check.h"
#include "cmd.h"

/* What `check`, `lock` and `report` are told about a finished build. */

struct pm_inputs {
    const char *partitions;
    const char *regions;
    struct pm_words images; /* NAME=FOLDER */
};

enum pm_input_key { PM_KEY_PARTITIONS = 0x200, PM_KEY_REGIONS, PM_KEY_IMAGE };

/** Rows of an option table; pm_inputs_option() takes them. */
#define PM_INPUT_OPTIONS                                                                             \
    {"partitions", PM_KEY_PARTITIONS, "FILE", 0, "partitions.yml of the build", 1},                  \
        {"regions", PM_KEY_REGIONS, "FILE", 0, "regions.yml of the build", 1},                       \
    {                                                                                                \
        "image", PM_KEY_IMAGE, "NAME=FOLDER", 0,                                                     \
            "an image and its build folder with .config and devicetree.json; once for each image", 1 \
    }

/** @return ARGP_ERR_UNKNOWN: not one of PM_INPUT_OPTIONS */
error_t pm_inputs_option(struct pm_inputs *inputs, struct ob_arena *arena, int key, char *arg);

/**
 * Read layout and images.
 * @param check  with its arena set; images, layout, bootloader and pairs are written
 */
enum ob_exit pm_inputs_read(const struct pm_inputs *inputs, const char *program, struct pm_check *check);

#endif
