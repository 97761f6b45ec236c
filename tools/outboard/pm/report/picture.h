/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_PICTURE_H
#define OUTBOARD_PM_PICTURE_H

#include <stdio.h>

#include "../model/pm.h"

/*
 * A region as it is drawn: segments from the lowest address to the highest, each a partition or a hole, and containers
 * beside them in columns, the outermost in column 0. Containers begin and end where segments do.
 */

enum pm_kind {
    PM_KIND_BOOTLOADER,
    PM_KIND_IMAGE,
    PM_KIND_SLOT,
    PM_KIND_STORAGE,
    PM_KIND_PADDING,
    PM_KIND_FREE,
    PM_KIND_OTHER,
};

struct pm_segment {
    uint64_t start;
    uint64_t end;
    const struct pm_part *part; /* NULL: a hole */
    enum pm_kind kind;
};

struct pm_bracket {
    const struct pm_part *part;
    uint32_t column;
};

struct pm_picture {
    const struct pm_region *region;
    struct pm_segment *segments;
    uint32_t segment_count;
    struct pm_bracket *brackets; /* by address, larger first */
    uint32_t bracket_count;
    uint32_t columns;
    uint64_t free; /* bytes of holes, padding and the leftover partition */
};

/** Draw the partitions of one region. */
void pm_picture_make(struct ob_arena *arena, const struct pm_region *region, struct pm_picture *picture);

/** A number of bytes for people: "512 B", "48 KiB", "975.5 KiB", "8 MiB". */
const char *pm_bytes_text(struct ob_arena *arena, uint64_t bytes);

/** @return "bootloader", "image", ...: what colours and style sheets go by */
const char *pm_kind_name(enum pm_kind kind);

/** Regions below each other, with box-drawing characters or plain ASCII. */
void pm_report_text(FILE *out, struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count, bool colour,
                    bool utf8);

/** One SVG image, regions beside each other; details of a partition are its tooltip. */
void pm_report_svg(FILE *out, struct ob_arena *arena, const struct pm_picture *pictures, uint32_t count);

#endif
