/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_REPORT_H
#define OUTBOARD_PM_REPORT_H

#include "../check/budget.h"
#include "picture.h"

/** How much of its partition an image takes. */
struct pm_use {
    const char *image;
    uint64_t bytes; /* of its binary */
    uint64_t room;
};

/** Everything that a report shows. */
struct pm_report {
    struct pm_use uses[PM_IMAGES_MAX]; /* of the images that were built */
    uint32_t use_count;
    struct ob_arena *arena;
    struct pm_picture *pictures;
    uint32_t picture_count;
    struct pm_budget *budgets;
    uint32_t budget_count;
};

/** One page that needs nothing else: the SVG, a table, and the budgets. */
void pm_report_html(FILE *out, const struct pm_report *report);

/** The budgets, for scripts. */
void pm_report_json(FILE *out, const struct pm_report *report);

/** As a table for the terminal, or for the page. */
void pm_budget_text(FILE *out, struct ob_arena *arena, const struct pm_budget *budget);
void pm_budget_html(FILE *out, struct ob_arena *arena, const struct pm_budget *budget);

#endif
