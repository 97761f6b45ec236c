/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_FACTS_H
#define OUTBOARD_PM_FACTS_H

#include "pm.h"

/*
 * What an image was built with: `.config` and `devicetree.json` of its build folder. The second is written by
 * `outboard dt --json`:
 *
 *   {"chosen": {"nordic,pm-ext-flash": "/soc/spi@0/flash@0"},
 *    "nodes": [{"path": "/soc/spi@0/flash@0", "parent": "/soc/spi@0", "okay": true, "driver": "CONFIG_SPI_NOR",
 *               "properties": {"size": 67108864, "erase-block-size": 4096, "write-block-size": 4}}]}
 *
 * `size` is in bits, the block sizes are bytes; without them a chip erases 4096 and writes 1.
 */

struct pm_setting {
    const char *name; /* CONFIG_... */
    const char *value;
    struct ob_loc at;
};

struct pm_image {
    const char *name;
    const char *folder;
    const char *config_path;
    struct pm_setting *settings;
    uint32_t setting_count;
    struct pm_setting *written; /* lines that somebody wrote, without values: `.config.places` of a build here */
    uint32_t written_count;
    const struct ob_yaml *devicetree;
    bool is_zephyr; /* built by Zephyr or the SDK: drivers and, if it is the bootloader, MCUboot are theirs */
};

/** Read the facts of an image from its build folder. */
enum ob_exit pm_image_read(struct ob_arena *arena, const char *name, const char *folder, struct pm_image *image);

/** Read `.config` alone, from image->config_path. */
enum ob_exit pm_image_read_config(struct ob_arena *arena, struct pm_image *image);

/** @return the setting of a symbol; NULL: not set */
const struct pm_setting *pm_image_setting(const struct pm_image *image, const char *symbol);

/** @return where somebody wrote a symbol; NULL: nowhere, or it is not known */
const struct ob_loc *pm_image_place(const struct pm_image *image, const char *symbol);

/** @return true if a boolean symbol is y */
bool pm_image_is_set(const struct pm_image *image, const char *symbol);

/** @return the node with a path; NULL: none */
const struct ob_yaml *pm_image_node(const struct pm_image *image, const char *path);

/** @return the path of the node that a region's device text names, by chosen, label or path; NULL: none in this image
 */
const char *pm_image_device_path(const struct pm_image *image, const char *device);

/** The same node; the secure and the non-secure view of a peripheral are one. */
bool pm_is_same_path(const char *a, const char *b);

/** @return a number among a node's properties, or a default */
uint64_t pm_node_number(const struct ob_yaml *node, const char *property, uint64_t missing);

/** @return a text of a node; NULL: none */
const char *pm_node_text(const struct ob_yaml *node, const char *key);

/** Read a property that is a list of bytes. @return how many there are; 0: none, too many, or not bytes */
uint32_t pm_node_bytes(const struct ob_yaml *node, const char *property, uint8_t *bytes, uint32_t max);

#endif
