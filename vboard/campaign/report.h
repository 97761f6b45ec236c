/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_REPORT_H
#define OUTBOARD_VBOARD_REPORT_H

#include "search.h"

/* One page, with nothing beside it: what each cut led to. */

#define VB_REPORT_FAILURES 200u

struct vb_report_entry {
    uint32_t operation; /* from 1; 0: between two */
    uint64_t instruction;
    struct sim_tear tear;
    uint8_t outcome; /* enum vb_outcome */
    uint8_t starts;
};

struct vb_report {
    struct vb_report_entry *entries;
    uint32_t count, room;
    struct vb_search_result *failures; /* the first ones */
    uint32_t failure_count;
};

void vb_report_add(struct vb_report *report, const struct vb_search_result *result);
/** Before a campaign of hours. @return OB_EXIT_USAGE after telling why no page can be written there */
enum ob_exit vb_report_check(const char *path);

enum ob_exit vb_report_write(const struct vb_report *report, const char *path, const struct vb_campaign *campaign,
                             const struct vb_golden *golden, double seconds);
void vb_report_free(struct vb_report *report);

#endif
