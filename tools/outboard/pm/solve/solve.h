/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_SOLVE_H
#define OUTBOARD_PM_SOLVE_H

#include "../model/pm.h"

/* Where each partition goes: a region at a time, by its strategy, and then checked against what was asked for. */

/** Solve every region and verify the result. */
enum ob_exit pm_solve(struct pm_layout *layout);

/* drop.c */

/** Take out what has size 0, no size at all, or no member; repeats until nothing changes. */
void pm_drop_unused(struct pm_layout *layout);

/**
 * Find the partition that gives a sharer its size: the first that exists.
 *
 * @param source NULL if there is none, then the sharer's own size counts
 * @return false after printing an error
 */
bool pm_share_source(const struct pm_part *sharer, struct pm_part **source);

/* regions.c */

/** @return the regions in the order they can be solved in; NULL after printing a loop */
struct pm_region **pm_regions_in_order(struct pm_layout *layout);

/* static.c */

/** A contiguous part of a region that holds no static partition. */
struct pm_area {
    uint64_t start;
    uint64_t size;
};

/** Find what the static containers cover: those over a dynamic partition reserve nothing themselves. */
void pm_static_mark(struct pm_layout *layout);

/** Find where partitions may be placed; errors if the static ones do not leave exactly one such area. */
bool pm_static_area(struct pm_layout *layout, const struct pm_region *region, struct pm_area *area);

/* simple.c, complex.c */

bool pm_solve_simple(struct pm_layout *layout, struct pm_region *region);
bool pm_solve_complex(struct pm_layout *layout, struct pm_region *region);

/* The steps of a complex region: prepare.c, order.c, size.c, place.c */

struct pm_complex {
    struct pm_layout *layout;
    struct pm_region *region;
    struct pm_area area;
    struct pm_part *dynamic;
    struct pm_parts leaves;     /* what is placed; only the dynamic one has no requirement */
    struct pm_parts containers; /* in the order they became known */
    struct pm_parts order;      /* from the lowest address to the highest */
    uint64_t weight;            /* sum over the order */
    uint32_t empty_count;       /* names of the region that contain EMPTY */
};

bool pm_prepare(struct pm_complex *c);
bool pm_order(struct pm_complex *c);
bool pm_size_forms(struct pm_complex *c);
bool pm_size_apply(struct pm_complex *c);
bool pm_place(struct pm_complex *c);

/** Make padding named EMPTY_<n>, counted as the SDK does, skipping names that are taken. */
struct pm_part *pm_empty_make(struct pm_layout *layout, struct pm_region *region, uint32_t *count, uint64_t size);

/** @return the bytes a partition has to move up for its start or end to be aligned; 0: fits */
uint64_t pm_align_up_by(const struct pm_align *align, uint64_t address, uint64_t size);

/** @return the bytes a partition has to move down; 0: fits */
uint64_t pm_align_down_by(const struct pm_align *align, uint64_t address, uint64_t size);

/** Address and size of a container from the partitions it covers. */
bool pm_container_measure(struct pm_part *container);

/* verify.c */

/** Check the finished layout against what was asked for, independently of how it was found. */
bool pm_verify(const struct pm_layout *layout);

#endif
