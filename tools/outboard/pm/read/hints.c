/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../../common/subcommand.h"
#include "load.h"

/** Unknown properties are kept for the tools of whoever wrote them, so a slip of the pen would pass in silence. */
static void warn_misspelt(const struct ob_yaml *key)
{
    const char *meant = NULL;
    const char *name;

    for (uint32_t i = 0; (name = pm_prop_name(i)) != NULL; i++) {
        if (strcmp(key->text, name) == 0) {
            return;
        }
        meant = ob_is_misspelt(key->text, name) ? name : meant;
    }
    if (meant != NULL) {
        ob_diag_warning(&key->at, "'%s' has no meaning here and is only kept; did you mean '%s'?", key->text, meant);
    }
}

static void warn_not_inside(const struct pm_part *part, const struct pm_part *container)
{
    const char *why = !container->is_container            ? "is no container"
                      : container->region != part->region ? "is in another region"
                                                          : "has a fixed place";

    ob_diag_warning(&part->at, "'%s' is not inside '%s', which %s", part->name->text, container->name->text, why);
}

/** None of the containers that it names takes it, although some of them exist. */
static void warn_inside_nothing(const struct pm_part *part)
{
    if (part->is_static || part->is_container || pm_inside_of(part) != NULL) {
        return;
    }
    for (uint32_t i = 0; i < part->inside.count; i++) {
        const struct pm_part *container = part->inside.choices[i].refs[0].name->part;
        if (container != NULL) {
            warn_not_inside(part, container);
        }
    }
}

void pm_part_warn_ignored(const struct pm_part *part)
{
    const struct ob_yaml *address = ob_yaml_get(part->def, "address");
    const struct ob_yaml *end = ob_yaml_get(part->def, "end_address");
    uint64_t value;

    warn_inside_nothing(part);
    for (uint32_t i = 0; i < part->def->count; i++) {
        warn_misspelt(part->def->pairs[i].key);
    }
    if (address != NULL && !part->is_static) {
        ob_diag_warning(&address->at, "the 'address' of '%s' is ignored: it counts in the static configuration only",
                        part->name->text);
    }
    if (part->is_static && end != NULL && ob_yaml_to_u64(end, &value) && value != pm_part_end(part)) {
        ob_diag_warning(&end->at, "the 'end_address' of '%s' is ignored: by its address and size it ends at 0x%llx",
                        part->name->text, (unsigned long long)pm_part_end(part));
    }
}
