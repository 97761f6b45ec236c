/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_PM_PM_H
#define OUTBOARD_PM_PM_H

#include <stdbool.h>
#include <stdint.h>

#include "../../common/arena.h"
#include "../../common/diag.h"
#include "../../common/yaml.h"

/*
 * The model of one domain: regions, and the partitions in them.
 *
 * Everything lives in the layout's arena. A name is stored once (struct pm_name) and knows its partition,
 * so following a reference costs nothing. Addresses and sizes are bytes; no end is above 4 GiB, so sums of them
 * never wrap in 64 bits.
 */

#define PM_END_MAX (UINT64_C(1) << 32)
#define PM_ALIGN_MAX (UINT64_C(1) << 31)
#define PM_PARTS_MAX 16384U
#define PM_NESTING_MAX 32U /* containers in containers, and share_size of share_size */

struct pm_part;

/** One spelling. */
struct pm_name {
    const char *text;
    struct pm_part *part; /* the partition of this name; NULL: none defined */

    /* Scratch of the solver: partitions waiting to be put directly before or after this name. */
    struct pm_part *before_this;
    struct pm_part *after_this;
};

/** A place where a name is written. */
struct pm_ref {
    struct pm_name *name;
    const struct ob_loc *at;
};

/** One element of a list: a name, or `one_of` with its members. */
struct pm_choice {
    struct pm_ref *refs;
    uint32_t count; /* 1 unless one_of */
    bool one_of;
};

struct pm_list {
    struct pm_choice *choices;
    uint32_t count;
};

enum pm_strategy {
    PM_START_TO_END,
    PM_END_TO_START,
    PM_COMPLEX,
};

/** A growing array of partitions. */
struct pm_parts {
    struct pm_part **v;
    uint32_t count;
};

struct pm_region {
    const char *name;
    uint64_t base;
    uint64_t size;
    enum pm_strategy strategy;
    const char *device;      /* text for the header; NULL: none, and no flash map entries */
    const char *driver;      /* Kconfig symbol that is 1 when the driver is compiled in; NULL: none */
    struct pm_name *dynamic; /* PM_COMPLEX: the partition that takes all leftover space */
    struct pm_parts parts;   /* every partition of the region, in the order they became known */
    const char *unfixed;     /* names whose order is only that of the input files; NULL: none */
    uint32_t level;          /* regions are solved in the order of their level */
};

struct pm_align {
    uint64_t start; /* 0: no requirement */
    uint64_t end;
    uint64_t next;
    const struct ob_loc *at;
};

struct pm_part {
    struct pm_name *name;
    const struct ob_yaml *def; /* as written; NULL for partitions made here */
    struct ob_loc at;
    uint32_t input; /* the input file that it was first seen in, from 0 */
    struct pm_region *region;
    bool is_static;                                                         /* address and size were given */
    bool is_container;                                                      /* groups others, reserves nothing itself */
    bool is_empty;                                                          /* padding made here */
    bool is_leftover;                                                       /* the unused rest of a simple region */
    bool dropped;                                                           /* takes no part in the result */
    enum { PM_COVERS_NOTHING, PM_COVERS_STATIC, PM_COVERS_DYNAMIC } covers; /* static container: what is below it */
    bool has_size;
    bool has_placement;
    uint64_t address;
    uint64_t size;
    struct pm_list before; /* after preparation: names that exist only */
    struct pm_list after;
    struct pm_list inside;
    struct pm_list span;
    struct pm_list share;
    struct pm_align align;

    struct pm_parts members; /* container: what its span names, as written */
    struct pm_parts leaves;  /* container: the partitions it covers, containers flattened, in the order of its span */
    uint32_t sharers;        /* partitions of its region that take their size from this one, directly or not */
    struct pm_part *origin;  /* where a chain of share_size ends; NULL: has a size of its own */

    /* Scratch of the solver. The size is weight * x + fixed, x being the dynamic partition's size. */
    uint64_t weight;
    uint64_t fixed;
    uint32_t position; /* in the solved order of a complex region; PM_UNPLACED: not in it yet */
    uint32_t depth;    /* loaded layout: how deep it nests others */
    uint32_t turn;     /* among those that wait for the same name; 0: it is in no container, and comes first */
    enum { PM_UNSEEN, PM_OPEN, PM_DONE } mark;
    const struct pm_part *seen_by; /* last container that has counted it */
    struct pm_name *anchor_before; /* where it goes: directly before this, or ... */
    struct pm_name *anchor_after;  /* ... directly after this; NULL: no such wish */
    struct pm_part *next_before;   /* the next one waiting for the same name */
    struct pm_part *next_after;
    bool has_inside; /* container: a partition joins it through `inside` */
};

#define PM_UNPLACED UINT32_MAX

struct pm_names {
    struct pm_name **slots;
    uint32_t count;
    uint32_t capacity;
};

struct pm_layout {
    struct ob_arena *arena;
    struct pm_names names;
    struct pm_region *regions; /* in the order they were given */
    uint32_t region_count;
    struct pm_parts parts; /* in first-seen order */
    uint32_t input;        /* the input file that is being read */
};

/* names.c */

/** @return the one entry for a spelling, added if it is new */
struct pm_name *pm_name_get(struct pm_layout *layout, const char *text);

/** @return true for [A-Za-z_][A-Za-z0-9_]* of at most 64 characters: it becomes part of macro names */
bool pm_name_is_valid(const char *text);

/** @return the region of that exact name; NULL if there is none */
struct pm_region *pm_region_find(const struct pm_layout *layout, const char *name);

/** @return true if the name is the dynamic partition of a region */
bool pm_is_dynamic(const struct pm_layout *layout, const struct pm_name *name);

/* parts.c */

/** @return less than, equal to or greater than 0, as a comes before, beside or after b */
typedef int pm_compare(const struct pm_part *a, const struct pm_part *b);

void pm_parts_sort(struct pm_parts *parts, pm_compare *order);

pm_compare pm_by_name;
pm_compare pm_by_address; /* ties by name */

int pm_by_number(uint64_t a, uint64_t b);

void pm_parts_add(struct ob_arena *arena, struct pm_parts *parts, struct pm_part *part);

/** @return names separated by a text, at most 16 of them */
const char *pm_parts_text(struct ob_arena *arena, const struct pm_parts *parts, const char *separator);

/** Put a partition at an index and move the ones behind it. */
void pm_parts_insert(struct ob_arena *arena, struct pm_parts *parts, uint32_t index, struct pm_part *part);

/** Make a partition nobody wrote and add it to the layout and to its region. */
struct pm_part *pm_part_make(struct pm_layout *layout, struct pm_region *region, struct pm_name *name);

/** Set the depth of every partition of a loaded layout: 0 for a leaf, else one more than its deepest member. */
void pm_container_depths(struct pm_layout *layout);

/** @return true if a dynamic partition of that region has this name and is part of the result */
bool pm_exists_in(const struct pm_name *name, const struct pm_region *region);

/** @return the container a partition joins: the first of its `inside` list that exists; NULL: none */
struct pm_part *pm_inside_of(const struct pm_part *part);

static inline uint64_t pm_part_end(const struct pm_part *part)
{
    return part->address + part->size;
}

static inline uint64_t pm_region_end(const struct pm_region *region)
{
    return region->base + region->size;
}

/* hash.c */

/**
 * The layout as a number: name, region, device, address and size of every partition in flash, in any order. Ids follow
 * from these, so images with equal hashes mean the same by a partition's name and id. No secret, and no protection
 * against one who wants two layouts with the same hash.
 */
uint32_t pm_layout_hash(const struct pm_layout *layout);

#endif
