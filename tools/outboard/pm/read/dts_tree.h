/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_DTS_TREE_H
#define OUTBOARD_PM_DTS_TREE_H

#include "dts.h"

/* How flash devices and partitions look in a tree: what dts_regions.c and dts_read.c share. */

#define PM_DTS_FIXED "fixed-partitions"
#define PM_DTS_FIXED_SUB "fixed-subpartitions"
#define PM_DTS_MAPPED "zephyr,mapped-partition"

/** @return the node that a label, alias or chosen names; NULL: none */
const struct dt_node *pm_dts_node_in(const struct dt_names *names, const char *name);

bool pm_dts_has_compatible(const struct dt_node *node, const char *compatible);

/** A node that only holds partitions. */
bool pm_dts_is_group(const struct dt_node *node);

/** The flash device that a group or a partition belongs to: the first node above that is neither. NULL: none. */
const struct dt_node *pm_dts_device_of(const struct dt_node *node);

/** The entry of a region, added if it is new. NULL after printing that there are too many. */
struct pm_dts_region *pm_dts_region_get(struct pm_dts_regions *regions, const char *name);

/** Find the device of each region: as the user named it, as it is chosen, or the one other chip that has partitions. */
bool pm_dts_find_regions(struct pm_dts *dts);

#endif
