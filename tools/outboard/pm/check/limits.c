/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <outboard/util.h>

#include "budget.h"

#define NS_PER_MS 1000000U
#define NS_PER_S 1000000000U

/** A limit set in Kconfig. */
struct limit {
    const struct pm_setting *setting; /* NULL: there is none */
    uint64_t value;
};

struct limits {
    struct limit install_s;
    struct limit updates;
    struct limit watchdog_ms;
};

static struct limit read_limit(const struct pm_image *image, const char *symbol)
{
    const struct pm_setting *setting = pm_image_setting(image, symbol);
    struct limit limit = {.value = setting == NULL ? 0 : strtoull(setting->value, NULL, 0)};

    limit.setting = limit.value == 0 ? NULL : setting;
    return limit;
}

/** @return the first that is set; NULL: none */
static const struct pm_setting *any_limit(const struct limits *limits)
{
    const struct pm_setting *install_or_updates =
        limits->install_s.setting != NULL ? limits->install_s.setting : limits->updates.setting;

    return install_or_updates != NULL ? install_or_updates : limits->watchdog_ms.setting;
}

static void check_install(struct pm_check *check, const struct limit *limit, uint64_t ns)
{
    uint64_t seconds = (ns + NS_PER_S - 1) / NS_PER_S;

    if (limit->setting != NULL && seconds > limit->value) {
        pm_finding(check, &limit->setting->at,
                   "an installation may take %llu s, more than CONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS=%llu; make the "
                   "slots smaller, choose a quicker mode (see 'pm_report') or raise the limit, in "
                   "child_image/mcuboot.conf",
                   (unsigned long long)seconds, (unsigned long long)limit->value);
    }
}

static void check_lifetime(struct pm_check *check, const struct limit *limit, const struct pm_budget *budget,
                           const struct pm_budget_row *row)
{
    uint32_t updates = pm_budget_updates(budget, row);

    if (limit->setting == NULL || row->first || updates >= limit->value) {
        return;
    }
    if (updates == 0) {
        pm_finding(check, &limit->setting->at,
                   "CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES=%llu cannot be checked: the endurance of %s or %s is not "
                   "known; set it to 0, in child_image/mcuboot.conf",
                   (unsigned long long)limit->value, budget->part[SIM_INTERNAL].part.name,
                   budget->part[SIM_EXTERNAL].part.name);
    } else {
        pm_finding(
            check, &limit->setting->at,
            "the flash is good for %u updates, fewer than CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES=%llu; choose a "
            "mode with fewer erases (see 'pm_report') or lower the limit, in child_image/mcuboot.conf",
            updates, (unsigned long long)limit->value);
    }
}

static void check_watchdog(struct pm_check *check, const struct limit *limit, const struct pm_budget_row *row)
{
    uint64_t ms = (row->longest_ns + NS_PER_MS - 1) / NS_PER_MS;

    if (limit->setting != NULL && ms >= limit->value) {
        pm_finding(check, &limit->setting->at,
                   "one flash operation may block for %llu ms, and CONFIG_BOOT_WATCHDOG_TIMEOUT_MS is %llu; give the "
                   "watchdog more time, or set the value that it has, in child_image/mcuboot.conf",
                   (unsigned long long)ms, (unsigned long long)limit->value);
    }
}

static const char *why_unknown(const struct pm_budget *budget, const struct pm_budget_row *row)
{
    for (unsigned id = 0; id < SIM_CHIPS; id++) {
        if (budget->part[id].why_unknown != NULL) {
            return budget->part[id].why_unknown;
        }
    }
    return row->impossible != NULL ? row->impossible : "no time is known for an erase size of the devicetree";
}

/** @return the longest installation of this pair, ns */
static uint64_t check_pair(struct pm_check *check, const struct limits *limits, const struct pm_budget *budget)
{
    uint64_t longest = 0;

    for (uint32_t i = 0; i < budget->row_count; i++) {
        const struct pm_budget_row *row = &budget->row[i];
        if (row->impossible != NULL || !row->timed) {
            pm_finding(
                check, &any_limit(limits)->at,
                "the limits of CONFIG_BOOT_BUDGET_ and CONFIG_BOOT_WATCHDOG_TIMEOUT_MS cannot be checked: %s; add "
                "the chip's 'sfdp-bfp' to the devicetree, or set them to 0 in child_image/mcuboot.conf",
                why_unknown(budget, row));
            return 0;
        }
        check_lifetime(check, &limits->updates, budget, row);
        check_watchdog(check, &limits->watchdog_ms, row);
        longest = OB_MAX(longest, pm_budget_install_ns(row));
    }
    return longest;
}

enum ob_exit pm_check_budget(struct pm_check *check, const struct pm_budget_names *names)
{
    enum ob_exit rc = OB_EXIT_OK;
    uint64_t install_ns = 0; /* images of one transaction are installed one after the other */

    if (check->bootloader == NULL) {
        return rc;
    }
    const struct limits limits = {
        .install_s = read_limit(check->bootloader, "CONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS"),
        .updates = read_limit(check->bootloader, "CONFIG_BOOT_BUDGET_MIN_LIFETIME_UPDATES"),
        .watchdog_ms = read_limit(check->bootloader, "CONFIG_BOOT_WATCHDOG_TIMEOUT_MS"),
    };

    for (uint32_t i = 0; any_limit(&limits) != NULL && rc == OB_EXIT_OK && i < check->pairs.count; i++) {
        struct pm_budget budget;
        if (check->pairs.v[i].capacity == 0) {
            continue; /* said elsewhere */
        }
        rc = pm_budget_make(check, &check->pairs.v[i], names, false, &budget);
        if (rc == OB_EXIT_OK) {
            install_ns += check_pair(check, &limits, &budget);
        }
    }
    if (rc == OB_EXIT_OK) {
        check_install(check, &limits.install_s, install_ns);
    }
    return rc;
}
