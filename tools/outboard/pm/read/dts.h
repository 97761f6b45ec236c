/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_DTS_H
#define OUTBOARD_PM_DTS_H

#include <stdio.h>

#include "../../dt/dt.h"
#include "../model/pm.h"

/*
 * Partitions in a devicetree, and as partitions of the partition manager.
 *
 * Read are nodes below a flash device: in a node `partitions` (compatible "fixed-partitions", or with `ranges` and
 * children "zephyr,mapped-partition"), and nodes in such nodes, which make the outer one a container. A container that
 * cuts across another one is a group, which names its members. RAM that is kept out of the linker's hands
 * ("zephyr,memory-region") is a partition of RAM.
 */

#define PM_DTS_GROUP "outboard,partition-group"

/** The name that a partition has in both worlds, if the labels are fixed: boot_partition is mcuboot. NULL: none. */
const char *pm_dts_label_of(const char *name);
const char *pm_dts_name_of(const char *label);

/** A region and the node that it is. */
struct pm_dts_region {
    const char *name;
    const char *node; /* as the user gave it: label, &label or /path; NULL: to be found */
    const struct dt_node *device;
    uint64_t base; /* address of its first byte in the layout */
    bool has_base;
    uint64_t size; /* bytes of the device that the layout uses; 0: all */
};

#define PM_DTS_REGIONS_MAX 16U

struct pm_dts_regions {
    struct pm_dts_region v[PM_DTS_REGIONS_MAX];
    uint32_t count;
};

/** Take `REGION=NODE`, `REGION=ADDRESS`, `REGION=BYTES`. @return false after printing what is wrong with it */
bool pm_dts_region_node(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word);
bool pm_dts_region_size(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word);
bool pm_dts_region_base(struct pm_dts_regions *regions, struct ob_arena *arena, const char *word);

/** @return NULL: it was not given */
const struct pm_dts_region *pm_dts_region_find(const struct pm_dts_regions *regions, const char *name);

struct pm_dts_part {
    const char *name;
    const struct dt_node *node;
    const struct pm_dts_region *region;
    const struct pm_dts_part *outer; /* the partition that holds it, or NULL */
    uint64_t start;                  /* bytes from the start of the device */
    uint64_t size;
    const struct pm_dts_part **members; /* of a group: what it covers, wherever that lies; NULL: no group */
    uint32_t member_count;
    bool is_default; /* the board's */
    bool gave_way;   /* to one that somebody wrote for it; takes no part */
};

struct pm_dts {
    struct ob_arena *arena;
    const struct dt_tree *tree;
    struct pm_dts_regions regions;
    struct pm_dts_part *parts; /* outer ones first */
    uint32_t count;
    uint64_t pad;                /* bytes of the image header in front of the application */
    const char *const *defaults; /* folders whose partitions give way to others that overlap them */
    uint32_t default_count;
};

/** Read a devicetree: a source, which dtc compiles, or a blob (.dtb). */
enum ob_exit pm_dts_open(struct ob_arena *arena, const char *path, struct dt_tree *tree);

/**
 * Find the partitions of a tree.
 * @param dts  with arena, tree, pad and the regions that the user named; the rest is written
 * @return OB_EXIT_FINDING after printing each mistake at its place
 */
enum ob_exit pm_dts_read(struct pm_dts *dts);

/** Bytes of a region, or of its device: a chip tells its size in bits. 0: it does not tell. */
uint64_t pm_dts_region_bytes(const struct pm_dts_region *region);

/** @return NULL: there is none of that name */
const struct pm_dts_part *pm_dts_part_named(const struct pm_dts *dts, const char *name);

/** The same place of the same device. @param b  may be NULL, which is no place */
bool pm_dts_is_same(const struct pm_dts_part *a, const struct pm_dts_part *b);

/** Compare with the partitions of another image. @return OB_EXIT_FINDING after printing what differs */
enum ob_exit pm_dts_agree(const struct pm_dts *own, const struct pm_dts *other, const char *image);

/** @return OB_EXIT_FINDING after printing that a partition of this name is missing */
enum ob_exit pm_dts_need(const struct pm_dts *dts, const char *name);

/** Write them as a static configuration. @return OB_EXIT_FINDING after printing what cannot be */
enum ob_exit pm_dts_emit_static(FILE *out, const struct pm_dts *dts);

/**
 * Write a layout as an overlay. Regions without a node in `regions` are taken to be the development kits'.
 * @return OB_EXIT_FINDING after printing what cannot be said in a devicetree
 */
enum ob_exit pm_dts_emit_overlay(FILE *out, const struct pm_layout *layout, const struct pm_dts_regions *regions);

#endif
