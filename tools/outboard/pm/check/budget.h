/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_BUDGET_H
#define OUTBOARD_PM_BUDGET_H

#include "bench.h"
#include "check.h"

/*
 * What updates cost a device with this layout: an update and a revert with images that fill the slots are rehearsed on
 * the simulator's flash chips by the bootloader's and the application library's own code, and counted. Times are those
 * of the parts in sim/parts.c, or of the chip's own table.
 */

/** The ways to install, and the first update in dual mode, which makes the copy of the factory image. */
#define PM_BUDGET_ROWS 4U

struct pm_budget_row {
    const char *name;
    enum ob_mode_id mode;
    bool first;             /* only the first update of a device costs this */
    const char *impossible; /* NULL: bench holds what was counted */
    bool timed;             /* ... and measured: the times of both parts are known */
    uint64_t longest_ns;    /* worst case between two calls of the hook that feeds a watchdog */
    struct sim_bench bench;
};

/** A flash part that a slot is in. */
struct pm_budget_part {
    struct sim_part part; /* without times if why_unknown is set */
    bool own_table;       /* the times are from the chip's own table */
    const char *why_unknown;
};

struct pm_budget {
    const struct pm_pair *pair;
    struct pm_budget_part part[SIM_CHIPS];
    struct pm_budget_row row[PM_BUDGET_ROWS];
    uint32_t row_count;
};

/** Parts that the user names; NULL: to be found in the devicetree. */
struct pm_budget_names {
    const char *part[SIM_CHIPS];
};

enum pm_part_key { PM_KEY_PART_INTERNAL = 0x300, PM_KEY_PART_EXTERNAL };

#define PM_PART_DOC(slot) "the part that the " slot " slot is in, where the devicetree does not tell its times"

/** Rows of an option table; pm_part_option() takes them. */
#define PM_PART_OPTIONS                                                               \
    {"part-internal", PM_KEY_PART_INTERNAL, "NAME", 0, PM_PART_DOC("primary"), 2},    \
    {                                                                                 \
        "part-external", PM_KEY_PART_EXTERNAL, "NAME", 0, PM_PART_DOC("secondary"), 2 \
    }

void pm_part_option(struct pm_budget_names *names, int key, const char *arg);

/**
 * Rehearse updates of one pair of slots.
 *
 * @param pair  with a capacity
 * @param all   all modes, not only the one that the bootloader was built with
 * @return OB_EXIT_USAGE: a part named by the user is not in the table
 */
enum ob_exit pm_budget_make(const struct pm_check *check, const struct pm_pair *pair,
                            const struct pm_budget_names *names, bool all, struct pm_budget *budget);

/** Worst case of what a start of the bootloader may take: installing or going back. Nanoseconds. */
uint64_t pm_budget_install_ns(const struct pm_budget_row *row);

/** How many updates the most-worn sector is good for; 0: unknown. */
uint32_t pm_budget_updates(const struct pm_budget *budget, const struct pm_budget_row *row);

/** The limits set in Kconfig. */
enum ob_exit pm_check_budget(struct pm_check *check, const struct pm_budget_names *names);

#endif
