/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_CONFIG_H
#define OUTBOARD_PM_CONFIG_H

#include "../model/pm.h"

/** One domain with its finished layout. */
struct pm_domain {
    const char *name; /* "" for the root domain */
    struct pm_layout layout;
    struct pm_parts by_address; /* ties by name: the order of ids and of the macros */
    uint32_t first_id;          /* ids count on from the domains before */
};

struct pm_domains {
    struct ob_arena *arena;
    struct pm_domain *v;
    uint32_t count;
};

/** Order the partitions of every domain and number them. */
void pm_domains_number(struct pm_domains *domains);

/** @return the domain of that name; NULL if there is none */
const struct pm_domain *pm_domain_find(const struct pm_domains *domains, const char *name);

/**
 * Write pm_config.h for an image.
 *
 * Partitions of the image's own domain are PM_<NAME>_..., those of other domains PM_<DOMAIN>_<NAME>_..., where the root
 * domain's name is empty: PM__<NAME>_...
 */
bool pm_config_header(FILE *out, const struct pm_domains *domains, const struct pm_domain *own, const char *image);

/** Write pm.config as seen from one domain. */
bool pm_config_file(FILE *out, const struct pm_domains *domains, const struct pm_domain *own);

#endif
