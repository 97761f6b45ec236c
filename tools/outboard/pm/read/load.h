/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_LOAD_H
#define OUTBOARD_PM_LOAD_H

#include "../model/pm.h"

/* Files of the partition manager become partitions of the model. */

/* load.c */

/**
 * Read the static configuration and the input files into partitions, merged, in first-seen order.
 *
 * @param static_path NULL: none
 */
enum ob_exit pm_load(struct pm_layout *layout, const char *static_path, const char *const *inputs,
                     uint32_t input_count);

/** Read a partitions.yml: every partition has its address, size and region. */
enum ob_exit pm_load_resolved(struct pm_layout *layout, const char *path);

/** Read a regions.yml into layout->regions. */
enum ob_exit pm_load_regions(struct pm_layout *layout, const char *path);

/* refs.c */

/** Read a name, a list of names or, where it is allowed, one_of. Nothing at all is an empty list. */
bool pm_list_parse(struct pm_layout *layout, const struct ob_yaml *node, bool one_of_allowed, struct pm_list *list);

/* directives.c */

/**
 * Look for lines of the C preprocessor, which YAML takes for comments.
 * @return false after printing an error: there are conditions, and both branches would count
 */
bool pm_no_directives(const char *path, bool is_static);

/* props.c */

/** Read the properties of a definition into its partition. Prints every mistake before it returns. */
bool pm_part_parse(struct pm_layout *layout, struct pm_part *part);

/** @return the name of a property that means something; NULL behind the last */
const char *pm_prop_name(uint32_t index);

/* hints.c */

/** Warn of what is written down and does not count. */
void pm_part_warn_ignored(const struct pm_part *part);

#endif
